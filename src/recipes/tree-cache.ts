/**
 * TreeCache: a local mirror of a znode and everything below it that may be read, kept by one recursive watch (ZooKeeper 3.6 or newer). Reads are
 * synchronous. Whatever it shows was so at some moment, and it never goes back, over sessions too; after a gap it is read anew and told as
 * changes.
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { copyBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { addTo, deleteFrom } from '../base/set-map.js'
import { Aborter } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException, isRetryable } from '../protocol/keeper-exception.js'
import { childPath, nameOf, parentOf, validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import { ignore } from './ignore.js'
import { checkClient, type RecipeClient, withSession } from './lasting-client.js'
import { catchUpInNewSession } from './new-session.js'
import { onOneShot } from './one-shot-news.js'
import { unlessAborted } from './patience.js'
import { Pauses, persist } from './retry.js'
import { tell } from './tell.js'
import { TreeNews } from './tree-news.js'

/** A znode as the cache knows it. */
export interface CachedZnode {
  readonly path: string
  /** Null for a znode without data. The caller's own copy. */
  readonly data: Uint8Array | null
  readonly stat: Stat
}

/** What has become of a znode. */
export interface TreeChange {
  readonly type: 'added' | 'changed' | 'removed'
  readonly path: string
  /** What it is now; undefined if it was removed. */
  readonly now: CachedZnode | undefined
  /** What it was; undefined if it was added. A znode that was removed and created again has changed: their czxids differ. */
  readonly before: CachedZnode | undefined
}

/** What a tree cache emits. */
export interface TreeCacheEvents {
  /** A znode has changed; the cache shows it already. */
  change: (change: TreeChange) => void
  /** Changes may have been missed between; the tree has been read anew, and the differences have been told. */
  gap: () => void
  /** The cache ends, for this reason: SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH and the like. */
  lost: (error: unknown) => void
}

/** What a tree cache is made with. */
export interface TreeCacheOptions {
  /**
   * Znodes at most; 100,000 unless set. A larger tree ends the cache with a RangeError. While it catches up, it may have twice as many:
   * those that have gone beside those that have come.
   */
  readonly maxZnodes?: number | undefined
}

const MAX_ZNODES = 100_000
/** Reads under way at a time. */
const BATCH = 1000

