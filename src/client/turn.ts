/**
 * Counts the turns that a server's clients deliver in, and wakes who waits for a later one. A turn ends when no microtask is left, so
 * whatever awaited something that it delivered has run; that is what law 3 asks for, and costs a third of a macrotask. After so many
 * deliveries, or after so long, turns end with a macrotask, so that timers and I/O come through (law 4).
 * Invariants: `current` grows only when no microtask of an earlier turn waits; one macrotask is under way from the first delivery on, so
 * whoever lets the event loop have a turn after that finds delivered what had to wait.
 * One for each embedded server; the EventThreads of its clients share it.
 */
import Denque from 'denque'
import type { Scheduler } from '../base/scheduler.js'

/** So many deliveries, and so many milliseconds, without a macrotask. */
const MOST_DELIVERIES = 256
const BUDGET_MS = 1
const DELIVERIES_BETWEEN_LOOKS = 8

/** The shared turn marker. */
export class Turn {
  readonly #scheduler: Scheduler
  /** Who waits to be answered, and who waits with an event: each first come, first served. */
  readonly #answers = new Denque<() => void>()
  readonly #events = new Denque<() => void>()
  #isAnswerNext = false
  #current = 0
  #isEnding = false
  #isYielding = false
  /** Since the last macrotask, in however many turns. */
  #deliveries = 0
  /** When the first of them was. */
  #startedMs = 0
  /** How many there were when the end of this turn was asked for. */
  #seen = 0

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** The number of the turn that runs now. */
  get current(): number {
    return this.#current
  }

  /** True once enough was delivered: what is left must wait for a macrotask, or timers and I/O starve. */
  get isSpent(): boolean {
    return this.#deliveries >= MOST_DELIVERIES
  }

  /** Notes one delivery and sees to it that the turn ends. Reading the time costs as much as a delivery: every eighth does. */
  spend(): void {
    const deliveries = ++this.#deliveries
    if (deliveries === 1) this.#startedMs = this.#scheduler.elapsedMs()
    else if (deliveries % DELIVERIES_BETWEEN_LOOKS === 0 && this.#isLate) this.#deliveries = MOST_DELIVERIES
    if (!this.#isEnding) this.#endLater()
  }

  /** Runs the callback in a later turn, as soon as one has room for it. It must not throw. */
  wait(callback: () => void, isAnswer: boolean): void {
    const waiting = isAnswer ? this.#answers : this.#events
    waiting.push(callback)
    if (!this.#isEnding) this.#endLater()
  }

  get #isLate(): boolean {
    return this.#deliveries > 0 && this.#scheduler.elapsedMs() - this.#startedMs > BUDGET_MS
  }

  #endLater(): void {
    const scheduler = this.#scheduler
    this.#isEnding = true
    this.#seen = this.#deliveries
    if (!this.#isYielding) {
      this.#isYielding = true
      scheduler.macrotask(this.#yielded)
    }
    scheduler.afterMicrotasks?.(this.#end)
  }

  /** Unless the event loop has to come first. */
  readonly #end = (): void => {
    if (!this.#isEnding || this.isSpent || this.#isLate) return
    // Node runs the ticks of users and ours in a row: what was delivered in one before this has microtasks that still wait.
    if (this.#deliveries === this.#seen) this.#begin()
    else this.#endLater()
  }

  readonly #yielded = (): void => {
    this.#isYielding = false
    this.#deliveries = 0
    if (this.#isEnding) this.#begin()
  }

  #begin(): void {
    this.#current += 1
    this.#isEnding = false
    // Whoever is left has a turn to come: what spent this one, or came meanwhile, has seen to that.
    this.#wake()
  }

  /** No more than wait now: whoever comes meanwhile may have to wait for the next turn. */
  #wake(): void {
    for (let left = this.#answers.length + this.#events.length; left > 0 && !this.isSpent; left--)
      this.#takeNext()?.()
  }

  /** One of each by turns: an event that a million wait for keeps nobody's answer, and a busy caller nobody's event. */
  #takeNext(): (() => void) | undefined {
    this.#isAnswerNext = !this.#isAnswerNext
    return this.#isAnswerNext
      ? (this.#answers.shift() ?? this.#events.shift())
      : (this.#events.shift() ?? this.#answers.shift())
  }
}
