/** Turns responses into what the user gets: chroot stripped, shapes checked, a failed multi thrown. One reader an operation. */
import { broken } from '../base/invariant.js'
import type { ACL } from '../protocol/acl.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import type { Bytes, ClientInfo, Response } from '../protocol/message.js'
import type { OpResult, ReadOpResult } from '../protocol/op-result.js'
import type { Stat } from '../protocol/stat.js'
import type { Chroot } from './chroot.js'

/** How the outcome of a call becomes its value. */
export interface ReplyReader<T> {
  /** @throws KeeperException if the response tells of a failure. */
  read(response: Response): T
  /** The value of a call for which NONODE is no error. */
  ifNoNode?(): T
}

/** A path and the Stat of what was created there. */
export interface PathAndStat {
  readonly path: string
  readonly stat: Stat
}

/** Data and Stat of a znode, of one moment. */
export interface DataAndStat {
  /**
   * A copy, or null. As with a Buffer of Node, other results may lie in its `.buffer`: mind its `byteOffset`, do not transfer it, and
   * before it is cloned into another thread, or some are kept of many, take a `slice()` of it.
   */
  readonly data: Bytes
  readonly stat: Stat
}

/** ACL and Stat of a znode, of one moment. */
export interface ACLAndStat {
  readonly acl: ACL[]
  readonly stat: Stat
}

/** The names of a znode's children, in no order to rely on, and its Stat, of one moment. */
export interface ChildrenAndStat {
  readonly children: string[]
  readonly stat: Stat
}

/** The readers of one client. */
export class ReplyReaders {
  readonly done: ReplyReader<void> = { read: () => undefined }
  // The three that are needed most have no function within a function.
  readonly stat: ReplyReader<Stat> = {
    read: (response) => (response.type === 'stat' ? response.stat : unexpected(response, 'stat')),
  }
  readonly exists: ReplyReader<Stat | null> = { read: this.stat.read, ifNoNode: () => null }
  readonly data: ReplyReader<DataAndStat> = {
    read: (response) =>
      response.type === 'data' ? { data: response.data, stat: response.stat } : unexpected(response, 'data'),
  }
  readonly acl: ReplyReader<ACLAndStat> = reader('acl', ({ acl, stat }) => ({ acl, stat }))
  readonly children: ReplyReader<ChildrenAndStat> = reader('children', ({ children, stat }) => ({
    children,
    stat,
  }))
  readonly total: ReplyReader<number> = reader('totalNumber', ({ totalNumber }) => totalNumber)
  readonly clientInfo: ReplyReader<ClientInfo[]> = reader('clientInfo', ({ clientInfo }) => clientInfo)
  readonly reads: ReplyReader<ReadOpResult[]> = reader('readResults', ({ results }) => results)
  readonly path: ReplyReader<string>
  readonly synced: ReplyReader<string>
  readonly pathAndStat: ReplyReader<PathAndStat>
  readonly ephemerals: ReplyReader<string[]>
  readonly #chroot: Chroot

  constructor(chroot: Chroot) {
    const readPath = reader('path', ({ path }) => chroot.toClient(path))
    this.synced = reader('synced', ({ path }) => chroot.toClient(path ?? ''))
    this.pathAndStat = reader('pathAndStat', ({ path, stat }) => ({ path: chroot.toClient(path), stat }))
    // Containers and TTL znodes are answered with a Stat, wanted or not.
    this.path = {
      read: (response) =>
        response.type === 'pathAndStat' ? chroot.toClient(response.path) : readPath.read(response),
    }
    this.ephemerals = reader('ephemerals', ({ ephemerals }) =>
      ephemerals.filter((path) => chroot.contains(path)).map((path) => chroot.toClient(path)),
    )
    this.#chroot = chroot
  }

  /** Of the multi whose operations have these paths: a failure is told with the path of the one that failed. */
  results(paths: readonly string[]): ReplyReader<OpResult[]> {
    return reader('results', ({ results }) => readResults(results, paths, this.#chroot))
  }
}

/** A reader of responses of this type; any other is a bug, ours or the server's. */
function reader<K extends Response['type'], T>(
  type: K,
  read: (response: Extract<Response, { readonly type: K }>) => T,
): ReplyReader<T> {
  const isExpected = (response: Response): response is Extract<Response, { readonly type: K }> =>
    response.type === type
  return { read: (response) => (isExpected(response) ? read(response) : unexpected(response, type)) }
}

function unexpected({ type }: Response, expected: string): never {
  broken(`${type} came where ${expected} was expected`)
}

/** The reply to a failed multi says OK; the results say what failed. */
function readResults(found: readonly OpResult[], paths: readonly string[], chroot: Chroot): OpResult[] {
  const results = found.map((result) =>
    result.type === 'create' ? { ...result, path: chroot.toClient(result.path) } : result,
  )
  for (const [i, result] of results.entries()) {
    if (result.type === 'error' && result.code !== 'OK')
      throw new KeeperException(result.code, paths[i], { results })
  }
  return results
}
