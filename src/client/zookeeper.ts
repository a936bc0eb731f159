/**
 * ZooKeeper: the client that users hold. It checks what they hand in, copies it or takes it on loan, adds the chroot, and gives each call to its
 * connection; everything comes back through the EventThread. Nothing here knows what carries the messages.
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { copyBytes } from '../base/bytes.js'
import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import type { ACL } from '../protocol/acl.js'
import { lend } from '../protocol/lent-data.js'
import type { ClientInfo, Request, WatchingRead } from '../protocol/message.js'
import type { OpResult, ReadOpResult } from '../protocol/op-result.js'
import { isBlankOrRoot, validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import type { WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import { Aborter, type AbortSignalLike } from './abort.js'
import {
  checkOptions,
  checkSignal,
  checkWatcher,
  checkWatcherType,
  copyCredential,
  NO_OPTIONS,
} from './arguments.js'
import type {
  AddWatchOptions,
  CallOptions,
  CreateAllOptions,
  CreateOptions,
  ReadOptions,
  RemoveWatchesOptions,
  WatchOptions,
} from './call-options.js'
import type { Chroot } from './chroot.js'
import type { ClientCnxn, ClientState } from './client-cnxn.js'
import { createAll } from './create-all.js'
import type { Data } from './data-taker.js'
import { deleteAll } from './delete-all.js'
import type { EventThread } from './event-thread.js'
import type { Op, ReadOp } from './op.js'
import {
  type ACLAndStat,
  type ChildrenAndStat,
  type DataAndStat,
  type PathAndStat,
  type ReplyReader,
  ReplyReaders,
} from './reply-reader.js'
import { CREATE_OPTIONS, type PathCheck, RequestBuilder } from './request-builder.js'
import { Transaction } from './transaction.js'
import {
  LASTING_TYPES,
  type WatchChange,
  type WatchKind,
  WatchRegistration,
  WatchRemoval,
} from './watch-registration.js'
import { WatchStream } from './watch-stream.js'
import type { ZKWatchManager } from './zk-watch-manager.js'

/** What a ZooKeeper emits, all from the EventThread. */
export interface ZooKeeperEvents {
  connected: (event: WatchedEvent) => void
  disconnected: (event: WatchedEvent) => void
  expired: (event: WatchedEvent) => void
  authFailed: (event: WatchedEvent) => void
  closed: (event: WatchedEvent) => void
  /** A watcher threw, or its promise rejected. With no listener it becomes an uncaught error. */
  watcherError: (error: unknown, event: WatchedEvent) => void
}

/** The parts that a client is made of. */
export interface ZooKeeperParts {
  readonly cnxn: ClientCnxn
  readonly watches: ZKWatchManager
  readonly eventThread: EventThread
  readonly chroot: Chroot
  readonly pathCheck: PathCheck
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly maxDataBytes: number
  readonly maxMultiOps: number
}

const CALL_OPTIONS = ['signal'] as const
const READ_OPTIONS = ['watcher', 'watch', 'signal'] as const
const ADD_WATCH_OPTIONS = ['recursive', 'signal'] as const
const REMOVE_OPTIONS = ['watcher', 'type', 'local', 'signal'] as const
const WATCH_OPTIONS = ['recursive', 'signal', 'bufferSize'] as const
const DEFAULT_BUFFER_SIZE = 10_000

