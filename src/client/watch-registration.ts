/**
 * What a request changes in the client's watch tables. It happens when the reply arrives, by its code, before the outcome is
 * queued for the user: only then is it known what the server has. Called by ClientCnxn, also with the code of a lost request.
 */
import type { Code } from '../protocol/code.js'
import { DONE, type Response } from '../protocol/message.js'
import type { KeeperState } from '../protocol/watched-event.js'
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import type { ClientWatchTable, RemovedWatchers, ZKWatchManager } from './zk-watch-manager.js'

/** A change of the watch tables that waits for a reply. */
export interface WatchChange {
  /** The server path. */
  readonly path: string
  /** True if it may add a watcher that the server then has to have a watch for. */
  readonly isRegistration: boolean
  /** The types of the watch that it may leave at the server. */
  readonly types: readonly WatcherType[]
  /** Makes the change if the code allows it; returns the code for the user. */
  arrive(code: Code): Code
}

/** Makes the change that an outcome allows; returns the outcome for the user. */
export function outcomeAfter(change: WatchChange, outcome: Response | Code): Response | Code {
  const code = typeof outcome === 'string' ? outcome : 'OK'
  const told = change.arrive(code)
  if (told === code) return outcome
  return told === 'OK' ? DONE : told
}

/** A server before 3.9 knows but one kind of watch of a connection on a path; which of the two was lasting does not matter then. */
export const LASTING_TYPES: readonly WatcherType[] = ['Persistent', 'PersistentRecursive']

/** The kinds of request that leave a watch. */
export type WatchKind = 'data' | 'exists' | 'child' | 'persistent' | 'recursive'

/** The table that a kind goes to with each code; none for any other code. */
const TABLE_BY_CODE: Readonly<Record<WatchKind, Partial<Record<Code, ClientWatchTable>>>> = {
  data: { OK: 'data' },
  // An exists watch waits for the znode to change, or to come to be.
  exists: { OK: 'data', NONODE: 'exist' },
  child: { OK: 'child' },
  persistent: { OK: 'persistent', NONODE: 'persistent' },
  recursive: { OK: 'recursive', NONODE: 'recursive' },
}

const TYPES_LEFT: Readonly<Record<WatchKind, readonly WatcherType[]>> = {
  data: ['Data'],
  exists: ['Data'],
  child: ['Children'],
  persistent: LASTING_TYPES,
  recursive: LASTING_TYPES,
}

/** A watcher that comes in. */
export class WatchRegistration implements WatchChange {
  readonly isRegistration = true
  readonly path: string
  readonly #watches: ZKWatchManager
  readonly #kind: WatchKind
  readonly #watcher: Watcher
  readonly types: readonly WatcherType[]

  constructor(watches: ZKWatchManager, kind: WatchKind, path: string, watcher: Watcher) {
    this.#watches = watches
    this.#kind = kind
    this.path = path
    this.#watcher = watcher
    this.types = TYPES_LEFT[kind]
  }

  arrive(code: Code): Code {
    const table = TABLE_BY_CODE[this.#kind][code]
    if (table !== undefined) this.#watches.add(table, this.path, this.#watcher)
    return code
  }
}

/** What is to be removed. */
export interface RemovalSpec {
  /** The server path. */
  readonly path: string
  readonly type: WatcherType
  /** Undefined for all watchers of the type. */
  readonly watcher: Watcher | undefined
  /** True if the watchers go even when the server could not be asked or has no such watch. */
  readonly isLocal: boolean
}

/** What the server may have a watch of when a watcher of the client is told that it was removed. */
const TYPES_REMOVED: Readonly<Record<RemovedWatchers['type'], readonly WatcherType[]>> = {
  DataWatchRemoved: ['Data'],
  ChildWatchRemoved: ['Children'],
  PersistentWatchRemoved: LASTING_TYPES,
}

/** Who has to know that watchers went. */
export interface RemovalSink {
  /** Queues the event that tells the watchers themselves. */
  tellRemoved(removed: RemovedWatchers, path: string, state: KeeperState): void
  /** Lets the server drop what nobody here waits for any more: all of the path, or those of the types that went. */
  releaseWatches(path: string, types: readonly WatcherType[]): void
}

/** Watchers that go out. */
export class WatchRemoval implements WatchChange {
  readonly isRegistration = false
  readonly types: readonly WatcherType[] = []
  readonly path: string
  readonly #watches: ZKWatchManager
  readonly #spec: RemovalSpec
  readonly #sink: RemovalSink

  constructor(watches: ZKWatchManager, spec: RemovalSpec, sink: RemovalSink) {
    this.#watches = watches
    this.#spec = spec
    this.path = spec.path
    this.#sink = sink
  }

  /** What the client itself does not have is NOWATCHER, whatever the server says. */
  arrive(code: Code): Code {
    const { path, type, watcher, isLocal } = this.#spec
    if (!this.#watches.contains(path, type, watcher)) return 'NOWATCHER'
    if (code !== 'OK' && !isLocal) return code
    const state = code === 'CONNECTIONLOSS' || code === 'SESSIONEXPIRED' ? 'Disconnected' : 'SyncConnected'
    const all = this.#watches.remove(path, type, watcher)
    for (const removed of all) this.#sink.tellRemoved(removed, path, state)
    // Without a watcher the server was asked to remove them; with one it was only asked whether they are there.
    if (watcher !== undefined)
      this.#sink.releaseWatches(
        path,
        all.flatMap((removed) => TYPES_REMOVED[removed.type]),
      )
    return 'OK'
  }
}
