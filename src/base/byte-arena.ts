/**
 * ByteArena: many short byte strings in few large buffers: an array of its own costs each of them more than a hundred bytes. A block is
 * known by its number. Blocks of one size share shelves, and the free ones of a shelf form a chain through their own first bytes.
 * Invariants: blocks do not overlap; a shelf is open exactly while it has a free block; of one size at most one shelf is empty.
 */
import { IdPool } from './id-pool.js'
import { broken } from './invariant.js'
import type { Slab } from './slab.js'

/** What needs no block has this number. */
export const NO_BLOCK = -1

const STEP_BYTES = 8
/** Longer ones have an array of their own: then what it costs does not matter. */
const LARGEST_BLOCK_BYTES = 1024
const FIRST_SHELF_BLOCKS = 8
const LARGEST_SHELF_BYTES = 65_536
/** A number is that of the shelf and, in its low bits, the place on the shelf. */
const PLACE_BITS = 12
const PLACE_MASK = (1 << PLACE_BITS) - 1
const NO_PLACE = -1
/** Numbers of long ones go down from here. */
const FIRST_LONG = NO_BLOCK - 1

/** One buffer, cut into blocks of one size. */
class Shelf {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly blockBytes: number
  readonly number: number
  /** Where it stands among the open ones of its size. */
  openAt = 0
  usedCount = 0
  /** The first free block; the rest of the chain stands in the blocks. Those from `#fresh` on were never used. */
  #free = NO_PLACE
  #fresh = 0
  readonly #blockCount: number

  constructor(number: number, blockBytes: number, blockCount: number) {
    const buffer = new ArrayBuffer(blockBytes * blockCount)
    this.bytes = new Uint8Array(buffer)
    this.words = new Int32Array(buffer)
    this.blockBytes = blockBytes
    this.number = number
    this.#blockCount = blockCount
  }

  get isFull(): boolean {
    return this.usedCount === this.#blockCount
  }

  take(): number {
    this.usedCount += 1
    const place = this.#free
    if (place === NO_PLACE) return this.#fresh++
    this.#free = this.words[(place * this.blockBytes) >> 2] ?? NO_PLACE
    return place
  }

  release(place: number): void {
    this.usedCount -= 1
    this.words[(place * this.blockBytes) >> 2] = this.#free
    this.#free = place
  }
}

/** The shelves of one size that have room. */
interface SizeClass {
  readonly open: Shelf[]
  /** The one that was emptied last; it may have been filled again. */
  emptied: Shelf | undefined
  shelfCount: number
}

/** Byte strings by number. */
export class ByteArena {
  readonly #classes: (SizeClass | undefined)[] = []
  readonly #shelves: (Shelf | undefined)[] = []
  readonly #shelfNumbers = new IdPool()
  readonly #long: (Uint8Array | undefined)[] = []
  readonly #longNumbers = new IdPool()

  /** How much room there is on all shelves, taken or free. */
  get reservedBytes(): number {
    return this.#shelves.reduce((sum, shelf) => sum + (shelf?.bytes.length ?? 0), 0)
  }

  /** Keeps a copy; returns its number. Whoever asks for it again has to know how long it is. */
  add(bytes: Uint8Array): number {
    const { length } = bytes
    if (length === 0) return NO_BLOCK
    if (length > LARGEST_BLOCK_BYTES) return this.#addLong(bytes)
    const shelf = this.#openShelf(length)
    const place = shelf.take()
    if (shelf.isFull) this.#close(shelf)
    shelf.bytes.set(bytes, place * shelf.blockBytes)
    return (shelf.number << PLACE_BITS) | place
  }

  /** Keeps other bytes in the place of those with this number and length; returns the number of the new ones. */
  replace(number: number, length: number, bytes: Uint8Array): number {
    if (number < 0 || classOf(length) !== classOf(bytes.length)) {
      this.delete(number, length)
      return this.add(bytes)
    }
    const shelf = this.#shelfOf(number)
    shelf.bytes.set(bytes, (number & PLACE_MASK) * shelf.blockBytes)
    return number
  }

  /** Forgets the bytes with this number and length; returns the number of nothing. */
  delete(number: number, length: number): number {
    if (number >= 0) this.#deleteBlock(number, length)
    else if (number !== NO_BLOCK) this.#deleteLong(FIRST_LONG - number)
    return NO_BLOCK
  }

