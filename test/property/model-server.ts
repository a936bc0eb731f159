/**
 * The server of the model: zxid, znodes, sessions, watches. Naive and sequential; one request after the other.
 * Events go to `deliver` while the transaction is applied, before the reply exists: sections 3, 6 and 8.
 */
import { idsOfAuth, PEER_ADDRESS, permits, READ, withIds } from './model-access.js'
import {
  attempt,
  type Call,
  type Id,
  type ModelCode,
  ModelFailure,
  type MultiCall,
  type MultiResult,
  type NodeEventType,
} from './model-calls.js'
import * as reads from './model-reads.js'
import { type Tally, tallyCall, tallyCells } from './model-tally.js'
import { childPaths, freshTree, type ModelTree } from './model-tree.js'
import * as watching from './model-watches.js'
import {
  removeEphemerals,
  removeIdle,
  setAcl,
  type WriteContext,
  type Written,
  write,
  writeMulti,
} from './model-writes.js'

/** A session as the server knows it. Ids belong to its connection. */
export interface ModelSession {
  readonly timeoutMs: number
  readonly ids: readonly Id[]
  /** When its connection went, or undefined while it has one. */
  readonly lostAtMs: number | undefined
}

/** A reply with the zxid of its header. */
export interface ServerReply {
  readonly code: ModelCode
  readonly value: unknown
  readonly results?: readonly MultiResult[]
  readonly zxid: number
}

/** What a client replays after a reconnect: paths by kind of watch. */
export type WatchLists = Readonly<Record<watching.WatchKind, readonly string[]>>

/** Where events go. */
export type Deliver = (session: bigint, type: NodeEventType, path: string, zxid: number) => void

const PEER: readonly Id[] = [{ scheme: 'ip', id: PEER_ADDRESS }]

/** The naive server. */
export class ModelServer {
  zxid: number = 0
  nowMs: number
  tree: ModelTree = freshTree()
  watches: readonly watching.ModelWatch[] = []
  sessions: Map<bigint, ModelSession> = new Map()
  /** The zxids of sessions that ended: the order of the events inside is not promised. */
  endings: Set<number> = new Set()
  tally: Tally
  deliver: Deliver = () => {}

  constructor(nowMs: number, tally: Tally) {
    this.nowMs = nowMs
    this.tally = tally
  }

  /** A copy that lives on by itself; its events go nowhere until `deliver` is set. */
  fork(): ModelServer {
    const copy = new ModelServer(this.nowMs, this.tally.fork())
    copy.zxid = this.zxid
    copy.tree = new Map(this.tree)
    copy.watches = this.watches
    copy.sessions = new Map(this.sessions)
    copy.endings = new Set(this.endings)
    return copy
  }

  /** A new session with a connection. */
  openSession(session: bigint, timeoutMs: number): void {
    this.zxid += 1
    this.sessions.set(session, { timeoutMs, ids: PEER, lostAtMs: undefined })
  }

  /** The connection of a session is gone, and its watches and ids with it: sections 6.9 and 9.7. */
  dropConnection(session: bigint): void {
    this.watches = this.watches.filter((watch) => watch.session !== session)
    const known = this.sessions.get(session)
    if (known !== undefined) this.sessions.set(session, { ...known, ids: [], lostAtMs: this.nowMs })
  }

  /** A new connection of a live session; false if there is no such session any more. */
  resumeSession(session: bigint): boolean {
    const known = this.sessions.get(session)
    if (known === undefined) return false
    this.sessions.set(session, { ...known, ids: PEER, lostAtMs: undefined })
    return true
  }

  /** Close or expiry: one zxid, the ephemerals with their events, then the connection. */
  endSession(session: bigint): void {
    const context = this.#begin(session)
    const triggers = removeEphemerals(context)
    this.endings.add(context.zxid)
    this.tree = context.tree
    this.#fireAll(triggers)
    this.dropConnection(session)
    this.sessions.delete(session)
  }

  /** Removes a container or TTL znode: one zxid, the events of a delete. */
  sweepAway(path: string): void {
    const context = this.#begin(0n)
    const triggers = removeIdle(context, path)
    this.tree = context.tree
    this.#fireAll(triggers)
  }

