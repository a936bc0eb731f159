/**
 * A client of the model: the watch tables of section 7.1, who is called by an event (7.2), and the log of what it saw.
 * It never talks to the server itself; `model.ts` carries things between the two.
 */
import type {
  Call,
  LogEntry,
  ModelEvent,
  NodeEventType,
  RemoveCall,
  RemoveType,
  Reply,
  WatcherName,
} from './model-calls.js'
import { selfAndAncestors } from './model-paths.js'
import type { WatchLists } from './model-server.js'
import type { WatchKind } from './model-watches.js'

/** Where a client is in its life. Closed and authFailed are final. */
export type Life = 'connected' | 'disconnected' | 'closed' | 'authFailed'

/** A call that waits for a connection. */
export interface QueuedCall {
  readonly number: number
  readonly call: Call
}

/** An identity to claim on each connection. */
export type Credential = Extract<Call, { op: 'addAuthInfo' }>

type Table = ReadonlyMap<string, readonly WatcherName[]>

const KINDS = ['data', 'exists', 'child', 'persistent', 'recursive'] as const satisfies readonly WatchKind[]

const REMOVED_BY: Readonly<Record<RemoveCall['type'], readonly WatchKind[]>> = {
  Children: ['child'],
  Data: ['data', 'exists'],
  Persistent: ['persistent'],
  PersistentRecursive: ['recursive'],
  Any: KINDS,
}

const REMOVED_EVENTS = {
  ChildWatchRemoved: ['child'],
  DataWatchRemoved: ['data', 'exists'],
  PersistentWatchRemoved: ['persistent', 'recursive'],
} as const satisfies Partial<Record<ModelEvent['type'], readonly WatchKind[]>>

/** What the server may have that nobody needs, once watchers of these kinds are gone. */
const RELEASED = [
  { of: ['child'], types: ['Children'] },
  { of: ['data', 'exists'], types: ['Data'] },
  { of: ['persistent', 'recursive'], types: ['Persistent', 'PersistentRecursive'] },
] as const satisfies readonly { readonly of: readonly WatchKind[]; readonly types: readonly RemoveType[] }[]

/** One client of one session. */
export class ModelClient {
  readonly session: bigint
  life: Life = 'connected'
  lastZxid: number = 0
  credentials: readonly Credential[] = []
  queue: readonly QueuedCall[] = []
  /** Events and replies in the order in which the session sees them. */
  log: LogEntry[] = []
  /** Calls that were answered without the event queue, so that their place in the log means nothing. */
  unordered: Set<number> = new Set()
  /** Types of watches to take from the server once no call that waits may leave one on their path. */
  postponed: ReadonlyMap<string, readonly RemoveType[]> = new Map()
  #tables: Readonly<Record<WatchKind, Table>> = emptyTables()

  constructor(session: bigint) {
    this.session = session
  }

  /** A copy that lives on by itself. */
  fork(): ModelClient {
    const copy = new ModelClient(this.session)
    copy.life = this.life
    copy.lastZxid = this.lastZxid
    copy.credentials = this.credentials
    copy.queue = this.queue
    copy.log = [...this.log]
    copy.unordered = new Set(this.unordered)
    copy.postponed = this.postponed
    copy.#tables = this.#tables
    return copy
  }

  /** Remembers a watcher, once per kind and path. */
  register(kind: WatchKind, path: string, watcher: WatcherName): void {
    const have = this.#tables[kind].get(path) ?? []
    if (!have.includes(watcher)) this.#set(kind, path, [...have, watcher])
  }

  /** A node event arrives: the watchers it concerns are called, one-shots are forgotten. */
  receive(type: NodeEventType, path: string, zxid: number): void {
    const watchers = this.#materialize(type, path)
    this.#called({ type, state: 'SyncConnected', path, zxid }, watchers)
  }

