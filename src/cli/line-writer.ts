/**
 * LineWriter: lines to a stream that may be slow or gone. A server goes on without its output: the lines that nobody takes are
 * counted and left out. Invariant: it never waits, never throws, and holds at most `MAX_WAITING_BYTES`.
 */
import type { Writable } from 'node:stream'

/** Bytes that wait for a slow reader before lines are left out. */
export const MAX_WAITING_BYTES = 1_048_576

/** Writes to one stream. */
export class LineWriter {
  readonly #stream: Writable
  #leftOut = 0
  #isBroken = false

  /** `broken` is told once, why nothing can be written any more. */
  constructor(stream: Writable, broken: (error: Error) => void) {
    this.#stream = stream
    stream.on('error', (error: Error) => {
      if (!this.#isBroken) broken(error)
      this.#isBroken = true
    })
  }

  /** Writes one line, or leaves it out; what was left out is said before the next line that is written. */
  write(line: string): void {
    if (this.#isBroken) return
    if (this.#stream.writableLength > MAX_WAITING_BYTES) {
      this.#leftOut += 1
      return
    }
    if (this.#leftOut > 0) this.#stream.write(`... ${this.#leftOut} lines left out: the reader is too slow\n`)
    this.#leftOut = 0
    this.#stream.write(`${line}\n`)
  }
}