  #deleteBlock(number: number, length: number): void {
    const shelf = this.#shelfOf(number)
    if (shelf.isFull) this.#open(shelf, this.#classFor(length))
    shelf.release(number & PLACE_MASK)
    if (shelf.usedCount === 0) this.#retire(shelf, this.#classFor(length))
  }

  /** A private copy of the bytes with this number and length. */
  copy(number: number, length: number, slab: Slab): Uint8Array {
    if (number === NO_BLOCK) return new Uint8Array(0)
    if (number < NO_BLOCK) return slab.copy(this.#long[FIRST_LONG - number] ?? new Uint8Array(0))
    const { bytes, words, blockBytes } = this.#shelfOf(number)
    return slab.copyPart(bytes, words, (number & PLACE_MASK) * blockBytes, length)
  }

  /** The bytes with this number and length themselves, as they are until anything here changes. Not to be written to. */
  view(number: number, length: number): Uint8Array {
    if (number === NO_BLOCK) return new Uint8Array(0)
    if (number < NO_BLOCK) return this.#long[FIRST_LONG - number] ?? new Uint8Array(0)
    const { words, blockBytes } = this.#shelfOf(number)
    return new Uint8Array(words.buffer, (number & PLACE_MASK) * blockBytes, length)
  }

  /** Forgets everything. */
  clear(): void {
    this.#classes.length = 0
    this.#shelves.length = 0
    this.#long.length = 0
    this.#shelfNumbers.clear()
    this.#longNumbers.clear()
  }

  #addLong(bytes: Uint8Array): number {
    const number = this.#longNumbers.take()
    this.#long[number] = new Uint8Array(bytes)
    return FIRST_LONG - number
  }

  #deleteLong(number: number): void {
    this.#long[number] = undefined
    this.#longNumbers.release(number)
  }

  #shelfOf(number: number): Shelf {
    const shelf = this.#shelves[number >> PLACE_BITS]
    if (shelf === undefined) broken(`block ${number} was forgotten`)
    return shelf
  }

  #classFor(length: number): SizeClass {
    const at = classOf(length)
    while (this.#classes.length <= at) this.#classes.push(undefined)
    const known = this.#classes[at]
    if (known !== undefined) return known
    const made: SizeClass = { open: [], emptied: undefined, shelfCount: 0 }
    this.#classes[at] = made
    return made
  }

  #openShelf(length: number): Shelf {
    const sizeClass = this.#classFor(length)
    const known = sizeClass.open.at(-1)
    if (known !== undefined) return known
    const blockBytes = classOf(length) * STEP_BYTES
    const most = Math.min(Math.floor(LARGEST_SHELF_BYTES / blockBytes), PLACE_MASK + 1)
    const blockCount = Math.min(FIRST_SHELF_BLOCKS << Math.min(sizeClass.shelfCount, PLACE_BITS), most)
    const shelf = new Shelf(this.#shelfNumbers.take(), blockBytes, blockCount)
    this.#shelves[shelf.number] = shelf
    sizeClass.shelfCount += 1
    this.#open(shelf, sizeClass)
    return shelf
  }

  #open(shelf: Shelf, { open }: SizeClass): void {
    shelf.openAt = open.length
    open.push(shelf)
  }

  #close(shelf: Shelf): void {
    const { open } = this.#classFor(shelf.blockBytes)
    const last = open.pop()
    if (last === undefined || last === shelf) return
    open[shelf.openAt] = last
    last.openAt = shelf.openAt
  }

  /** One empty shelf stays, so that what comes and goes does not make buffers all the time. */
  #retire(shelf: Shelf, sizeClass: SizeClass): void {
    const { emptied } = sizeClass
    sizeClass.emptied = shelf
    if (emptied === undefined || emptied === shelf || emptied.usedCount > 0) return
    this.#close(emptied)
    this.#shelves[emptied.number] = undefined
    this.#shelfNumbers.release(emptied.number)
    sizeClass.shelfCount -= 1
  }
}

/** How many steps a block of this length has. */
function classOf(length: number): number {
  return length > LARGEST_BLOCK_BYTES ? -1 : Math.ceil(length / STEP_BYTES)
}
