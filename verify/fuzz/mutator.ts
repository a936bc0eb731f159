/**
 * Mutator: makes new inputs out of old ones. It knows of frames and guesses at fields, so that most of what it makes is nearly
 * right: only that gets past the first check. Everything comes from one Random, so that a run can be repeated.
 */
import { join } from '../../test/protocol/hex.js'
import type { Random } from '../random.js'
import { fieldsOf } from './fields.js'
import { cutFrames, intBytes, joinFrames } from './frames.js'
import type { InputShape } from './target.js'

const MOST_BYTES = 8192
/** Few inputs are large: they cost as much as many small ones. */
const LARGE_CHANCE = 0.0003
/** None is larger. */
export const MOST_LARGE_BYTES = 262_144
const MOST_FRAMES = 40
const MOST_EDITS = 4
const MOST_REPETITIONS = 6
const RECENT = 4
const RECENT_CHANCE = 0.3
const HEAD_CHANCE = 0.1
/** Of the edits of a stream of frames, those that change one message. */
const INNER_CHANCE = 0.65
const LIE_CHANCE = 0.03
const ODD_BYTES = [0, 1, 2, 0x2f, 0x7f, 0x80, 0xed, 0xff] as const
const ODD_INTS = [
  -1, 0, 1, 2, 3, -2, -11, 31, 100, 101, 105, 107, 0x7fffffff, -0x80000000, 0x00ffffff, 0x10000,
] as const

type Edit = (bytes: Uint8Array, other: Uint8Array) => Uint8Array

/** One for each target and run. */
export class Mutator {
  readonly #random: Random
  readonly #shape: InputShape
  readonly #messageEdits: readonly Edit[]

