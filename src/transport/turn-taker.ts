/**
 * Turns for connections that have more to do than fits into one, or that come when others have used it up: each does a bounded piece of
 * work, and the event loop goes between. Invariant: whoever waits gets its turn before anybody gets a second one.
 */
import type { Scheduler } from '../base/scheduler.js'

/** Something that works in pieces. */
export interface Worker {
  /** Does a bounded piece of work. */
  work(): void
}

/** Real time for all workers in one turn of the event loop: once for those who wait, once for those who have just come. */
const TURN_MS = 4
/** So many may come in one turn before anybody looks at the time. */
const UNTIMED = 32

/** Gives turns to the workers of one listener. */
export class TurnTaker {
  readonly #scheduler: Scheduler
  readonly #waiting = new Set<Worker>()
  #isScheduled = false
  /** Who has come in this turn of the event loop, and when the last one came who was not timed. */
  #come = 0
  #timedFromMs = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Real milliseconds, to bound a piece. */
  elapsedMs(): number {
    return this.#scheduler.elapsedMs()
  }

  /** Whether whoever has just come with work may do it at once. If not, it is to wait for its turn. */
  hasTime(): boolean {
    this.#come += 1
    if (this.#come < UNTIMED) return true
    if (this.#come === UNTIMED) {
      this.#timedFromMs = this.elapsedMs()
      this.#scheduler.macrotask(() => {
        this.#come = 0
      })
    }
    return this.elapsedMs() - this.#timedFromMs <= TURN_MS
  }

  /** Calls the worker once, after the event loop had its turn. */
  later(worker: Worker): void {
    this.#waiting.add(worker)
    this.#schedule()
  }

  /** Calls back after the current code. */
  soon(callback: () => void): void {
    this.#scheduler.microtask(callback)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#scheduler.macrotask(() => this.#run())
  }

  #run(): void {
    this.#isScheduled = false
    const startMs = this.elapsedMs()
    // Whoever comes meanwhile stands behind these.
    let left = this.#waiting.size
    try {
      for (const worker of this.#waiting) {
        this.#waiting.delete(worker)
        worker.work()
        left -= 1
        if (left === 0 || this.elapsedMs() - startMs > TURN_MS) break
      }
    } finally {
      // If one of them threw, which is a bug of ours, the others get their turn all the same.
      if (this.#waiting.size > 0) this.#schedule()
    }
  }
}