  /** When TTLs run out: a sweep later than that finds what an earlier one does not. */
  ttlEnds(): readonly number[] {
    return [...this.tree.values()].flatMap(({ kind, mtime, ttlMs }) =>
      kind === 'ttl' ? [mtime + ttlMs] : [],
    )
  }

  /** Paths that a sweep at this time removes: section 10. */
  sweepable(nowMs: number): readonly string[] {
    const isIdle = (path: string): boolean => {
      const node = this.tree.get(path)
      if (node === undefined || childPaths(this.tree, path).length > 0) return false
      if (node.kind === 'container') return node.created > 0
      return node.kind === 'ttl' && nowMs - node.mtime > node.ttlMs
    }
    return [...this.tree.keys()].filter(isIdle)
  }

  /** Answers one request of a connected session. */
  request(session: bigint, call: Call): ServerReply {
    const reply = isWrite(call) ? this.#write(session, call) : this.#read(session, call)
    const results = reply.results ?? (Array.isArray(reply.value) ? reply.value : [])
    tallyCall(this.tally, call, reply.code, results)
    return reply
  }

  /** Section 7.7: catch-up events and re-armed watches. What the session may not read is dropped and not armed. */
  setWatches(session: bigint, relativeZxid: number, lists: WatchLists): void {
    const missed = (kind: watching.WatchKind, path: string): NodeEventType | undefined => {
      const node = this.tree.get(path)
      if (kind === 'exists') return node === undefined ? undefined : 'NodeCreated'
      if (kind === 'persistent' || kind === 'recursive') return undefined
      if (node === undefined) return 'NodeDeleted'
      if (kind === 'data') return node.mzxid > relativeZxid ? 'NodeDataChanged' : undefined
      return node.pzxid > relativeZxid ? 'NodeChildrenChanged' : undefined
    }
    for (const kind of ['data', 'exists', 'child', 'persistent', 'recursive'] as const) {
      for (const path of lists[kind]) {
        const type = missed(kind, path)
        const acl = this.tree.get(path)?.acl ?? []
        const told = permits(acl, this.#ids(session), READ)
        this.tally.add(`catch-up ${kind}:${type === undefined ? 'armed' : told ? type : 'unreadable'}`)
        if (type === undefined) this.watches = watching.register(this.watches, session, path, kind)
        else if (told) this.deliver(session, type, path, -1)
      }
    }
  }

  #ids(session: bigint): readonly Id[] {
    return this.sessions.get(session)?.ids ?? []
  }