  constructor(random: Random, shape: InputShape) {
    this.#random = random
    this.#shape = shape
    const fields: readonly Edit[] = [this.#editInt, this.#editInt, this.#editText, this.#editVector]
    const raw: readonly Edit[] = [
      this.#flipBit,
      this.#setByte,
      this.#truncate,
      this.#drop,
      this.#insert,
      this.#splice,
      this.#repeat,
    ]
    this.#messageEdits = [...fields, ...fields, ...raw]
  }

  /** A changed copy of one of these. */
  mutate(corpus: readonly Uint8Array[]): Uint8Array {
    const random = this.#random
    const { headBytes, isFramed } = this.#shape
    const input = this.#pick(corpus)
    const head = input.slice(0, headBytes)
    // A large input is kept if it gets somewhere, but what is made of it is not large again.
    const end = headBytes + MOST_BYTES
    let body: Uint8Array = input.slice(headBytes, end)
    for (let left = 1 + random.int(MOST_EDITS); left > 0; left--) {
      const other = random.pick(corpus).subarray(headBytes, end)
      body = isFramed ? this.#editFrames(body, other) : random.pick(this.#messageEdits)(body, other)
    }
    if (head.length > 0 && random.chance(HEAD_CHANCE)) head[random.int(head.length)] = random.int(256)
    if (!random.chance(LARGE_CHANCE)) return join(head, body.subarray(0, MOST_BYTES))
    return join(head, this.#enlarge(body)).subarray(0, MOST_LARGE_BYTES)
  }

  /** Often one of those that came last: what has just got somewhere is likely to get further. */
  #pick(corpus: readonly Uint8Array[]): Uint8Array {
    const random = this.#random
    const isRecent = corpus.length > RECENT && random.chance(RECENT_CHANCE)
    const at = isRecent ? corpus.length - 1 - random.int(RECENT) : random.int(corpus.length)
    return corpus[at] ?? random.pick(corpus)
  }

  /** One message much longer than it was: by a long text, a long vector, or the same bytes again and again. */
  #enlarge(body: Uint8Array): Uint8Array {
    const random = this.#random
    const bytes = MOST_BYTES + random.int(MOST_LARGE_BYTES - MOST_BYTES)
    const grow = (message: Uint8Array): Uint8Array => {
      const times = (piece: Uint8Array): number => Math.ceil(bytes / Math.max(1, piece.length))
      const what = random.weighted({ text: 2, vector: 2, repeat: 1 })
      if (what === 'text') return this.#replaceText(message, (word) => repeated(word, times(word)))
      if (what === 'vector') return this.#lengthenVector(message, times)
      return repeated(message, times(message))
    }
    if (!this.#shape.isFramed) return grow(body)
    const { frames, rest } = cutFrames(body)
    const at = random.int(frames.length)
    return joinFrames(
      frames.map((frame, i) => (i === at ? grow(frame.slice()) : frame)),
      rest,
    )
  }

  #editFrames(body: Uint8Array, other: Uint8Array): Uint8Array {
    const random = this.#random
    const { frames, rest } = cutFrames(body)
    const foreign = cutFrames(other).frames
    if (frames.length === 0) return random.pick(this.#messageEdits)(body, other)
    const edited = [...frames]
    const at = random.int(edited.length)
    if (random.chance(INNER_CHANCE)) {
      const message = edited[at] ?? rest
      const foreignMessage = foreign.length > 0 ? random.pick(foreign) : other
      edited[at] = random.pick(this.#messageEdits)(message.slice(), foreignMessage)
    } else this.#editOrder(edited, at, foreign)
    const stream = joinFrames(edited.slice(0, MOST_FRAMES), rest)
    return random.chance(LIE_CHANCE) ? random.pick([this.#editInt, this.#truncate])(stream) : stream
  }

  /** Changes which messages there are, and in which order. */
  #editOrder(frames: Uint8Array[], at: number, foreign: readonly Uint8Array[]): void {
    const random = this.#random
    const chosen = frames[at] ?? new Uint8Array(0)
    const what = random.weighted({ drop: 2, twice: 1, move: 1, insert: 3, append: 2 })
    if (what === 'drop') frames.splice(at, 1 + random.int(frames.length - at))
    else if (what === 'twice') frames.splice(at, 0, chosen)
    else if (what === 'move') frames.splice(random.int(frames.length), 0, ...frames.splice(at, 1))
    else if (foreign.length === 0) return
    else if (what === 'insert') frames.splice(at, 0, random.pick(foreign))
    else frames.push(...foreign.slice(random.int(foreign.length)))
  }

  readonly #flipBit = (bytes: Uint8Array): Uint8Array => {
    const at = this.#random.int(bytes.length)
    if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#random.int(8))
    return bytes
  }

  readonly #setByte = (bytes: Uint8Array): Uint8Array => {
    if (bytes.length > 0) bytes[this.#random.int(bytes.length)] = this.#oddByte()
    return bytes
  }

  readonly #truncate = (bytes: Uint8Array): Uint8Array => bytes.slice(0, this.#random.int(bytes.length + 1))

  readonly #drop = (bytes: Uint8Array): Uint8Array => {
    const { start, end } = this.#span(bytes)
    return join(bytes.subarray(0, start), bytes.subarray(end))
  }

  readonly #insert = (bytes: Uint8Array): Uint8Array => {
    const at = this.#random.int(bytes.length + 1)
    return join(bytes.subarray(0, at), this.#word(), bytes.subarray(at))
  }

  /** The beginning of one and the end of another. */
  readonly #splice: Edit = (bytes, other) => {
    const head = bytes.subarray(0, this.#random.int(bytes.length + 1))
    return join(head, other.subarray(this.#random.int(other.length + 1)))
  }

  readonly #repeat = (bytes: Uint8Array): Uint8Array => {
    const { start, end } = this.#span(bytes)
    const times = 1 + this.#random.int(MOST_REPETITIONS)
    const pieces = repeated(bytes.subarray(start, end), times)
    return join(bytes.subarray(0, start), pieces, bytes.subarray(start))
  }

  /** Another number in the place of a number, or of the length of a text. */
  readonly #editInt = (bytes: Uint8Array): Uint8Array => {
    const fields = fieldsOf(bytes)
    if (fields.length === 0) return this.#setByte(bytes)
    const { at } = this.#random.pick(fields)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const value = view.getInt32(at)
    const near = [value - 1, value + 1, bytes.length - at - 4, bytes.length - at - 3]
    view.setInt32(at, this.#random.pick(this.#random.chance(0.3) ? near : ODD_INTS))
    return bytes
  }

  /** Another text, of the right length, in the place of one; or null, or none. */
  readonly #editText = (bytes: Uint8Array): Uint8Array => {
    const what = this.#random.weighted({ word: 6, longer: 2, null: 1, empty: 1, nothing: 1 })
    return this.#replaceText(bytes, (word, old) => {
      if (what === 'null') return null
      if (what === 'nothing') return undefined
      return what === 'longer' ? join(old, word) : what === 'word' ? word : old.subarray(0, 0)
    })
  }

  /** With null for its length -1 alone, with undefined not even that. */
  #replaceText(
    bytes: Uint8Array,
    replace: (word: Uint8Array, old: Uint8Array) => Uint8Array | null | undefined,
  ): Uint8Array {
    const texts = fieldsOf(bytes).filter(({ kind }) => kind === 'text')
    if (texts.length === 0) return this.#insert(bytes)
    const { at, length } = this.#random.pick(texts)
    const text = replace(this.#word(), bytes.subarray(at + 4, at + length))
    const field = text === undefined ? [] : [intBytes(text?.length ?? -1), text ?? new Uint8Array(0)]
    return join(bytes.subarray(0, at), ...field, bytes.subarray(at + length))
  }

  /** More elements of what may be a vector of texts, its count raised with them. */
  readonly #editVector = (bytes: Uint8Array): Uint8Array =>
    this.#lengthenVector(bytes, () => 1 + this.#random.int(MOST_REPETITIONS))

  #lengthenVector(bytes: Uint8Array, timesOf: (element: Uint8Array) => number): Uint8Array {
    const fields = fieldsOf(bytes)
    const at = fields.findIndex(({ kind }, i) => i > 0 && kind === 'text' && this.#random.chance(0.5))
    const [count, text] = [fields[at - 1], fields[at]]
    if (count === undefined || text === undefined) return this.#repeat(bytes)
    const element = bytes.subarray(text.at, text.at + text.length)
    const times = timesOf(element)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (count.kind === 'int') view.setInt32(count.at, view.getInt32(count.at) + times)
    return join(bytes.subarray(0, text.at), repeated(element, times), bytes.subarray(text.at))
  }

  #oddByte(): number {
    const random = this.#random
    return random.chance(0.5) ? random.pick(ODD_BYTES) : random.int(256)
  }

  #span(bytes: Uint8Array): { readonly start: number; readonly end: number } {
    const start = this.#random.int(bytes.length + 1)
    return { start, end: start + this.#random.int(bytes.length - start + 1) }
  }

  #word(): Uint8Array {
    const { words } = this.#shape
    return words.length > 0 ? this.#random.pick(words) : Uint8Array.of(this.#random.int(256))
  }
}

function repeated(piece: Uint8Array, times: number): Uint8Array {
  const bytes = new Uint8Array(piece.length * times)
  for (let i = 0; i < times; i++) bytes.set(piece, i * piece.length)
  return bytes
}
