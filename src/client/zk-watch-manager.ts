/**
 * ZKWatchManager: the client's half of every watch. Five tables say which watcher functions wait for what; an event that
 * arrives is turned into the set of watchers to call (`materialize`), and its one-shot watches are dropped right then.
 * Keys are server paths. Invariants: no table holds an empty set, and a table's set is its own.
 */
import { parentOf, ROOT } from '../protocol/path.js'
import type { EventType, NodeEventType } from '../protocol/watched-event.js'
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import { eachOf, includes, union, type Watchers } from './watchers.js'

/** The five tables, in the order in which they are sent to a server anew. */
export const WATCH_TABLES = ['data', 'exist', 'child', 'persistent', 'recursive'] as const

/** The name of a table. */
export type ClientWatchTable = (typeof WATCH_TABLES)[number]

/** Which tables an event looks at, besides the recursive one. */
const CONCERNS: Readonly<Record<NodeEventType, readonly ClientWatchTable[]>> = {
  NodeCreated: ['data', 'exist', 'persistent'],
  NodeDataChanged: ['data', 'exist', 'persistent'],
  NodeDeleted: ['data', 'exist', 'child', 'persistent'],
  NodeChildrenChanged: ['child', 'persistent'],
}

/** Which tables a WatcherType means. */
const MEANT_BY: Readonly<Record<WatcherType, readonly ClientWatchTable[]>> = {
  Children: ['child'],
  Data: ['data', 'exist'],
  Any: WATCH_TABLES,
  Persistent: ['persistent'],
  PersistentRecursive: ['recursive'],
}

type RemovalEvent = Extract<EventType, 'DataWatchRemoved' | 'ChildWatchRemoved' | 'PersistentWatchRemoved'>

/** The event that tells a watcher that it was taken out of a table. */
const REMOVAL_EVENTS: readonly {
  readonly type: RemovalEvent
  readonly tables: readonly ClientWatchTable[]
}[] = [
  { type: 'ChildWatchRemoved', tables: ['child'] },
  { type: 'DataWatchRemoved', tables: ['data', 'exist'] },
  { type: 'PersistentWatchRemoved', tables: ['persistent', 'recursive'] },
]

/** Watchers that were removed, by the event that tells them. */
export interface RemovedWatchers {
  readonly type: RemovalEvent
  readonly watchers: ReadonlySet<Watcher>
}

/** One watcher needs no set. */
type Table = Map<string, Watcher | Set<Watcher>>

/** The watchers of one client. */
export class ZKWatchManager {
  readonly #tables: Readonly<Record<ClientWatchTable, Table>> = {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  }
  /** Gets every change of state, and the events of reads with `watch: true`. */
  defaultWatcher: Watcher | undefined

  /** Adds a watcher; a second time makes no difference. */
  add(table: ClientWatchTable, path: string, watcher: Watcher): void {
    const watchers = this.#tables[table]
    const before = watchers.get(path)
    if (before === undefined) watchers.set(path, watcher)
    else if (typeof before !== 'function') before.add(watcher)
    else if (before !== watcher) watchers.set(path, new Set([before, watcher]))
  }

  /** Who is to be called for an event that arrived now; drops their one-shot watches. */
  materialize(type: NodeEventType, path: string): Watchers | undefined {
    let found: Watchers | undefined
    for (const name of CONCERNS[type]) {
      const table = this.#tables[name]
      const watchers = table.size === 0 ? undefined : table.get(path)
      if (watchers === undefined) continue
      if (name === 'persistent') found = union(found, copyOf(watchers))
      else {
        found = union(found, watchers)
        table.delete(path)
      }
    }
    // Recursive watches hear of each child by itself.
    const hears = type !== 'NodeChildrenChanged' && this.#tables.recursive.size > 0
    return hears ? union(found, this.#recursive(path)) : found
  }

  /** Who hears of a change of state: the default watcher, and each watcher of any table, once. */
  everyWatcher(): Set<Watcher> {
    const found = new Set<Watcher>()
    if (this.defaultWatcher !== undefined) found.add(this.defaultWatcher)
    for (const table of WATCH_TABLES) {
      for (const watchers of this.#tables[table].values())
        for (const watcher of eachOf(watchers)) found.add(watcher)
    }
    return found
  }

  /** True if the watcher, or any watcher if none is given, is in a table that the type means. */
  contains(path: string, type: WatcherType, watcher?: Watcher): boolean {
    return MEANT_BY[type].some((table) => {
      const watchers = this.#tables[table].get(path)
      return watcher === undefined ? watchers !== undefined : includes(watchers, watcher)
    })
  }

  /** Takes out the watcher, or all of them, and says who is to be told what. */
  remove(path: string, type: WatcherType, watcher?: Watcher): RemovedWatchers[] {
    const meant = MEANT_BY[type]
    return REMOVAL_EVENTS.map(({ type: eventType, tables }) => {
      const watchers = new Set<Watcher>()
      for (const table of tables) if (meant.includes(table)) this.#take(table, path, watcher, watchers)
      return { type: eventType, watchers }
    }).filter(({ watchers }) => watchers.size > 0)
  }

  /** The server paths of a table, in the order of their coming. */
  paths(table: ClientWatchTable): Iterable<string> {
    return this.#tables[table].keys()
  }

  /** Forgets everybody but the default watcher. */
  clear(): void {
    for (const table of WATCH_TABLES) this.#tables[table].clear()
  }

  #recursive(path: string): Watchers | undefined {
    let found: Watchers | undefined
    for (let ancestor = path; ; ancestor = parentOf(ancestor)) {
      const watchers = this.#tables.recursive.get(ancestor)
      if (watchers !== undefined) found = union(found, copyOf(watchers))
      if (ancestor === ROOT) return found
    }
  }

  #take(name: ClientWatchTable, path: string, watcher: Watcher | undefined, taken: Set<Watcher>): void {
    const table = this.#tables[name]
    const watchers = table.get(path)
    for (const one of watcher === undefined ? eachOf(copyOf(watchers)) : [watcher]) {
      if (!includes(watchers, one)) continue
      taken.add(one)
      if (typeof watchers === 'object') watchers.delete(one)
      if (typeof watchers !== 'object' || watchers.size === 0) table.delete(path)
    }
  }
}

/** What no later change of a table shows in. */
function copyOf(watchers: Watcher | Set<Watcher> | undefined): Watchers | undefined {
  return typeof watchers === 'object' ? new Set(watchers) : watchers
}
