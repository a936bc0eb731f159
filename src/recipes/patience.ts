/**
 * Patience: how long a recipe's call waits. It ends with the caller's signal or when the time is over, whichever is first, by the
 * client's clock; afterwards there is neither a timer nor a listener left.
 */
import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import { Aborter, type AbortSignalLike } from '../client/abort.js'
import { checkOptions, checkSignal } from '../client/arguments.js'
import { TimeoutError } from './timeout-error.js'

/** What every waiting call of a recipe takes. */
export interface WaitOptions {
  /** Gives up: the call rejects with the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignalLike | undefined
  /** Milliseconds, 0 or more, after which the call rejects with a TimeoutError and leaves nothing behind; no limit unless set. */
  readonly timeoutMs?: number | undefined
}

const WAIT_OPTIONS = ['signal', 'timeoutMs'] as const

/** Lets the options of a waiting call pass. @throws TypeError, RangeError */
export function checkWait(options: WaitOptions, known: readonly string[] = WAIT_OPTIONS): void {
  checkOptions(options, known)
  const { signal, timeoutMs } = options
  if (signal !== undefined) checkSignal(signal)
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs >= 0)) return
  throw new RangeError(`Invalid timeoutMs ${describe(timeoutMs)}: pass milliseconds, 0 or more`)
}

/**
 * Does some work that stops when the signal it is given aborts. `what` is done, for the message of a TimeoutError.
 * @throws TypeError, RangeError, TimeoutError, the signal's reason
 */
export function patiently<T>(
  clock: Clock,
  options: WaitOptions,
  what: string,
  work: (signal: AbortSignalLike | undefined) => Promise<T>,
): Promise<T> {
  return limited(clock, options, what, async (signal) => {
    try {
      return await work(signal)
    } catch (error) {
      // Whatever a call that was under way says then: the recipe has cleared up, and this is why it ended.
      throw signal?.aborted === true ? signal.reason : error
    }
  })
}

/** The same, for work whose own errors count even then. @throws as `patiently`, and what the work throws */
export async function limited<T>(
  clock: Clock,
  options: WaitOptions,
  what: string,
  work: (signal: AbortSignalLike | undefined) => Promise<T>,
): Promise<T> {
  checkWait(options)
  const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options
  if (signal?.aborted === true) throw signal.reason
  if (timeoutMs === Number.POSITIVE_INFINITY) return work(signal)
  const limit = new Aborter()
  const giveUp = (): void => limit.abort(signal?.reason)
  signal?.addEventListener('abort', giveUp)
  const timer = clock.setTimer(
    () => limit.abort(new TimeoutError(`Gave up after ${timeoutMs} ms: ${what}`)),
    timeoutMs,
  )
  try {
    return await work(limit)
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', giveUp)
  }
}

/** Settles as the promise does, or rejects with the signal's reason as soon as that aborts. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    const done = (): void => signal.removeEventListener('abort', giveUp)
    promise.then(resolve, reject).then(done, done)
  })
}

/** Waits for something that goes on in any case, and no longer than until the signal aborts. @throws what it rejects with before that */
export async function unlessStopped(
  ending: Promise<void>,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  try {
    await unlessAborted(ending, signal)
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

/** Resolves when the first of these does; the others are given up. @throws what the first one throws, the signal's reason */
export async function firstOf(
  works: readonly ((signal: AbortSignalLike) => Promise<unknown>)[],
  signal: AbortSignalLike | undefined,
): Promise<void> {
  const over = new Aborter()
  const giveUp = (): void => over.abort(signal?.reason)
  if (signal?.aborted === true) giveUp()
  signal?.addEventListener('abort', giveUp)
  try {
    await Promise.race(works.map((work) => work(over)))
  } finally {
    signal?.removeEventListener('abort', giveUp)
    over.abort(signal?.reason)
  }
}
