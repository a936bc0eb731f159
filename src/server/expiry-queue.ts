/**
 * Deadlines in buckets of one tick, as ZooKeeper keeps them: what is touched moves to a later bucket, and a whole bucket
 * comes due at once. Invariant: an item is in exactly one bucket, and no bucket is empty.
 */

/** Items with a deadline. */
export class ExpiryQueue<T> {
  readonly #tickMs: number
  readonly #itemsByDueMs = new Map<number, Set<T>>()
  readonly #dueMsByItem = new Map<T, number>()

  constructor(tickMs: number) {
    this.#tickMs = tickMs
  }

  /** Sets or moves the deadline: now plus the timeout, rounded up to the next tick. */
  touch(item: T, nowMs: number, timeoutMs: number): void {
    const dueMs = (Math.floor((nowMs + timeoutMs) / this.#tickMs) + 1) * this.#tickMs
    if (this.#dueMsByItem.get(item) === dueMs) return
    this.remove(item)
    this.#dueMsByItem.set(item, dueMs)
    const bucket = this.#itemsByDueMs.get(dueMs)
    if (bucket === undefined) this.#itemsByDueMs.set(dueMs, new Set([item]))
    else bucket.add(item)
  }

  /** Takes an item out; it has no deadline any more. */
  remove(item: T): void {
    const dueMs = this.#dueMsByItem.get(item)
    if (dueMs === undefined) return
    this.#dueMsByItem.delete(item)
    const bucket = this.#itemsByDueMs.get(dueMs)
    bucket?.delete(item)
    if (bucket?.size === 0) this.#itemsByDueMs.delete(dueMs)
  }

  /** When the next bucket is due; undefined if nothing waits. */
  get nextDueMs(): number | undefined {
    let earliest: number | undefined
    for (const dueMs of this.#itemsByDueMs.keys())
      if (earliest === undefined || dueMs < earliest) earliest = dueMs
    return earliest
  }

  /** Takes out everything that is due, the earliest bucket first. */
  takeDue(nowMs: number): T[] {
    const due = [...this.#itemsByDueMs.keys()]
      .filter((dueMs) => dueMs <= nowMs)
      .sort((one, other) => one - other)
    const items = due.flatMap((dueMs) => [...(this.#itemsByDueMs.get(dueMs) ?? [])])
    for (const item of items) this.remove(item)
    return items
  }
}
