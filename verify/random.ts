/** Chance from a seed: the same numbers on every machine. The generator is sfc32. */

const TWO_TO_32 = 2 ** 32
const WARM_UP = 12

/** A stream of numbers that a seed decides. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** Two seeds give streams that have nothing to do with each other; so do two streams of one seed. */
  constructor(seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = Math.trunc(seed / TWO_TO_32) | 0
    this.#c = stream | 0
    for (let i = 0; i < WARM_UP; i++) this.#next()
  }

  /** A whole number from 0, below the bound. */
  int(bound: number): number {
    return Math.floor((this.#next() / TWO_TO_32) * bound)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#next() / TWO_TO_32 < probability
  }

  /** One of them. @throws RangeError if there is none */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(items.length)]
    if (item === undefined) throw new RangeError('There is nothing to pick from')
    return item
  }

  /** One of the keys, as often as its number says in proportion to the others. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries: [K, number][] = []
    let total = 0
    for (const key in weights) {
      entries.push([key, weights[key]])
      total += weights[key]
    }
    let left = this.int(total)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    throw new RangeError('The weights are all 0')
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }
}
