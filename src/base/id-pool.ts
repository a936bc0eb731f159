/** IdPool: small whole numbers for things that come and go. Invariant: no two things that are there have the same one. */

/** Gives out 0, 1, 2 and so on, and first of all what was given back. */
export class IdPool {
  readonly #free: number[] = []
  #next = 0

  /** A number that nobody has. */
  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  /** Takes all back. */
  clear(): void {
    this.#free.length = 0
    this.#next = 0
  }

  /** Gives one back. Once all are back, it starts over, and keeps nothing. */
  release(id: number): void {
    if (id === this.#next - 1) this.#next -= 1
    else this.#free.push(id)
    if (this.#free.length > 0 && this.#free.length === this.#next) this.clear()
  }
}
