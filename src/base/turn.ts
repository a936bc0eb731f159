/**
 * Counts the turns of the event loop that a server's clients deliver in, and how much each turn has delivered.
 * Invariant: `current` grows only in a macrotask, so all microtasks of an earlier turn have run.
 * One for each embedded server; the EventThreads of its clients share it.
 */
import type { Scheduler } from './scheduler.js'

const DELIVERIES_A_TURN = 256
const TURN_BUDGET_MS = 1
const DELIVERIES_BETWEEN_LOOKS = 8

/** The shared turn marker. */
export class Turn {
  readonly #scheduler: Scheduler
  #current = 0
  #isEnding = false
  #deliveries = 0
  #startedMs = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** The number of the turn that runs now. */
  get current(): number {
    return this.#current
  }

  /** True once this turn has delivered enough: what is left must wait for a macrotask, or timers and I/O starve. */
  get isSpent(): boolean {
    return this.#deliveries >= DELIVERIES_A_TURN
  }

  /** Notes one delivery and sees to it that the turn ends. Reading the time costs as much as a delivery: every eighth does. */
  spend(): void {
    const deliveries = ++this.#deliveries
    if (!this.#isEnding) this.#endLater()
    else if (
      deliveries % DELIVERIES_BETWEEN_LOOKS === 0 &&
      this.#scheduler.elapsedMs() - this.#startedMs > TURN_BUDGET_MS
    ) {
      this.#deliveries = DELIVERIES_A_TURN
    }
  }

  #endLater(): void {
    this.#isEnding = true
    this.#startedMs = this.#scheduler.elapsedMs()
    this.#scheduler.macrotask(this.#end)
  }

  readonly #end = (): void => {
    this.#current += 1
    this.#deliveries = 0
    this.#isEnding = false
  }
}
