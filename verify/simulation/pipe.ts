/** Pipe: bytes on their way in one direction, in order. Invariant: `length` is what was put in and has not come out. */

interface Chunk {
  bytes: Uint8Array
  readonly taken: () => void
}

/** One direction of a connection. */
export class Pipe {
  readonly #chunks: Chunk[] = []
  /** Where frames end, counted from the first byte that was ever put in. */
  readonly #ends: number[] = []
  #putCount = 0
  #takenCount = 0

  /** Bytes on their way. */
  get length(): number {
    return this.#putCount - this.#takenCount
  }

  /** Bytes until the next frame is complete; 0 if none is on its way. */
  get nextFrameBytes(): number {
    return this.#ends.length === 0 ? 0 : (this.#ends[0] ?? 0) - this.#takenCount
  }

  /** Puts in whole frames; `taken` is called when the last byte comes out. */
  put(bytes: Uint8Array, taken: () => void): void {
    this.#chunks.push({ bytes, taken })
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length; ) {
      at += 4 + view.getInt32(at)
      this.#ends.push(this.#putCount + at)
    }
    this.#putCount += bytes.length
  }

  /** Up to so many bytes come out. */
  take(count: number): Uint8Array {
    const out = new Uint8Array(Math.min(count, this.length))
    for (let filled = 0; filled < out.length; ) {
      const [chunk] = this.#chunks
      if (chunk === undefined) break
      const part = chunk.bytes.subarray(0, out.length - filled)
      out.set(part, filled)
      filled += part.length
      chunk.bytes = chunk.bytes.subarray(part.length)
      if (chunk.bytes.length > 0) break
      this.#chunks.shift()
      chunk.taken()
    }
    this.#takenCount += out.length
    while ((this.#ends[0] ?? Number.POSITIVE_INFINITY) <= this.#takenCount) this.#ends.shift()
    return out
  }

  /** What is on its way is lost; nobody is told. */
  clear(): void {
    this.#chunks.length = 0
    this.#ends.length = 0
    this.#takenCount = this.#putCount
  }

  /** What is on its way, one character a byte. */
  peekText(): string {
    return this.#chunks.map(({ bytes }) => String.fromCharCode(...bytes)).join('')
  }
}
