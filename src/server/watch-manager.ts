/**
 * WatchManager: one table of watches, in two parts: the one-shot ones of reads, which can be millions, and the lasting ones of
 * `addWatch`. A pair of path and watcher can be in both, and counts once. A watcher is a connection; a server has two tables, data and
 * child (see `Watches`).
 */
import { countMembers, forEachMember, hasMember, type IntMembers, IntSets } from '../base/int-sets.js'
import type { Telling } from '../base/tap.js'
import type { ACL } from '../protocol/acl.js'
import type { Notification } from '../protocol/message.js'
import { parentOf, ROOT } from '../protocol/path.js'
import type { NodeEventType } from '../protocol/watched-event.js'
import type { VersionTraits } from './compatibility.js'
import type { WatchArmed, WatchRemoved, WatchTriggered } from './inspection.js'
import { LastingWatches } from './lasting-watches.js'
import { OneShotWatches } from './one-shot-watches.js'
import type { ServerWatcher } from './server-watcher.js'
import {
  ALL_MODES,
  modeNames,
  NO_MODES,
  PERSISTENT,
  RECURSIVE,
  STANDARD,
  type WatchModes,
  type WatchRemovalReason,
  type WatchTableName,
} from './watch-modes.js'

/** What happened, for a trigger. */
export interface TriggerEvent {
  readonly type: NodeEventType
  readonly path: string
  readonly zxid: number
  /** Of the znode that the event is about, at the event. */
  readonly acl: readonly ACL[]
}

/** Events of servers before 3.9 do not say what caused them. */
const NO_ZXID = -1
const LASTING = PERSISTENT | RECURSIVE

/** One table of watches. */
export class WatchManager {
  readonly #oneShot = new OneShotWatches()
  readonly #lasting = new LastingWatches()
  readonly #table: WatchTableName
  readonly #tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>
  readonly #traits: VersionTraits
  /** How many paths of a watcher are in both parts; nobody who has none. */
  readonly #inBoth = new Map<ServerWatcher, number>()
  #size = 0

  constructor(
    table: WatchTableName,
    tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>,
    traits: VersionTraits,
  ) {
    this.#traits = traits
    this.#table = table
    this.#tap = tap
  }

  /** How many (path, watcher) pairs there are. */
  get size(): number {
    return this.#size
  }

  /** How many paths the watcher has here. */
  countOf(watcher: ServerWatcher): number {
    const { size } = this.#lasting.pathsOf(watcher)
    return this.#oneShot.countOf(watcher) + size - (this.#inBoth.get(watcher) ?? 0)
  }

  /** The modes of the pair. */
  modesOf(path: string, watcher: ServerWatcher): WatchModes {
    const oneShot = this.#oneShot.has(path, watcher) ? STANDARD : NO_MODES
    return oneShot | this.#lasting.modesOf(path, watcher)
  }

