/**
 * The two tables of watches, data and child, and which of them each registration and each change concerns.
 * The trigger matrix of ZooKeeper in one place: `nodeCreated`, `nodeDeleted`, `nodeDataChanged`. Called with changes applied.
 */
import { unreachable } from '../base/invariant.js'
import type { Telling } from '../base/tap.js'
import type { ACL } from '../protocol/acl.js'
import { parentOf } from '../protocol/path.js'
import type { AddWatchMode, WatcherType } from '../protocol/watcher.js'
import type { WatchArmed, WatchRemoved, WatchTriggered } from './inspection.js'
import { type ServerWatcher, WatchManager } from './watch-manager.js'
import {
  ALL_MODES,
  PERSISTENT,
  RECURSIVE,
  STANDARD,
  type WatchModes,
  type WatchTableName,
} from './watch-modes.js'

/** A change of a znode, with the ACLs that decide who may see it. */
export interface NodeChange {
  readonly path: string
  readonly zxid: number
  readonly acl: readonly ACL[]
}

/** A change that the parent shows too. */
export interface ChildChange extends NodeChange {
  readonly parentAcl: readonly ACL[]
}

/** How many watches there may be. */
export interface WatchLimits {
  readonly maxWatches: number
  readonly maxWatchesPerSession: number
}

/** Which tables a WatcherType looks at, and for which modes. */
const LOOKS_AT: Readonly<Record<WatcherType, { readonly data: WatchModes; readonly child: WatchModes }>> = {
  Children: { data: 0, child: STANDARD },
  Data: { data: STANDARD, child: 0 },
  Any: { data: ALL_MODES, child: ALL_MODES },
  Persistent: { data: PERSISTENT, child: PERSISTENT },
  PersistentRecursive: { data: RECURSIVE, child: 0 },
}

/** All watches of a server. */
export class Watches {
  /** Watches of getData and exists, and both lasting modes. */
  readonly data: WatchManager
  /** Watches of getChildren, and the persistent mode. */
  readonly child: WatchManager
  readonly #limits: WatchLimits

  constructor(limits: WatchLimits, tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>) {
    this.#limits = limits
    this.data = new WatchManager('data', tap)
    this.child = new WatchManager('child', tap)
  }

  /** How many entries both tables have. */
  get size(): number {
    return this.data.size + this.child.size
  }

  /** Arms a one-shot watch. False, and nothing done, if that goes over a limit. */
  addOneShot(table: WatchTableName, path: string, watcher: ServerWatcher): boolean {
    const manager = table === 'data' ? this.data : this.child
    if (manager.modesOf(path, watcher) === 0 && !this.#hasRoom(watcher, 1)) return false
    manager.addWatch(path, watcher, STANDARD)
    return true
  }

  /** Sets a watch that stays. False, and nothing done, if that goes over a limit. */
  addLasting(mode: AddWatchMode, path: string, watcher: ServerWatcher): boolean {
    switch (mode) {
      case 'PERSISTENT':
        if (!this.#hasRoom(watcher, this.#newEntries(path, watcher))) return false
        this.data.addWatch(path, watcher, PERSISTENT)
        this.child.addWatch(path, watcher, PERSISTENT)
        return true
      case 'PERSISTENT_RECURSIVE':
        if (this.data.modesOf(path, watcher) === 0 && !this.#hasRoom(watcher, 1)) return false
        this.data.addWatch(path, watcher, RECURSIVE)
        return true
      default:
        return unreachable(mode)
    }
  }

  /** True if the watcher has a watch of this type on exactly this path. */
  contains(type: WatcherType, path: string, watcher: ServerWatcher): boolean {
    const { data, child } = LOOKS_AT[type]
    return (
      (this.data.modesOf(path, watcher) & data) !== 0 || (this.child.modesOf(path, watcher) & child) !== 0
    )
  }

  /** Removes the watcher's watches of this type on exactly this path. False if there was none. */
  remove(type: WatcherType, path: string, watcher: ServerWatcher): boolean {
    const { data, child } = LOOKS_AT[type]
    const fromData = this.data.removeWatch(path, watcher, data)
    const fromChild = this.child.removeWatch(path, watcher, child)
    return fromData || fromChild
  }

  /** Forgets everything of a connection that is gone. */
  removeWatcher(watcher: ServerWatcher): void {
    this.data.removeWatcher(watcher)
    this.child.removeWatcher(watcher)
  }

  /** Tells of a znode that came to be. */
  nodeCreated(change: ChildChange): void {
    const { path, zxid, acl, parentAcl } = change
    if (this.data.size > 0) this.data.triggerWatch({ type: 'NodeCreated', path, zxid, acl })
    if (this.child.size > 0) this.#childrenChanged(path, zxid, parentAcl)
  }

  /** Tells of a znode that went. A connection with both kinds of watch on it hears of it once. */
  nodeDeleted(change: ChildChange): void {
    const { path, zxid, acl, parentAcl } = change
    const event = { type: 'NodeDeleted', path, zxid, acl } as const
    const served = this.data.triggerWatch(event)
    if (this.child.size === 0) return
    this.child.triggerWatch(event, served)
    this.#childrenChanged(path, zxid, parentAcl)
  }

  /** Tells of new data. */
  nodeDataChanged(change: NodeChange): void {
    const { path, zxid, acl } = change
    if (this.data.size > 0) this.data.triggerWatch({ type: 'NodeDataChanged', path, zxid, acl })
  }

  #childrenChanged(path: string, zxid: number, acl: readonly ACL[]): void {
    this.child.triggerWatch({ type: 'NodeChildrenChanged', path: parentOf(path), zxid, acl })
  }

  #newEntries(path: string, watcher: ServerWatcher): number {
    return (
      (this.data.modesOf(path, watcher) === 0 ? 1 : 0) + (this.child.modesOf(path, watcher) === 0 ? 1 : 0)
    )
  }

  #hasRoom(watcher: ServerWatcher, entries: number): boolean {
    const ofWatcher = this.data.countOf(watcher) + this.child.countOf(watcher)
    return (
      this.size + entries <= this.#limits.maxWatches &&
      ofWatcher + entries <= this.#limits.maxWatchesPerSession
    )
  }
}
