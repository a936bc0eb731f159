/**
 * Copies small byte arrays into shared ArrayBuffers: a typed array with a buffer of its own costs up to ten times the copy.
 * Invariants: no two results overlap, and each begins where any kind of typed array may. Owned by whoever copies at a border (law 8);
 * never shared between servers.
 */

/** Half of what Node cuts its Buffers from: one result that is kept keeps its whole slab, and making one takes as long as many copies. */
const SLAB_BYTES = 4096
/** Up to 64 bytes lie on the engine's own heap, which is nearly as quick, and keeps nothing else. */
const SMALLEST_SHARED_BYTES = 65
const LARGEST_SHARED_BYTES = 1024
/** Up to here a loop is quicker than a second view and the engine's own copy. */
const LOOP_BYTES = 192
const WORD_BYTES = 4
/** The widest kind of number in a typed array. */
const STEP_BYTES = 8

/** A source of private copies. Results may share their `.buffer` with each other, never their bytes. */
export class Slab {
  #buffer: ArrayBuffer = new ArrayBuffer(0)
  /** Views of the buffer, made when they are needed: hardly any slab needs both. */
  #bytes: Uint8Array | undefined
  #words: Int32Array | undefined
  #used = 0

  /** A copy of the bytes that nobody else has. */
  copy(source: Uint8Array): Uint8Array {
    const { length } = source
    if (length < SMALLEST_SHARED_BYTES || length > LARGEST_SHARED_BYTES) return new Uint8Array(source)
    const start = this.#take(length)
    this.#bytes ??= new Uint8Array(this.#buffer)
    this.#bytes.set(source, start)
    return new Uint8Array(this.#buffer, start, length)
  }

  /** A copy of a part, which begins at a whole word; the words are those of the same buffer. */
  copyPart(bytes: Uint8Array, words: Int32Array, start: number, length: number): Uint8Array {
    if (length > LARGEST_SHARED_BYTES) return bytes.slice(start, start + length)
    if (length < SMALLEST_SHARED_BYTES) return copySmall(bytes, start, length)
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

  /** Where there is room for so many bytes. */
  #take(length: number): number {
    if (this.#used + length > this.#buffer.byteLength) this.#refill()
    const start = this.#used
    this.#used = (start + length + STEP_BYTES - 1) & -STEP_BYTES
    return start
  }

  #refill(): void {
    this.#buffer = new ArrayBuffer(SLAB_BYTES)
    this.#bytes = undefined
    this.#words = undefined
    this.#used = 0
  }
}

function copySmall(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const copy = new Uint8Array(length)
  for (let i = 0; i < length; i++) copy[i] = bytes[start + i] ?? 0
  return copy
}