/**
 * A client of one server or ensemble. Paths are absolute, below its chroot if it has one. Calls are answered in the order in
 * which they are made. A method that returns a promise never throws: misuse rejects with TypeError or RangeError, and what
 * the server or the connection refuses with KeeperException; every call can end with CONNECTIONLOSS, SESSIONEXPIRED,
 * AUTHFAILED or THROTTLEDOP.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class ZooKeeper extends EventEmitter<ZooKeeperEvents> {
  readonly #cnxn: ClientCnxn
  readonly #watches: ZKWatchManager
  readonly #eventThread: EventThread
  readonly #requests: RequestBuilder
  readonly #chroot: Chroot
  readonly #readers: ReplyReaders
  readonly #maxMultiOps: number
  /** The time that this client and its recipes go by. */
  readonly clock: Clock
  /** The chance that this client and its recipes go by: makes so many random bytes. */
  readonly randomBytes: (length: number) => Uint8Array

  static {
    addAsyncDispose(ZooKeeper.prototype)
  }

  /** For `EmbeddedZooKeeper.connect` and `connect`; users get their clients there. */
  constructor(parts: ZooKeeperParts) {
    super()
    this.#cnxn = parts.cnxn
    this.#watches = parts.watches
    this.#eventThread = parts.eventThread
    this.#requests = new RequestBuilder(parts, lend)
    this.#chroot = parts.chroot
    this.#readers = new ReplyReaders(parts.chroot)
    this.#maxMultiOps = parts.maxMultiOps
    this.clock = parts.clock
    this.randomBytes = parts.randomBytes
  }

  /** What the connection is doing. CLOSED and AUTH_FAILED are final. */
  get state(): ClientState {
    return this.#cnxn.state
  }

  /** The id of the session; 0n before the first connection. */
  get sessionId(): bigint {
    return this.#cnxn.session.id
  }

  /** A copy of the 16 bytes that let their owner come back to this session with `connect({ session })`. */
  get sessionPassword(): Uint8Array {
    return copyBytes(this.#cnxn.session.password)
  }

  /** The negotiated session timeout in milliseconds. */
  get sessionTimeoutMs(): number {
    return this.#cnxn.sessionTimeoutMs
  }

  /** The server path that is this client's root; empty without a chroot. */
  get chroot(): string {
    return this.#chroot.prefix
  }

  /**
   * Creates a znode and resolves to its path, with the sequence number if the mode has one.
   * @throws KeeperException NONODE (no parent), NODEEXISTS, NOAUTH, INVALIDACL, NOCHILDRENFOREPHEMERALS, QUOTAEXCEEDED
   */
  create(
    path: string,
    data: Data | undefined,
    options: CreateOptions & { readonly withStat: true },
  ): Promise<PathAndStat>
  create(
    path: string,
    data?: Data,
    options?: CreateOptions & { readonly withStat?: false | undefined },
  ): Promise<string>
  create(path: string, data?: Data, options?: CreateOptions): Promise<string | PathAndStat>
  create(path: string, data?: Data, options: CreateOptions = NO_OPTIONS): Promise<string | PathAndStat> {
    const { path: readPath, pathAndStat } = this.#readers
    const build = (): Request => this.#requests.create(path, data, options, CREATE_OPTIONS)
    return options?.withStat === true
      ? this.#ask(path, options, pathAndStat, build, CREATE_OPTIONS)
      : this.#ask(path, options, readPath, build, CREATE_OPTIONS)
  }

  /**
   * Deletes a childless znode whose version is the given one; -1, the default, means any.
   * @throws KeeperException NONODE, BADVERSION, NOTEMPTY, NOAUTH, BADARGUMENTS (a reserved znode)
   */
  delete(path: string, version = -1, options: CallOptions = NO_OPTIONS): Promise<void> {
    return this.#ask(path, options, this.#readers.done, () => this.#requests.delete(path, version))
  }

  /**
   * The Stat of a znode, or null if there is none. Its watch waits for the znode to be created, changed or deleted.
   * @throws KeeperException NOAUTH
   */
  exists(path: string, options: ReadOptions = NO_OPTIONS): Promise<Stat | null> {
    return this.#read('exists', 'exists', path, options, this.#readers.exists)
  }

  /**
   * The data of a znode, null if it has none, and its Stat. Its watch waits for the znode to be changed or deleted.
   * @throws KeeperException NONODE, NOAUTH
   */
  getData(path: string, options: ReadOptions = NO_OPTIONS): Promise<DataAndStat> {
    return this.#read('getData', 'data', path, options, this.#readers.data)
  }

  /**
   * Replaces the data of a znode whose version is the given one; -1, the default, means any. Resolves to the new Stat.
   * @throws KeeperException NONODE, BADVERSION, NOAUTH, QUOTAEXCEEDED
   */
  setData(path: string, data: Data, version = -1, options: CallOptions = NO_OPTIONS): Promise<Stat> {
    return this.#ask(path, options, this.#readers.stat, () => this.#requests.setData(path, data, version))
  }

  /**
   * The ACL of a znode and its Stat. Without the permission ADMIN, digests are masked.
   * @throws KeeperException NONODE, NOAUTH
   */
  getACL(path: string, options: CallOptions = NO_OPTIONS): Promise<ACLAndStat> {
    return this.#askPath('getACL', path, options, this.#readers.acl)
  }

  /**
   * Replaces the ACL of a znode whose aversion is the given one; -1, the default, means any. Resolves to the new Stat.
   * @throws KeeperException NONODE, BADVERSION, NOAUTH, INVALIDACL
   */
  setACL(
    path: string,
    acl: readonly ACL[],
    aclVersion = -1,
    options: CallOptions = NO_OPTIONS,
  ): Promise<Stat> {
    return this.#ask(path, options, this.#readers.stat, () => this.#requests.setACL(path, acl, aclVersion))
  }

  /**
   * The names of a znode's children, in no order to rely on, and its Stat. Its watch waits for a child to come or go, or for
   * the znode to be deleted.
   * @throws KeeperException NONODE, NOAUTH
   */
  getChildren(path: string, options: ReadOptions = NO_OPTIONS): Promise<ChildrenAndStat> {
    return this.#read('getChildren2', 'child', path, options, this.#readers.children)
  }

  /**
   * How many znodes are below this one, at any depth.
   * @throws KeeperException NONODE, NOAUTH
   */
  getAllChildrenNumber(path: string, options: CallOptions = NO_OPTIONS): Promise<number> {
    return this.#askPath('getAllChildrenNumber', path, options, this.#readers.total)
  }

  /** The ephemeral znodes of this session whose paths start with the prefix, which is raw text and need not end a name. */
  getEphemerals(prefix = '/', options: CallOptions = NO_OPTIONS): Promise<string[]> {
    return this.#ask(undefined, options, this.#readers.ephemerals, () => {
      if (typeof prefix !== 'string') throw new TypeError(`Invalid prefix ${describe(prefix)}: pass a string`)
      const path = isBlankOrRoot(prefix) ? this.#chroot.prefix : this.#chroot.prefix + prefix
      return { type: 'getEphemerals', path }
    })
  }

  /** Resolves, to the path, once this client's server has caught up with all that was written before. */
  sync(path: string, options: CallOptions = NO_OPTIONS): Promise<string> {
    return this.#askPath('sync', path, options, this.#readers.synced)
  }

  /**
   * Applies all operations under one zxid, or none. Resolves to one result an operation, in order.
   * @throws KeeperException with the code of the first operation that failed and, in `results`, what came of each
   */
  multi(ops: readonly Op[], options: CallOptions = NO_OPTIONS): Promise<OpResult[]> {
    const paths: string[] = []
    return this.#ask(undefined, options, this.#readers.results(paths), () => {
      const own = this.#requests.multiOps(ops)
      for (const { path } of ops) paths.push(path)
      return { type: 'multi', ops: own }
    })
  }

  /** Reads several znodes at one moment. Each read has a result or an error of its own; the call as a whole does not fail. */
  multiRead(ops: readonly ReadOp[], options: CallOptions = NO_OPTIONS): Promise<ReadOpResult[]> {
    return this.#ask(undefined, options, this.#readers.reads, () => ({
      type: 'multiRead',
      ops: this.#requests.multiReadOps(ops),
    }))
  }

  /** A multi, written as a chain that ends with `commit()`. */
  transaction(): Transaction {
    return new Transaction((ops, options) => this.multi(ops, options))
  }

  /**
   * Sets a watch that stays until it is removed or the session ends. The znode need not exist. What happens while the client
   * is disconnected is not told; `watch()` says where that may be.
   * @throws KeeperException QUOTAEXCEEDED (too many watches)
   */
  addWatch(path: string, watcher?: Watcher, options: AddWatchOptions = NO_OPTIONS): Promise<void> {
    return this.#askToWatch(path, options, ADD_WATCH_OPTIONS, (serverPath) => {
      const isRecursive = options.recursive === true
      const change = this.#registration(isRecursive ? 'recursive' : 'persistent', serverPath, watcher)
      const mode = isRecursive ? 'PERSISTENT_RECURSIVE' : 'PERSISTENT'
      return { request: { type: 'addWatch', path: serverPath, mode }, change }
    })
  }

  /**
   * Removes watches of exactly this path. Each removed watcher hears of it by an event, before this resolves.
   * @throws KeeperException NOWATCHER
   */
  removeWatches(path: string, options: RemoveWatchesOptions = NO_OPTIONS): Promise<void> {
    return this.#askToWatch(path, options, REMOVE_OPTIONS, (serverPath) => {
      const { watcher, type = 'Any', local = false } = options
      checkWatcherType(type)
      if (watcher !== undefined) checkWatcher(watcher)
      const change = new WatchRemoval(
        this.#watches,
        { path: serverPath, type, watcher, isLocal: local },
        this.#cnxn,
      )
      // One of several: the server is only asked. What nobody needs any more is released when the answer is there.
      const requestType = watcher === undefined ? 'removeWatches' : 'checkWatches'
      return { request: { type: requestType, path: serverPath, watcherType: type }, change }
    })
  }

  /**
   * Resolves if the server has a watch of this type for this client on exactly this path.
   * @throws KeeperException NOWATCHER
   */
  checkWatches(path: string, type: WatcherType = 'Any', options: CallOptions = NO_OPTIONS): Promise<void> {
    return this.#ask(path, options, this.#readers.done, () => {
      checkWatcherType(type)
      return { type: 'checkWatches', path: this.#requests.path(path), watcherType: type }
    })
  }

  /** A lasting watch to iterate over; armed at once. @throws TypeError or RangeError for bad arguments */
  watch(path: string, options: WatchOptions = NO_OPTIONS): WatchStream {
    const signal = this.#signalOf(options, WATCH_OPTIONS)
    validatePath(path)
    const { recursive = false, bufferSize = DEFAULT_BUFFER_SIZE } = options
    if (!(bufferSize >= 1))
      throw new RangeError(
        `Invalid bufferSize ${describe(bufferSize)}: pass how many events may wait, 1 or more`,
      )
    const serverPath = this.#chroot.toServer(path)
    const type = recursive ? 'PersistentRecursive' : 'Persistent'
    const arming = new Aborter()
    return new WatchStream(
      {
        arm: (watcher) => this.addWatch(path, watcher, { recursive, signal: arming }),
        disarm: (watcher, reason) => {
          arming.abort(reason)
          this.#watches.remove(serverPath, type, watcher)
          this.#cnxn.releaseWatches(serverPath, LASTING_TYPES)
        },
        onRestored: (listener) =>
          this.#cnxn.onRestored(({ persistent, recursive: recursives, fromZxid, toZxid }) => {
            if ((recursive ? recursives : persistent).has(serverPath)) listener(fromZxid, toZxid)
          }),
        released: () => this.#eventThread.released(),
      },
      { signal, bufferSize },
    )
  }

  /**
   * Claims an identity for this client's connection, and for each later one. With `digest`, pass `user:password`.
   * @throws KeeperException AUTHFAILED, after which this client is finished; CONNECTIONLOSS, after which the identity is claimed
   * again on the next connection all the same
   */
  addAuthInfo(scheme: string, auth: string | Uint8Array, options: CallOptions = NO_OPTIONS): Promise<void> {
    try {
      const signal = this.#signalOf(options, CALL_OPTIONS)
      return this.#cnxn.addAuth(copyCredential({ scheme, auth }), signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** The identities of this client's connection, the address among them. */
  whoAmI(options: CallOptions = NO_OPTIONS): Promise<ClientInfo[]> {
    return this.#ask(undefined, options, this.#readers.clientInfo, () => ({ type: 'whoAmI' }))
  }

  /** Makes a function the default watcher: it hears of state changes and of reads with `watch: true` from now on. @throws TypeError */
  register(watcher: Watcher): void {
    checkWatcher(watcher)
    this.#watches.defaultWatcher = watcher
  }

  /**
   * Creates a znode and every parent that is missing, in one transaction, and resolves to its path. What exists is left as it
   * is; a sequential znode is always new.
   * @throws KeeperException NOAUTH, INVALIDACL, NOCHILDRENFOREPHEMERALS, QUOTAEXCEEDED
   */
  createAll(path: string, data?: Data, options: CreateAllOptions = NO_OPTIONS): Promise<string> {
    return createAll(this, path, data, options)
  }

  /**
   * Deletes a znode and everything below it; in one transaction unless there is very much. What is gone already is fine.
   * @throws KeeperException NOAUTH, BADARGUMENTS (a reserved znode)
   */
  deleteAll(path: string, options: CallOptions = NO_OPTIONS): Promise<void> {
    return deleteAll(this, path, options, this.#maxMultiOps)
  }

  /** Ends the session, its ephemeral znodes and its watches. No watcher is called after this resolves. A second call does nothing. */
  close(): Promise<void> {
    return this.#cnxn.close()
  }

  /** Sends what `build` makes. Misuse becomes a rejection here and in `#read`, before anything is sent. */
  #ask<T>(
    path: string | undefined,
    options: CallOptions,
    reader: ReplyReader<T>,
    build: () => Request,
    known: readonly string[] = CALL_OPTIONS,
  ): Promise<T> {
    try {
      const signal = this.#signalOf(options, known)
      return this.#cnxn.submit({ request: build(), path, reader, change: undefined }, signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Sends what `build` makes, with a change of the watch tables. */
  #askToWatch(
    path: string,
    options: CallOptions,
    known: readonly string[],
    build: (serverPath: string) => { readonly request: Request; readonly change: WatchChange },
  ): Promise<void> {
    try {
      const signal = this.#signalOf(options, known)
      return this.#cnxn.submit(
        { ...build(this.#requests.path(path)), path, reader: this.#readers.done },
        signal,
      )
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #askPath<T>(
    type: 'getACL' | 'getAllChildrenNumber' | 'sync',
    path: string,
    options: CallOptions,
    reader: ReplyReader<T>,
  ): Promise<T> {
    return this.#ask(path, options, reader, () => ({ type, path: this.#requests.path(path) }))
  }

  #read<T>(
    type: WatchingRead['type'],
    kind: WatchKind,
    path: string,
    options: ReadOptions,
    reader: ReplyReader<T>,
  ): Promise<T> {
    try {
      const signal = this.#signalOf(options, READ_OPTIONS)
      const { watcher, watch = watcher !== undefined } = options
      const serverPath = this.#requests.path(path)
      if (!watch && watcher !== undefined)
        throw new TypeError('Pass either a watcher or watch: false, not both')
      const change = watch ? this.#registration(kind, serverPath, watcher) : undefined
      return this.#cnxn.submit({ request: { type, path: serverPath, watch }, path, reader, change }, signal)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #signalOf(options: CallOptions, known: readonly string[]): AbortSignalLike | undefined {
    checkOptions(options, known)
    const { signal } = options
    if (signal !== undefined) checkSignal(signal)
    return signal
  }

  /** The default watcher is bound now: a later `register` does not redirect what is armed. */
  #registration(kind: WatchKind, serverPath: string, given: Watcher | undefined): WatchRegistration {
    // A null is a mistake, and not the wish for the default.
    const watcher = given === undefined ? this.#watches.defaultWatcher : given
    if (watcher === undefined) {
      throw new TypeError(
        'There is no default watcher: pass a watcher here, or { watcher } to connect(), or call register()',
      )
    }
    checkWatcher(watcher)
    return new WatchRegistration(this.#watches, kind, serverPath, watcher)
  }
}

/** Adds `Symbol.asyncDispose` where the consumer's types know it. */
export interface ZooKeeper extends AsyncDisposableLike {}
