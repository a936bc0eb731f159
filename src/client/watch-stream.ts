/**
 * WatchStream: a lasting watch as an async iterable. It yields events in their order and, wherever it may have missed some
 * because the client was disconnected, one gap that says between which zxids. It never hides a loss: a full buffer throws.
 */

import Denque from 'denque'
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

/** What a stream yields: an event, which has no `kind`, or a gap. */
export type WatchItem = (WatchedEvent & { readonly kind?: undefined }) | WatchGap

/** How a stream reaches its client. */
export interface WatchStreamSource {
  arm(watcher: Watcher): Promise<void>
  /** Calls back after each reconnection that armed this watch anew; returns how to stop. */
  onRestored(listener: (fromZxid: number, toZxid: number) => void): () => void
  /** Takes the watcher out at once, or gives up arming it for this reason, and lets the server know if it can be told. */
  disarm(watcher: Watcher, reason: unknown): void
  /** A reader's promise was settled by an event. */
  released(): void
}

/** How a stream behaves. */
export interface WatchStreamOptions {
  readonly signal: AbortSignalLike | undefined
  /** How many events may wait for the reader. */
  readonly bufferSize: number
}

interface Waiter {
  readonly resolve: (result: IteratorResult<WatchItem, undefined>) => void
  readonly reject: (error: unknown) => void
}

const FATAL: Readonly<Partial<Record<KeeperState, Code>>> = {
  Expired: 'SESSIONEXPIRED',
  Closed: 'SESSIONEXPIRED',
  AuthFailed: 'AUTHFAILED',
}

/** A lasting watch to iterate over, once. Leaving the loop removes the watch. */
export class WatchStream implements AsyncIterableIterator<WatchItem> {
  readonly #source: WatchStreamSource
  readonly #options: WatchStreamOptions
  readonly #items = new Denque<WatchItem>()
  readonly #waiters = new Denque<Waiter>()
  readonly #stopGaps: () => void
  /** Everything up to here was seen. A transaction can have several events: the last one seen does not vouch for its own. */
  #seenZxid = 0n
  #failure: { readonly error: unknown } | undefined
  #isDone = false
  readonly #isArmed: boolean
  /** Resolves once the server has the watch: what changes after that is seen. @throws KeeperException, or the signal's reason */
  readonly ready: Promise<void>

  /** Arms at once. */
  constructor(source: WatchStreamSource, options: WatchStreamOptions) {
    const { signal } = options
    this.#source = source
    this.#options = options
    this.#stopGaps = source.onRestored((fromZxid, toZxid) => this.#gap(BigInt(fromZxid), BigInt(toZxid)))
    signal?.addEventListener('abort', this.#end)
    this.#isArmed = signal?.aborted !== true
    this.ready = this.#isArmed ? source.arm(this.#watcher) : Promise.reject(signal?.reason)
    this.ready.catch((error: unknown) => this.#fail(error))
    if (!this.#isArmed) this.#end()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** The next event or gap. @throws KeeperException when the session is over or the watch removed, RangeError when the buffer was too small */
  next(): Promise<IteratorResult<WatchItem, undefined>> {
    const value = this.#items.shift()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) return Promise.reject(failure.error)
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  /** Ends the iteration and removes the watch, at the server too if nobody else needs it. */
  return(): Promise<IteratorResult<WatchItem, undefined>> {
    this.#items.clear()
    this.#failure = undefined
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  readonly #watcher = (event: WatchedEvent): void => {
    if (event.type === 'PersistentWatchRemoved')
      return this.#fail(new KeeperException('NOWATCHER', event.path ?? undefined))
    if (event.type !== 'None') return this.#put(event)
    const code = FATAL[event.state]
    if (code !== undefined) this.#fail(new KeeperException(code))
  }

  #gap(fromZxid: bigint, toZxid: bigint): void {
    this.#put({ kind: 'gap', fromZxid: fromZxid > this.#seenZxid ? fromZxid : this.#seenZxid, toZxid })
  }

  #put(value: WatchItem): void {
    if (this.#isDone) return
    if (value.kind === undefined && value.zxid > this.#seenZxid) this.#seenZxid = value.zxid - 1n
    const { bufferSize } = this.#options
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value })
      this.#source.released()
    } else if (this.#items.length < bufferSize) this.#items.push(value)
    else
      this.#fail(
        new RangeError(
          `The reader of zk.watch() is over ${bufferSize} events behind: read faster, or raise bufferSize`,
        ),
      )
  }

  /** Who waits, or else who asks next, gets the error; everybody after that finds the end. */
  #fail(error: unknown): void {
    if (this.#isDone) return
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#failure = { error }
    else {
      waiter.reject(error)
      this.#source.released()
    }
    this.#end()
  }

  readonly #end = (): void => {
    if (this.#isDone) return
    this.#isDone = true
    for (const waiter of this.#waiters.toArray()) waiter.resolve({ done: true, value: undefined })
    this.#waiters.clear()
    this.#stopGaps()
    this.#options.signal?.removeEventListener('abort', this.#end)
    const { signal } = this.#options
    if (this.#isArmed)
      this.#source.disarm(
        this.#watcher,
        signal?.aborted === true ? signal.reason : new Error('The iteration ended'),
      )
  }
}