  /** Adds a mode, or none, to the pair. Modes live side by side, or the later takes the place of the earlier (3.8). */
  addWatch(path: string, watcher: ServerWatcher, mode: WatchModes): void {
    if (mode === NO_MODES) return
    if (mode === STANDARD && this.#lasting.isEmpty && !this.#tap.isOpen) {
      if (this.#oneShot.add(path, watcher)) this.#size += 1
      return
    }
    if (this.#traits.hasOneModeAPath) this.#remove(path, watcher, ALL_MODES - mode, 'replaced')
    const before = this.modesOf(path, watcher)
    if ((before & mode) === mode) return
    if ((mode & STANDARD) !== 0) this.#oneShot.add(path, watcher)
    if ((mode & LASTING) !== 0) this.#lasting.set(path, watcher, (before | mode) & LASTING)
    if (before === NO_MODES) this.#size += 1
    this.#count(watcher, before, before | mode)
    if (this.#tap.isOpen) this.#tellArmed(path, watcher, mode)
  }

  /** Takes modes from the pair. True if it had one of them. */
  removeWatch(path: string, watcher: ServerWatcher, modes: WatchModes): boolean {
    return this.#remove(path, watcher, modes, 'requested')
  }

  /** Forgets a watcher; costs what it has, not what others have. */
  removeWatcher(watcher: ServerWatcher): void {
    for (const path of this.#tap.isOpen ? this.pathsOf(watcher) : [...this.#lasting.pathsOf(watcher).keys()])
      this.#remove(path, watcher, ALL_MODES, 'disconnected')
    this.#size -= this.#oneShot.countOf(watcher)
    this.#oneShot.forget(watcher)
  }

  /**
   * Calls once each watcher that has a watch for this event, and drops the one-shot watches of the exact path.
   * A suppressed watcher loses its one-shot watch too, but is not called. Returns who was found, suppressed or not.
   */
  triggerWatch(event: TriggerEvent, suppressed?: IntMembers): IntMembers {
    if (!this.#lasting.isEmpty || this.#tap.isOpen) return this.#triggerAll(event, suppressed)
    const found = this.#oneShot.take(event.path)
    if (found === undefined) return found
    this.#size -= countMembers(found)
    const notification = this.#notificationOf(event)
    if (typeof found === 'number') this.#tell(found, notification, event.acl, suppressed)
    else {
      const { acl } = event
      forEachMember(found, (id) => this.#tell(id, notification, acl, suppressed))
    }
    return found
  }

  /** The watchers of a path. */
  watchersOf(path: string): readonly ServerWatcher[] {
    return [...new Set([...this.#oneShot.watchersOf(path), ...this.#lasting.watchersOf(path).keys()])]
  }

  /** Whether anybody watches a path. */
  isWatched(path: string): boolean {
    return this.#oneShot.isWatched(path) || this.#lasting.watchersOf(path).size > 0
  }

  /** The paths of a watcher. */
  pathsOf(watcher: ServerWatcher): readonly string[] {
    return [...new Set([...this.#oneShot.pathsOf(watcher), ...this.#lasting.pathsOf(watcher).keys()])]
  }

  /** Paths that have a watcher. For reports. */
  get paths(): readonly string[] {
    return [...new Set([...this.#oneShot.paths, ...this.#lasting.paths])]
  }

  /** Watchers that have a path. For reports. */
  get watchers(): readonly ServerWatcher[] {
    return [...new Set([...this.#oneShot.watchers, ...this.#lasting.watchers])]
  }

  #tell(id: number, notification: Notification, acl: readonly ACL[], suppressed: IntMembers): void {
    if (suppressed === undefined || !hasMember(suppressed, id))
      this.#oneShot.watcherOf(id)?.process(notification, acl)
  }

  /** A trigger where lasting watches may match, or somebody listens. */
  #triggerAll(event: TriggerEvent, suppressed: IntMembers): IntMembers {
    const { path, type } = event
    const found = new IntSets()
    const watchers: ServerWatcher[] = []
    const find = (watcher: ServerWatcher): void => {
      if (found.add(0, watcher.id)) watchers.push(watcher)
    }
    for (const watcher of this.watchersOf(path)) {
      if (this.#tap.isOpen) this.#tellTriggered(path, watcher, ALL_MODES, event)
      // A recursive watch sees everything below it, but never a change of children.
      if (type !== 'NodeChildrenChanged' || this.modesOf(path, watcher) !== RECURSIVE) find(watcher)
    }
    if (type !== 'NodeChildrenChanged' && this.#lasting.hasRecursive) this.#findAbove(event, find)
    for (const watcher of watchers) this.#remove(path, watcher, STANDARD, 'triggered')
    const notification = this.#notificationOf(event)
    for (const watcher of watchers)
      if (!hasMember(suppressed, watcher.id)) watcher.process(notification, event.acl)
    return found.get(0)
  }

  #findAbove(event: TriggerEvent, find: (watcher: ServerWatcher) => void): void {
    for (let ancestor = event.path; ancestor !== ROOT; ) {
      ancestor = parentOf(ancestor)
      for (const [watcher, modes] of this.#lasting.watchersOf(ancestor)) {
        if ((modes & RECURSIVE) === 0) continue
        find(watcher)
        if (this.#tap.isOpen) this.#tellTriggered(ancestor, watcher, RECURSIVE, event)
      }
    }
  }

  #notificationOf({ type, path, zxid }: TriggerEvent): Notification {
    return { type, path, zxid: this.#traits.eventsHaveZxid ? zxid : NO_ZXID }
  }

  #remove(path: string, watcher: ServerWatcher, modes: WatchModes, why: WatchRemovalReason): boolean {
    const before = this.modesOf(path, watcher)
    const gone = before & modes
    if (gone === NO_MODES) return false
    if ((gone & STANDARD) !== 0) this.#oneShot.delete(path, watcher)
    if ((gone & LASTING) !== 0) this.#lasting.set(path, watcher, before & LASTING & ~gone)
    if (gone === before) this.#size -= 1
    this.#count(watcher, before, before & ~gone)
    if (this.#tap.isOpen) this.#tellRemoved(path, watcher, gone, why)
    return true
  }

  /** Keeps the number of paths that are in both parts. */
  #count(watcher: ServerWatcher, before: WatchModes, after: WatchModes): void {
    const change = Number(isInBoth(after)) - Number(isInBoth(before))
    if (change === 0) return
    const count = (this.#inBoth.get(watcher) ?? 0) + change
    if (count === 0) this.#inBoth.delete(watcher)
    else this.#inBoth.set(watcher, count)
  }

  #tellArmed(path: string, { sessionId }: ServerWatcher, modes: WatchModes): void {
    for (const mode of modeNames(modes))
      this.#tap.tell({ kind: 'watchArmed', sessionId, path, table: this.#table, mode })
  }

  #tellTriggered(
    watchPath: string,
    watcher: ServerWatcher,
    modes: WatchModes,
    { type, path, zxid }: TriggerEvent,
  ): void {
    const { sessionId } = watcher
    const ofPair = modeNames(this.modesOf(watchPath, watcher) & modes)
    const table = this.#table
    this.#tap.tell({ kind: 'watchTriggered', sessionId, watchPath, table, modes: ofPair, type, path, zxid })
  }

  #tellRemoved(path: string, { sessionId }: ServerWatcher, modes: WatchModes, why: WatchRemovalReason): void {
    this.#tap.tell({
      kind: 'watchRemoved',
      sessionId,
      path,
      table: this.#table,
      modes: modeNames(modes),
      why,
    })
  }
}

function isInBoth(modes: WatchModes): boolean {
  return (modes & STANDARD) !== 0 && (modes & LASTING) !== 0
}
