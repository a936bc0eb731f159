/**
 * watchData: a znode's data as an async iterable: what it is now, and then what it has become whenever it has changed. Changes that
 * come faster than they are read become one, which says so; disconnections are survived, and expiry with a LastingClient.
 */
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import { checkClient, type RecipeClient } from './lasting-client.js'
import { checkWait } from './patience.js'
import { OneShot } from './until-changed.js'
import { type Sight, watchStates } from './watch-states.js'

/** What the data of a znode is now. */
export interface DataState {
  /** Null for a znode without data, and if there is no such znode. */
  readonly data: Uint8Array | null
  /** Null if there is no such znode. */
  readonly stat: Stat | null
  /** Whether states between the one before and this were missed, as far as versions tell: what was before a deletion leaves no trace. */
  readonly isGap: boolean
}

/** What watchData and watchChildren take. */
export interface WatchStateOptions {
  /** Ends the iteration. */
  readonly signal?: AbortSignalLike | undefined
}

/**
 * Iterates over the states of the data. Leaving the loop leaves no watch behind; who waits in `next()` is ended by the signal, not by
 * `return()`.
 * @throws TypeError at the call; KeeperException SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH in the loop
 */
export function watchData(
  client: RecipeClient,
  path: string,
  options: WatchStateOptions = {},
): AsyncGenerator<DataState, void, undefined> {
  checkClient(client)
  validatePath(path)
  checkWait(options, ['signal'])
  return watchStates(client, path, options.signal, (zk) => look(zk, path, options.signal), differ)
}

interface Found {
  readonly data: Uint8Array | null
  readonly stat: Stat | null
}

async function look(zk: ZooKeeper, path: string, signal: AbortSignalLike | undefined): Promise<Sight<Found>> {
  for (;;) {
    const watch = new OneShot(zk, path, 'Data')
    try {
      return { state: await zk.getData(path, { watcher: watch.watcher, signal }), watch }
    } catch (error) {
      if (!isKeeperException(error, 'NONODE')) throw error
    }
    const coming = new OneShot(zk, path, 'Data')
    const stat = await zk.exists(path, { watcher: coming.watcher, signal })
    if (stat === null) return { state: { data: null, stat: null }, watch: coming }
    coming.remove()
  }
}

/** A znode is the same by its czxid, and its data by the mzxid: versions begin anew. */
function differ({ data, stat }: Found, before: Found | undefined): DataState | undefined {
  if (before === undefined) return { data, stat, isGap: false }
  const was = before.stat
  if (stat?.mzxid === was?.mzxid) return undefined
  const isNext =
    was?.czxid === stat?.czxid
      ? stat?.version === (was?.version ?? 0) + 1
      : was === null && stat?.version === 0
  return { data, stat, isGap: stat !== null && !isNext }
}
