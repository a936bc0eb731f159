/**
 * Gate: where the calls of one client wait for being let go on to the server, in their order: a slow network in one direction. Events
 * are not held up. It also counts what the recipes of a party have under way: timers, by a clock of their own.
 */
import type { Clock, Settling, Timer } from '../../src/base/clock.js'
import type { AbortSignalLike } from '../../src/client/abort.js'
import type { ZooKeeper } from '../../src/index.js'

/** The calls that go to the server. */
const CALLS: ReadonlySet<string | symbol> = new Set([
  'create',
  'createAll',
  'delete',
  'setData',
  'exists',
  'getData',
  'getChildren',
  'sync',
  'multi',
  'addWatch',
  'removeWatches',
])

/** More calls than this between two looks are no work any more: somebody asks again and again. */
const MOST_CALLS = 20_000

/** One gate, for all clients that a party has one after the other. */
export class Gate {
  readonly #waiting = new Set<() => void>()
  readonly #flooded: () => void
  #credit = 0
  #passed = 0
  isOpen = true

  /** Says so when a party calls without end; those calls are never answered, so that the run can end. */
  constructor(flooded: () => void) {
    this.#flooded = flooded
  }

  /** Calls that wait. */
  get length(): number {
    return this.#waiting.size
  }

  /** Lets so many calls go on, those that come next too until all is at rest. */
  let(calls: number): void {
    this.#credit = calls
    this.#pump()
  }

  /** What was not made use of is lost. */
  shut(): void {
    this.#credit = 0
  }

  /** Everybody is at rest, and has been looked at: the calls are counted from here. */
  looked(): void {
    this.#passed = 0
  }

  /** Calls when it is its turn; a signal takes it back before. */
  pass<T>(call: () => Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
    this.#passed += 1
    if (this.#passed === MOST_CALLS) this.#flooded()
    if (this.#passed >= MOST_CALLS) return new Promise(() => {})
    if (this.#waiting.size === 0 && this.#takes()) return call()
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(go)
        signal?.removeEventListener('abort', giveUp)
      }
      const go = (): void => {
        leave()
        call().then(resolve, reject)
      }
      const giveUp = (): void => {
        leave()
        reject(signal?.reason)
      }
      this.#waiting.add(go)
      signal?.addEventListener('abort', giveUp)
    })
  }

  #pump(): void {
    for (const go of this.#waiting) {
      if (!this.#takes()) return
      go()
    }
  }

  #takes(): boolean {
    if (this.isOpen) return true
    if (this.#credit === 0) return false
    this.#credit -= 1
    return true
  }
}

/** A clock that knows how many of its own timers wait. */
export class CountingClock implements Clock {
  readonly #clock: Clock
  readonly #timers = new Set<Timer>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Timers that were neither run nor cancelled. */
  get pending(): number {
    return this.#timers.size
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const run = (): void => {
      this.#timers.delete(timer)
      callback()
    }
    const inner = this.#clock.setTimer(run, delayMs)
    const timer = {
      cancel: () => {
        this.#timers.delete(timer)
        inner.cancel()
      },
    }
    this.#timers.add(timer)
    return timer
  }

  setBackgroundTimer(callback: () => void, delayMs: number): Timer {
    return this.setTimer(callback, delayMs)
  }

  join(part: Settling): () => void {
    return this.#clock.join?.(part) ?? (() => {})
  }
}

/** The client behind the gate: the same in all but when its calls go out, and which clock it shows. */
export function behindGate(zk: ZooKeeper, gate: Gate, clock: Clock): ZooKeeper {
  return new Proxy(zk, {
    get: (target, name) => {
      if (name === 'clock') return clock
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (!CALLS.has(name)) return value.bind(target)
      return (...args: readonly unknown[]) =>
        gate.pass(() => Reflect.apply(value, target, args), signalIn(args.at(-1)))
    },
  })
}

function signalIn(options: unknown): AbortSignalLike | undefined {
  if (typeof options !== 'object' || options === null || !('signal' in options)) return undefined
  const { signal } = options
  return isSignal(signal) ? signal : undefined
}

function isSignal(signal: unknown): signal is AbortSignalLike {
  return typeof signal === 'object' && signal !== null && 'addEventListener' in signal
}
