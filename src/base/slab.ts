/**
 * Copies byte arrays into shared ArrayBuffers: a typed array with a buffer of its own costs up to ten times the copy.
 * Invariant: no two results overlap. Owned by whoever copies at a border (law 8); never shared between servers.
 */

const SMALL_SLAB_BYTES = 2048
/** For a source that many results come from: as large as what Node cuts its Buffers from, since making one takes as long as many copies. */
export const SLAB_BYTES = 8192
/** One result that is kept keeps its whole slab, so slabs are small, and what would take more than this part of one has its own buffer. */
const MOST_OF_A_SLAB = 1 / 4
/** Up to here a loop is quicker than a second view and the engine's own copy. */
const LOOP_BYTES = 192
const WORD_BYTES = 4

/** A source of private copies. Results may share their `.buffer` with each other, never their bytes. */
export class Slab {
  readonly #slabBytes: number
  readonly #mostBytes: number
  #buffer: ArrayBuffer = new ArrayBuffer(0)
  /** Views of the buffer, made when they are needed: hardly any slab needs both. */
  #bytes: Uint8Array | undefined
  #words: Int32Array | undefined
  #used = 0

  constructor(slabBytes: number = SMALL_SLAB_BYTES) {
    this.#slabBytes = slabBytes
    this.#mostBytes = slabBytes * MOST_OF_A_SLAB
  }

  /** A copy of the bytes that nobody else has. */
  copy(source: Uint8Array): Uint8Array {
    const { length } = source
    if (length > this.#mostBytes) return new Uint8Array(source)
    const start = this.#take(length)
    this.#bytes ??= new Uint8Array(this.#buffer)
    this.#bytes.set(source, start)
    return new Uint8Array(this.#buffer, start, length)
  }

  /** A copy of a part of what these words are, which begins at a whole one: `start` and `length` are bytes. */
  copyWords(words: Int32Array, start: number, length: number): Uint8Array {
    if (length > this.#mostBytes) return new Uint8Array(words.buffer.slice(start, start + length))
    const to = this.#take(length)
    const result = new Uint8Array(this.#buffer, to, length)
    if (length > LOOP_BYTES) {
      result.set(new Uint8Array(words.buffer, start, length))
      return result
    }
    this.#words ??= new Int32Array(this.#buffer)
    const own = this.#words
    for (let i = 0; i < length; i += WORD_BYTES) own[(to + i) >> 2] = words[(start + i) >> 2] ?? 0
    return result
  }

  /** Where there is room for so many bytes, at a whole word. */
  #take(length: number): number {
    if (this.#used + length > this.#buffer.byteLength) this.#refill()
    const start = this.#used
    this.#used = (start + length + WORD_BYTES - 1) & -WORD_BYTES
    return start
  }

  #refill(): void {
    this.#buffer = new ArrayBuffer(this.#slabBytes)
    this.#bytes = undefined
    this.#words = undefined
    this.#used = 0
  }
}