/**
 * A mirror that is kept until `close`. Before ZooKeeper 3.9 a server has one watch of a client for the data at a path, and a later one
 * takes the place of an earlier one. Recipes of the same client are careful of that. A watch that is left by hand on the cache's own path
 * (`exists`, `getData` or `addWatch` with a watcher) makes the cache deaf there, until it is connected anew: leave it by another client.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class TreeCache extends EventEmitter<TreeCacheEvents> {
  readonly #client: RecipeClient
  readonly #maxZnodes: number
  readonly #znodes = new Map<string, { readonly data: Uint8Array | null; readonly stat: Stat }>()
  readonly #names = new Map<string, Set<string>>()
  readonly #closing = new Aborter()
  readonly #kept: Promise<void>
  #isFirstSession = true
  #isLoaded = false
  #isOver = false
  readonly path: string
  /** Resolves once the cache shows the whole tree, empty if there is none. @throws what makes that impossible */
  readonly ready: Promise<void>

  static {
    addAsyncDispose(TreeCache.prototype)
  }

  /** Begins at once. The znode need not exist. @throws TypeError, RangeError */
  constructor(client: RecipeClient, path: string, options: TreeCacheOptions = {}) {
    super()
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['maxZnodes'])
    const { maxZnodes = MAX_ZNODES } = options
    if (!(maxZnodes >= 1)) throw new RangeError(`Invalid maxZnodes ${describe(maxZnodes)}: pass 1 or more`)
    this.#client = client
    this.#maxZnodes = maxZnodes
    this.path = path
    let told: () => void = ignore
    let fail: (error: unknown) => void = ignore
    this.ready = new Promise((resolve, reject) => {
      told = resolve
      fail = reject
    })
    // Who does not wait for it is told by `lost`.
    this.ready.catch(ignore)
    this.#kept = this.#keep(told, fail)
  }

  /** The znode at this path; undefined if there is none, or none within the cache. */
  get(path: string): CachedZnode | undefined {
    const found = this.#znodes.get(path)
    return found && copyOf(path, found)
  }

  /** The names of a znode's children, in the order of their code units; none if there is no such znode. */
  children(path: string): string[] {
    return [...(this.#names.get(path) ?? [])].sort()
  }

  /** All paths that the cache has, in no order. */
  paths(): IterableIterator<string> {
    return this.#znodes.keys()
  }

  /** How many znodes the cache has. */
  get size(): number {
    return this.#znodes.size
  }

  /** Stops, and removes the watch. What it shows stays as it is. A second call does nothing. */
  async close(): Promise<void> {
    this.#closing.abort(new TypeError(`The cache of ${this.path} was closed`))
    await this.#kept
  }

  async #keep(told: () => void, fail: (error: unknown) => void): Promise<void> {
    const signal = this.#closing
    try {
      for (;;) await withSession(this.#client, signal, (zk) => this.#follow(zk, told))
    } catch (error) {
      this.#isOver = true
      fail(error)
      if (!signal.aborted) tell(() => this.emit('lost', error))
    }
  }

  /** Follows the tree for one session. */
  async #follow(zk: ZooKeeper, told: () => void): Promise<never> {
    const signal = this.#closing
    const news = new TreeNews(this.path)
    const { watcher } = news
    const stop = onOneShot(zk, this.path, news.displaced)
    try {
      if (!this.#isFirstSession) await persist(zk, () => catchUpInNewSession(zk, this.path, signal), signal)
      this.#isFirstSession = false
      for (;;) {
        await this.#catchUp(zk, news)
        told()
        await unlessAborted(news.come(), signal)
      }
    } finally {
      stop()
      zk.removeWatches(this.path, { watcher, type: 'PersistentRecursive', local: true }).catch(ignore)
    }
  }

  /** Reads what may have changed, as often as that takes. */
  async #catchUp(zk: ZooKeeper, news: TreeNews): Promise<void> {
    const pauses = new Pauses(zk)
    while (news.has) {
      const needsWatch = news.takeNeed()
      const isGap = news.takeGap()
      const paths = isGap ? [] : news.takePaths()
      try {
        if (needsWatch) await zk.addWatch(this.path, news.watcher, { recursive: true, signal: this.#closing })
        if (isGap) await this.#reload(zk)
        else await this.#each(paths, (path) => this.#refresh(zk, path))
      } catch (error) {
        if (!isRetryable(error)) throw error
        news.missed({ needsWatch })
        await pauses.next(this.#closing)
      }
    }
    // Only at rest: before, those that have gone may still be there.
    this.#checkSize(this.size, this.#maxZnodes)
  }

  /** Reads everything anew, level by level; what is not there any more goes. */
  async #reload(zk: ZooKeeper): Promise<void> {
    const gone = new Set(this.#znodes.keys())
    let level = [this.path]
    while (level.length > 0) {
      const next: string[] = []
      await this.#each(level, async (path) => {
        const [isThere, names] = await Promise.all([this.#refresh(zk, path), this.#list(zk, path)])
        if (isThere) gone.delete(path)
        for (const name of names) next.push(childPath(path, name))
      })
      level = next
    }
    for (const path of gone) this.#put(path, undefined)
    if (this.#isLoaded) tell(() => this.emit('gap'))
    this.#isLoaded = true
  }

  async #list(zk: ZooKeeper, path: string): Promise<readonly string[]> {
    try {
      return (await zk.getChildren(path, { signal: this.#closing })).children
    } catch (error) {
      if (isHidden(error)) return []
      throw error
    }
  }

  async #refresh(zk: ZooKeeper, path: string): Promise<boolean> {
    try {
      this.#put(path, await zk.getData(path, { signal: this.#closing }))
      return true
    } catch (error) {
      if (!isHidden(error)) throw error
      this.#put(path, undefined)
      return false
    }
  }

  async #each(paths: readonly string[], work: (path: string) => Promise<unknown>): Promise<void> {
    for (let start = 0; start < paths.length; start += BATCH)
      await Promise.all(paths.slice(start, start + BATCH).map(work))
  }

  #checkSize(size: number, max: number): void {
    if (size <= max) return
    throw new RangeError(
      `More than ${this.#maxZnodes} znodes at ${this.path}: raise maxZnodes, or mirror less`,
    )
  }

  #put(path: string, found: { readonly data: Uint8Array | null; readonly stat: Stat } | undefined): void {
    if (this.#isOver) return
    const before = this.#znodes.get(path)
    if (found === undefined) {
      if (before === undefined) return
      this.#znodes.delete(path)
      if (path !== this.path) deleteFrom(this.#names, parentOf(path), nameOf(path))
    } else {
      if (before === undefined) this.#checkSize(this.#znodes.size + 1, 2 * this.#maxZnodes)
      // What is kept for long keeps nothing else.
      this.#znodes.set(path, { data: found.data && copyBytes(found.data), stat: found.stat })
      if (path !== this.path) addTo(this.#names, parentOf(path), nameOf(path))
    }
    // The same version can be another znode: only zxids never come back.
    if (
      before !== undefined &&
      before.stat.mzxid === found?.stat.mzxid &&
      before.stat.czxid === found.stat.czxid
    )
      return
    const type = before === undefined ? 'added' : found === undefined ? 'removed' : 'changed'
    const change = {
      type,
      path,
      now: found && copyOf(path, found),
      before: before && copyOf(path, before),
    } as const
    tell(() => this.emit('change', change))
  }
}

/** The method for `await using`, where the types know it. */
export interface TreeCache extends AsyncDisposableLike {}

/** Not there, or not for this client: a znode that may not be read is not shown. */
function isHidden(error: unknown): boolean {
  return isKeeperException(error, 'NONODE') || isKeeperException(error, 'NOAUTH')
}

function copyOf(
  path: string,
  { data, stat }: { readonly data: Uint8Array | null; readonly stat: Stat },
): CachedZnode {
  return { path, data: data && copyBytes(data), stat }
}
