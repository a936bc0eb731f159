/** Turns responses into what the user gets: chroot stripped, shapes checked, a failed multi thrown. One reader an operation. */
import { invariant } from '../base/invariant.js'
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

const readDone: ReplyReader<void> = { read: () => undefined }

const readStat: ReplyReader<Stat> = {
  read: (response) => {
    invariant(
      response.type === 'setData' || response.type === 'setACL',
      () => `a write was answered by ${response.type}`,
    )
    return response.stat
  },
}

const readExists: ReplyReader<Stat | null> = {
  read: (response) => {
    invariant(response.type === 'exists', () => `exists was answered by ${response.type}`)
    return response.stat
  },
  ifNoNode: () => null,
}

const readData: ReplyReader<DataAndStat> = {
  read: (response) => {
    invariant(response.type === 'getData', () => `getData was answered by ${response.type}`)
    return { data: response.data, stat: response.stat }
  },
}

const readACL: ReplyReader<ACLAndStat> = {
  read: (response) => {
    invariant(response.type === 'getACL', () => `getACL was answered by ${response.type}`)
    return { acl: response.acl, stat: response.stat }
  },
}

const readChildren: ReplyReader<ChildrenAndStat> = {
  read: (response) => {
    invariant(response.type === 'getChildren2', () => `getChildren was answered by ${response.type}`)
    return { children: response.children, stat: response.stat }
  },
}

const readTotal: ReplyReader<number> = {
  read: (response) => {
    invariant(
      response.type === 'getAllChildrenNumber',
      () => `getAllChildrenNumber was answered by ${response.type}`,
    )
    return response.totalNumber
  },
}

const readClientInfo: ReplyReader<ClientInfo[]> = {
  read: (response) => {
    invariant(response.type === 'whoAmI', () => `whoAmI was answered by ${response.type}`)
    return response.clientInfo
  },
}

const readReads: ReplyReader<ReadOpResult[]> = {
  read: (response) => {
    invariant(response.type === 'multiRead', () => `multiRead was answered by ${response.type}`)
    return response.results
  },
}

/** The readers of one client. */
export class ReplyReaders {
  readonly done: ReplyReader<void> = readDone
  readonly stat: ReplyReader<Stat> = readStat
  readonly exists: ReplyReader<Stat | null> = readExists
  readonly data: ReplyReader<DataAndStat> = readData
  readonly acl: ReplyReader<ACLAndStat> = readACL
  readonly children: ReplyReader<ChildrenAndStat> = readChildren
  readonly total: ReplyReader<number> = readTotal
  readonly clientInfo: ReplyReader<ClientInfo[]> = readClientInfo
  readonly reads: ReplyReader<ReadOpResult[]> = readReads
  readonly path: ReplyReader<string>
  readonly pathAndStat: ReplyReader<PathAndStat>
  readonly ephemerals: ReplyReader<string[]>
  readonly results: ReplyReader<OpResult[]>

  constructor(chroot: Chroot) {
    this.path = {
      read: (response) => {
        invariant('path' in response, () => `a path was answered by ${response.type}`)
        return chroot.toClient(response.path)
      },
    }
    this.pathAndStat = {
      read: (response) => {
        invariant(response.type === 'create2', () => `create with Stat was answered by ${response.type}`)
        return { path: chroot.toClient(response.path), stat: response.stat }
      },
    }
    this.ephemerals = {
      read: (response) => {
        invariant(response.type === 'getEphemerals', () => `getEphemerals was answered by ${response.type}`)
        return response.ephemerals
          .filter((path) => chroot.contains(path))
          .map((path) => chroot.toClient(path))
      },
    }
    this.results = { read: (response) => readResults(response, chroot) }
  }
}

/** The reply to a failed multi says OK; the results say what failed. */
function readResults(response: Response, chroot: Chroot): OpResult[] {
  invariant(response.type === 'multi', () => `multi was answered by ${response.type}`)
  const results = response.results.map((result) =>
    result.type === 'create' ? { ...result, path: chroot.toClient(result.path) } : result,
  )
  const failed = results.find((result) => result.type === 'error' && result.code !== 'OK')
  if (failed?.type === 'error') throw new KeeperException(failed.code, undefined, { results })
  return results
}
