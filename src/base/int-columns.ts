/**
 * IntColumns: in which sets of an `IntSets` each member is, kept loosely. Nobody looks for a set that has lost a member: it is counted, and
 * stays noted until most notes are wrong; the sets, which are exact and are changed first, say then which of them still have it.
 * Invariants: each set that has the member is noted, perhaps more than once; the count is exact, and never 0.
 */
import type { IntSets } from './int-sets.js'

/** With so many notes and each time that they are twice as many, it matters which are right and how they are best kept. */
const LEAST_NOTES = 32
/** Wrong notes of a few are not worth looking for. */
const MOST_IDLE_NOTES = 256
/** Of more, they are looked for once there are so many notes for each that is right. */
const NOTES_A_MEMBER = 16
/** A bit notes four neighbours at once: who is loose may be. */
const KEYS_A_BIT = 4
const BITS_A_WORD = 32
/** A list becomes a bitmap if it has this many times more numbers, and a bitmap a list again once it would have more than members. */
const SLACK = 4

/** The sets of one member: a list, or a bitmap where they lie close together, which as plain numbers is smaller than a typed array. */
class Column {
  count = 0
  #notes: number[] = []
  #isBitmap = false

  /** How many numbers it has room for. */
  get room(): number {
    return this.#notes.length
  }

  add(key: number, member: number, sets: IntSets): void {
    if (this.#isBitmap && wordOf(key) >= Math.max(this.count, LEAST_NOTES)) {
      this.#notes = this.keys(member, sets)
      this.#isBitmap = false
    }
    this.count += 1
    if (this.#isBitmap) this.#mark(key)
    else {
      const { length } = this.#notes
      this.#notes.push(key)
      if (length >= LEAST_NOTES && (length & (length - 1)) === 0) this.#tidy(member, sets)
    }
  }

  /** One of the sets has lost the member. */
  drop(member: number, sets: IntSets): void {
    this.count -= 1
    const { length } = this.#notes
    if (length > MOST_IDLE_NOTES && length > NOTES_A_MEMBER * this.count) this.#tidy(member, sets)
  }

  /** Those that have the member, each once. */
  keys(member: number, sets: IntSets): number[] {
    const noted = this.#isBitmap ? keysOf(this.#notes) : this.#notes
    if (noted.length === this.count) return [...noted]
    const right = noted.filter((key) => sets.has(key, member))
    if (right.length === this.count) return right
    const inOrder = Int32Array.from(right).sort()
    return Array.from(inOrder.filter((key, i) => key !== inOrder[i - 1]))
  }

  /** Strikes what is wrong if that is much, and makes a bitmap if it is not larger than the list. */
  #tidy(member: number, sets: IntSets): void {
    const isLong = this.#isBitmap || this.#notes.length > 2 * this.count
    const keys = isLong ? this.keys(member, sets) : this.#notes
    const words = wordOf(keys.reduce((most, key) => Math.max(most, key), 0)) + 1
    this.#isBitmap = SLACK * words <= Math.max(keys.length, LEAST_NOTES)
    this.#notes = this.#isBitmap ? bitmapOf(keys, words) : keys
  }

  #mark(key: number): void {
    const word = wordOf(key)
    if (word >= this.#notes.length) this.#notes = withRoomFor(word, this.#notes)
    this.#notes[word] = (this.#notes[word] ?? 0) | bitOf(key)
  }
}

/** Sets by member. Members are whole numbers from 0, and cost room up to the largest. */
export class IntColumns {
  readonly #sets: IntSets
  /** Most members are in one set alone. */
  readonly #columns: (undefined | number | Column)[] = []

  constructor(sets: IntSets) {
    this.#sets = sets
  }

  /** Notes that a set has got a member, which it had not. */
  add(key: number, member: number): void {
    const columns = this.#columns
    if (member === columns.length) {
      columns.push(key)
      return
    }
    while (columns.length <= member) columns.push(undefined)
    const column = columns[member]
    if (column === undefined) columns[member] = key
    else if (typeof column === 'number') {
      const both = new Column()
      both.add(column, member, this.#sets)
      both.add(key, member, this.#sets)
      columns[member] = both
    } else column.add(key, member, this.#sets)
  }

  /** Notes that one of its sets has lost this member. */
  drop(member: number): void {
    const column = this.#columns[member]
    if (column instanceof Column && column.count > 1) column.drop(member, this.#sets)
    else this.#columns[member] = undefined
  }

  /** How many sets have the member. */
  count(member: number): number {
    const column = this.#columns[member]
    if (column === undefined) return 0
    return typeof column === 'number' ? 1 : column.count
  }

  /** The sets that have the member, in no order to rely on. */
  keys(member: number): number[] {
    const column = this.#columns[member]
    if (column === undefined) return []
    return typeof column === 'number' ? [column] : column.keys(member, this.#sets)
  }

  /** How many numbers are kept for a member. */
  roomOf(member: number): number {
    const column = this.#columns[member]
    return column instanceof Column ? column.room : this.count(member)
  }

  /** Forgets a member, which no set has any more. */
  forget(member: number): void {
    if (member < this.#columns.length) this.#columns[member] = undefined
  }
}

function wordOf(key: number): number {
  return key >>> 7
}

function bitOf(key: number): number {
  return 1 << ((key >>> 2) & 31)
}

function bitmapOf(keys: readonly number[], words: number): number[] {
  const bitmap = new Array<number>(words).fill(0)
  for (const key of keys) bitmap[wordOf(key)] = (bitmap[wordOf(key)] ?? 0) | bitOf(key)
  return bitmap
}

/** Sparingly: most have grown as far as they ever will. */
function withRoomFor(word: number, bitmap: readonly number[]): number[] {
  return bitmap.concat(new Array<number>(word + 1 + (word >> 3) - bitmap.length).fill(0))
}

/** What the bits may stand for, in order. */
function keysOf(bitmap: readonly number[]): number[] {
  const keys: number[] = []
  for (const [i, bits] of bitmap.entries())
    for (let word = bits; word !== 0; word &= word - 1) {
      const first = KEYS_A_BIT * (BITS_A_WORD * i + (31 - Math.clz32(word & -word)))
      for (let key = first; key < first + KEYS_A_BIT; key++) keys.push(key)
    }
  return keys
}
