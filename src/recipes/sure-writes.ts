/**
 * Writes of recipes that happen once however often the connection breaks: a create whose reply was lost is found again by its unique
 * name, a delete that is tried again takes away none that came after it. Parents that are missing are created.
 */
import { invariant } from '../base/invariant.js'
import type { AbortSignalLike } from '../client/abort.js'
import type { Data } from '../client/data-taker.js'
import { Op } from '../client/op.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import type { CreateMode } from '../protocol/create-mode.js'
import {
  isKeeperException,
  isRetryable,
  isSessionFatal,
  KeeperException,
} from '../protocol/keeper-exception.js'
import { childPath } from '../protocol/path.js'
import { ignore } from './ignore.js'
import { persist } from './retry.js'

/** What a missing parent is created as: a container, which the server removes once it is empty again, or one that stays. */
export type ParentMode = 'CONTAINER' | 'PERSISTENT'

/** A parent to create unless it is there; what is missing above it is persistent. */
export interface Parent {
  readonly path: string
  readonly mode: ParentMode
  readonly acl: readonly ACL[] | undefined
}

/** A znode to create whose name nobody else gives. */
export interface UniqueZnode {
  /** Created if it is missing. */
  readonly parent: string
  readonly parentMode: ParentMode
  /** What the name begins with or, unless the mode is sequential, the name. */
  readonly prefix: string
  readonly mode: CreateMode
  readonly data: Data
  readonly acl: readonly ACL[] | undefined
  /** Another znode, without which this one is not created: NONODE for its path then. */
  readonly onlyWith?: string
  /** Told when the create is given up: what resolves once that which it may have made is gone, or the session is. */
  readonly withdrawn?: (gone: Promise<void>) => void
}

/** A znode that was created: this one, and not another that comes to have its path. */
export interface CreatedZnode {
  readonly path: string
  readonly czxid: bigint
}

/** A race for a container that vanishes is lost by chance; so many times in a row is no chance. */
const MAX_RACES = 100

/** Creates the znode once. When it gives up, what was created goes as soon as it can. @throws KeeperException, the signal's reason */
export async function createOnce(
  zk: ZooKeeper,
  znode: UniqueZnode,
  signal: AbortSignalLike | undefined,
): Promise<CreatedZnode> {
  let mayExist = false
  try {
    return await persist(
      zk,
      async (tries) => {
        const found = tries === 1 ? undefined : await find(zk, znode, signal)
        if (found !== undefined) return found
        mayExist = true
        return await create(zk, znode, signal)
      },
      signal,
    )
  } catch (error) {
    if (mayExist && (signal?.aborted === true || isRetryable(error))) {
      const gone = withdraw(zk, znode)
      znode.withdrawn?.(gone)
    }
    throw error
  }
}

/**
 * Deletes this znode, and none that comes to its path once a try was applied, though nobody has heard of that. The first try takes
 * what is there, so where others give the same name, that has to be what is wanted. Resolves once it is gone.
 * @throws KeeperException NOTEMPTY, NOAUTH, SESSIONEXPIRED; the signal's reason
 */
export async function deleteThis(
  zk: ZooKeeper,
  { path, czxid }: CreatedZnode,
  signal?: AbortSignalLike,
): Promise<void> {
  await persist(
    zk,
    async (tries) => {
      // An earlier try may have been applied, and somebody else have come since.
      if (tries > 1 && (await findCzxid(zk, path, signal)) !== czxid) return
      await zk.delete(path, -1, { signal }).catch(unlessGone)
    },
    signal,
  )
}

/** The same for an ephemeral znode of this client, which the end of the session takes along. @throws KeeperException NOAUTH */
export async function deleteEphemeral(zk: ZooKeeper, znode: CreatedZnode): Promise<void> {
  try {
    await deleteThis(zk, znode)
  } catch (error) {
    if (!isSessionFatal(error)) throw error
  }
}

