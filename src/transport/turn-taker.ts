/**
 * Turns for connections that have more to do than fits into one: each does a bounded piece of work, then the event loop and
 * the others go first. Invariant: whoever waits gets its turn before anybody gets a second one.
 */
import type { Scheduler } from '../base/scheduler.js'

/** Something that works in pieces. */
export interface Worker {
  /** Does a bounded piece of work. */
  work(): void
}

/** Gives turns to the workers of one listener. */
export class TurnTaker {
  readonly #scheduler: Scheduler
  #waiting = new Set<Worker>()
  #isScheduled = false

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Real milliseconds, to bound a piece. */
  elapsedMs(): number {
    return this.#scheduler.elapsedMs()
  }

  /** Calls the worker once, after the event loop had its turn. */
  later(worker: Worker): void {
    this.#waiting.add(worker)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#scheduler.macrotask(() => this.#run())
  }

  /** Calls back after the current code. */
  soon(callback: () => void): void {
    this.#scheduler.microtask(callback)
  }

  #run(): void {
    const workers = this.#waiting
    this.#waiting = new Set()
    this.#isScheduled = false
    for (const worker of workers) {
      workers.delete(worker)
      try {
        worker.work()
      } catch (error) {
        // A bug of ours; the others get their turn all the same.
        for (const waiting of workers) this.later(waiting)
        throw error
      }
    }
  }
}
