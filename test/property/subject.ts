/**
 * The server and clients under test behind the words of the model: makes calls through the public face and writes down what
 * each session sees. It knows nothing of what is right.
 */
import { EmbeddedZooKeeper, isKeeperException, Op, type Watcher, type ZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { canonical, znodeLine } from './canonical.js'
import { SUPER_DIGEST } from './model-access.js'
import type {
  Call,
  CreateCall,
  LogEntry,
  ModelEvent,
  MultiCall,
  Reply,
  SubRead,
  WatcherName,
} from './model-calls.js'
import type { TimeRules } from './model-time.js'
import type { SessionAct } from './steps.js'

/** How the servers under test are set. */
export const RULES: TimeRules = { tickMs: 2000, sweepIntervalMs: 60_000, connectTimeoutMs: 5000 }

/** The timeout that every session asks for and gets. */
export const SESSION_TIMEOUT_MS = 30_000

/** One client with its watchers and what they saw. */
interface SubjectClient {
  readonly zk: ZooKeeper
  readonly watchers: Readonly<Record<WatcherName, Watcher>>
  log: LogEntry[]
}

/** What resumes a session. */
export interface SavedSession {
  readonly id: bigint
  readonly password: Uint8Array
}

/** What a subject is made from. */
export interface SubjectOptions {
  readonly nowMs: number
  readonly chroot?: string
  readonly snapshot?: ReturnType<EmbeddedZooKeeper['snapshot']>
}

/** A server with a clock that stands still until it is told, and one client a slot. */
export class Subject {
  readonly clock: VirtualClock
  readonly zoo: EmbeddedZooKeeper
  readonly #clients: (SubjectClient | undefined)[] = []
  readonly #chroot: string | undefined

  constructor({ nowMs, chroot, snapshot }: SubjectOptions) {
    this.clock = new VirtualClock(nowMs)
    this.#chroot = chroot
    this.zoo = new EmbeddedZooKeeper({
      clock: this.clock,
      randomBytes: countingBytes(),
      tickTimeMs: RULES.tickMs,
      containerCheckIntervalMs: RULES.sweepIntervalMs,
      superDigest: SUPER_DIGEST,
      enforceQuota: true,
      ...(snapshot === undefined ? {} : { snapshot }),
    })
  }

  /** A new client in a slot, of a new session or of the one given; gives its session. */
  async open(slot: number, session?: SavedSession): Promise<bigint> {
    const log: LogEntry[] = []
    const watchers = { default: recorder(log, 'default'), w1: recorder(log, 'w1'), w2: recorder(log, 'w2') }
    const options = { sessionTimeoutMs: SESSION_TIMEOUT_MS, connectTimeoutMs: RULES.connectTimeoutMs }
    const chroot = this.#chroot === undefined ? {} : { chroot: this.#chroot }
    const saved = session === undefined ? {} : { session }
    const zk = await this.zoo.connect({ ...options, ...chroot, ...saved, watcher: watchers.default })
    this.#clients[slot] = { zk, watchers, log }
    return zk.sessionId
  }

  /** Does to a session what a network or an operator does. */
  async act(slot: number, act: SessionAct): Promise<void> {
    if (act === 'open') {
      await this.open(slot)
      return
    }
    const { zk } = this.#at(slot)
    if (act === 'close') await zk.close()
    else if (act === 'expire') this.zoo.expire(zk.sessionId)
    else if (act === 'disconnect') this.zoo.disconnect(zk)
    else if (act === 'reconnect') this.zoo.reconnect(zk)
    else await this.#intrude(zk.sessionId)
  }

  /** The ZooKeeper in a slot. */
  zk(slot: number): ZooKeeper {
    return this.#at(slot).zk
  }

  /** Makes a call; its end appears in the log. */
  call(slot: number, number: number, call: Call): void {
    const client = this.#at(slot)
    const answered = (reply: Reply): void => {
      client.log.push({ kind: 'reply', call: number, reply })
    }
    // Noted at the promise that the client gave, since whoever wraps it sees its end some microtasks later.
    start(client, call).then(
      (value) => answered({ kind: 'value', value: shapeOf(value) }),
      (error: unknown) => answered(replyOf(error)),
    )
  }

  /** The next call's reply is lost, and the link with it. */
  loseNextReply(slot: number): void {
    this.zoo.loseNextReply(this.#at(slot).zk)
  }

  /** What the slot's session saw since the last time. */
  drain(slot: number): readonly LogEntry[] {
    const client = this.#clients[slot]
    return client === undefined ? [] : client.log.splice(0)
  }

  /** Tries a password that is not the one. */
  async #intrude(id: bigint): Promise<void> {
    const attempt = this.zoo.connect({ session: { id, password: new Uint8Array(16).fill(255) } })
    const outcome = await attempt.then(
      () => 'let in',
      (error: unknown) => (isKeeperException(error, 'SESSIONEXPIRED') ? 'refused' : `failed: ${error}`),
    )
    if (outcome !== 'refused') throw new Error(`An intruder was ${outcome}`)
  }

  #at(slot: number): SubjectClient {
    const client = this.#clients[slot]
    if (client === undefined) throw new Error(`Nobody is in slot ${slot}`)
    return client
  }
}

