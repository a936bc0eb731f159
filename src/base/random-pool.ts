/**
 * RandomPool: strong random bytes in small portions. The platform takes as long for a few as for a thousand, so they are asked for in
 * advance. Invariant: what was given out is given out once, and wiped here.
 */
import { strongRandomBytes } from './platform.js'

const POOL_BYTES = 1024

/** One for each server, or for each client of a network. */
export class RandomPool {
  #bytes: Uint8Array = new Uint8Array(0)
  #used = 0

  /** A new array of the given length. @throws Error on a platform without `crypto.getRandomValues` */
  readonly take = (length: number): Uint8Array => {
    if (length > POOL_BYTES) return strongRandomBytes(length)
    if (length > this.#bytes.length - this.#used) {
      this.#bytes = strongRandomBytes(POOL_BYTES)
      this.#used = 0
    }
    const end = this.#used + length
    const taken = this.#bytes.slice(this.#used, end)
    this.#bytes.fill(0, this.#used, end)
    this.#used = end
    return taken
  }
}
