/**
 * Copies small byte arrays into a shared ArrayBuffer: a typed array of its own costs up to ten times the copy.
 * Invariant: no two results overlap. Owned by whoever copies at a border (law 8); never shared between servers.
 */

/** One small result that is kept keeps its whole slab, so a slab is small, and what is large has a buffer of its own. */
const SLAB_BYTES = 2048
const SMALLEST_SHARED_BYTES = 65
const LARGEST_SHARED_BYTES = 128

/** A source of private copies. Results may share their `.buffer` with each other, never their bytes. */
export class Slab {
  #buffer: ArrayBuffer = new ArrayBuffer(0)
  #bytes: Uint8Array = new Uint8Array(0)
  #used = 0

  /** A copy of the bytes that nobody else has. */
  copy(source: Uint8Array): Uint8Array {
    const length = source.length
    // Up to 64 bytes lie on the engine's own heap, which is quickest of all.
    if (length < SMALLEST_SHARED_BYTES || length > LARGEST_SHARED_BYTES) return new Uint8Array(source)
    if (this.#used + length > this.#bytes.length) this.#refill()
    const start = this.#used
    this.#used = start + length
    this.#bytes.set(source, start)
    return new Uint8Array(this.#buffer, start, length)
  }

  #refill(): void {
    this.#buffer = new ArrayBuffer(SLAB_BYTES)
    this.#bytes = new Uint8Array(this.#buffer)
    this.#used = 0
  }
}
