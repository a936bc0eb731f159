/**
 * PathNumbers: a small whole number for each path that somebody watches. A few paths are kept in a `Map`; many in a hash table of ints,
 * which takes half as long where as many come as go: a `Map` looks at the text of each path that it passes by or moves, far away in
 * memory. For a few that costs nothing, and their hashes are mostly known to the engine already.
 */
import { IdPool } from '../base/id-pool.js'

/** What nobody watches has this number. */
export const NO_NUMBER = -1

const MOST_IN_MAP = 2048

/** Paths by number, and numbers by path. */
export class PathNumbers {
  /** By number. The empty path is one, too. */
  readonly #paths: (string | undefined)[] = []
  readonly #ids = new IdPool()
  readonly #few = new Map<string, number>()
  /** While there are many, or not few again: then all are in it. */
  #many: PathTable | undefined

  /** The number of a path, if it has one. */
  find(path: string): number {
    if (this.#many !== undefined) return this.#many.find(path)
    return this.#few.get(path) ?? NO_NUMBER
  }

  /** The number of a path, which it is given if it has none. */
  take(path: string): number {
    const known = this.find(path)
    if (known !== NO_NUMBER) return known
    const number = this.#ids.take()
    this.#paths[number] = path
    if (this.#many !== undefined) this.#many.addMissed(number)
    else {
      this.#few.set(path, number)
      if (this.#few.size > MOST_IN_MAP) this.#moveAll()
    }
    return number
  }

  /** Takes a number back, which a path must have. */
  release(number: number): void {
    if (this.#many === undefined) this.#few.delete(this.pathOf(number))
    else {
      this.#many.delete(number)
      if (this.#many.size === 0) this.#many = undefined
    }
    this.#paths[number] = undefined
    this.#ids.release(number)
  }

  /** The path that has a number. */
  pathOf(number: number): string {
    return this.#paths[number] ?? ''
  }

  /** All paths, in no order to rely on. */
  get paths(): readonly string[] {
    return this.#paths.filter((path) => path !== undefined)
  }

  #moveAll(): void {
    const table = new PathTable(this.#paths)
    for (const [path, number] of this.#few) {
      table.find(path)
      table.addMissed(number)
    }
    this.#few.clear()
    this.#many = table
  }
}

const LEAST_LENGTH = 8 * MOST_IN_MAP
/** What a place takes: one more than a number, or that it is free; and the hash of the path. */
const INTS_A_PLACE = 2
const FREE = 0
/** With more ints for each path it shrinks; with fewer than two places it grows. */
const MOST_INTS_A_PATH = 32
const LEAST_INTS_A_PATH = 2 * INTS_A_PLACE
/** An odd number near 2^32 divided by the golden ratio: what differs in few bits lands far from each other. */
const SPREAD = 0x9e3779b1

/**
 * Numbers by the hash of their paths. Invariants: at most half of the places are taken, and no free place is between a path and the
 * place where it is looked for first.
 */
class PathTable {
  readonly #paths: readonly (string | undefined)[]
  #ints = new Int32Array(LEAST_LENGTH)
  #size = 0
  /** What was looked for last: what is missed is added next, and what is found is mostly deleted. */
  #place = 0
  #hash = 0

  /** The paths of the numbers stand elsewhere. */
  constructor(paths: readonly (string | undefined)[]) {
    this.#paths = paths
  }

  get size(): number {
    return this.#size
  }

  find(path: string): number {
    const ints = this.#ints
    const mask = ints.length - 1
    const hash = hashOf(path)
    let place = (INTS_A_PLACE * hash) & mask
    let id = ints[place] ?? FREE
    while (id !== FREE && !(ints[place + 1] === hash && this.#paths[id - 1] === path)) {
      place = (place + INTS_A_PLACE) & mask
      id = ints[place] ?? FREE
    }
    this.#place = place
    this.#hash = hash
    return id - 1
  }

  /** Adds the number of the path that was looked for last, and is not there. */
  addMissed(number: number): void {
    this.#ints[this.#place] = number + 1
    this.#ints[this.#place + 1] = this.#hash
    this.#size += 1
    if (LEAST_INTS_A_PATH * this.#size > this.#ints.length) this.#resize(2 * this.#ints.length)
  }

  /** Deletes a number that is there. */
  delete(number: number): void {
    if (this.#ints[this.#place] !== number + 1) this.find(this.#paths[number] ?? '')
    this.#close(this.#place)
    this.#size -= 1
    const { length } = this.#ints
    if (length > LEAST_LENGTH && length > MOST_INTS_A_PATH * this.#size) this.#resize(length / 2)
  }

  /** Frees a place, and moves up what stands behind it only because that was taken. */
  #close(gap: number): void {
    const ints = this.#ints
    const mask = ints.length - 1
    let hole = gap
    for (let at = (gap + INTS_A_PLACE) & mask; ints[at] !== FREE; at = (at + INTS_A_PLACE) & mask) {
      const hash = ints[at + 1] ?? 0
      const home = (INTS_A_PLACE * hash) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      ints[hole] = ints[at] ?? FREE
      ints[hole + 1] = hash
      hole = at
    }
    ints[hole] = FREE
  }

  #resize(length: number): void {
    const before = this.#ints
    const ints = new Int32Array(length)
    const mask = length - 1
    for (let at = 0; at < before.length; at += INTS_A_PLACE) {
      const id = before[at] ?? FREE
      if (id === FREE) continue
      const hash = before[at + 1] ?? 0
      let place = (INTS_A_PLACE * hash) & mask
      while (ints[place] !== FREE) place = (place + INTS_A_PLACE) & mask
      ints[place] = id
      ints[place + 1] = hash
    }
    this.#ints = ints
    this.#place = 0
  }
}

/** Of all characters, two at a time. */
function hashOf(path: string): number {
  const last = path.length - 1
  let hash = path.length
  for (let i = 0; i < last; i += 2) {
    hash = Math.imul(hash ^ (path.charCodeAt(i) | (path.charCodeAt(i + 1) << 16)), SPREAD)
    hash ^= hash >>> 15
  }
  if ((last & 1) === 0) hash = Math.imul(hash ^ path.charCodeAt(last), SPREAD)
  return hash ^ (hash >>> 13)
}
