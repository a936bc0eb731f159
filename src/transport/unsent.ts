/**
 * What is on its way to clients that do not read: per connection and for all of a listener (law 9).
 * Invariant: `total` is the sum of what the connections hold.
 */

/** One connection's share. */
export interface UnsentOwner {
  readonly unsentBytes: number
  /** It is the furthest behind of all, and there is too much. */
  giveUp(): void
}

/** All connections of a listener. */
export class UnsentTotal {
  readonly #maxBytes: number
  readonly #owners = new Set<UnsentOwner>()
  #total = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get total(): number {
    return this.#total
  }

  /** More is on its way to one of them; if that is too much for all, the largest goes. */
  add(owner: UnsentOwner, bytes: number): void {
    this.#owners.add(owner)
    this.#total += bytes
    if (this.#total > this.#maxBytes) this.#largest()?.giveUp()
  }

  /** Bytes went out, or were given up. */
  remove(bytes: number): void {
    this.#total -= bytes
  }

  /** The connection is gone; its bytes have been removed. */
  leave(owner: UnsentOwner): void {
    this.#owners.delete(owner)
  }

  #largest(): UnsentOwner | undefined {
    let largest: UnsentOwner | undefined
    for (const owner of this.#owners) {
      if (owner.unsentBytes > (largest?.unsentBytes ?? 0)) largest = owner
    }
    return largest
  }
}
