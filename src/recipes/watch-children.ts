/**
 * watchChildren: a znode's children as an async iterable: who is there now, and then who has come and gone whenever that changes.
 * Changes that come faster than they are read become one, which says so; disconnections are survived, and expiry with a LastingClient.
 */
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import { checkClient, type RecipeClient } from './lasting-client.js'
import { checkWait } from './patience.js'
import { OneShot } from './until-changed.js'
import type { WatchStateOptions } from './watch-data.js'
import { type Sight, watchStates } from './watch-states.js'

/** The children of a znode now, and what has changed. */
export interface ChildrenState {
  /** Their names in the order of their code units; none if there is no such znode. */
  readonly children: readonly string[]
  /** Those that were not there in the state before; in the first state, all. */
  readonly added: readonly string[]
  /** Those that were there in the state before and are not any more. */
  readonly removed: readonly string[]
  /** The Stat of their parent; null if there is no such znode. */
  readonly stat: Stat | null
  /**
   * Whether children have come or gone in between that were not seen, as far as the parent's cversion tells: one of the same name
   * may have come back. What was before the parent was deleted leaves no trace.
   */
  readonly isGap: boolean
}

interface Found {
  readonly children: readonly string[]
  readonly stat: Stat | null
}

/**
 * Iterates over the states of the children. Leaving the loop leaves no watch behind; who waits in `next()` is ended by the signal, not
 * by `return()`.
 * @throws TypeError at the call; KeeperException SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH in the loop
 */
export function watchChildren(
  client: RecipeClient,
  path: string,
  options: WatchStateOptions = {},
): AsyncGenerator<ChildrenState, void, undefined> {
  checkClient(client)
  validatePath(path)
  checkWait(options, ['signal'])
  return watchStates(client, path, options.signal, (zk) => look(zk, path, options.signal), differ)
}

async function look(zk: ZooKeeper, path: string, signal: AbortSignalLike | undefined): Promise<Sight<Found>> {
  for (;;) {
    const watch = new OneShot(zk, path, 'Children')
    try {
      const { children, stat } = await zk.getChildren(path, { watcher: watch.watcher, signal })
      return { state: { children: children.sort(), stat }, watch }
    } catch (error) {
      if (!isKeeperException(error, 'NONODE')) throw error
    }
    const coming = new OneShot(zk, path, 'Data')
    const stat = await zk.exists(path, { watcher: coming.watcher, signal })
    if (stat === null) return { state: { children: [], stat }, watch: coming }
    coming.remove()
  }
}

/** The parent is the same by its czxid; its cversion counts each child that comes or goes. */
function differ({ children, stat }: Found, before: Found | undefined): ChildrenState | undefined {
  if (before === undefined) return { children, added: children, removed: [], stat, isGap: false }
  const [now, then] = [new Set(children), new Set(before.children)]
  const added = children.filter((name) => !then.has(name))
  const removed = before.children.filter((name) => !now.has(name))
  const isSame = stat?.czxid === before.stat?.czxid
  const changes = (stat?.cversion ?? 0) - (isSame ? (before.stat?.cversion ?? 0) : 0)
  if (isSame && changes === 0) return undefined
  // Between two parents there was none, and all children had gone.
  const isOther = !isSame && before.stat !== null
  const isGap = stat !== null && (isOther || changes !== added.length + removed.length)
  return { children, added, removed, stat, isGap }
}
