/**
 * OneShotWatches: the watches of reads, which can be millions. Paths and watchers have small numbers here, and `watchTable` and
 * `watch2Paths` are sets of those: some bytes a watch instead of hundreds. Invariant: both hold the same pairs, and a path has a number
 * as long as it has a watcher.
 */
import { IdPool } from '../base/id-pool.js'
import { countMembers, forEachMember, type IntMembers, IntSets } from '../base/int-sets.js'
import type { ServerWatcher } from './server-watcher.js'

/** The pairs of one table. */
export class OneShotWatches {
  readonly #pathIds = new Map<string, number>()
  /** By number. What stands at a number that nobody has means nothing. */
  readonly #paths: string[] = []
  readonly #watchers: (ServerWatcher | undefined)[] = []
  readonly #ids = new IdPool()
  readonly #watchTable = new IntSets()
  readonly #watch2Paths = new IntSets()
  /** The path that got a watcher last, its last character, and its number. */
  #addedPath: string | undefined
  #addedEnd = 0
  #addedId = 0

  /** False if it was there already. */
  add(path: string, watcher: ServerWatcher): boolean {
    const pathId = this.#numberOf(path)
    if (!this.#watchTable.add(pathId, watcher.id)) return false
    this.#watch2Paths.add(watcher.id, pathId)
    while (this.#watchers.length <= watcher.id) this.#watchers.push(undefined)
    this.#watchers[watcher.id] = watcher
    return true
  }

  /** Removes a watch, if it is there. */
  delete(path: string, { id }: ServerWatcher): void {
    const pathId = this.#pathIds.get(path)
    if (pathId === undefined) return
    this.#watch2Paths.delete(id, pathId)
    this.#unlink(pathId, id)
  }

  has(path: string, { id }: ServerWatcher): boolean {
    const pathId = this.#pathIds.get(path)
    return pathId !== undefined && this.#watch2Paths.has(id, pathId)
  }

  /** How many paths a watcher has. */
  countOf({ id }: ServerWatcher): number {
    return countMembers(this.#watch2Paths.get(id))
  }

  /** Removes all watches of a path. Returns the numbers of their watchers; `watcherOf` knows who they are. */
  take(path: string): IntMembers {
    const pathId = this.#pathIds.get(path)
    if (pathId === undefined) return undefined
    const ids = this.#watchTable.take(pathId)
    if (typeof ids === 'number') this.#watch2Paths.delete(ids, pathId)
    else forEachMember(ids, (id) => void this.#watch2Paths.delete(id, pathId))
    this.#end(pathId)
    return ids
  }

  /** Removes all watches of a watcher, and forgets it; costs what it has, not what others have. */
  forget({ id }: ServerWatcher): void {
    forEachMember(this.#watch2Paths.take(id), (pathId) => this.#unlink(pathId, id))
    if (id < this.#watchers.length) this.#watchers[id] = undefined
  }

  /** Who has this number. It must have a watch, or have had one a moment ago. */
  watcherOf(id: number): ServerWatcher | undefined {
    return this.#watchers[id]
  }

  /** Whether anybody watches a path. */
  isWatched(path: string): boolean {
    return this.#pathIds.has(path)
  }

  /** The watchers of a path, in no order to rely on. */
  watchersOf(path: string): readonly ServerWatcher[] {
    const pathId = this.#pathIds.get(path)
    const watchers: ServerWatcher[] = []
    if (pathId === undefined) return watchers
    forEachMember(this.#watchTable.get(pathId), (id) => {
      const watcher = this.#watchers[id]
      if (watcher !== undefined) watchers.push(watcher)
    })
    return watchers
  }

  /** The paths of a watcher, in no order to rely on. */
  pathsOf({ id }: ServerWatcher): readonly string[] {
    const paths: string[] = []
    forEachMember(this.#watch2Paths.get(id), (pathId) => void paths.push(this.#pathOf(pathId)))
    return paths
  }

  /** Paths that have a watcher. For reports. */
  get paths(): Iterable<string> {
    return this.#pathIds.keys()
  }

  /** Watchers that have a path. For reports. */
  get watchers(): readonly ServerWatcher[] {
    return this.#watchers.flatMap((watcher) =>
      watcher !== undefined && this.countOf(watcher) > 0 ? [watcher] : [],
    )
  }

  /** Those who wait for the same often come together. Paths differ at their ends, which takes less to see than that they are the same. */
  #numberOf(path: string): number {
    const end = path.charCodeAt(path.length - 1)
    if (end === this.#addedEnd && path === this.#addedPath) return this.#addedId
    const pathId = this.#pathIds.get(path) ?? this.#begin(path)
    this.#addedPath = path
    this.#addedEnd = end
    this.#addedId = pathId
    return pathId
  }

  #begin(path: string): number {
    const pathId = this.#ids.take()
    this.#pathIds.set(path, pathId)
    this.#paths[pathId] = path
    return pathId
  }

  #unlink(pathId: number, id: number): void {
    this.#watchTable.delete(pathId, id)
    if (this.#watchTable.get(pathId) === undefined) this.#end(pathId)
  }

  #end(pathId: number): void {
    if (pathId === this.#addedId) this.#addedPath = undefined
    this.#pathIds.delete(this.#pathOf(pathId))
    this.#paths[pathId] = ''
    this.#ids.release(pathId)
  }

  #pathOf(pathId: number): string {
    return this.#paths[pathId] ?? ''
  }
}
