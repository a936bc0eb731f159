/**
 * A small naive ZooKeeper 3.9, server and clients, written from the reference and not from the code under test.
 * Slots 0, 1, 2... each hold one client after the other. A call is made with a number; its end appears in the slot's log.
 */
import type {
  Call,
  CreateCall,
  ModelCode,
  MultiCall,
  RemoveCall,
  RemoveType,
  Reply,
  WatcherName,
} from './model-calls.js'
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

  /** The link comes back: state event, credentials, catch-up, then what waited; or Expired. */
  reconnect(slot: number): void {
    const client = this.at(slot)
    if (!this.server.resumeSession(client.session)) return this.#finish(client, 'Expired')
    client.life = 'connected'
    client.announce('SyncConnected')
    this.#claimAll(client)
    if (client.life === 'connected') this.#rearm(client)
    for (let next = client.takeQueued(); next !== undefined; next = client.takeQueued())
      this.#send(client, next)
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
    this.server.request(client.session, asSent(call))
    this.server.tally.add('lost reply')
    this.server.dropConnection(client.session)
    client.life = 'disconnected'
    this.#fail(client, { number, call }, 'CONNECTIONLOSS')
    client.announce('Disconnected')
    this.reconnect(slot)
  }

  /** A disconnected client has waited for longer than a connect timeout: what was queued fails. */
  loseQueued(slot: number): void {
    const client = this.at(slot)
    this.#failQueued(client, 'CONNECTIONLOSS')
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
    if (call.op === 'addAuthInfo') client.remember(call)
    if (client.life === 'disconnected') client.queue = [...client.queue, { number, call }]
    else this.#send(client, { number, call })
  }

  /** What is never sent: misuse, an empty ACL, and whatever a dead client is asked for. */
  #endedAtHome(client: ModelClient, call: Call): Reply | undefined {
    const refusal = refusedAtHome(call)
    if (refusal !== undefined) return refusal
    const path = clientPath(call)
    if (client.life === 'closed') return { kind: 'error', code: 'SESSIONEXPIRED', path }
    return client.life === 'authFailed' ? { kind: 'error', code: 'AUTHFAILED', path } : undefined
  }

  #send(client: ModelClient, { number, call }: QueuedCall): void {
    const reply = this.server.request(client.session, asSent(call))
    if (reply.zxid > 0) client.lastZxid = reply.zxid
    if (reply.code === 'AUTHFAILED') return this.#refused(client, { number, call })
    this.#arm(client, call, reply)
    const end = call.op === 'removeWatches' ? this.#removed(client, call, reply.code) : replyTo(call, reply)
    if (call.op === 'removeWatches')
      this.server.tally.add(`removeWatches:${end.kind === 'error' ? end.code : 'OK'}`)
    client.answered(number, end)
    if (leavesWatch(call)) this.#releasePostponed(client, call.path)
  }

  /** Every credential is claimed again, those first that no call waits for. One that is refused ends the client. */
  #claimAll(client: ModelClient): void {
    const isClaim = ({ call }: QueuedCall): boolean => call.op === 'addAuthInfo'
    const waiting = client.queue.filter(isClaim)
    const isWaiting = (one: Call): boolean =>
      waiting.some(({ call }) => canonicalCall(call) === canonicalCall(one))
    for (const credential of client.credentials) {
      if (client.life !== 'connected' || isWaiting(credential)) continue
      const { code } = this.server.request(client.session, credential)
      if (code === 'AUTHFAILED') this.#refused(client)
    }
    for (const one of waiting) {
      if (client.life !== 'connected') return
      client.queue = client.queue.filter((each) => each !== one)
      this.#send(client, one)
    }
  }

  /** The server refuses a credential and hangs up: the client is finished. */
  #refused(client: ModelClient, asked?: QueuedCall): void {
    this.server.dropConnection(client.session)
    client.life = 'authFailed'
    client.announce('AuthFailed')
    this.#failQueued(client, 'AUTHFAILED')
    if (asked !== undefined) this.#fail(client, asked, 'AUTHFAILED')
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
  #removed(client: ModelClient, call: RemoveCall, code: ModelCode): Reply {
    if (!client.holds(call)) return { kind: 'error', code: 'NOWATCHER', path: call.path }
    if (code !== 'OK' && !call.local) return { kind: 'error', code, path: call.path }
    const state = code === 'CONNECTIONLOSS' || code === 'SESSIONEXPIRED' ? 'Disconnected' : 'SyncConnected'
    const types = client.remove(call, state)
    // Without a watcher the server was asked to remove them; with one it was only asked whether they are there.
    if (call.watcher !== undefined) this.#release(client, call.path, types)
    return { kind: 'value', value: undefined }
  }

  /**
   * Unlike the Java client, this one takes from the server what nobody here needs: all of a path, or what was given up. Not while a call
   * that may leave a watch waits; and a one-shot stays beside a lasting one.
   */
  #release(client: ModelClient, path: string, types: readonly RemoveType[]): void {
    if (client.life !== 'connected') return
    const isUnneeded = (type: RemoveType): boolean => !client.holds({ ...REMOVAL, path, type })
    if (client.mayRegister(path)) {
      const all = [...(client.postponed.get(path) ?? []), ...types]
      client.postponed = new Map(client.postponed).set(path, all)
      return
    }
    const isAlone = LASTING.every(isUnneeded)
    const isSafe = (type: RemoveType): boolean => isAlone || LASTING.some((lasting) => lasting === type)
    const unneeded = isUnneeded('Any')
      ? ANY
      : new Set(types.filter((type) => isUnneeded(type) && isSafe(type)))
    for (const type of unneeded) this.server.request(client.session, { ...REMOVAL, path, type })
  }

  /** A call that may have left a watch has ended: those who waited for it have their turn. */
  #releasePostponed(client: ModelClient, path: string): void {
    if (client.mayRegister(path)) return
    const types = client.postponed.get(path)
    const rest = new Map(client.postponed)
    rest.delete(path)
    client.postponed = rest
    if (types !== undefined) this.#release(client, path, types)
  }

  #fail(client: ModelClient, { number, call }: QueuedCall, code: ModelCode): void {
    this.server.tally.add(`${call.op}:${code}`)
    const lost: Reply = { kind: 'error', code, path: clientPath(call) }
    const reply = call.op === 'removeWatches' ? this.#removed(client, call, code) : lost
    client.answered(number, reply, { unordered: true })
    if (leavesWatch(call)) this.#releasePostponed(client, call.path)
  }

  #failQueued(client: ModelClient, code: ModelCode): void {
    for (let next = client.takeQueued(); next !== undefined; next = client.takeQueued())
      this.#fail(client, next, code)
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
    this.#failQueued(client, 'SESSIONEXPIRED')
    if (state === 'Closed') client.announce(state)
  }
}

