/**
 * OneShotWatches: the watches of reads, which can be millions. Paths and watchers have small numbers here: some bytes a watch instead of
 * hundreds. `watchTable` has the exact sets; `watch2Paths` notes them the other way round, and what has fired is noted for a while.
 * Invariant: as told, both hold the same pairs, and a path can be found by its number exactly as long as it has a watcher.
 */
import { IntColumns } from '../base/int-columns.js'
import { forEachMember, type IntMembers, IntSets } from '../base/int-sets.js'
import { NO_NUMBER, PathNumbers } from './path-numbers.js'
import type { ServerWatcher } from './server-watcher.js'

/** The pairs of one table. */
export class OneShotWatches {
  readonly #pathIds = new PathNumbers()
  readonly #watchers: (ServerWatcher | undefined)[] = []
  readonly #watchTable = new IntSets()
  readonly #watch2Paths = new IntColumns(this.#watchTable)
  /** The path that got a watcher last, its last character, and its number. */
  #addedPath: string | undefined
  #addedEnd = 0
  #addedId = 0

  /** False if it was there already. */
  add(path: string, watcher: ServerWatcher): boolean {
    const pathId = this.#numberOf(path)
    if (!this.#watchTable.add(pathId, watcher.id)) return false
    this.#watch2Paths.add(pathId, watcher.id)
    while (this.#watchers.length < watcher.id) this.#watchers.push(undefined)
    this.#watchers[watcher.id] = watcher
    return true
  }

  /** Removes a watch, if it is there. */
  delete(path: string, { id }: ServerWatcher): void {
    const pathId = this.#pathIds.find(path)
    if (pathId !== NO_NUMBER && this.#unlink(pathId, id)) this.#watch2Paths.drop(id)
  }

  has(path: string, { id }: ServerWatcher): boolean {
    const pathId = this.#pathIds.find(path)
    return pathId !== NO_NUMBER && this.#watchTable.has(pathId, id)
  }

  /** How many paths a watcher has. */
  countOf({ id }: ServerWatcher): number {
    return this.#watch2Paths.count(id)
  }

  /** Removes all watches of a path. Returns the numbers of their watchers; `watcherOf` knows who they are. */
  take(path: string): IntMembers {
    const pathId = this.#pathIds.find(path)
    if (pathId === NO_NUMBER) return undefined
    const ids = this.#watchTable.take(pathId)
    if (typeof ids === 'number') this.#watch2Paths.drop(ids)
    else forEachMember(ids, (id) => this.#watch2Paths.drop(id))
    this.#end(pathId)
    return ids
  }

  /** Removes all watches of a watcher, and forgets it; costs what it has and what was noted lately, not what others have. */
  forget({ id }: ServerWatcher): void {
    for (const pathId of this.#watch2Paths.keys(id)) this.#unlink(pathId, id)
    this.#watch2Paths.forget(id)
    if (id < this.#watchers.length) this.#watchers[id] = undefined
  }

  /** Who has this number. It must have a watch, or have had one a moment ago. */
  watcherOf(id: number): ServerWatcher | undefined {
    return this.#watchers[id]
  }

  /** Whether anybody watches a path. */
  isWatched(path: string): boolean {
    return this.#pathIds.find(path) !== NO_NUMBER
  }

  /** The watchers of a path, in no order to rely on. */
  watchersOf(path: string): readonly ServerWatcher[] {
    const pathId = this.#pathIds.find(path)
    const watchers: ServerWatcher[] = []
    if (pathId === NO_NUMBER) return watchers
    forEachMember(this.#watchTable.get(pathId), (id) => {
      const watcher = this.#watchers[id]
      if (watcher !== undefined) watchers.push(watcher)
    })
    return watchers
  }

  /** The paths of a watcher, in no order to rely on. */
  pathsOf({ id }: ServerWatcher): readonly string[] {
    return this.#watch2Paths.keys(id).map((pathId) => this.#pathIds.pathOf(pathId))
  }

  /** Paths that have a watcher. For reports. */
  get paths(): readonly string[] {
    return this.#pathIds.paths
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
    const pathId = this.#pathIds.take(path)
    this.#addedPath = path
    this.#addedEnd = end
    this.#addedId = pathId
    return pathId
  }

  /** False if there was no such pair. */
  #unlink(pathId: number, id: number): boolean {
    if (!this.#watchTable.delete(pathId, id)) return false
    if (this.#watchTable.get(pathId) === undefined) this.#end(pathId)
    return true
  }

  #end(pathId: number): void {
    if (pathId === this.#addedId) this.#addedPath = undefined
    this.#pathIds.release(pathId)
  }
}
