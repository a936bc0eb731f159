/**
 * PathNumbers: a small whole number for each path that somebody watches. A few paths are kept in a `Map`; many in a hash table of ints,
 * which takes half as long where as many come as go: a `Map` looks at the text of each path that it passes by or moves, far away in
 * memory. For a few that costs nothing, and their hashes are mostly known to the engine already. What crowds the table is in the `Map`, too.
 * Of a few, a path that nobody watches any more rests with its number, since it is mostly watched again; who looks does not find it.
 */
import { IdPool } from '../base/id-pool.js'
import { PathTable } from './path-table.js'

/** What nobody watches has this number. */
export const NO_NUMBER = -1

/** With so many, those that rest among them, both take the same time for what comes and goes. */
const MOST_IN_MAP = 2048
/** Characters. A longer path does not rest: nobody shall be able to leave much behind. */
const LONGEST_RESTING = 256

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
  /** A one for each number in the map that rests. */
  readonly #isResting = new Uint8Array(MOST_IN_MAP)

  /** The number of a path, or `NO_NUMBER`. */
  find(path: string): number {
    if (this.#table !== undefined) return this.#table.find(path)
    const number = this.#map.get(path)
    return number === undefined || this.#isResting[number] === 1 ? NO_NUMBER : number
  }

  /** The number of a path, which it is given if it has none. */
  take(path: string): number {
    if (this.#table !== undefined) return this.#takeFromTable(path, this.#table)
    const known = this.#map.get(path)
    if (known !== undefined) {
      this.#isResting[known] = 0
      return known
    }
    const number = this.#newNumber(path)
    this.#map.set(path, number)
    if (this.#map.size > MOST_IN_MAP && !this.#hasCrowded) this.#leaveMap()
    return number
  }

  /** Takes a number back, which a path must have. */
  release(number: number): void {
    if (this.#mayRest(number)) {
      this.#isResting[number] = 1
      return
    }
    if (this.#table === undefined) this.#map.delete(this.pathOf(number))
    else this.#table.delete(number)
    this.#forget(number)
    if (this.#map.size === 0 && (this.#table === undefined || this.#table.size === 0)) this.#startOver()
  }

  /** The path that has a number. */
  pathOf(number: number): string {
    return this.#paths[number] ?? ''
  }

  /** All paths, in no order to rely on. */
  get paths(): readonly string[] {
    return this.#paths.filter(
      (path, number): path is string => path !== undefined && this.#isResting[number] !== 1,
    )
  }

  #takeFromTable(path: string, table: PathTable): number {
    const known = table.find(path)
    if (known !== NO_NUMBER) return known
    const number = this.#newNumber(path)
    table.addMissed(number)
    if (table.isCrowded) this.#moveToMap()
    return number
  }

  #newNumber(path: string): number {
    const number = this.#ids.take()
    this.#paths[number] = path
    return number
  }

  #mayRest(number: number): boolean {
    const isOfFew = this.#table === undefined && !this.#hasCrowded && number < MOST_IN_MAP
    return isOfFew && this.pathOf(number).length <= LONGEST_RESTING
  }

  #forget(number: number): void {
    this.#paths[number] = undefined
    this.#ids.release(number)
  }

  /** Those that rest are forgotten first; if half of them are left, there would soon be as many again. */
  #leaveMap(): void {
    for (const [path, number] of this.#map) {
      if (this.#isResting[number] !== 1) continue
      this.#isResting[number] = 0
      this.#map.delete(path)
      this.#forget(number)
    }
    if (this.#map.size > MOST_IN_MAP / 2) this.#moveToTable()
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
