/**
 * Frames that went wrong: bits turned over, bytes replaced, lengths that lie, ends cut off or sewn on, pieces of other frames.
 * Everything comes from one seed, so that a run can be repeated.
 */

/** What a damaged length says. */
const BAD_LENGTHS = [-1, -2, 0x7fffffff, -0x80000000, 0, 1, 0x00ffffff, 0x7ffffff0] as const
const BAD_BYTES = [0, 1, 0x7f, 0x80, 0xed, 0xff] as const
const MOST_MUTATIONS = 4
const MOST_REPETITIONS = 8
const MOST_BYTES = 8192
/** How far a mutation looks for something that is a length. */
const LOOKS = 24

/** Numbers that look random and come from a seed (mulberry32). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** A whole number from 0 up to, but not including, the bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }

  /** One of them. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new Error('Nothing to choose from')
    return item
  }
}

type Mutation = (bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]) => Uint8Array

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  truncate,
  extend,
  setLength,
  setLength,
  setLength,
  splice,
  splice,
  repeat,
]

/** A damaged copy of a frame; `others` is where foreign pieces come from. */
export function mutate(frame: Uint8Array, chance: Chance, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = frame.slice()
  for (let count = 1 + chance.below(MOST_MUTATIONS); count > 0; count--) {
    bytes = chance.pick(mutations)(bytes, chance, others)
  }
  return bytes.length > MOST_BYTES ? bytes.slice(0, MOST_BYTES) : bytes
}

function flipBit(bytes: Uint8Array, chance: Chance): Uint8Array {
  const at = chance.below(bytes.length)
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8))
  return bytes
}

function setByte(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (bytes.length > 0) bytes[chance.below(bytes.length)] = chance.pick(BAD_BYTES)
  return bytes
}

function truncate(bytes: Uint8Array, chance: Chance): Uint8Array {
  return bytes.slice(0, chance.below(bytes.length + 1))
}

function extend(bytes: Uint8Array, chance: Chance): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1 + chance.below(16))
  longer.set(bytes)
  for (let i = bytes.length; i < longer.length; i++) longer[i] = chance.below(256)
  return longer
}

/** Replaces what may be a length, or else any four bytes. */
function setLength(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (bytes.length < 4) return bytes
  const view = new DataView(bytes.buffer)
  let at = chance.below(bytes.length - 3)
  for (let i = at; i < Math.min(at + LOOKS, bytes.length - 3); i++) {
    const value = view.getInt32(i)
    if (value < -1 || value > bytes.length - i) continue
    at = i
    break
  }
  const value = chance.below(4) === 0 ? bytes.length - at - 4 + chance.below(3) - 1 : chance.pick(BAD_LENGTHS)
  view.setInt32(at, value)
  return bytes
}

/** The beginning of one and the end of another. */
function splice(bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]): Uint8Array {
  const other = chance.pick(others)
  const head = bytes.subarray(0, chance.below(bytes.length + 1))
  const tail = other.subarray(chance.below(other.length + 1))
  const both = new Uint8Array(head.length + tail.length)
  both.set(head)
  both.set(tail, head.length)
  return both
}

/** A piece of it several times in a row. */
function repeat(bytes: Uint8Array, chance: Chance): Uint8Array {
  const from = chance.below(bytes.length + 1)
  const piece = bytes.subarray(from, from + chance.below(bytes.length - from + 1))
  const times = 1 + chance.below(MOST_REPETITIONS)
  const longer = new Uint8Array(bytes.length + piece.length * times)
  longer.set(bytes.subarray(0, from))
  for (let i = 0; i < times; i++) longer.set(piece, from + i * piece.length)
  longer.set(bytes.subarray(from), from + times * piece.length)
  return longer
}
