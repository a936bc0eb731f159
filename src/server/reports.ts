/** Reports: read-only views of a server as plain copies, for tests, tools and teachers. They never touch what they show. */
import type { ACL } from '../protocol/acl.js'
import type { OwnerKind } from '../protocol/ephemeral-owner.js'
import type { Bytes } from '../protocol/message.js'
import type { Stat } from '../protocol/stat.js'
import type { DataTree } from './data-tree.js'
import type { ServerWatcher } from './server-watcher.js'
import type { SessionTracker, Timing } from './session-tracker.js'
import type { WatchManager } from './watch-manager.js'
import { modeNames, type WatchModeName, type WatchTableName } from './watch-modes.js'
import type { Watches } from './watches.js'

/** A znode as a report shows it. */
export interface ZnodeReport {
  readonly path: string
  readonly data: Bytes
  readonly acl: readonly ACL[]
  readonly stat: Stat
  readonly kind: OwnerKind
}

/** A watch as a report shows it: one session, one path, one table. */
export interface WatchReport {
  readonly sessionId: bigint
  readonly path: string
  readonly table: WatchTableName
  readonly modes: readonly WatchModeName[]
}

/** A session as a report shows it. */
export interface SessionReport {
  readonly id: bigint
  readonly timeoutMs: number
  readonly isConnected: boolean
  /** In the order of their creation. */
  readonly ephemerals: readonly string[]
}

/** How much there is. */
export interface Counts {
  /** The last zxid. */
  readonly zxid: bigint
  /** The reserved ones included. */
  readonly znodes: number
  readonly ephemerals: number
  readonly sessions: number
  /** Entries of both tables; a persistent watch has two. */
  readonly watches: number
  /** Bytes of data of all znodes. */
  readonly dataBytes: number
}

/** Views of one server. */
export class Reports {
  readonly #tree: DataTree
  readonly #watches: Watches
  readonly #tracker: SessionTracker

  constructor(tree: DataTree, watches: Watches, tracker: SessionTracker) {
    this.#tree = tree
    this.#watches = watches
    this.#tracker = tracker
  }

  /** Every znode, a parent before its children. */
  znodes(): ZnodeReport[] {
    return Array.from(this.#tree.entries(), ([path, node]) => ({
      path,
      data: node.copyData(),
      acl: node.acl.map((entry) => ({ ...entry })),
      stat: node.stat(),
      kind: node.kind,
    }))
  }

  /** Every watch, path by path, as `watchTable` holds them: the data table first. */
  watchesByPath(): ReadonlyMap<string, readonly WatchReport[]> {
    const byPath = new Map<string, WatchReport[]>()
    for (const [table, manager] of this.#tables()) {
      for (const path of manager.paths) {
        const watches = manager.watchersOf(path).map((watcher) => describe(table, path, manager, watcher))
        byPath.set(path, [...(byPath.get(path) ?? []), ...watches])
      }
    }
    return byPath
  }

  /** Every watch, session by session, as `watch2Paths` holds them: the data table first. */
  watchesBySession(): ReadonlyMap<bigint, readonly WatchReport[]> {
    const bySession = new Map<bigint, WatchReport[]>()
    for (const [table, manager] of this.#tables()) {
      for (const watcher of manager.watchers) {
        const watches = manager.pathsOf(watcher).map((path) => describe(table, path, manager, watcher))
        const sessionId = watcher.sessionId
        bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), ...watches])
      }
    }
    return bySession
  }

  /** Every session, in the order of their opening. */
  sessions(): SessionReport[] {
    return Array.from(this.#tracker.sessions, ({ id, timeoutMs, cnxn }) => ({
      id,
      timeoutMs,
      isConnected: cnxn !== undefined,
      ephemerals: [...this.#tree.owned.ephemeralsOf(id)],
    }))
  }

  /** The unit of time and the bounds of session timeouts, in milliseconds. */
  timing(): Timing {
    return this.#tracker.timing
  }

  /** Milliseconds until a session expires if nothing is heard of it; Infinity if there is no such time, or no such session. */
  expiresInMs(sessionId: bigint): number {
    return this.#tracker.expiresInMs(sessionId)
  }

  /** How much there is of everything. */
  counts(): Counts {
    return {
      zxid: BigInt(this.#tree.lastZxid),
      znodes: this.#tree.nodeCount,
      ephemerals: this.#tree.owned.ephemeralCount,
      sessions: this.#tracker.size,
      watches: this.#watches.size,
      dataBytes: this.#tree.dataBytes,
    }
  }

  #tables(): readonly (readonly [WatchTableName, WatchManager])[] {
    return [
      ['data', this.#watches.data],
      ['child', this.#watches.child],
    ]
  }
}

function describe(
  table: WatchTableName,
  path: string,
  manager: WatchManager,
  watcher: ServerWatcher,
): WatchReport {
  return { sessionId: watcher.sessionId, path, table, modes: modeNames(manager.modesOf(path, watcher)) }
}
