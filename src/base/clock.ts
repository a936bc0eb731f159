/**
 * Time, injected: what the server stamps on znodes, and the timers for expiry, sweeps and connect attempts.
 * Nothing in the core reads a global clock (law 5).
 */
import { monotonicMs, startBackgroundTimer, startTimer, wallClockMs } from './platform.js'

/** A timer that was set and has not run yet. */
export interface Timer {
  /** Does nothing if the timer has run. */
  cancel(): void
}

/** Something whose queues a virtual clock lets come to rest between two of its timers. */
export interface Settling {
  settle(): Promise<void>
}

/** A source of time. Implement it to test without waiting, or use `VirtualClock` of `zoolet/testing`. */
export interface Clock {
  /** Milliseconds since the epoch, for `ctime` and `mtime`. May jump. */
  nowMs(): number
  /** Milliseconds from an arbitrary start, for timeouts. Never goes back. */
  monotonicMs(): number
  /** Calls back once, `delayMs` from now; the process stays alive for it. */
  setTimer(callback: () => void, delayMs: number): Timer
  /** Like `setTimer`, but the process may end before it. */
  setBackgroundTimer(callback: () => void, delayMs: number): Timer
  /** A virtual clock remembers what has to settle between its timers; returns the way out. Others leave this out. */
  join?(part: Settling): () => void
}

const LONGEST_DELAY_MS = 2 ** 31 - 1

/** The clock of the platform. Delays over 24.8 days, which platforms cut to nothing, are waited for in stages. */
export class SystemClock implements Clock {
  nowMs(): number {
    return wallClockMs()
  }

  monotonicMs(): number {
    return monotonicMs()
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    return startInStages(startTimer, callback, delayMs)
  }

  setBackgroundTimer(callback: () => void, delayMs: number): Timer {
    return startInStages(startBackgroundTimer, callback, delayMs)
  }
}

function startInStages(start: typeof startTimer, callback: () => void, delayMs: number): Timer {
  let remainingMs = delayMs
  const next = (): void => {
    if (remainingMs <= 0) return callback()
    const stageMs = Math.min(remainingMs, LONGEST_DELAY_MS)
    remainingMs -= stageMs
    cancelStage = start(next, stageMs)
  }
  const firstMs = Math.min(Math.max(remainingMs, 0), LONGEST_DELAY_MS)
  remainingMs -= firstMs
  let cancelStage = start(next, firstMs)
  return { cancel: () => cancelStage() }
}
