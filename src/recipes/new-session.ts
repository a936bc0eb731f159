/**
 * The beginning of a session that is not the first one: its server may lag behind what the server of the last one has shown, so it
 * catches up before anything is read. Within a session no server may do that.
 */
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'

/** Resolves once the server has all that was written before; one that is cut off (`canBeReadOnly`) cannot, and shows what it has. @throws KeeperException */
export async function catchUpInNewSession(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  try {
    await zk.sync(path, { signal })
  } catch (error) {
    if (!isKeeperException(error, 'NOTREADONLY')) throw error
  }
}
