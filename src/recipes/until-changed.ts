/**
 * Waiting by one-shot watches: read, and if that is not yet what is waited for, wait until it changes. No watch is left when the
 * waiting is over, whichever way. A disconnection in between does not matter: the client is told afterwards what it missed.
 */

import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException, KeeperException } from '../protocol/keeper-exception.js'
import type { WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import { ignore } from './ignore.js'
import { tellOneShot } from './one-shot-news.js'
import { unlessAborted } from './patience.js'
import { persist } from './retry.js'
import { codeOfEnd } from './session-end.js'

/** A read, and the watch that it can leave. */
export interface WatchableRead<T> {
  readonly path: string
  /** The type of the watch, to remove it. */
  readonly type: WatcherType
  /** Reads, and leaves a watch if there is a watcher. */
  readonly read: (options: {
    readonly watcher?: Watcher
    readonly signal: AbortSignalLike | undefined
  }) => Promise<T>
}

/** Resolves to the first value read that will do. @throws KeeperException, the signal's reason */
export async function untilRead<T>(
  zk: ZooKeeper,
  { path, type, read }: WatchableRead<T>,
  willDo: (value: T) => boolean,
  signal: AbortSignalLike | undefined,
): Promise<T> {
  for (;;) {
    const now = await persist(zk, () => read({ signal }), signal)
    if (willDo(now)) return now
    const watch = new OneShot(zk, path, type)
    const value = await watch.orRemoved(() =>
      persist(zk, () => read({ watcher: watch.watcher, signal }), signal),
    )
    if (willDo(value)) {
      watch.remove()
      return value
    }
    await watch.fired(signal)
  }
}

/**
 * Resolves to true when the znode has changed or gone, at once if it is not the one with this czxid any more; to false at once if
 * there is none: unlike an exists watch, a data watch is never left on one that is gone already.
 * @throws KeeperException, the signal's reason
 */
export async function untilChanged(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
  czxid?: bigint,
): Promise<boolean> {
  const watch = new OneShot(zk, path, 'Data')
  try {
    const { stat } = await zk.getData(path, { watcher: watch.watcher, signal })
    if (czxid !== undefined && stat.czxid !== czxid) {
      watch.remove()
      return true
    }
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return false
    throw error
  }
  await watch.fired(signal)
  return true
}

/** Resolves when there is no such znode. @throws KeeperException, the signal's reason */
export async function untilGone(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  while (await persist(zk, () => untilChanged(zk, path, signal), signal));
}

/** A one-shot watch to wait for; its watcher is to be left by one read, so each try of a read needs another one. */
export class OneShot {
  readonly #zk: ZooKeeper
  readonly #path: string
  readonly #type: WatcherType
  readonly #outcome: Promise<void>
  #wake: () => void = () => {}
  #event: WatchedEvent | undefined
  #isSpent = false

  constructor(zk: ZooKeeper, path: string, type: WatcherType) {
    this.#zk = zk
    this.#path = path
    this.#type = type
    this.#outcome = new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** To be got for each read that leaves it, just before. */
  get watcher(): Watcher {
    if (this.#type === 'Data') tellOneShot(this.#zk, this.#path)
    return this.#watcher
  }

  readonly #watcher = (event: WatchedEvent): void => {
    if (event.type === 'None' && codeOfEnd(event.state) === undefined) return
    this.#event ??= event
    this.#isSpent = true
    this.#wake()
  }

  /** What has fired it, if it has: the first change since the read, or the end of the session. */
  get event(): WatchedEvent | undefined {
    return this.#event
  }

  /** @throws KeeperException when the session is over, the signal's reason; then the watch is removed */
  async fired(signal: AbortSignalLike | undefined): Promise<void> {
    let isOver = false
    try {
      await unlessAborted(this.#outcome, signal)
      isOver = true
      const code = this.#event && codeOfEnd(this.#event.state)
      if (code !== undefined) throw new KeeperException(code, this.#path)
    } finally {
      if (!isOver) this.remove()
    }
  }

  /** Does what leaves the watch; if that fails in the middle, the watch is removed. @throws what the work throws */
  async orRemoved<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.remove()
      throw error
    }
  }

  /** Nobody waits for this: if the server cannot be asked, the connection has taken the watch along. */
  remove(): void {
    if (this.#isSpent) return
    this.#isSpent = true
    const watcher = this.#watcher
    this.#zk.removeWatches(this.#path, { watcher, type: this.#type, local: true }).catch(ignore)
  }
}
