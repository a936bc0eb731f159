/**
 * MultiLock: several things held together, or none. They are acquired one after the other in the order of their paths, whatever the
 * order in which they are given, so two who want the same things never wait for each other in a circle.
 */

import { type AsyncDisposableLike, addAsyncDisposeBy } from '../base/async-dispose.js'
import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import type { PlatformAbortSignal } from '../base/platform.js'
import { createAbortController } from '../base/platform.js'
import { Aborter, type AbortSignalLike } from '../client/abort.js'
import { type Acquirable, runHolding } from './acquirable.js'
import { ignore } from './ignore.js'
import { checkClient, latestClient, type RecipeClient } from './lasting-client.js'
import { checkWait, patiently, type WaitOptions } from './patience.js'
import { type Tenure, TenureOverError } from './tenure.js'

/** Several tenures that are one: held as long as all of them are. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class MultiTenure {
  readonly #controller = createAbortController()
  #released: Promise<void> | undefined
  /** In the order of their paths. */
  readonly tenures: readonly Tenure[]

  static {
    addAsyncDisposeBy(MultiTenure.prototype, (tenure) => tenure.#released ?? tenure.release())
  }

  /** Begins. For MultiLock; users get theirs from it. */
  constructor(tenures: readonly Tenure[]) {
    this.tenures = tenures
    for (const { signal } of tenures) {
      const end = (): void => this.#controller.abort(signal.reason)
      if (signal.aborted) end()
      else signal.addEventListener('abort', end)
    }
  }

  /** Aborts as soon as one of them is not certainly held any more. */
  get signal(): PlatformAbortSignal {
    return this.#controller.signal
  }

  /** Whether all of them are certainly held at this moment. */
  get isHeld(): boolean {
    return this.tenures.every(({ isHeld }) => isHeld)
  }

  /** Whether `release` was called. */
  get isReleased(): boolean {
    return this.#released !== undefined
  }

  /** Gives all of them back, the last one first. @throws TypeError (released before), TimeoutError, the signal's reason */
  async release(options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    if (this.#released !== undefined)
      throw new TypeError('This MultiLock is not held: it was released before')
    this.#controller.abort(new TenureOverError('the MultiLock'))
    const mine = this.tenures.filter(({ isReleased }) => !isReleased).reverse()
    this.#released = Promise.all(mine.map((tenure) => tenure.release(options))).then(() => undefined)
    await this.#released
  }
}

/** The method for `await using`, where the types know it. */
export interface MultiTenure extends AsyncDisposableLike {}

/** Locks, sides of ReadWriteLocks and semaphores that are wanted together. */
export class MultiLock {
  readonly #client: RecipeClient
  readonly #parts: readonly Acquirable[]

  /** The limits go by the client's clock; its parts work with the clients that they were given. @throws TypeError for no parts, or two of one path */
  constructor(client: RecipeClient, parts: readonly Acquirable[]) {
    checkClient(client)
    if (!Array.isArray(parts) || parts.length === 0)
      throw new TypeError(`Invalid parts ${describe(parts)}: pass a list of locks`)
    this.#client = client
    this.#parts = [...parts].sort((a, b) => (a.path < b.path ? -1 : 1))
    const twice = this.#parts.find(({ path }, i) => path === this.#parts[i + 1]?.path)
    if (twice !== undefined)
      throw new TypeError(
        `Two parts are at ${twice.path}: none of these locks is reentrant, so one would wait for the other`,
      )
  }

  /** Waits for all of them; the limits are for all together. @throws what its parts throw; then none is held */
  acquire(options: WaitOptions = {}): Promise<MultiTenure> {
    return patiently(this.#clock, options, 'acquire several locks', async (signal) => {
      for (;;) {
        const tenures = await this.#collect(signal, (part, either) => part.acquire({ signal: either }))
        if (tenures !== undefined) return new MultiTenure(tenures)
      }
    })
  }

  /** Takes all of them if each can be had at once; else null, and none is held. @throws what its parts throw */
  tryAcquire(options: WaitOptions = {}): Promise<MultiTenure | null> {
    return patiently(this.#clock, options, 'try to acquire several locks', async (signal) => {
      const tenures = await this.#collect(signal, (part, either) => part.tryAcquire({ signal: either }))
      return tenures === undefined ? null : new MultiTenure(tenures)
    })
  }

  /** Calls the function while holding all of them, as `Acquirable.run` does. */
  run<T>(work: (held: MultiTenure) => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    return runHolding(this, work, options)
  }

  get #clock(): Clock {
    return latestClient(this.#client).clock
  }

  /** All, in order, or undefined and none: when one is refused, or one that was taken is lost while another is waited for. */
  async #collect(
    signal: AbortSignalLike | undefined,
    take: (part: Acquirable, signal: AbortSignalLike) => Promise<Tenure | null>,
  ): Promise<readonly Tenure[] | undefined> {
    const tenures: Tenure[] = []
    const either = new Aborter()
    const giveUp = (): void => either.abort(signal?.reason)
    const loss = (): void => either.abort(new TenureOverError('a part of the MultiLock'))
    if (signal?.aborted === true) giveUp()
    signal?.addEventListener('abort', giveUp)
    let isComplete = false
    try {
      for (const part of this.#parts) {
        const tenure = await take(part, either)
        if (tenure === null) return undefined
        tenures.push(tenure)
        tenure.signal.addEventListener('abort', loss)
        if (!tenure.isHeld) return undefined
      }
      isComplete = tenures.every(({ isHeld }) => isHeld)
      return isComplete ? tenures : undefined
    } catch (error) {
      if (!either.aborted || signal?.aborted === true) throw error
      return undefined
    } finally {
      signal?.removeEventListener('abort', giveUp)
      for (const { signal: held } of tenures) held.removeEventListener('abort', loss)
      if (!isComplete) for (const tenure of tenures.reverse()) tenure.release().catch(ignore)
    }
  }
}