/** Bytes that differ from session to session and not from run to run. */
function countingBytes(): (length: number) => Uint8Array {
  let next = 0
  return (length) => {
    next += 1
    return new Uint8Array(length).fill(next)
  }
}

function recorder(log: LogEntry[], name: WatcherName): Watcher {
  return ({ type, state, path, zxid }) => {
    log.push({
      kind: 'event',
      event: { type, state: stateOf(state), path, zxid: Number(zxid) },
      watchers: [name],
    })
  }
}

function stateOf(state: string): ModelEvent['state'] {
  if (state === 'Disconnected' || state === 'Expired' || state === 'AuthFailed' || state === 'Closed')
    return state
  if (state === 'SyncConnected') return state
  throw new Error(`No watcher should see the state ${state}`)
}

/** Makes the call, and gives the very promise that the client gave. */
function start(client: SubjectClient, call: Call): Promise<unknown> {
  const { zk, watchers } = client
  switch (call.op) {
    case 'create':
    case 'delete':
    case 'setData':
    case 'setACL':
    case 'multi':
      return startWrite(zk, call)
    case 'exists':
    case 'getData':
    case 'getChildren':
      return zk[call.op](call.path, readOptions(client, call.watcher))
    case 'addWatch': {
      const watcher = call.watcher === 'default' ? undefined : watchers[call.watcher]
      return zk.addWatch(call.path, watcher, { recursive: call.recursive })
    }
    case 'removeWatches': {
      const watcher = call.watcher === undefined ? {} : { watcher: watchers[call.watcher] }
      return zk.removeWatches(call.path, { type: call.type, local: call.local, ...watcher })
    }
    case 'checkWatches':
      return zk.checkWatches(call.path, call.type)
    default:
      return startOther(zk, call)
  }
}

function startWrite(zk: ZooKeeper, call: Call): Promise<unknown> {
  switch (call.op) {
    case 'create': {
      const options = createOptions(call)
      return call.withStat
        ? zk.create(call.path, call.data, { ...options, withStat: true })
        : zk.create(call.path, call.data, options)
    }
    case 'delete':
      return zk.delete(call.path, call.version)
    case 'setData':
      return zk.setData(call.path, call.data, call.version)
    case 'setACL':
      return zk.setACL(call.path, call.acl, call.version)
    case 'multi':
      return orRejected(() => zk.multi(call.ops.map(operation)))
    default:
      throw new Error(`${call.op} is no write`)
  }
}

function startOther(zk: ZooKeeper, call: Call): Promise<unknown> {
  switch (call.op) {
    case 'getACL':
    case 'getAllChildrenNumber':
    case 'sync':
      return zk[call.op](call.path)
    case 'getEphemerals':
      return zk.getEphemerals(call.prefix)
    case 'whoAmI':
      return zk.whoAmI()
    case 'multiRead':
      return orRejected(() => zk.multiRead(call.ops.map(readOperation)))
    case 'addAuthInfo':
      return zk.addAuthInfo(call.scheme, call.auth)
    default:
      throw new Error(`No call is named ${call.op}`)
  }
}

