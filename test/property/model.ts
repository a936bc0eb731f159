/**
 * A small naive ZooKeeper 3.9, server and clients, written from the reference and not from the code under test.
 * Slots 0, 1, 2... each hold one client after the other. A call is made with a number; its end appears in the slot's log.
 */
import type { Call, CreateCall, MultiCall, Reply, WatcherName } from './model-calls.js'
import { leavesWatch, ModelClient, type QueuedCall } from './model-client.js'
import { isValidPath } from './model-paths.js'
import { ModelServer, type ServerReply } from './model-server.js'
import { Tally } from './model-tally.js'
import { hasTtl, isSequential } from './model-writes.js'

/** Server and clients of the model. */
export class ModelZooKeeper {
  readonly server: ModelServer
  readonly #clients: (ModelClient | undefined)[]

  constructor(options: { readonly nowMs: number; readonly tally?: Tally; readonly from?: ModelZooKeeper }) {
    const { from } = options
    this.server = from?.server.fork() ?? new ModelServer(options.nowMs, options.tally ?? new Tally())
    this.#clients = from === undefined ? [] : from.#clients.map((client) => client?.fork())
    this.server.deliver = (session, type, path, zxid) => {
      const client = this.#clients.find((each) => each?.session === session && each.life === 'connected')
      client?.receive(type, path, zxid)
    }
  }

  /** A copy of the whole world, to see where a path leads without going there. */
  fork(): ModelZooKeeper {
    return new ModelZooKeeper({ nowMs: this.server.nowMs, from: this })
  }

  /** The client in a slot, if one was opened there. */
  client(slot: number): ModelClient | undefined {
    return this.#clients[slot]
  }

  /** The client in a slot that must be there. */
  at(slot: number): ModelClient {
    const client = this.#clients[slot]
    if (client === undefined) throw new Error(`The model has no client in slot ${slot}`)
    return client
  }

  /** A new session in a slot; its id is the one that the server under test gave. */
  open(slot: number, session: bigint, timeoutMs: number): void {
    this.server.openSession(session, timeoutMs)
    this.#clients[slot] = new ModelClient(session)
    this.at(slot).announce('SyncConnected')
  }

  /** A new client takes a live session up; it knows nothing of the old one's watches and credentials. */
  resume(slot: number, session: bigint): void {
    this.server.resumeSession(session)
    this.#clients[slot] = new ModelClient(session)
    this.at(slot).announce('SyncConnected')
  }

  /** The client says goodbye; without a connection the server does not hear it. */
  close(slot: number): void {
    const client = this.at(slot)
    if (client.life === 'connected') this.server.endSession(client.session)
    this.#finish(client, 'Closed')
  }

  /** The link goes down and stays down. */
  disconnect(slot: number): void {
    const client = this.at(slot)
    this.server.dropConnection(client.session)
    client.life = 'disconnected'
    client.announce('Disconnected')
  }

  /** The link comes back: auth, state event, catch-up, then what waited; or Expired. */
  reconnect(slot: number): void {
    const client = this.at(slot)
    if (!this.server.resumeSession(client.session)) return this.#finish(client, 'Expired')
    client.life = 'connected'
    for (const { scheme, auth } of client.credentials) {
      this.server.request(client.session, { op: 'addAuthInfo', scheme, auth })
    }
    client.announce('SyncConnected')
    this.#rearm(client)
    const waiting = client.queue
    client.queue = []
    for (const one of waiting) this.#send(client, one)
  }

  /** The server ends a session; a connected client learns it from the refused reconnect. */
  expire(slot: number): void {
    const client = this.at(slot)
    const wasConnected = client.life === 'connected'
    if (this.server.sessions.has(client.session)) this.server.endSession(client.session)
    if (!wasConnected) return
    client.life = 'disconnected'
    client.announce('Disconnected')
    this.#finish(client, 'Expired')
  }

  /** The server applies a call, and the link breaks before the reply. The client comes back at once. */
  lose(slot: number, number: number, call: Call): void {
    const client = this.at(slot)
    const isShared = call.op === 'removeWatches' && client.isShared(call)
    this.server.request(client.session, asSent(call, isShared))
    this.server.tally.add('lost reply')
    this.server.dropConnection(client.session)
    client.life = 'disconnected'
    this.#fail(client, number, call, 'CONNECTIONLOSS')
    client.announce('Disconnected')
    this.reconnect(slot)
  }

  /** A disconnected client has waited for longer than a connect timeout: what was queued fails. */
  loseQueued(slot: number): void {
    const client = this.at(slot)
    const waiting = client.queue
    client.queue = []
    for (const { number, call } of waiting) this.#fail(client, number, call, 'CONNECTIONLOSS')
  }

  /** One call of the public face. */
  call(slot: number, number: number, call: Call): void {
    const client = this.at(slot)
    const early = this.#endedAtHome(client, call)
    if (early !== undefined) {
      this.server.tally.add(`${call.op}:${early.kind === 'error' ? early.code : early.kind}`)
      client.answered(number, early, { unordered: true })
      return
    }
    const queued = { number, call, isShared: call.op === 'removeWatches' && client.isShared(call) }
    if (client.life === 'disconnected') client.queue = [...client.queue, queued]
    else this.#send(client, queued)
  }