const REMOVAL = { op: 'removeWatches', watcher: undefined, local: false } as const
const ANY = ['Any'] as const
const LASTING = ['Persistent', 'PersistentRecursive'] as const

/** A removeWatches for one of several watchers only asks whether the server has the watch. */
function asSent(call: Call): Call {
  if (call.op !== 'removeWatches' || call.watcher === undefined) return call
  return { op: 'checkWatches', path: call.path, type: call.type }
}

/** What the public face makes of an answer. */
function replyTo(call: Call, { code, value, results }: ServerReply): Reply {
  if (code === 'OK') return { kind: 'value', value }
  if (code === 'NONODE' && call.op === 'exists') return { kind: 'value', value: null }
  if (call.op !== 'multi' || results === undefined) return { kind: 'error', code, path: clientPath(call) }
  // The Java client leaves the path of a failed multi out; here it is that of the operation that failed.
  const failed = results.findIndex((result) => result.type === 'error' && result.code !== 'OK')
  return { kind: 'error', code, path: call.ops[failed]?.path, results }
}

/** The path that an error is about. */
function clientPath(call: Call): string | undefined {
  return 'path' in call ? call.path : undefined
}

/** A call as text, to compare credentials. */
function canonicalCall(call: Call): string {
  return call.op === 'addAuthInfo' ? JSON.stringify([call.scheme, call.auth]) : ''
}

/**
 * What a client refuses before it sends anything: misuse (sections 1.1 and 4.1), and an empty ACL, which like the
 * synchronous calls of the Java client it does not send. Builders throw, so the first bad operation of a multi decides.
 */
export function refusedAtHome(call: Call): Reply | undefined {
  if (call.op === 'multi') return call.ops.map(refusedWrite).find((reply) => reply !== undefined)
  if (call.op === 'create' || call.op === 'delete' || call.op === 'setData') return refusedWrite(call)
  const paths = call.op === 'multiRead' ? call.ops.map(({ path }) => path) : 'path' in call ? [call.path] : []
  if (!paths.every(isValidPath)) return { kind: 'misuse' }
  return call.op === 'setACL' && call.acl.length === 0 ? withoutAcl(call) : undefined
}

function withoutAcl({ path }: { readonly path: string }): Reply {
  return { kind: 'error', code: 'INVALIDACL', path }
}

function refusedWrite(call: MultiCall): Reply | undefined {
  if (isMisusedWrite(call)) return { kind: 'misuse' }
  return call.op === 'create' && call.acl.length === 0 ? withoutAcl(call) : undefined
}

function isMisusedWrite(call: MultiCall): boolean {
  return call.op === 'create' ? isMisusedCreate(call) : !isValidPath(call.path)
}

function isMisusedCreate({ path, mode, ttlMs }: CreateCall): boolean {
  if (!isValidPath(isSequential(mode) ? `${path}1` : path)) return true
  if (!hasTtl(mode)) return ttlMs !== undefined
  return ttlMs === undefined || !Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > 2 ** 40 - 1
}
