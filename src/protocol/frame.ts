/**
 * Frames: what a stream of bytes is cut into. Four bytes of length, then the message.
 * Invariant: a length is judged as soon as its four bytes are there, and no more memory is held than has arrived, twice over.
 */

import { JuteReader, type ReadingOptions } from './jute.js'

const LENGTH_BYTES = 4
const EMPTY = new Uint8Array(0)

/** A length that no frame can have. */
export class FrameError extends Error {
  override readonly name: string = 'FrameError'
}

/** Cuts a stream into frames. */
export class FrameSplitter {
  readonly #maxFrameBytes: number
  readonly #reading: ReadingOptions | undefined
  /** Reads what is in `#bytes`; made when it is needed. */
  #reader: JuteReader | undefined
  /** What has arrived and was not given out, from `#start` to `#end`. */
  #bytes: Uint8Array = EMPTY
  #start = 0
  #end = 0
  /** Whether `#bytes`, if something waits in it, was made here and may be written to. */
  #isOwn = false

  /** A frame over this many bytes is refused; one of exactly as many is not. */
  constructor(maxFrameBytes: number, reading?: ReadingOptions) {
    this.#maxFrameBytes = maxFrameBytes
    this.#reading = reading
  }

  /** Bytes that wait for the rest of their frame, or to be taken. */
  get length(): number {
    return this.#end - this.#start
  }

  /** Takes in what arrived next. It is kept, not copied, if nothing waits: it must not change until it is used up. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#bytes = chunk
      this.#reader = undefined
      this.#isOwn = false
      this.#start = 0
      this.#end = chunk.length
      return
    }
    this.#makeRoom(chunk.length)
    this.#bytes.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** The first four bytes, before they are taken for a length; undefined while there are fewer. */
  peek(): Uint8Array | undefined {
    return this.length < LENGTH_BYTES
      ? undefined
      : this.#bytes.subarray(this.#start, this.#start + LENGTH_BYTES)
  }

  /** The next frame, valid until the next `push`; undefined if it is not complete. @throws FrameError */
  next(): Uint8Array | undefined {
    const length = this.#completeLength()
    if (length === undefined) return undefined
    const start = this.#start + LENGTH_BYTES
    const frame = this.#bytes.subarray(start, start + length)
    this.#moveTo(start + length)
    return frame
  }

  /** Reads the next frame where it is; valid until the next call of anything here. Undefined if it is not complete. @throws FrameError */
  nextReader(): JuteReader | undefined {
    const length = this.#completeLength()
    if (length === undefined) return undefined
    const start = this.#start + LENGTH_BYTES
    this.#reader ??= new JuteReader(this.#bytes, this.#reading)
    const reader = this.#reader
    reader.turnTo(start, start + length)
    this.#moveTo(start + length)
    return reader
  }

  /** The length of the first frame, if all of it is there. */
  #completeLength(): number | undefined {
    if (this.length < LENGTH_BYTES) return undefined
    const length = this.#frameLength()
    return this.length - LENGTH_BYTES < length ? undefined : length
  }

  #moveTo(start: number): void {
    this.#start = start
    // An idle connection holds on to nothing.
    if (start === this.#end) this.#drop()
  }

  #drop(): void {
    this.#bytes = EMPTY
    this.#reader = undefined
    this.#start = 0
    this.#end = 0
  }

  #frameLength(): number {
    const bytes = this.#bytes
    const at = this.#start
    const length =
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)
    if (length >= 0 && length <= this.#maxFrameBytes) return length
    throw new FrameError(`a frame of ${length} bytes, where 0 to ${this.#maxFrameBytes} are allowed`)
  }

  /** Moves what waits to the front of a buffer of our own that has room for more, grown twofold so that many small pieces cost little. */
  #makeRoom(length: number): void {
    const waiting = this.length
    const needed = waiting + length
    if (this.#isOwn && this.#bytes.length - this.#end >= length) return
    const isRoomy = this.#isOwn && this.#bytes.length >= needed
    const target = isRoomy ? this.#bytes : new Uint8Array(Math.max(needed, 2 * waiting))
    target.set(this.#bytes.subarray(this.#start, this.#end))
    this.#bytes = target
    this.#reader = undefined
    this.#isOwn = true
    this.#start = 0
    this.#end = waiting
  }
}
