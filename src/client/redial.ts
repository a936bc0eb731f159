/**
 * When a client whose connection broke dials again. In process at once, as long as its last connections lived; over a network
 * after a pause of random length that grows with each failure, so that a thousand clients do not come back in one moment.
 * Kept by ClientCnxn.
 */
import type { Clock, Timer } from '../base/clock.js'

/** Says when to dial. */
export interface Redial {
  /** Dials, now or after a while. */
  schedule(dial: () => void): void
  /** The last dial led to a connection, whose session outlives it by this time. */
  connected(sessionTimeoutMs: number): void
  /** Does nothing if no dial waits. */
  cancel(): void
}

const QUICK_REDIALS = 10
const REDIAL_MS = 1000

/** For a link that cannot be refused for long: two clients that take one session from each other must not spin, no more. */
export class QuickRedial implements Redial {
  readonly #clock: Clock
  /** How often it may still dial at once; one more each second. */
  #credit = QUICK_REDIALS
  #creditMs: number
  #timer: Timer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#creditMs = clock.monotonicMs()
  }

  schedule(dial: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    this.#credit = Math.min(QUICK_REDIALS, this.#credit + (nowMs - this.#creditMs) / REDIAL_MS)
    this.#creditMs = nowMs
    const isQuick = this.#credit >= 1
    this.#credit -= 1
    if (isQuick) dial()
    else this.#timer = this.#clock.setBackgroundTimer(dial, REDIAL_MS)
  }

  connected(): void {}

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