  #write(session: bigint, call: Call): ServerReply {
    if (call.op === 'multi') return this.#multi(session, call.ops)
    const before = this.watches
    const context = this.#begin(session)
    const tried = attempt(() => writeOne(context, call))
    if ('code' in tried) {
      tallyCells(this.tally, call, tried.code, pathOf(call), before)
      return { code: tried.code, value: undefined, zxid: this.zxid }
    }
    this.tree = context.tree
    tallyCells(this.tally, call, 'OK', tried.value.path, before)
    this.#fireAll(tried.value.triggers)
    return { code: 'OK', value: tried.value.result, zxid: this.zxid }
  }

  #multi(session: bigint, ops: readonly MultiCall[]): ServerReply {
    const context = this.#begin(session)
    const outcome = writeMulti(context, ops)
    if ('code' in outcome)
      return { code: outcome.code, value: undefined, results: outcome.results, zxid: this.zxid }
    this.tree = context.tree
    this.#fireAll(outcome.triggers)
    return { code: 'OK', value: outcome.result, zxid: this.zxid }
  }

  /** Takes a zxid and a copy of the tree. Whoever ends well makes the copy the tree; whoever fails drops it. */
  #begin(session: bigint): WriteContext {
    this.zxid += 1
    const { tree: before, zxid, nowMs } = this
    return { tree: new Map(before), before, charges: [], ids: this.#ids(session), session, zxid, nowMs }
  }

  #fireAll(triggers: readonly watching.TriggerCall[]): void {
    let served: readonly bigint[] = []
    for (const call of triggers) {
      const { sessions, remaining } = watching.trigger(this.watches, call.table, call.path)
      this.watches = remaining
      for (const session of sessions) {
        if (call.suppressServed && served.includes(session)) continue
        if (permits(call.acl, this.#ids(session), READ))
          this.deliver(session, call.type, call.path, this.zxid)
        else this.tally.add('event:unreadable')
      }
      served = sessions
    }
  }

  #read(session: bigint, call: Call): ServerReply {
    const tried = attempt(() => this.#answer(session, call))
    if ('code' in tried) return { code: tried.code, value: undefined, zxid: this.zxid }
    return { code: 'OK', value: tried.value, zxid: call.op === 'addAuthInfo' ? 0 : this.zxid }
  }

  #answer(session: bigint, call: Call): unknown {
    const context = { tree: this.tree, ids: this.#ids(session), session }
    switch (call.op) {
      case 'exists':
      case 'getData':
      case 'getChildren':
        return this.#watchingRead(context, call)
      case 'getACL':
        return reads.getAcl(context, call.path)
      case 'getAllChildrenNumber':
        return reads.getAllChildrenNumber(context, call.path)
      case 'getEphemerals':
        return reads.getEphemerals(context, call.prefix)
      case 'multiRead':
        return reads.multiRead(context, call.ops)
      case 'whoAmI':
        return reads.whoAmI(context.ids)
      case 'sync':
        return call.path
      case 'addAuthInfo':
        return this.#addAuth(session, call.scheme, call.auth)
      default:
        return this.#watchOp(session, call)
    }
  }

  #watchingRead(context: reads.ReadContext, call: Call & { readonly path: string }): unknown {
    const kind = call.op === 'exists' ? 'exists' : call.op === 'getData' ? 'data' : 'child'
    const read = { exists: reads.exists, data: reads.getData, child: reads.getChildren }[kind]
    const tried = attempt(() => read(context, call.path))
    const arms = !('code' in tried) || (kind === 'exists' && tried.code === 'NONODE')
    const wanted = 'watcher' in call && call.watcher !== undefined
    if (arms && wanted) this.watches = watching.register(this.watches, context.session, call.path, kind)
    if ('code' in tried) throw new ModelFailure(tried.code)
    return tried.value
  }

  #watchOp(session: bigint, call: Call): undefined {
    if (call.op === 'addWatch') {
      const kind = call.recursive ? 'recursive' : 'persistent'
      this.watches = watching.register(this.watches, session, call.path, kind)
    } else if (call.op === 'checkWatches') {
      watching.checkWatches(this.watches, session, call.path, call.type)
    } else if (call.op === 'removeWatches') {
      this.watches = watching.removeWatches(this.watches, session, call.path, call.type)
    }
    return undefined
  }

  #addAuth(session: bigint, scheme: string, auth: string): undefined {
    const more = idsOfAuth(scheme, auth)
    const known = this.sessions.get(session)
    if (more === undefined || known === undefined) throw new ModelFailure('AUTHFAILED')
    this.sessions.set(session, { ...known, ids: withIds(known.ids, more) })
    return undefined
  }
}

function isWrite(call: Call): boolean {
  return ['create', 'delete', 'setData', 'setACL', 'multi'].includes(call.op)
}

/** A single write with the value that the public face gives, and the path that it changed. */
function writeOne(context: WriteContext, call: Call): Written<unknown> & { readonly path: string } {
  if (call.op === 'setACL') return { result: setAcl(context, call), triggers: [], path: call.path }
  if (call.op !== 'create' && call.op !== 'delete' && call.op !== 'setData')
    throw new Error(`${call.op} is no write`)
  const { result, triggers } = write(context, call)
  if (result.type === 'create') {
    const { path } = result
    const withStat = call.op === 'create' && call.withStat
    return { result: withStat ? { path, stat: result.stat } : path, triggers, path }
  }
  return { result: result.type === 'setData' ? result.stat : undefined, triggers, path: call.path }
}

function pathOf(call: Call): string {
  return 'path' in call ? call.path : ''
}
