/** All who stand in a line: their names, and what they say about themselves. */
import { decodeUtf8 } from '../base/platform.js'
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath } from '../protocol/path.js'
import type { Watcher } from '../protocol/watcher.js'
import { byNumber, type ContenderName, findContender } from './contender-name.js'
import { type RecipeClient, within } from './lasting-client.js'
import type { WaitOptions } from './patience.js'
import { persist } from './retry.js'

/** All who stand in a line, the first one first. @throws KeeperException, the signal's reason */
export async function contendersOf(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
): Promise<ContenderName[]> {
  return inOrder(await childrenOf(zk, path, signal))
}

/** What those who stand in a line have as their identifiers, the first one first. @throws KeeperException, TimeoutError, the signal's reason */
export function identifiersOf(client: RecipeClient, path: string, options: WaitOptions): Promise<string[]> {
  return identifiersIn(client, path, options, (names) => inOrder(names).map(({ name }) => name))
}

/** The data of the children that are chosen, as text. @throws KeeperException, TimeoutError, the signal's reason */
export function identifiersIn(
  client: RecipeClient,
  path: string,
  options: WaitOptions,
  choose: (names: readonly string[]) => readonly string[],
): Promise<string[]> {
  return within(client, options, `read who is at ${path}`, async (zk, signal) => {
    const names = choose(await childrenOf(zk, path, signal))
    const found = await Promise.all(names.map((name) => identifierOf(zk, childPath(path, name), signal)))
    return found.filter((identifier) => identifier !== undefined)
  })
}

/** The names of the children; none if there is no such znode. @throws KeeperException, the signal's reason */
export async function childrenOf(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
): Promise<readonly string[]> {
  return (await findChildren(zk, path, signal)) ?? []
}

/** The names of the children; undefined if there is no such znode, and then no watch either. @throws KeeperException, the signal's reason */
export async function findChildren(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
  watcher?: Watcher,
): Promise<readonly string[] | undefined> {
  try {
    return (await persist(zk, () => zk.getChildren(path, { watcher, signal }), signal)).children
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return undefined
    throw error
  }
}

function inOrder(names: readonly string[]): ContenderName[] {
  return names
    .map(findContender)
    .filter((one) => one !== undefined)
    .sort(byNumber)
}

/** Undefined for one that has left meanwhile. */
async function identifierOf(
  zk: ZooKeeper,
  path: string,
  signal: AbortSignalLike | undefined,
): Promise<string | undefined> {
  try {
    const { data } = await persist(zk, () => zk.getData(path, { signal }), signal)
    return decodeUtf8(data ?? new Uint8Array(0))
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return undefined
    throw error
  }
}
