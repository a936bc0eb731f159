/**
 * TreeNews: what a recursive watch has told and nobody has looked at yet: paths, each once, or that anything may have changed. It knows
 * whether the server has the watch.
 */

import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import { isAtOrBelow, parentOf } from '../protocol/path.js'
import { NO_ZXID, type WatchedEvent } from '../protocol/watched-event.js'
import { ignore } from './ignore.js'
import { codeOfEnd } from './session-end.js'

/** News of the tree at a path, in one session. */
export class TreeNews {
  readonly #top: string
  readonly #paths = new Set<string>()
  #isGap = true
  #needsWatch = true
  /** Whether the server has kinds of watch beside each other; one whose events have zxids does. */
  #keepsKinds = false
  #end: Code | undefined
  #wake: () => void = ignore

  /** At first, there is no watch, and anything may have changed. */
  constructor(top: string) {
    this.#top = top
  }

  readonly watcher = ({ type, state, path, zxid }: WatchedEvent): void => {
    if (zxid !== NO_ZXID) this.#keepsKinds = true
    if (type === 'None') {
      this.#end ??= codeOfEnd(state)
      // The watch was set anew, by another server perhaps, and what happened meanwhile was told to nobody.
      if (state === 'SyncConnected' || state === 'ConnectedReadOnly') this.#isGap = true
      this.#keepsKinds = false
    } else if (type === 'PersistentWatchRemoved') this.#end ??= 'NOWATCHER'
    else if (path !== null) {
      this.#paths.add(path)
      // Nobody is told that the Stat of the parent has changed, too.
      if (type !== 'NodeDataChanged' && path !== this.#top) this.#paths.add(parentOf(path))
    }
    this.#wake()
  }

  /** Another watch comes to the same path: unless the server keeps both, this one is gone. */
  readonly displaced = (): void => {
    if (!this.#keepsKinds) this.missed({ needsWatch: true })
    this.#wake()
  }

  /** Whether there is something to look at. @throws KeeperException if the session is over */
  get has(): boolean {
    if (this.#end !== undefined) throw new KeeperException(this.#end, this.#top)
    return this.#isGap || this.#paths.size > 0
  }

  /** Whether the watch has to be set before anything is looked at. */
  takeNeed(): boolean {
    const needsWatch = this.#needsWatch
    this.#needsWatch = false
    return needsWatch
  }

  /** Whether anything may have changed; then the paths are worth nothing any more. */
  takeGap(): boolean {
    const isGap = this.#isGap
    this.#isGap = false
    if (isGap) this.#paths.clear()
    return isGap
  }

  /** The paths of which something was told since the last time. */
  takePaths(): string[] {
    const paths = [...this.#paths].filter((path) => isAtOrBelow(path, this.#top))
    this.#paths.clear()
    return paths
  }

  /** What was taken has not been looked at after all, or not been told. */
  missed({ needsWatch }: { readonly needsWatch: boolean }): void {
    this.#isGap = true
    this.#needsWatch ||= needsWatch
  }

  /** Resolves when there is something. */
  come(): Promise<void> {
    if (this.#isGap || this.#paths.size > 0 || this.#end !== undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
