/**
 * Frames: what a stream of bytes is cut into. Four bytes of length, then the message.
 * Invariant: a length is judged as soon as its four bytes are there, and no more memory is held than has arrived, twice over.
 */

const LENGTH_BYTES = 4
const EMPTY = new Uint8Array(0)

/** A length that no frame can have. */
export class FrameError extends Error {
  override readonly name: string = 'FrameError'
}

/** Cuts a stream into frames. */
export class FrameSplitter {
  readonly #maxFrameBytes: number
  /** What has arrived and was not given out, from `#start` to `#end`. */
  #bytes: Uint8Array = EMPTY
  #start = 0
  #end = 0
  /** Whether `#bytes`, if something waits in it, was made here and may be written to. */
  #isOwn = false

  /** A frame over this many bytes is refused; one of exactly as many is not. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Bytes that wait for the rest of their frame, or to be taken. */
  get length(): number {
    return this.#end - this.#start
  }

  /** Takes in what arrived next. It is kept, not copied, if nothing waits: it must not change until it is used up. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#bytes = chunk
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
    if (this.length < LENGTH_BYTES) return undefined
    const length = this.#frameLength()
    const start = this.#start + LENGTH_BYTES
    if (this.#end - start < length) return undefined
    const frame = this.#bytes.subarray(start, start + length)
    this.#start = start + length
    // An idle connection holds on to nothing.
    if (this.#start === this.#end) this.#drop()
    return frame
  }

  #drop(): void {
    this.#bytes = EMPTY
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
    this.#isOwn = true
    this.#start = 0
    this.#end = waiting
  }
}
