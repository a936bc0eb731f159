/**
 * Deadlines in buckets of one tick, as ZooKeeper keeps them: what is touched moves to a later bucket, and a whole bucket
 * comes due at once. Invariant: an item is in exactly one bucket, and no bucket is empty.
 */

import { addTo, deleteFrom } from '../base/set-map.js'

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
    addTo(this.#itemsByDueMs, dueMs, item)
  }

  /** Takes an item out; it has no deadline any more. */
  remove(item: T): void {
    const dueMs = this.#dueMsByItem.get(item)
    if (dueMs === undefined) return
    this.#dueMsByItem.delete(item)
    deleteFrom(this.#itemsByDueMs, dueMs, item)
  }

  /** The deadline of an item, if it has one. */
  findDueMs(item: T): number | undefined {
    return this.#dueMsByItem.get(item)
  }

  /** When the next bucket is due; `Infinity` if nothing waits. */
  get nextDueMs(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const dueMs of this.#itemsByDueMs.keys()) earliest = Math.min(earliest, dueMs)
    return earliest
  }

  /** Takes out everything that is due, the earliest bucket first. */
  takeDue(nowMs: number): T[] {
    const items: T[] = []
    for (let dueMs = this.nextDueMs; dueMs <= nowMs; dueMs = this.nextDueMs) {
      for (const item of this.#itemsByDueMs.get(dueMs) ?? []) {
        this.remove(item)
        items.push(item)
      }
    }
    return items
  }
}
