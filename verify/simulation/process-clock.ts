/**
 * ProcessClock: the time as one process sees it. While the process stands still its timers wait, and run late, in their order, once it
 * goes on; when it is gone they never do. Time itself passes all the same.
 */
import type { Clock, Timer } from '../../src/base/clock.js'

/** The clock of a server that can stand still and die. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #late: { readonly run: () => void; isCancelled: boolean }[] = []
  #isHeld = false
  #isDead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const due = { run: callback, isCancelled: false }
    const timer = this.#clock.setTimer(() => this.#due(due), delayMs)
    return {
      cancel: () => {
        due.isCancelled = true
        timer.cancel()
      },
    }
  }

  setBackgroundTimer(callback: () => void, delayMs: number): Timer {
    return this.setTimer(callback, delayMs)
  }

  /** The process stands still. */
  hold(): void {
    this.#isHeld = true
  }

  /** The process goes on: what is late runs now. */
  release(): void {
    this.#isHeld = false
    for (let next = this.#late.shift(); next !== undefined; next = this.#late.shift()) this.#due(next)
  }

  /** The process is gone. */
  die(): void {
    this.#isDead = true
  }

  #due(due: { readonly run: () => void; readonly isCancelled: boolean }): void {
    if (this.#isDead || due.isCancelled) return
    if (this.#isHeld) this.#late.push(due)
    else due.run()
  }
}
