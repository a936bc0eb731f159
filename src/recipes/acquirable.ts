/** Acquirable: what locks, their sides and semaphores have in common, so that a MultiLock can take any of them. */
import { describe } from '../base/describe.js'
import type { WaitOptions } from './patience.js'
import type { Tenure } from './tenure.js'

/** Something that can be held. */
export interface Acquirable {
  /** The path that all who compete for it agree on. */
  readonly path: string
  /**
   * Waits for its turn. Who gives up leaves no znode, no watch and no timer.
   * @throws TimeoutError, the signal's reason, KeeperException SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH, QUOTAEXCEEDED
   */
  acquire(options?: WaitOptions): Promise<Tenure>
  /** Takes it if it is its turn at once; else null, without waiting for others. @throws as `acquire` */
  tryAcquire(options?: WaitOptions): Promise<Tenure | null>
  /**
   * Calls the function while holding it; resolves to what that resolves to, after the release. The options are for the waiting;
   * the function is told of a loss by its `held.signal`.
   * @throws as `acquire`, what the function throws, TypeError for what is no function, before anything is taken
   */
  run<T>(work: (held: Tenure) => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
}

/** What can be given back. */
interface Releasable {
  readonly isReleased: boolean
  release(): Promise<void>
}

/** Calls the function while holding it: `run`, for all of them. */
export async function runHolding<H extends Releasable, T>(
  acquirable: { acquire(options: WaitOptions): Promise<H> },
  work: (held: H) => T | PromiseLike<T>,
  options: WaitOptions,
): Promise<T> {
  if (typeof work !== 'function')
    throw new TypeError(`Invalid work ${describe(work)}: pass a function, which is called with what is held`)
  const held = await acquirable.acquire(options)
  try {
    return await work(held)
  } finally {
    if (!held.isReleased) await held.release()
  }
}
