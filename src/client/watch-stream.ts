/**
 * WatchStream: a lasting watch as an async iterable. It yields events in their order and, wherever it may have missed some
 * because the client was disconnected, one gap that says between which zxids. It never hides a loss: a full buffer throws.
 */

import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import type { KeeperState, WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher } from '../protocol/watcher.js'
import type { AbortSignalLike } from './abort.js'

/** Events between these two zxids may be missing: read the state anew. */
export interface WatchGap {
  readonly kind: 'gap'
  /** Everything up to here was seen. */
  readonly fromZxid: bigint
  /** Everything after this will be seen. */
  readonly toZxid: bigint
}

/** How a stream reaches its client. */
export interface WatchStreamSource {
  arm(watcher: Watcher): Promise<void>
  /** Calls back after each reconnection that armed this watch anew; returns how to stop. */
  onRestored(listener: (fromZxid: number, toZxid: number) => void): () => void
  disarm(watcher: Watcher): Promise<void>
}

/** How a stream behaves. */
export interface WatchStreamOptions {
  readonly signal: AbortSignalLike | undefined
  /** How many events may wait for the reader. */
  readonly bufferSize: number
}

type Item = WatchedEvent | WatchGap
type Waiter = {
  readonly resolve: (result: IteratorResult<Item, undefined>) => void
  readonly reject: (error: unknown) => void
}

const FATAL: Readonly<Partial<Record<KeeperState, Code>>> = {
  Expired: 'SESSIONEXPIRED',
  Closed: 'SESSIONEXPIRED',
  AuthFailed: 'AUTHFAILED',
}

/** A lasting watch to iterate over, once. Leaving the loop removes the watch. */
export class WatchStream implements AsyncIterableIterator<Item, undefined, undefined> {
  readonly #source: WatchStreamSource
  readonly #options: WatchStreamOptions
  readonly #items: Item[] = []
  readonly #waiters: Waiter[] = []
  readonly #stopGaps: () => void
  #lastZxid = 0n
  #failure: { readonly error: unknown } | undefined
  #isDone = false
  /** Resolves once the server has the watch: what changes after that is seen. @throws KeeperException */
  readonly ready: Promise<void>

  /** Arms at once. */
  constructor(source: WatchStreamSource, options: WatchStreamOptions) {
    this.#source = source
    this.#options = options
    this.#stopGaps = source.onRestored((fromZxid, toZxid) => this.#gap(BigInt(fromZxid), BigInt(toZxid)))
    this.#isDone = options.signal?.aborted === true
    options.signal?.addEventListener('abort', this.#abort)
    this.ready = this.#isDone ? Promise.resolve() : source.arm(this.#watcher)
    this.ready.catch((error: unknown) => this.#fail(error))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next event or gap. @throws KeeperException when the session is over, RangeError when the buffer was too small. */
  next(): Promise<IteratorResult<Item, undefined>> {
    const item = this.#items.shift()
    if (item !== undefined) return Promise.resolve({ done: false, value: item })
    if (this.#failure !== undefined) return this.#throwOnce(this.#failure.error)
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  /** Ends the iteration and removes the watch, at the server too if nobody else needs it. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#items.length = 0
    await this.#finish()
    return { done: true, value: undefined }
  }

  readonly #watcher = (event: WatchedEvent): void => {
    if (event.type !== 'None') return this.#put(event)
    const code = FATAL[event.state]
    if (code !== undefined) this.#fail(new KeeperException(code))
  }

  readonly #abort = (): void => void this.#finish()

  #gap(fromZxid: bigint, toZxid: bigint): void {
    const from = fromZxid > this.#lastZxid ? fromZxid : this.#lastZxid
    this.#put({ kind: 'gap', fromZxid: from, toZxid })
  }

  #put(item: Item): void {
    if (this.#isDone || this.#failure !== undefined) return
    if ('zxid' in item && item.zxid > this.#lastZxid) this.#lastZxid = item.zxid
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) waiter.resolve({ done: false, value: item })
    else if (this.#items.length < this.#options.bufferSize) this.#items.push(item)
    else
      this.#fail(
        new RangeError(
          `The reader of zk.watch() is over ${this.#options.bufferSize} events behind: read faster, or raise bufferSize`,
        ),
      )
  }

  #fail(error: unknown): void {
    if (this.#isDone || this.#failure !== undefined) return
    this.#failure = { error }
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      this.#isDone = true
      waiter.reject(error)
    }
    void this.#release()
  }

  #throwOnce(error: unknown): Promise<never> {
    this.#failure = undefined
    this.#isDone = true
    return Promise.reject(error)
  }

  async #finish(): Promise<void> {
    if (this.#isDone) return
    this.#isDone = true
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
    await this.#release()
  }

  /** A watch that is gone already, or a session, is what is wanted here. */
  async #release(): Promise<void> {
    this.#stopGaps()
    this.#options.signal?.removeEventListener('abort', this.#abort)
    await this.#source.disarm(this.#watcher).catch(ignore)
  }
}

function ignore(): void {}
