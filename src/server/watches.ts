/**
 * The two tables of watches, data and child, and which of them each registration and each change concerns.
 * The trigger matrix of ZooKeeper in one place: `nodeCreated`, `nodeDeleted`, `nodeDataChanged`. Called with changes applied.
 */
import type { Telling } from '../base/tap.js'
import type { ACL } from '../protocol/acl.js'
import { parentOf } from '../protocol/path.js'
import type { WatcherType } from '../protocol/watcher.js'
import type { VersionTraits } from './compatibility.js'
import type { WatchArmed, WatchRemoved, WatchTriggered } from './inspection.js'
import type { ServerWatcher } from './server-watcher.js'
import { WatchManager } from './watch-manager.js'
import { ALL_MODES, NO_MODES, PERSISTENT, RECURSIVE, STANDARD, type WatchModes } from './watch-modes.js'

/** A znode that came or went, with the ACLs that decide who may see it. Its parent shows it too. */
export interface ChildChange {
  readonly path: string
  readonly zxid: number
  readonly acl: readonly ACL[]
  readonly parentAcl: readonly ACL[]
}

/** How many watches there may be. */
export interface WatchLimits {
  readonly maxWatches: number
  readonly maxWatchesPerSession: number
}

interface TableModes {
  readonly data: WatchModes
  readonly child: WatchModes
}

/** Which modes of which table each type of watch is; `Any` is all that there may be. */
const MODES_OF: Readonly<Record<WatcherType, TableModes>> = {
  Children: { data: NO_MODES, child: STANDARD },
  Data: { data: STANDARD, child: NO_MODES },
  Any: { data: ALL_MODES, child: ALL_MODES },
  Persistent: { data: PERSISTENT, child: PERSISTENT },
  PersistentRecursive: { data: RECURSIVE, child: NO_MODES },
}

/** All watches of a server. */
export class Watches {
  /** Watches of getData and exists, and both lasting modes. */
  readonly data: WatchManager
  /** Watches of getChildren, and the persistent mode. */
  readonly child: WatchManager
  readonly #limits: WatchLimits
  readonly #traits: VersionTraits

  constructor(
    limits: WatchLimits,
    tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>,
    traits: VersionTraits,
  ) {
    this.#limits = limits
    this.#traits = traits
    this.data = new WatchManager('data', tap, traits)
    this.child = new WatchManager('child', tap, traits)
  }

  /** How many entries both tables have. */
  get size(): number {
    return this.data.size + this.child.size
  }

  /** Sets a watch of this type. False, and nothing done, if that goes over a limit. */
  add(type: Exclude<WatcherType, 'Any'>, path: string, watcher: ServerWatcher): boolean {
    const { data } = MODES_OF[type]
    const isInBoth = type === 'PersistentRecursive' && this.#traits.isRecursiveInBothTables
    const child = isInBoth ? data : MODES_OF[type].child
    const entries = Number(data !== NO_MODES) + Number(child !== NO_MODES)
    // Close to the limit, what is there already takes no room.
    if (!this.#hasRoom(watcher, entries)) {
      const isNewData = data !== NO_MODES && this.data.modesOf(path, watcher) === NO_MODES
      const isNewChild = child !== NO_MODES && this.child.modesOf(path, watcher) === NO_MODES
      if (!this.#hasRoom(watcher, Number(isNewData) + Number(isNewChild))) return false
    }
    this.data.addWatch(path, watcher, data)
    this.child.addWatch(path, watcher, child)
    return true
  }

  /** True if the watcher, or before 3.9 anybody, has a watch of this type on exactly this path. */
  contains(type: WatcherType, path: string, watcher: ServerWatcher): boolean {
    const { data, child } = this.#searched(type)
    if (this.#traits.checksWatchesOfAll) {
      const isWatched = data !== NO_MODES && this.data.isWatched(path)
      return isWatched || (child !== NO_MODES && this.child.isWatched(path))
    }
    return ((this.data.modesOf(path, watcher) & data) | (this.child.modesOf(path, watcher) & child)) !== 0
  }

  /** Removes the watcher's watches of this type on exactly this path. False if there was none. */
  remove(type: WatcherType, path: string, watcher: ServerWatcher): boolean {
    const { data, child } = this.#searched(type)
    const fromData = this.data.removeWatch(path, watcher, data)
    return this.child.removeWatch(path, watcher, child) || fromData
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
    if (this.size === 0) return
    const { path, zxid, acl, parentAcl } = change
    const event = { type: 'NodeDeleted', path, zxid, acl } as const
    const served = this.data.triggerWatch(event)
    if (this.child.size === 0) return
    this.child.triggerWatch(event, served)
    this.#childrenChanged(path, zxid, parentAcl)
  }

  /** Tells of new data. */
  nodeDataChanged(path: string, zxid: number, acl: readonly ACL[]): void {
    if (this.data.size > 0) this.data.triggerWatch({ type: 'NodeDataChanged', path, zxid, acl })
  }

  /** Where modes replace each other, a type means all that is in its table. */
  #searched(type: WatcherType): TableModes {
    const modes = MODES_OF[type]
    if (!this.#traits.hasOneModeAPath) return modes
    return {
      data: modes.data === NO_MODES ? NO_MODES : ALL_MODES,
      child: modes.child === NO_MODES ? NO_MODES : ALL_MODES,
    }
  }

  #childrenChanged(path: string, zxid: number, acl: readonly ACL[]): void {
    this.child.triggerWatch({ type: 'NodeChildrenChanged', path: parentOf(path), zxid, acl })
  }

  #hasRoom(watcher: ServerWatcher, entries: number): boolean {
    const ofWatcher = this.data.countOf(watcher) + this.child.countOf(watcher)
    return (
      entries === 0 ||
      (this.size + entries <= this.#limits.maxWatches &&
        ofWatcher + entries <= this.#limits.maxWatchesPerSession)
    )
  }
}