  /** The state of the connection changes: the default watcher and every registered one are told once. */
  announce(state: ModelEvent['state']): void {
    const all = KINDS.flatMap((kind) => [...this.#tables[kind].values()].flat())
    this.#called({ type: 'None', state, path: null, zxid: -1 }, ['default', ...all])
  }

  /** Writes the end of a call into the log. */
  answered(call: number, reply: Reply, options?: { readonly unordered: boolean }): void {
    this.log.push({ kind: 'reply', call, reply })
    if (options?.unordered === true) this.unordered.add(call)
  }

  /** Forgets what was seen so far; the tables stay. */
  forget(): void {
    this.log = []
    this.unordered = new Set()
  }

  /** The paths that setWatches replays. */
  watchLists(): WatchLists {
    const keys = (kind: WatchKind): readonly string[] => [...this.#tables[kind].keys()]
    return {
      data: keys('data'),
      exists: keys('exists'),
      child: keys('child'),
      persistent: keys('persistent'),
      recursive: keys('recursive'),
    }
  }

  /** True if the tables hold what a removeWatches names: section 7.4, step 1. */
  holds(call: RemoveCall): boolean {
    return REMOVED_BY[call.type].some((kind) => this.#removable(kind, call).length > 0)
  }

  /** True if a call that waits for a connection may leave a watch on the path. */
  mayRegister(path: string): boolean {
    return this.queue.some(({ call }) => leavesWatch(call) && call.path === path)
  }

  /** The call that has waited longest, taken out of the queue. */
  takeQueued(): QueuedCall | undefined {
    const [first, ...rest] = this.queue
    this.queue = rest
    return first
  }

  /** Remembers a credential for every connection to come, once. */
  remember(credential: Credential): void {
    const isKnown = this.credentials.some(
      ({ scheme, auth }) => scheme === credential.scheme && auth === credential.auth,
    )
    if (!isKnown) this.credentials = [...this.credentials, credential]
  }

  /** Takes the watchers out and tells each of them, one event per category. Returns the types that may not be needed any more. */
  remove(call: RemoveCall, state: 'SyncConnected' | 'Disconnected'): readonly RemoveType[] {
    const kinds = REMOVED_BY[call.type]
    const gone = new Map(kinds.map((kind) => [kind, this.#removable(kind, call)]))
    for (const kind of kinds) {
      const left = (this.#tables[kind].get(call.path) ?? []).filter((each) => !gone.get(kind)?.includes(each))
      this.#set(kind, call.path, left)
    }
    const goneOf = (of: readonly WatchKind[]): readonly WatcherName[] =>
      of.flatMap((kind) => gone.get(kind) ?? [])
    for (const [type, of] of Object.entries(REMOVED_EVENTS)) {
      this.#called({ type: removedType(type), state, path: call.path, zxid: -1 }, goneOf(of))
    }
    return RELEASED.flatMap(({ of, types }) => (goneOf(of).length > 0 ? types : []))
  }

  /** The whole of the tables as lines, for the properties that compare two moments. */
  describe(): readonly string[] {
    return KINDS.flatMap((kind) =>
      [...this.#tables[kind]].map(([path, who]) => `${kind} ${path} ${[...who].sort()}`),
    ).sort()
  }

  #removable(kind: WatchKind, call: RemoveCall): readonly WatcherName[] {
    const have = this.#tables[kind].get(call.path) ?? []
    return call.watcher === undefined ? have : have.filter((each) => each === call.watcher)
  }

  #materialize(type: NodeEventType, path: string): readonly WatcherName[] {
    const take = (kind: WatchKind): readonly WatcherName[] => {
      const found = this.#tables[kind].get(path) ?? []
      this.#set(kind, path, [])
      return found
    }
    const persistent = this.#tables.persistent.get(path) ?? []
    if (type === 'NodeChildrenChanged') return [...take('child'), ...persistent]
    const child = type === 'NodeDeleted' ? take('child') : []
    const recursive = selfAndAncestors(path).flatMap((each) => this.#tables.recursive.get(each) ?? [])
    return [...take('data'), ...take('exists'), ...child, ...persistent, ...recursive]
  }

  #called(event: ModelEvent, watchers: readonly WatcherName[]): void {
    const once = [...new Set(watchers)].sort()
    if (once.length > 0) this.log.push({ kind: 'event', event, watchers: once })
  }

  #set(kind: WatchKind, path: string, watchers: readonly WatcherName[]): void {
    const table = new Map(this.#tables[kind])
    if (watchers.length === 0) table.delete(path)
    else table.set(path, watchers)
    this.#tables = { ...this.#tables, [kind]: table }
  }
}

/** True for a call that may leave a watch. */
export function leavesWatch(
  call: Call,
): call is Extract<Call, { op: 'exists' | 'getData' | 'getChildren' | 'addWatch' }> {
  const isRead = call.op === 'exists' || call.op === 'getData' || call.op === 'getChildren'
  return (isRead && call.watcher !== undefined) || call.op === 'addWatch'
}

function emptyTables(): Readonly<Record<WatchKind, Table>> {
  return { data: new Map(), exists: new Map(), child: new Map(), persistent: new Map(), recursive: new Map() }
}

function removedType(name: string): ModelEvent['type'] {
  if (name === 'ChildWatchRemoved' || name === 'DataWatchRemoved') return name
  return 'PersistentWatchRemoved'
}
