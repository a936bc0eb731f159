/**
 * IntSet: more than a few small whole numbers: a hash table of ints, or a bitmap where they lie close together.
 * Invariant: the table is at most three quarters full, and the bitmap is never much larger than the table would be.
 */

const EMPTY = -1
const LEAST_CAPACITY = 16
const BITS_A_WORD = 32
/** An odd number near 2^32 divided by the golden ratio: neighbours land far from each other. */
const SPREAD = 0x9e3779b1
/** A bitmap becomes a table once it is this many times larger; a table a bitmap as soon as that is not larger. */
const SLACK = 4
/** With more room than this it shrinks. */
const MOST_WORDS_A_MEMBER = 16

/** A set of whole numbers from 0 to 2^31 - 1. */
export class IntSet {
  #words: Int32Array
  #isBitmap = false
  #size = 0

  private constructor(capacity: number) {
    this.#words = new Int32Array(capacity).fill(EMPTY)
  }

  /** A set of these, which differ from each other. */
  static of(members: readonly number[], another: number): IntSet {
    const set = new IntSet(LEAST_CAPACITY)
    for (const member of members) set.add(member)
    set.add(another)
    return set
  }

  get size(): number {
    return this.#size
  }

  /** How much room it takes, but for the object itself. */
  get bytes(): number {
    return this.#words.byteLength
  }

  /** False if it is a member already. */
  add(member: number): boolean {
    if (this.#isBitmap) return this.#addBit(member)
    let at = this.#find(member)
    if (this.#words[at] === member) return false
    if (4 * (this.#size + 1) > 3 * this.#words.length) {
      this.#rebuild(2 * this.#words.length, member)
      if (this.#isBitmap) return this.#addBit(member)
      at = this.#find(member)
    }
    this.#words[at] = member
    this.#size += 1
    return true
  }

  /** False if it is no member. */
  delete(member: number): boolean {
    if (this.#isBitmap) {
      const word = member >>> 5
      const before = this.#words[word] ?? 0
      const bit = 1 << (member & 31)
      if ((before & bit) === 0) return false
      this.#words[word] = before & ~bit
    } else {
      const at = this.#find(member)
      if (this.#words[at] !== member) return false
      this.#close(at)
    }
    this.#size -= 1
    if (this.#words.length > MOST_WORDS_A_MEMBER * this.#size && this.#words.length > LEAST_CAPACITY)
      this.#rebuild(2 * capacityFor(this.#size), 0)
    return true
  }

  has(member: number): boolean {
    if (!this.#isBitmap) return this.#words[this.#find(member)] === member
    return ((this.#words[member >>> 5] ?? 0) & (1 << (member & 31))) !== 0
  }

  /** In no order to rely on. The set must not change meanwhile. */
  forEach(visit: (member: number) => void): void {
    const words = this.#words
    for (let i = 0; i < words.length; i++) {
      let word = words[i] ?? 0
      if (!this.#isBitmap) {
        if (word !== EMPTY) visit(word)
        continue
      }
      for (; word !== 0; word &= word - 1) visit(BITS_A_WORD * i + (31 - Math.clz32(word & -word)))
    }
  }

  toList(): number[] {
    const list: number[] = []
    this.forEach((member) => void list.push(member))
    return list
  }

  /** Where it is, or where it would stand. */
  #find(member: number): number {
    const words = this.#words
    const mask = words.length - 1
    let at = Math.imul(member, SPREAD) >>> Math.clz32(mask)
    while (words[at] !== EMPTY && words[at] !== member) at = (at + 1) & mask
    return at
  }

  /** Empties a place, and moves up what stands behind it only because that was taken. */
  #close(gap: number): void {
    const words = this.#words
    const mask = words.length - 1
    let hole = gap
    for (let at = (gap + 1) & mask; words[at] !== EMPTY; at = (at + 1) & mask) {
      const member = words[at] ?? EMPTY
      const home = Math.imul(member, SPREAD) >>> Math.clz32(mask)
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      words[hole] = member
      hole = at
    }
    words[hole] = EMPTY
  }

  #addBit(member: number): boolean {
    const word = member >>> 5
    if (word >= this.#words.length) {
      const capacity = capacityFor(this.#size + 1)
      const needed = word + 1
      if (needed > SLACK * capacity) {
        this.#rebuild(capacity, member)
        return this.add(member)
      }
      // Sparingly: most sets have grown as far as they ever will.
      const grown = new Int32Array(needed + (needed >> 3))
      grown.set(this.#words)
      this.#words = grown
    }
    const bit = 1 << (member & 31)
    const before = this.#words[word] ?? 0
    if ((before & bit) !== 0) return false
    this.#words[word] = before | bit
    this.#size += 1
    return true
  }

  /** A table of this capacity, or a bitmap if that is not larger, with room for one more. */
  #rebuild(capacity: number, another: number): void {
    const members = this.toList()
    let largest = another
    for (const member of members) if (member > largest) largest = member
    const bitmapWords = (largest >>> 5) + 1
    this.#isBitmap = bitmapWords <= capacity
    this.#words = this.#isBitmap ? new Int32Array(bitmapWords) : new Int32Array(capacity).fill(EMPTY)
    this.#size = 0
    for (const member of members) this.add(member)
  }
}

/** The smallest table for so many: a power of two, at most three quarters full. */
function capacityFor(size: number): number {
  let capacity = LEAST_CAPACITY
  while (4 * size > 3 * capacity) capacity *= 2
  return capacity
}
