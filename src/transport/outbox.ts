/**
 * Outbox: what a connection has written and its link has not sent. A link gets a little at a time, in large pieces once it is
 * slow; the rest waits here in blocks that are no larger than what is in them.
 * Invariant: frames leave in the order in which they were written, and `unsentBytes` counts each byte until it has left.
 */
import Denque from 'denque'
import { JuteWriter } from '../protocol/jute.js'
import type { ByteLink } from './byte-link.js'

/** With so much in its hands, a link gets no more before it has sent some of it. */
const LINK_BYTES = 262_144
const BLOCK_BYTES = 65_536

/** The bytes on their way out of one connection. */
export class Outbox {
  readonly #link: ByteLink
  readonly #sent: (bytes: number) => void
  readonly #out: JuteWriter = new JuteWriter()
  readonly #blocks = new Denque<Uint8Array>()
  #linkBytes = 0
  #unsentBytes = 0

  /** `sent` is told of bytes that have left this process. */
  constructor(link: ByteLink, sent: (bytes: number) => void) {
    this.#link = link
    this.#sent = sent
  }

  /** Bytes that are written and have not left this process. */
  get unsentBytes(): number {
    return this.#unsentBytes
  }

  /** Writes one frame; returns how many bytes that added. */
  write(encode: (out: JuteWriter) => void): number {
    const out = this.#out
    const before = out.length
    out.frame(encode)
    const added = out.length - before
    this.#unsentBytes += added
    return added
  }

  /** Hands the link what it can take. False if there is nothing that it has not got already. */
  flush(): boolean {
    if (this.#out.length === 0) return false
    const isSlow = this.#blocks.length > 0 || this.#linkBytes > LINK_BYTES
    if (!isSlow) this.#hand(this.#out.take())
    else if (this.#out.length >= BLOCK_BYTES) this.#blocks.push(this.#out.take())
    return !isSlow
  }

  /** Hands the link everything, whether or not it is slow: it is about to be ended. */
  flushAll(): void {
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift())
      this.#hand(block)
    if (this.#out.length > 0) this.#hand(this.#out.take())
  }

  /** Forgets what was not handed over; returns how many bytes were unsent. */
  clear(): number {
    const unsent = this.#unsentBytes
    this.#unsentBytes = 0
    this.#blocks.clear()
    this.#out.take()
    return unsent
  }

  #hand(bytes: Uint8Array): void {
    const { length } = bytes
    this.#linkBytes += length
    this.#link.write(bytes, () => this.#left(length))
  }

  #left(bytes: number): void {
    this.#linkBytes -= bytes
    this.#unsentBytes -= bytes
    while (this.#linkBytes <= LINK_BYTES) {
      const block = this.#blocks.shift()
      if (block === undefined) break
      this.#hand(block)
    }
    if (this.#blocks.length === 0 && this.#linkBytes <= LINK_BYTES) this.flush()
    this.#sent(bytes)
  }
}
