/**
 * LastingWatches: the watches of `addWatch`, which stay until they are removed: few, and with modes that live side by side.
 * Invariant: both maps hold the same pairs with the same modes, and nothing empty.
 */
import type { ServerWatcher } from './server-watcher.js'
import { NO_MODES, RECURSIVE, type WatchModes } from './watch-modes.js'

const NOBODY: ReadonlyMap<ServerWatcher, WatchModes> = new Map<ServerWatcher, WatchModes>()
const NOWHERE: ReadonlyMap<string, WatchModes> = new Map<string, WatchModes>()

/** The pairs of one table, with their modes. */
export class LastingWatches {
  readonly #watchTable = new Map<string, Map<ServerWatcher, WatchModes>>()
  readonly #watch2Paths = new Map<ServerWatcher, Map<string, WatchModes>>()
  #recursiveCount = 0

  get isEmpty(): boolean {
    return this.#watchTable.size === 0
  }

  /** Whether any of them sees what is below its path. */
  get hasRecursive(): boolean {
    return this.#recursiveCount > 0
  }

  /** The modes of a pair. */
  modesOf(path: string, watcher: ServerWatcher): WatchModes {
    return this.#watchTable.get(path)?.get(watcher) ?? NO_MODES
  }

  /** Gives a pair these modes and no others; none at all removes it. */
  set(path: string, watcher: ServerWatcher, modes: WatchModes): void {
    this.#recursiveCount += Math.sign(modes & RECURSIVE) - Math.sign(this.modesOf(path, watcher) & RECURSIVE)
    put(this.#watchTable, path, watcher, modes)
    put(this.#watch2Paths, watcher, path, modes)
  }

  /** The watchers of exactly this path. */
  watchersOf(path: string): ReadonlyMap<ServerWatcher, WatchModes> {
    return this.#watchTable.get(path) ?? NOBODY
  }

  /** The paths of a watcher. */
  pathsOf(watcher: ServerWatcher): ReadonlyMap<string, WatchModes> {
    return this.#watch2Paths.get(watcher) ?? NOWHERE
  }

  /** Paths that have a watcher. */
  get paths(): Iterable<string> {
    return this.#watchTable.keys()
  }

  /** Watchers that have a path. */
  get watchers(): Iterable<ServerWatcher> {
    return this.#watch2Paths.keys()
  }
}

function put<K, L>(table: Map<K, Map<L, WatchModes>>, key: K, other: L, modes: WatchModes): void {
  const row = table.get(key)
  if (modes !== NO_MODES) {
    if (row === undefined) table.set(key, new Map([[other, modes]]))
    else row.set(other, modes)
  } else if (row?.delete(other) === true && row.size === 0) table.delete(key)
}