/** Creates the znodes of the path that are missing; a container only where the server knows containers. */
export async function ensureParent(
  zk: ZooKeeper,
  { path, mode, acl }: Parent,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  try {
    await zk.createAll(path, null, { mode, acl, signal })
  } catch (error) {
    if (mode === 'PERSISTENT' || !isKeeperException(error, 'UNIMPLEMENTED')) throw error
    await zk.createAll(path, null, { acl, signal })
  }
}

/** The czxid of what is there now, after everything that this client has sent; undefined if there is nothing. @throws KeeperException */
export async function findCzxid(
  zk: ZooKeeper,
  path: string,
  signal?: AbortSignalLike,
): Promise<bigint | undefined> {
  await zk.sync(path, { signal })
  return (await zk.exists(path, { signal }))?.czxid
}

async function create(
  zk: ZooKeeper,
  znode: UniqueZnode,
  signal: AbortSignalLike | undefined,
): Promise<CreatedZnode> {
  const { parent, parentMode, acl, onlyWith } = znode
  for (let races = 0; ; races++) {
    try {
      return await (onlyWith === undefined
        ? createAlone(zk, znode, signal)
        : createWith(zk, znode, onlyWith, signal))
    } catch (error) {
      if (!isKeeperException(error, 'NONODE') || races === MAX_RACES) throw error
      if (onlyWith !== undefined && isFirstMissing(error)) throw missing(onlyWith, error)
    }
    await ensureParent(zk, { path: parent, mode: parentMode, acl }, signal)
  }
}

async function createAlone(
  zk: ZooKeeper,
  { parent, prefix, mode, data, acl }: UniqueZnode,
  signal: AbortSignalLike | undefined,
): Promise<CreatedZnode> {
  const options = { mode, acl, signal, withStat: true } as const
  const { path, stat } = await zk.create(childPath(parent, prefix), data, options)
  return { path, czxid: stat.czxid }
}

/** In one transaction, which fails as a whole if the other one is gone. */
async function createWith(
  zk: ZooKeeper,
  { parent, prefix, mode, data, acl }: UniqueZnode,
  other: string,
  signal: AbortSignalLike | undefined,
): Promise<CreatedZnode> {
  const create = Op.create(childPath(parent, prefix), data, { mode, acl, withStat: true })
  for (;;) {
    const [, created] = await zk.multi([Op.check(other), create], { signal })
    invariant(created?.type === 'create', () => 'the result of a create is one')
    // A server of 3.8 leaves the Stat out.
    const stat = created.stat ?? (await zk.exists(created.path, { signal }))
    if (stat !== null) return { path: created.path, czxid: stat.czxid }
  }
}

/** Whether it was the first operation that has found no znode. */
function isFirstMissing({ results }: KeeperException): boolean {
  const [first] = results ?? []
  return first?.type === 'error' && first.code === 'NONODE'
}

function missing(path: string, cause: unknown): KeeperException {
  return new KeeperException('NONODE', path, { cause })
}

/** What an earlier try has created. The sync lets a server that lags behind catch up with it first. */
async function find(
  zk: ZooKeeper,
  { parent, prefix }: UniqueZnode,
  signal: AbortSignalLike | undefined,
): Promise<CreatedZnode | undefined> {
  try {
    await zk.sync(parent, { signal })
    const { children } = await zk.getChildren(parent, { signal })
    const name = children.find((child) => child.startsWith(prefix))
    if (name === undefined) return undefined
    const path = childPath(parent, name)
    const stat = await zk.exists(path, { signal })
    return stat === null ? undefined : { path, czxid: stat.czxid }
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return undefined
    throw error
  }
}

/** Nobody waits for this: it goes on until the znode is known to be gone, or the session is over. */
async function withdraw(zk: ZooKeeper, znode: UniqueZnode): Promise<void> {
  const gone = persist(zk, async () => {
    const found = await find(zk, znode, undefined)
    if (found !== undefined) await deleteEphemeral(zk, found)
  })
  await gone.catch(ignore)
}

function unlessGone(error: unknown): void {
  if (!isKeeperException(error, 'NONODE')) throw error
}