  /** What is never sent: misuse, an empty ACL, and whatever a dead client is asked for. */
  #endedAtHome(client: ModelClient, call: Call): Reply | undefined {
    if (isMisuse(call)) return { kind: 'misuse' }
    if (isWithoutAcl(call)) return { kind: 'error', code: 'INVALIDACL', path: undefined }
    if (client.life !== 'closed' && client.life !== 'authFailed') return undefined
    const code = client.life === 'closed' ? 'SESSIONEXPIRED' : 'AUTHFAILED'
    // The tables outlive the client: what they do not hold is NOWATCHER, and some may still be removed. Section 7.3 and 7.4.
    return call.op === 'removeWatches'
      ? this.#removed(client, call, { code })
      : { kind: 'error', code, path: clientPath(call) }
  }

  #send(client: ModelClient, { number, call, isShared }: QueuedCall): void {
    const reply = this.server.request(client.session, asSent(call, isShared))
    if (reply.zxid > 0) client.lastZxid = reply.zxid
    if (call.op === 'addAuthInfo') return this.#authenticated(client, number, call, reply)
    this.#arm(client, call, reply)
    const end = call.op === 'removeWatches' ? this.#removed(client, call, reply) : replyTo(call, reply)
    if (call.op === 'removeWatches')
      this.server.tally.add(`removeWatches:${end.kind === 'error' ? end.code : 'OK'}`)
    client.answered(number, end)
  }

  #authenticated(
    client: ModelClient,
    number: number,
    call: Call & { op: 'addAuthInfo' },
    reply: ServerReply,
  ): void {
    if (reply.code === 'OK') {
      client.credentials = [...client.credentials, call]
      return client.answered(number, { kind: 'value', value: undefined })
    }
    this.server.dropConnection(client.session)
    client.life = 'authFailed'
    client.announce('AuthFailed')
    client.answered(number, { kind: 'error', code: 'AUTHFAILED', path: undefined }, { unordered: true })
  }

  /** Section 7.1: a watcher is kept by the code of the reply. */
  #arm(client: ModelClient, call: Call, { code }: ServerReply): void {
    if (!leavesWatch(call) || call.watcher === undefined) return
    const { path } = call
    const watcher: WatcherName = call.watcher
    if (code === 'NONODE' && call.op === 'exists') client.register('exists', path, watcher)
    if (code !== 'OK') return
    if (call.op === 'addWatch') client.register(call.recursive ? 'recursive' : 'persistent', path, watcher)
    else client.register(call.op === 'getChildren' ? 'child' : 'data', path, watcher)
  }

  /** Section 7.4, in the order of its steps. */
  #removed(
    client: ModelClient,
    call: Call & { op: 'removeWatches' },
    { code }: Pick<ServerReply, 'code'>,
  ): Reply {
    if (!client.holds(call)) return { kind: 'error', code: 'NOWATCHER', path: call.path }
    if (code !== 'OK' && !call.local) return { kind: 'error', code, path: call.path }
    client.remove(
      call,
      code === 'CONNECTIONLOSS' || code === 'SESSIONEXPIRED' ? 'Disconnected' : 'SyncConnected',
    )
    return { kind: 'value', value: undefined }
  }

  #fail(client: ModelClient, number: number, call: Call, code: 'CONNECTIONLOSS' | 'SESSIONEXPIRED'): void {
    this.server.tally.add(`${call.op}:${code}`)
    const lost: Reply = { kind: 'error', code, path: clientPath(call) }
    const reply = call.op === 'removeWatches' ? this.#removed(client, call, { code }) : lost
    client.answered(number, reply, { unordered: true })
  }

  #rearm(client: ModelClient): void {
    const lists = client.watchLists()
    if (Object.values(lists).every((paths) => paths.length === 0)) return
    this.server.setWatches(client.session, client.lastZxid, lists)
    client.lastZxid = this.server.zxid
  }

  /** An expiry is told before the calls it ends, a close after them: nobody is called after Closed. */
  #finish(client: ModelClient, state: 'Closed' | 'Expired'): void {
    client.life = 'closed'
    if (state === 'Expired') client.announce(state)
    const waiting = client.queue
    client.queue = []
    for (const { number, call } of waiting) this.#fail(client, number, call, 'SESSIONEXPIRED')
    if (state === 'Closed') client.announce(state)
  }
}

/** A removeWatches for one watcher only asks while somebody else needs the server's watches. */
function asSent(call: Call, isShared: boolean): Call {
  if (call.op !== 'removeWatches' || !isShared) return call
  return { op: 'checkWatches', path: call.path, type: call.type }
}

/** What the public face makes of an answer. */
function replyTo(call: Call, reply: ServerReply): Reply {
  if (reply.code === 'OK') return { kind: 'value', value: reply.value }
  if (reply.code === 'NONODE' && call.op === 'exists') return { kind: 'value', value: null }
  const results = reply.results === undefined ? {} : { results: reply.results }
  return { kind: 'error', code: reply.code, path: clientPath(call), ...results }
}

/** The path that an error is about. */
function clientPath(call: Call): string | undefined {
  return 'path' in call ? call.path : undefined
}

/** Section 1.1 and 4.1: what a client refuses before it sends anything. */
export function isMisuse(call: Call): boolean {
  if (call.op === 'multi') return call.ops.some(isMisusedWrite)
  if (call.op === 'multiRead') return call.ops.some(({ path }) => !isValidPath(path))
  if (call.op === 'create' || call.op === 'delete' || call.op === 'setData') return isMisusedWrite(call)
  return 'path' in call && !isValidPath(call.path)
}

/** Like the Java client's synchronous calls, this one does not send an empty list. A multi is not looked through. */
export function isWithoutAcl(call: Call): boolean {
  return (call.op === 'create' || call.op === 'setACL') && call.acl.length === 0
}

function isMisusedWrite(call: MultiCall): boolean {
  return call.op === 'create' ? isMisusedCreate(call) : !isValidPath(call.path)
}

function isMisusedCreate({ path, mode, ttlMs }: CreateCall): boolean {
  if (!isValidPath(isSequential(mode) ? `${path}1` : path)) return true
  if (!hasTtl(mode)) return ttlMs !== undefined
  return ttlMs === undefined || !Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > 2 ** 40 - 1
}
