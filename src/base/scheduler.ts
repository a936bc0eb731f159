/**
 * How queued work gets its turn on the event loop, injected so that a test can decide the order (law 5).
 * Not time: that is the clock. Used by the EventThread, the turn marker and the embedded server.
 */
import { monotonicMs, runMacrotask, runMicrotask } from './platform.js'

/** Runs callbacks later on the event loop. */
export interface Scheduler {
  /** After the current code, before any macrotask. */
  microtask(callback: () => void): void
  /** After every microtask that is queued now, and those they queue in turn. */
  macrotask(callback: () => void): void
  /** Real milliseconds, to bound how long a turn takes. */
  elapsedMs(): number
}

/** The event loop of the platform: promise reactions, and `setImmediate` or a `MessageChannel`. */
export class EventLoopScheduler implements Scheduler {
  microtask(callback: () => void): void {
    runMicrotask(callback)
  }

  macrotask(callback: () => void): void {
    runMacrotask(callback)
  }

  elapsedMs(): number {
    return monotonicMs()
  }
}
