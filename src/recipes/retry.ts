/**
 * retry: makes a call again as long as it fails for a reason that may pass (the connection broke, the server was busy), at once and
 * then after pauses that double. What may have been applied is for the caller to find out: every recipe does.
 */

import { describe } from '../base/describe.js'
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isRetryable } from '../protocol/keeper-exception.js'
import { checkWait, limited, unlessAborted, type WaitOptions } from './patience.js'

/** What retry takes. */
export interface RetryOptions extends WaitOptions {
  /** Calls at most, the first one too; no limit unless set. */
  readonly maxTries?: number | undefined
  /** The first pause in milliseconds, 50 unless set; the next ones double. The second try comes without one. */
  readonly firstPauseMs?: number | undefined
  /** No pause is longer than this, in milliseconds; 5,000 unless set. */
  readonly longestPauseMs?: number | undefined
}

const RETRY_OPTIONS = ['signal', 'timeoutMs', 'maxTries', 'firstPauseMs', 'longestPauseMs'] as const
const ENDINGS = ['expired', 'closed', 'authFailed'] as const
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5000

/**
 * Resolves to what the call resolves to. `attempt` gets a signal to pass on, and its number: from 1, so that it knows whether an
 * earlier one may have been applied.
 * @throws what the last try threw, TimeoutError, the signal's reason; TypeError or RangeError for bad arguments
 */
export async function retry<T>(
  zk: ZooKeeper,
  attempt: (signal: AbortSignalLike | undefined, tries: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  checkZooKeeper(zk)
  checkAttempt(attempt)
  checkRetry(options)
  const { signal, timeoutMs, maxTries = Number.POSITIVE_INFINITY } = options
  let pauses: Pauses | undefined
  return limited(zk.clock, { signal, timeoutMs }, 'trying again', (either) =>
    tryOn(
      (tries) => attempt(either, tries),
      maxTries,
      () => {
        pauses ??= new Pauses(zk, options)
        return pauses.next(either)
      },
    ),
  )
}

function checkAttempt(attempt: unknown): void {
  if (typeof attempt === 'function') return
  throw new TypeError(
    `Invalid attempt ${describe(attempt)}: pass a function such as (signal) => zk.getData('/a', { signal })`,
  )
}

function checkRetry(options: RetryOptions): void {
  checkWait(options, RETRY_OPTIONS)
  const { maxTries = 1, firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS } = options
  if (!(typeof maxTries === 'number' && maxTries >= 1))
    throw new RangeError(`Invalid maxTries ${describe(maxTries)}: pass 1 or more`)
  for (const [name, ms] of Object.entries({ firstPauseMs, longestPauseMs })) {
    if (!(typeof ms === 'number' && ms >= 0))
      throw new RangeError(`Invalid ${name} ${describe(ms)}: pass milliseconds, 0 or more`)
  }
}

/** A LastingClient is none: which session a try belongs to is for the caller to say. */
function checkZooKeeper(zk: unknown): void {
  if (typeof zk === 'object' && zk !== null && 'getData' in zk && 'randomBytes' in zk) return
  throw new TypeError(
    `Invalid client ${describe(zk)}: pass a ZooKeeper, such as the latest of a LastingClient`,
  )
}

/** The same for the recipes themselves: as often as it takes. @throws what is not retryable, the signal's reason */
export function persist<T>(
  zk: ZooKeeper,
  attempt: (tries: number) => Promise<T>,
  signal?: AbortSignalLike,
): Promise<T> {
  if (signal?.aborted === true) return Promise.reject(signal.reason)
  let pauses: Pauses | undefined
  return tryOn(attempt, Number.POSITIVE_INFINITY, () => {
    pauses ??= new Pauses(zk)
    return pauses.next(signal)
  })
}

async function tryOn<T>(
  attempt: (tries: number) => Promise<T>,
  maxTries: number,
  pause: () => Promise<void>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      if (!isRetryable(error) || tries >= maxTries) throw error
    }
    await pause()
  }
}

/** The pauses of one caller: none, then a short one, then always twice as long; each random within its upper half. */
export class Pauses {
  readonly #zk: ZooKeeper
  readonly #longestMs: number
  #nextMs: number
  #isFirst = true

  constructor(zk: ZooKeeper, bounds: Pick<RetryOptions, 'firstPauseMs' | 'longestPauseMs'> = {}) {
    const { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS } = bounds
    this.#zk = zk
    this.#nextMs = firstPauseMs
    this.#longestMs = longestPauseMs
  }

  /** Waits. @throws the signal's reason */
  async next(signal: AbortSignalLike | undefined): Promise<void> {
    if (this.#isFirst) {
      this.#isFirst = false
      if (signal?.aborted === true) throw signal.reason
      return
    }
    const pauseMs = Math.min(this.#nextMs, this.#longestMs)
    this.#nextMs *= 2
    const [chance = 0] = this.#zk.randomBytes(1)
    await pause(this.#zk, pauseMs * (0.5 + chance / 512), signal)
  }
}

/** A client that ends meanwhile ends the pause, too: the next call says why. */
async function pause(zk: ZooKeeper, ms: number, signal: AbortSignalLike | undefined): Promise<void> {
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    const wake = (): void => resolve()
    const timer = zk.clock.setTimer(wake, ms)
    for (const ending of ENDINGS) zk.on(ending, wake)
    end = () => {
      timer.cancel()
      for (const ending of ENDINGS) zk.off(ending, wake)
    }
  })
  try {
    await unlessAborted(over, signal)
  } finally {
    end()
  }
}
