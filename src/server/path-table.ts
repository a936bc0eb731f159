/**
 * PathTable: numbers of paths by a hash, in one array of ints. Invariants: at most half of the places are taken, and no free place is
 * between a path and the place where it is looked for first. Its owner keeps the paths, and gives it up once it is crowded.
 */

const LEAST_LENGTH = 16_384
/** What a place takes: one more than a number, or that it is free; and the hash of the path. */
const INTS_A_PLACE = 2
const FREE = 0
/** With more ints for each path it shrinks; with fewer than two places it grows. */
const MOST_INTS_A_PATH = 32
const LEAST_INTS_A_PATH = 2 * INTS_A_PLACE
/** Names that nobody has chosen for it come to a tenth of this; whoever chooses them can make all places be passed by. */
const LONGEST_RUN = 256
/** An odd number near 2^32 divided by the golden ratio: what differs in few bits lands far from each other. */
const SPREAD = 0x9e3779b1

/** Numbers of paths. */
export class PathTable {
  readonly #paths: readonly (string | undefined)[]
  #ints = new Int32Array(LEAST_LENGTH)
  #size = 0
  /** What was looked for last: what is missed is added next, and what is found is mostly deleted. */
  #place = 0
  #hash = 0
  #isCrowded = false

  /** The paths of the numbers stand elsewhere. */
  constructor(paths: readonly (string | undefined)[]) {
    this.#paths = paths
  }

  get size(): number {
    return this.#size
  }

  /** Whether something was put so far from where it is looked for first that it costs too much. It stays so. */
  get isCrowded(): boolean {
    return this.#isCrowded
  }

  /** How much room it takes, but for the object itself and the paths. */
  get bytes(): number {
    return this.#ints.byteLength
  }

  /** The number of a path, or -1. */
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
    const ints = this.#ints
    ints[this.#place] = number + 1
    ints[this.#place + 1] = this.#hash
    const run = (this.#place - INTS_A_PLACE * this.#hash) & (ints.length - 1)
    if (run > INTS_A_PLACE * LONGEST_RUN) this.#isCrowded = true
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
