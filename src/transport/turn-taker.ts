/**
 * Turns for connections that have more to do than fits into one, or that come when others have used it up: each does a bounded piece of
 * work, and the event loop goes between. Invariant: of those who wait, each gets its turn before anybody gets a second one.
 */
import type { Scheduler } from '../base/scheduler.js'

/** Something that works in pieces. */
export interface Worker {
  /** Does a bounded piece of work. */
  work(): void
}

/** Real time for one worker, for all who wait in one turn of the event loop, and for all who come in one. */
const TURN_MS = 4
/** For so long after a turn was known to be new, nobody asks whether it is still the same one: asking costs a macrotask. */
const FRESH_MS = 1

/** Gives turns to the workers of one listener. */
export class TurnTaker {
  readonly #scheduler: Scheduler
  readonly #waiting = new Set<Worker>()
  #isScheduled = false
  /** When a turn of the event loop was last known to be new. */
  #freshMs: number
  /** Since when the turn that goes on is timed; undefined if it is not. */
  #timedFromMs: number | undefined

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
    this.#freshMs = scheduler.elapsedMs()
  }

  /** Real milliseconds. */
  elapsedMs(): number {
    return this.#scheduler.elapsedMs()
  }

  /** Whether what began then has taken a turn's time. */
  isUsedUp(startMs: number): boolean {
    return this.elapsedMs() - startMs > TURN_MS
  }

  /** Whether whoever has just come with work may do it at once. */
  hasTime(): boolean {
    if (this.#timedFromMs !== undefined) return !this.isUsedUp(this.#timedFromMs)
    const nowMs = this.elapsedMs()
    if (nowMs - this.#freshMs > FRESH_MS) {
      this.#timedFromMs = nowMs
      this.#scheduler.macrotask(() => {
        this.#timedFromMs = undefined
        this.#freshMs = this.elapsedMs()
      })
    }
    return true
  }

  /** Calls the worker at once if there is time, and if not, in its turn. Returns whether it was called. */
  nowOrLater(worker: Worker): boolean {
    const hasTime = this.hasTime()
    if (hasTime) worker.work()
    else this.later(worker)
    return hasTime
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
        if (left === 0 || this.isUsedUp(startMs)) break
      }
    } finally {
      // If one of them threw, which is a bug of ours, the others get their turn all the same.
      if (this.#waiting.size > 0) this.#schedule()
    }
  }
}
