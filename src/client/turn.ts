/**
 * Counts the turns of the event loop that a server's clients deliver in, and how much each turn has delivered; wakes who waits for a later
 * one. Invariants: `current` grows only in a macrotask, so all microtasks of an earlier turn have run; and there is one macrotask a turn,
 * however many wait, so timers and I/O come in between.
 * One for each embedded server; the EventThreads of its clients share it.
 */
import Denque from 'denque'
import type { Scheduler } from '../base/scheduler.js'

const DELIVERIES_A_TURN = 256
const TURN_BUDGET_MS = 1
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

  /** Runs the callback in a later turn, as soon as one has room for it. It must not throw. */
  wait(callback: () => void, isAnswer: boolean): void {
    const waiting = isAnswer ? this.#answers : this.#events
    waiting.push(callback)
    if (!this.#isEnding) this.#endLater()
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
