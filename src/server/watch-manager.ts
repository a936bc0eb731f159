/**
 * WatchManager: one table of watches. `watchTable` finds the watchers of a path, `watch2Paths` the paths of a watcher.
 * Invariant: both hold the same (path, watcher) pairs and no empty set. `#link` and `#unlink` alone edit them.
 * A watcher is a connection; a server has two tables, data and child (see `Watches`).
 */
import type { Telling } from '../base/tap.js'
import type { ACL } from '../protocol/acl.js'
import type { Notification } from '../protocol/message.js'
import { parentOf, ROOT } from '../protocol/path.js'
import type { NodeEventType } from '../protocol/watched-event.js'
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

const NO_PATHS: ReadonlyMap<string, WatchModes> = new Map<string, WatchModes>()
const NO_WATCHERS: ReadonlySet<ServerWatcher> = new Set<ServerWatcher>()

/** One table of watches. */
export class WatchManager {
  readonly #watchTable = new Map<string, Set<ServerWatcher>>()
  readonly #watch2Paths = new Map<ServerWatcher, Map<string, WatchModes>>()
  readonly #table: WatchTableName
  readonly #tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>
  #recursiveCount = 0
  #size = 0

  constructor(table: WatchTableName, tap: Telling<WatchArmed | WatchTriggered | WatchRemoved>) {
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

  /** Adds a mode to the pair; modes live side by side. */
  addWatch(path: string, watcher: ServerWatcher, mode: WatchModes): void {
    this.#link(path, watcher, mode)
  }

  /** The modes of the pair. */
  modesOf(path: string, watcher: ServerWatcher): WatchModes {
    return this.pathsOf(watcher).get(path) ?? NO_MODES
  }

  /** Takes modes from the pair. True if it had one of them. */
  removeWatch(path: string, watcher: ServerWatcher, modes: WatchModes): boolean {
    const had = this.modesOf(path, watcher) & modes
    if (had === NO_MODES) return false
    this.#unlink(path, watcher, had, 'requested')
    return true
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
    if (this.#size === 0) return NO_WATCHERS
    const found = this.#collect(event)
    if (found.size === 0) return found
    const { type, path, zxid, acl } = event
    for (const watcher of found) if (!suppressed.has(watcher)) watcher.process({ type, path, zxid }, acl)
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

  #collect(event: TriggerEvent): ReadonlySet<ServerWatcher> {
    const { path } = event
    const atPath = this.#watchTable.get(path)
    if (this.#recursiveCount === 0 && atPath === undefined) return NO_WATCHERS
    const found = new Set(atPath)
    if (this.#recursiveCount > 0) this.#collectRecursive(event, found)
    if (this.#tap.isOpen)
      for (const watcher of atPath ?? []) this.#tellTriggered(path, watcher, ALL_MODES, event)
    if (atPath !== undefined) this.#dropOneShots(path, found)
    return found
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

  #dropOneShots(path: string, found: ReadonlySet<ServerWatcher>): void {
    for (const watcher of found) {
      if ((this.modesOf(path, watcher) & STANDARD) !== 0) this.#unlink(path, watcher, STANDARD, 'triggered')
    }
  }

  #link(path: string, watcher: ServerWatcher, mode: WatchModes): void {
    const paths = this.#watch2Paths.get(watcher) ?? this.#meet(watcher)
    const before = paths.get(path) ?? NO_MODES
    if ((before & mode) === mode) return
    paths.set(path, before | mode)
    if (before === NO_MODES) {
      const watchers = this.#watchTable.get(path)
      if (watchers === undefined) this.#watchTable.set(path, new Set([watcher]))
      else watchers.add(watcher)
      this.#size += 1
    }
    if (mode === RECURSIVE) this.#recursiveCount += 1
    if (this.#tap.isOpen) this.#tellArmed(path, watcher, mode)
  }

  #unlink(path: string, watcher: ServerWatcher, modes: WatchModes, why: WatchRemovalReason): void {
    const paths = this.#watch2Paths.get(watcher)
    const before = paths?.get(path)
    if (paths === undefined || before === undefined) return
    const after = before & ~modes
    if ((before & ~after & RECURSIVE) !== 0) this.#recursiveCount -= 1
    if (after !== NO_MODES) paths.set(path, after)
    else this.#forget(path, watcher, paths)
    if (this.#tap.isOpen) this.#tellRemoved(path, watcher, before & modes, why)
  }

  #meet(watcher: ServerWatcher): Map<string, WatchModes> {
    const paths = new Map<string, WatchModes>()
    this.#watch2Paths.set(watcher, paths)
    return paths
  }

  #forget(path: string, watcher: ServerWatcher, paths: Map<string, WatchModes>): void {
    paths.delete(path)
    if (paths.size === 0) this.#watch2Paths.delete(watcher)
    const watchers = this.#watchTable.get(path)
    watchers?.delete(watcher)
    if (watchers?.size === 0) this.#watchTable.delete(path)
    this.#size -= 1
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
    const ofPair = modeNames(this.modesOf(watchPath, watcher) & modes)
    const { sessionId } = watcher
    this.#tap.tell({
      kind: 'watchTriggered',
      sessionId,
      watchPath,
      table: this.#table,
      modes: ofPair,
      type,
      path,
      zxid,
    })
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
