/**
 * PathNumbers: a small whole number for each path that somebody watches. A few paths are kept in a `Map`; many in a hash table of ints,
 * which takes half as long where as many come as go: a `Map` looks at the text of each path that it passes by or moves, far away in
 * memory. For a few that costs nothing, and their hashes are mostly known to the engine already. What crowds the table is in the `Map`, too.
 */
import { IdPool } from '../base/id-pool.js'
import { PathTable } from './path-table.js'

/** What nobody watches has this number. */
export const NO_NUMBER = -1

/** With so many both take the same time for what comes and goes. */
const MOST_IN_MAP = 2048

/** Paths by number, and numbers by path. */
export class PathNumbers {
  /** By number. The empty path is one, too. */
  readonly #paths: (string | undefined)[] = []
  readonly #ids = new IdPool()
  readonly #map = new Map<string, number>()
  /** From the moment that there are many until none is left: then all are in it, and none in the map. */
  #table: PathTable | undefined
  /** Whether the paths that are there have crowded a table. */
  #hasCrowded = false

  /** The number of a path, or `NO_NUMBER`. */
  find(path: string): number {
    if (this.#table !== undefined) return this.#table.find(path)
    return this.#map.get(path) ?? NO_NUMBER
  }

  /** The number of a path, which it is given if it has none. */
  take(path: string): number {
    const known = this.find(path)
    if (known !== NO_NUMBER) return known
    const number = this.#ids.take()
    this.#paths[number] = path
    if (this.#table !== undefined) {
      this.#table.addMissed(number)
      if (this.#table.isCrowded) this.#moveToMap()
    } else {
      this.#map.set(path, number)
      if (this.#map.size > MOST_IN_MAP && !this.#hasCrowded) this.#moveToTable()
    }
    return number
  }

  /** Takes a number back, which a path must have. */
  release(number: number): void {
    if (this.#table === undefined) this.#map.delete(this.pathOf(number))
    else this.#table.delete(number)
    this.#paths[number] = undefined
    this.#ids.release(number)
    if (this.#map.size === 0 && (this.#table === undefined || this.#table.size === 0)) this.#startOver()
  }

  /** The path that has a number. */
  pathOf(number: number): string {
    return this.#paths[number] ?? ''
  }

  /** All paths, in no order to rely on. */
  get paths(): readonly string[] {
    return this.#paths.filter((path) => path !== undefined)
  }

  #moveToTable(): void {
    const table = new PathTable(this.#paths)
    for (const [path, number] of this.#map) {
      table.find(path)
      table.addMissed(number)
      this.#hasCrowded = table.isCrowded
      if (this.#hasCrowded) return
    }
    this.#map.clear()
    this.#table = table
  }

  #moveToMap(): void {
    for (const [number, path] of this.#paths.entries()) if (path !== undefined) this.#map.set(path, number)
    this.#table = undefined
    this.#hasCrowded = true
  }

  #startOver(): void {
    this.#table = undefined
    this.#hasCrowded = false
    if (this.#paths.length > MOST_IN_MAP) this.#paths.length = 0
  }
}
