/** Acquirable: what locks, their sides and semaphores have in common, so that a MultiLock can take any of them. */
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
   * the function is told of a loss by its `held.signal`. @throws as `acquire`, and what the function throws
   */
  run<T>(work: (held: Tenure) => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
}

/** Calls the function while holding it: `run`, for all of them. */
export async function runHolding<T>(
  acquirable: Pick<Acquirable, 'acquire'>,
  work: (held: Tenure) => T | PromiseLike<T>,
  options: WaitOptions,
): Promise<T> {
  const held = await acquirable.acquire(options)
  try {
    return await work(held)
  } finally {
    if (!held.isReleased) await held.release()
  }
}