/** Builders throw what methods reject with; here it is the same. */
function orRejected(make: () => Promise<unknown>): Promise<unknown> {
  try {
    return make()
  } catch (error) {
    return Promise.reject(error)
  }
}

function createOptions({
  mode,
  acl,
  ttlMs,
}: CreateCall): Pick<CreateCall, 'mode' | 'acl'> & { ttlMs?: number } {
  return { mode, acl, ...(ttlMs === undefined ? {} : { ttlMs }) }
}

function operation(call: MultiCall): Op {
  switch (call.op) {
    case 'create':
      return Op.create(call.path, call.data, { ...createOptions(call), withStat: call.withStat })
    case 'delete':
      return Op.delete(call.path, call.version)
    case 'setData':
      return Op.setData(call.path, call.data, call.version)
    case 'check':
      return Op.check(call.path, call.version)
  }
}

function readOperation({ op, path }: SubRead): ReturnType<typeof Op.getData | typeof Op.getChildren> {
  return op === 'getData' ? Op.getData(path) : Op.getChildren(path)
}

function readOptions(
  { watchers }: SubjectClient,
  chosen: WatcherName | undefined,
): { watch?: true; watcher?: Watcher } {
  if (chosen === undefined) return {}
  return chosen === 'default' ? { watch: true } : { watcher: watchers[chosen] }
}

/** A value without what is not promised: the order of names, and numbers beside codes. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return shapeOfList(value)
  if (typeof value !== 'object' || value === null) return value
  if ('children' in value && Array.isArray(value.children))
    return { ...value, children: [...value.children].sort() }
  return 'errno' in value && 'code' in value ? { type: 'error', code: value.code } : value
}

/** Results of a multi have an order, names and identities have none. */
function shapeOfList(list: readonly unknown[]): readonly unknown[] {
  const isUnordered = list.every((each) => typeof each === 'string' || isIdentity(each))
  return isUnordered ? [...list].sort(byText) : list.map(shapeOf)
}

function isIdentity(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'scheme' in value && 'user' in value
}

function byText(a: unknown, b: unknown): number {
  return canonical(a) < canonical(b) ? -1 : 1
}

function replyOf(error: unknown): Reply {
  if (error instanceof TypeError || error instanceof RangeError) return { kind: 'misuse' }
  if (!isKeeperException(error)) throw error
  const { code, path, results } = error
  return { kind: 'error', code, path, ...(results === undefined ? {} : { results: results.map(shapeOf) }) }
}

/** The state of the server as lines: zxid, znodes, sessions, watches. */
export function subjectLines(zoo: EmbeddedZooKeeper): readonly string[] {
  const sessions = zoo.reports.sessions().map(({ id, isConnected }) => `session ${id} ${isConnected}`)
  return [...lastingLines(zoo), ...sessions.sort(), ...watchLines(zoo)]
}

/** What of it survives a restart: zxid, znodes, sessions with what they own. */
export function lastingLines({ reports }: EmbeddedZooKeeper): readonly string[] {
  const znodes = reports.znodes().map(znodeLine)
  const sessions = reports
    .sessions()
    .map(({ id, timeoutMs, ephemerals }) => canonical([id, timeoutMs, [...ephemerals].sort()]))
  return [`zxid ${reports.counts().zxid}`, ...znodes.sort(), ...sessions.sort()]
}

/** The watch tables of the server as lines. */
export function watchLines({ reports }: EmbeddedZooKeeper): readonly string[] {
  const watches = [...reports.watchesBySession().values()].flat()
  const lines = watches.flatMap(({ sessionId, path, table, modes }) =>
    modes.map((mode) => `watch ${sessionId} ${table} ${mode} ${path}`),
  )
  return lines.sort()
}
