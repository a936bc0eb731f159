/**
 * IntColumns: in which sets of an `IntSets` each member is, kept loosely. Nobody looks for a set that has lost a member: it is counted, and
 * stays noted until there is no room, or all are lost; the sets, which are exact, say then which of those noted still have it.
 * Invariants: each set that has the member is noted, perhaps more than once; the count is exact.
 */
import type { IntSets } from './int-sets.js'

/** With so many notes and each time that they are twice as many, it matters which are right and how they are best kept. */
const LEAST_NOTES = 32
const BITS_A_WORD = 32
/** A bitmap becomes a list again once it would have this many times more words than members. */
const SLACK = 4
/** What has grown beyond this is not kept for later. */
const MOST_IDLE_NOTES = 1024

/** The sets of one member: a list, or a bitmap where they lie close together. */
class Column {
  count = 0
  #notes: number[] = []
  /** How many of the notes count; of a bitmap all do. */
  #length = 0
  #isBitmap = false

  /** How many numbers it has room for. */
  get room(): number {
    return this.#notes.length
  }

  add(key: number, member: number, sets: IntSets): void {
    this.count += 1
    if (this.#isBitmap) this.#mark(key, member, sets)
    else {
      if (this.#length < this.#notes.length) this.#notes[this.#length] = key
      else this.#notes.push(key)
      this.#length += 1
      if (this.#length >= LEAST_NOTES && (this.#length & (this.#length - 1)) === 0) this.#tidy(member, sets)
    }
  }

  /** One of the sets has lost the member. */
  drop(): void {
    this.count -= 1
    if (this.count > 0) return
    if (this.#notes.length > MOST_IDLE_NOTES) this.#notes = []
    this.#isBitmap = false
    this.#length = 0
  }

  /** Those that have the member, each once. */
  keys(member: number, sets: IntSets): number[] {
    const noted = this.#isBitmap ? positionsOf(this.#notes) : this.#notes.slice(0, this.#length)
    if (noted.length === this.count) return noted
    const inOrder = Int32Array.from(noted).sort()
    return Array.from(inOrder.filter((key, i) => key !== inOrder[i - 1] && sets.has(key, member)))
  }

  /** Makes a bitmap of a list that is not smaller, and otherwise strikes what is wrong if that is much. */
  #tidy(member: number, sets: IntSets): void {
    const notes = this.#length > 2 * this.count ? this.keys(member, sets) : this.#notes
    // What is behind them is from before all were lost.
    if (notes === this.#notes) notes.length = this.#length
    let largest = 0
    for (const key of notes) if (key > largest) largest = key
    const words = (largest >>> 5) + 1
    this.#isBitmap = words <= this.#length
    this.#notes = this.#isBitmap ? bitmapOf(notes, words) : notes
    this.#length = this.#notes.length
  }

  #mark(key: number, member: number, sets: IntSets): void {
    const notes = this.#notes
    const word = key >>> 5
    if (word < SLACK * Math.max(this.count, LEAST_NOTES)) {
      if (word >= notes.length) this.#notes = withRoomFor(word, notes)
      this.#notes[word] = (this.#notes[word] ?? 0) | (1 << (key & 31))
    } else {
      this.#notes = [...this.keys(member, sets), key]
      this.#length = this.#notes.length
      this.#isBitmap = false
    }
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

  /** Notes that a set has got this member, which it had not. */
  add(member: number, key: number): void {
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
    if (column instanceof Column) column.drop()
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

function bitmapOf(keys: readonly number[], words: number): number[] {
  const bitmap = new Array<number>(words).fill(0)
  for (const key of keys) bitmap[key >>> 5] = (bitmap[key >>> 5] ?? 0) | (1 << (key & 31))
  return bitmap
}

/** Sparingly: most have grown as far as they ever will. */
function withRoomFor(word: number, bitmap: readonly number[]): number[] {
  return bitmap.concat(new Array<number>(word + 1 + (word >> 3) - bitmap.length).fill(0))
}

function positionsOf(bitmap: readonly number[]): number[] {
  const positions: number[] = []
  for (const [i, bits] of bitmap.entries())
    for (let word = bits; word !== 0; word &= word - 1)
      positions.push(BITS_A_WORD * i + (31 - Math.clz32(word & -word)))
  return positions
}
