/**
 * WatchManager: one table of watches. `watchTable` finds the watchers of a path, `watch2Paths` the paths of a watcher.
 * Invariant: both hold the same (path, watcher) pairs and no empty set. `#link` and `#unlink` alone edit them.
 * A watcher is a connection; a server has two tables, data and child (see `Watches`).
 */
import { addTo, deleteFrom } from '../base/set-map.js'
import type { Telling } from '../base/tap.js'
import type { ACL } from '../protocol/acl.js'
import type { Notification } from '../protocol/message.js'
import { parentOf, ROOT } from '../protocol/path.js'
import type { NodeEventType } from '../protocol/watched-event.js'
import type { VersionTraits } from './compatibility.js'
import type { WatchArmed, WatchRemoved, WatchTriggered } from './inspection.js'
import {
  ALL_MODES,
  modeNames,
  NO_MODES,
  RECURSIVE,
  STANDARD,
  type WatchModes,
  type WatchRemovalReason,
  type WatchTableName,
} from './watch-modes.js'

/** Where events go: a connection. */
export interface ServerWatcher {
  /** The session it speaks for; 0n before the handshake. For reports. */
  readonly sessionId: bigint
  /** Takes one event, with the ACL that decides whether this connection may see it. Called once a trigger; must not throw. */
  process(event: Notification, acl: readonly ACL[]): void
}

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
const NO_PATHS: ReadonlyMap<string, WatchModes> = new Map<string, WatchModes>()
const NO_WATCHERS: ReadonlySet<ServerWatcher> = new Set<ServerWatcher>()

/** One table of watches. */
export class WatchManager {
  readonly #watchTable = new Map<string, Set<ServerWatcher>>()
  readonly #watch2Paths = new Map<ServerWatcher, Map<string, WatchModes>>()
  readonly #table: WatchTableName
  readonly #tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>
  readonly #traits: VersionTraits
  #recursiveCount = 0
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
    return this.pathsOf(watcher).size
  }

  /** Adds a mode, or none, to the pair. Modes live side by side, or the later takes the place of the earlier (3.8). */
  addWatch(path: string, watcher: ServerWatcher, mode: WatchModes): void {
    if (this.#traits.hasOneModeAPath && mode !== NO_MODES)
      this.#unlink(path, watcher, ALL_MODES - mode, 'replaced')
    this.#link(path, watcher, mode)
  }

  /** The modes of the pair. */
  modesOf(path: string, watcher: ServerWatcher): WatchModes {
    return this.pathsOf(watcher).get(path) ?? NO_MODES
  }

  /** Takes modes from the pair. True if it had one of them. */
  removeWatch(path: string, watcher: ServerWatcher, modes: WatchModes): boolean {
    return this.#unlink(path, watcher, modes, 'requested')
  }

  /** Forgets a watcher; costs what it has, not what others have. */
  removeWatcher(watcher: ServerWatcher): void {
    for (const path of [...this.pathsOf(watcher).keys()])
      this.#unlink(path, watcher, ALL_MODES, 'disconnected')
  }

  /**
   * Calls once each watcher that has a watch for this event, and drops the one-shot watches of the exact path.
   * A suppressed watcher loses its one-shot watch too, but is not called. Returns who was found, suppressed or not.
   */
  triggerWatch(
    event: TriggerEvent,
    suppressed: ReadonlySet<ServerWatcher> = NO_WATCHERS,
  ): ReadonlySet<ServerWatcher> {
    const { type, path, zxid, acl } = event
    const atPath = this.#watchTable.get(path)
    if (this.#recursiveCount === 0 && atPath === undefined) return NO_WATCHERS
    const found = new Set(atPath)
    if (this.#recursiveCount > 0) this.#considerRecursive(event, found)
    if (this.#tap.isOpen)
      for (const watcher of atPath ?? []) this.#tellTriggered(path, watcher, ALL_MODES, event)
    if (atPath !== undefined) for (const watcher of found) this.#unlink(path, watcher, STANDARD, 'triggered')
    const told = this.#traits.eventsHaveZxid ? zxid : NO_ZXID
    for (const watcher of found)
      if (!suppressed.has(watcher)) watcher.process({ type, path, zxid: told }, acl)
    return found
  }

  /** The watchers of a path, in the order of their coming. For reports. */
  watchersOf(path: string): ReadonlySet<ServerWatcher> {
    return this.#watchTable.get(path) ?? NO_WATCHERS
  }

  /** The paths of a watcher with their modes, in the order of their coming. */
  pathsOf(watcher: ServerWatcher): ReadonlyMap<string, WatchModes> {
    return this.#watch2Paths.get(watcher) ?? NO_PATHS
  }

  /** Paths that have a watcher. For reports. */
  get paths(): Iterable<string> {
    return this.#watchTable.keys()
  }

  /** Watchers that have a path. For reports. */
  get watchers(): Iterable<ServerWatcher> {
    return this.#watch2Paths.keys()
  }

  /** A recursive watch sees everything below it, but never a change of children. */
  #considerRecursive(event: TriggerEvent, found: Set<ServerWatcher>): void {
    if (event.type !== 'NodeChildrenChanged') return this.#collectRecursive(event, found)
    for (const watcher of found) if (this.modesOf(event.path, watcher) === RECURSIVE) found.delete(watcher)
  }

  #collectRecursive(event: TriggerEvent, found: Set<ServerWatcher>): void {
    for (let ancestor = event.path; ancestor !== ROOT; ) {
      ancestor = parentOf(ancestor)
      for (const watcher of this.watchersOf(ancestor)) {
        if ((this.modesOf(ancestor, watcher) & RECURSIVE) === 0) continue
        found.add(watcher)
        if (this.#tap.isOpen) this.#tellTriggered(ancestor, watcher, RECURSIVE, event)
      }
    }
  }

  #link(path: string, watcher: ServerWatcher, mode: WatchModes): void {
    const before = this.modesOf(path, watcher)
    if ((before & mode) === mode) return
    const paths = this.#watch2Paths.get(watcher) ?? new Map<string, WatchModes>()
    if (paths.size === 0) this.#watch2Paths.set(watcher, paths)
    paths.set(path, before | mode)
    if (before === NO_MODES) {
      addTo(this.#watchTable, path, watcher)
      this.#size += 1
    }
    if (mode === RECURSIVE) this.#recursiveCount += 1
    if (this.#tap.isOpen) this.#tellArmed(path, watcher, mode)
  }

  #unlink(path: string, watcher: ServerWatcher, modes: WatchModes, why: WatchRemovalReason): boolean {
    const paths = this.#watch2Paths.get(watcher)
    const before = paths?.get(path) ?? NO_MODES
    const gone = before & modes
    if (paths === undefined || gone === NO_MODES) return false
    if ((gone & RECURSIVE) !== 0) this.#recursiveCount -= 1
    if (gone !== before) paths.set(path, before - gone)
    else {
      paths.delete(path)
      if (paths.size === 0) this.#watch2Paths.delete(watcher)
      deleteFrom(this.#watchTable, path, watcher)
      this.#size -= 1
    }
    if (this.#tap.isOpen) this.#tellRemoved(path, watcher, gone, why)
    return true
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
