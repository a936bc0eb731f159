/**
 * How queued work gets its turn on the event loop, injected so that a test can decide the order (law 5).
 * Not time: that is the clock. Used by the EventThread, the turn marker and the embedded server.
 */
import { monotonicMs, runAfterMicrotasks, runMacrotask, runMicrotask } from './platform.js'

/** Runs callbacks later on the event loop. */
export interface Scheduler {
  /** After the current code, before any macrotask. */
  microtask(callback: () => void): void
  /** After every microtask that is queued now, and those they queue in turn, and after timers and I/O had their turn. */
  macrotask(callback: () => void): void
  /**
   * After every microtask that is queued now, and those they queue in turn; timers and I/O go on waiting. Absent, a macrotask takes its
   * place.
   */
  readonly afterMicrotasks?: ((callback: () => void) => void) | undefined
  /** Real milliseconds, to bound how long a turn takes. */
  elapsedMs(): number
}

/** The event loop of the platform: promise reactions, `setImmediate` or a `MessageChannel`, and in Node the next tick. */
export class EventLoopScheduler implements Scheduler {
  readonly afterMicrotasks: Scheduler['afterMicrotasks'] = runAfterMicrotasks

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
