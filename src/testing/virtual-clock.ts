/**
 * VirtualClock: time that passes only when a test says so. `advance` runs what comes due in its order and lets every server
 * that goes by this clock come to rest in between, so that a test sees what would have happened in real time.
 */
import type { Clock, Settling, Timer } from '../base/clock.js'
import { describe } from '../base/describe.js'

interface VirtualTimer {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

const DEFAULT_START_MS: number = Date.UTC(2024, 0, 1)

/** A clock for tests. Pass it as `new EmbeddedZooKeeper({ clock })`. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<VirtualTimer>()
  readonly #parts = new Set<Settling>()
  #nowMs: number
  readonly #startMs: number
  /** By how much the wall clock was set. */
  #wallOffsetMs = 0
  #order = 0
  #isAdvancing = false

  /** Starts at the given time, milliseconds since the epoch; 2024-01-01 unless set. */
  constructor(startMs: number = DEFAULT_START_MS) {
    this.#nowMs = startMs
    this.#startMs = startMs
  }

  nowMs(): number {
    return this.#nowMs + this.#wallOffsetMs
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const timer: VirtualTimer = { dueMs: this.#nowMs + Math.max(delayMs, 0), order: this.#order++, callback }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  setBackgroundTimer(callback: () => void, delayMs: number): Timer {
    return this.setTimer(callback, delayMs)
  }

  join(part: Settling): () => void {
    this.#parts.add(part)
    return () => void this.#parts.delete(part)
  }

  /** How many timers wait: 0 for an idle server. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /**
   * Sets the wall clock forward, or back, by milliseconds, as an operator or NTP does it. No time passes: timers and timeouts go by
   * the other clock. @throws RangeError for what is no number of milliseconds
   */
  jump(ms: number): void {
    if (!Number.isFinite(ms)) throw new RangeError(`Invalid jump ${describe(ms)}: pass milliseconds`)
    this.#wallOffsetMs += ms
  }

  /**
   * Lets time pass, in milliseconds. Timers run at their moments; everything settles before the first, after each, and at the
   * end. @throws RangeError for a negative time, Error when called before an earlier call has resolved
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0 && Number.isFinite(ms)))
      throw new RangeError(`Invalid time ${describe(ms)}: pass milliseconds, 0 or more`)
    if (this.#isAdvancing)
      throw new Error('The clock is advancing already: await the earlier advance() first')
    this.#isAdvancing = true
    try {
      await this.#advanceTo(this.#nowMs + ms)
    } finally {
      this.#isAdvancing = false
    }
  }

  async #advanceTo(endMs: number): Promise<void> {
    await this.#settle()
    for (let timer = this.#findNext(endMs); timer !== undefined; timer = this.#findNext(endMs)) {
      this.#timers.delete(timer)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      timer.callback()
      await this.#settle()
    }
    this.#nowMs = endMs
  }

  #findNext(endMs: number): VirtualTimer | undefined {
    let next: VirtualTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue
      const isSooner =
        next === undefined ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order)
      if (isSooner) next = timer
    }
    return next
  }

  async #settle(): Promise<void> {
    for (const part of this.#parts) await part.settle()
  }
}
