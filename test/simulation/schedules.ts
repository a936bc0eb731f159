/**
 * Schedules: all ways in which what can happen does happen, one after the other. A run asks at each fork which way to go; run after
 * run it is told another one, until there is none left (stateless model checking).
 */

/** The ways of one run. */
export class Schedules {
  /** At each fork which way was taken, and how many there were. */
  readonly #path: { taken: number; ways: number }[] = []
  #depth = 0
  #count = 0

  /** How many runs have begun. */
  get count(): number {
    return this.#count
  }

  /** Begins the next run; false once every way was gone. */
  next(): boolean {
    this.#depth = 0
    this.#count += 1
    if (this.#count === 1) return true
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      if (last.taken + 1 < last.ways) {
        last.taken += 1
        return true
      }
      this.#path.pop()
    }
    this.#count -= 1
    return false
  }

  /** One of these, each in its turn. @throws Error if the same run forks in another way than before */
  choose<T>(ways: readonly T[]): T {
    const fork = this.#path[this.#depth] ?? { taken: 0, ways: ways.length }
    this.#path[this.#depth++] = fork
    const way = ways[fork.taken]
    if (fork.ways !== ways.length || way === undefined) throw new Error('The run is not the same any more')
    return way
  }
}
