/**
 * When a client whose connection broke dials again: at once if its last connections lived, else once a second, so that two
 * clients that take one session from each other do not spin. Kept by ClientCnxn.
 */
import type { Clock, Timer } from '../base/clock.js'

const QUICK_REDIALS = 10
const REDIAL_MS = 1000

/** The next dial of one client. */
export class Redial {
  readonly #clock: Clock
  /** How often it may still dial at once; one more each second. */
  #credit = QUICK_REDIALS
  #creditMs: number
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#creditMs = clock.monotonicMs()
  }

  /** Dials, now or after a while. */
  schedule(dial: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    this.#credit = Math.min(QUICK_REDIALS, this.#credit + (nowMs - this.#creditMs) / REDIAL_MS)
    this.#creditMs = nowMs
    if (this.#credit < 1) this.#timer = this.#clock.setBackgroundTimer(dial, REDIAL_MS)
    else {
      this.#credit -= 1
      dial()
    }
  }

  /** Does nothing if no dial waits. */
  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
