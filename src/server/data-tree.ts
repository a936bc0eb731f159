/**
 * DataTree: all znodes by path, changed only by decided transactions; nothing here can fail or ask.
 * Invariants: every znode but `/` has a parent that lists its name once; `owned` holds exactly the owned paths;
 * `lastZxid` only grows. Events are not its business: FinalRequestProcessor fires the watches.
 */
import { broken } from '../base/invariant.js'
import { type ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../protocol/acl.js'
import { PERSISTENT_OWNER } from '../protocol/ephemeral-owner.js'
import { childPath, lastSlashOf, parentOf, ROOT } from '../protocol/path.js'
import { DataNode, type NodeFacts, type NodeFields } from './data-node.js'
import { NOBODY, NodeStore } from './node-store.js'
import { OwnedNodes } from './owned-nodes.js'
import type { CreateTxn, SetACLTxn, SetDataTxn } from './txn.js'

/** The subtree that is the server's own. */
export const SYSTEM_PATH = '/zookeeper'
/** Below it stand the quotas. */
export const QUOTA_PATH = '/zookeeper/quota'
/** The membership of an ensemble; empty in a single server. */
export const CONFIG_PATH = '/zookeeper/config'

/** The znodes of a new server; they cannot be deleted. */
export const RESERVED_PATHS: readonly string[] = Object.freeze([ROOT, SYSTEM_PATH, CONFIG_PATH, QUOTA_PATH])

/** What deciding needs to see of a tree, as it is or as it will be. */
export interface TreeView {
  findNode(path: string): NodeFacts | undefined
  /** The znode above the one at the path, which need not exist. */
  findParent(path: string): NodeFacts | undefined
  readonly nodeCount: number
  /** What changes that are not applied yet will add to each quota. */
  readonly pendingUsage?: ReadonlyMap<string, Usage>
}

/** How many znodes, and how many bytes of data. */
export interface Usage {
  readonly count: number
  readonly bytes: number
}

/** A znode that was created or deleted: who may see it, and its parent. */
export interface FamilyChange {
  readonly acl: readonly ACL[]
  readonly parentAcl: readonly ACL[]
  readonly dataBytes: number
}

/** When and under which zxid a change is made. */
export interface TxnStamp {
  readonly zxid: number
  readonly timeMs: number
}

/** All znodes of a server. */
export class DataTree implements TreeView {
  readonly #ids = new Map<string, number>()
  readonly #store = new NodeStore()
  /** Ephemerals, containers and TTL znodes by what ends them. */
  readonly owned: OwnedNodes = new OwnedNodes()
  /** The last zxid that was given out and applied, failed requests included. */
  lastZxid = 0
  #dataBytes = 0
  /** The znode that was found last: what is checked is decided on next, and then applied. */
  #foundPath: string | undefined
  #foundId = NOBODY
  /** The parent that was found last: siblings come one after the other. Its path without the slash of the root. */
  #parentPrefix: string | undefined
  #parent: DataNode | undefined

  constructor() {
    for (const path of RESERVED_PATHS) this.#addReserved(path)
  }

  get nodeCount(): number {
    return this.#ids.size
  }

  /** Bytes of data of all znodes, paths not counted. */
  get dataBytes(): number {
    return this.#dataBytes
  }

  /** The znode at the path; the empty path, which the real server takes too, is the root. */
  findNode(path: string): DataNode | undefined {
    if (path === this.#foundPath) return new DataNode(this.#store, this.#foundId)
    return this.has(path === '' ? ROOT : path) ? new DataNode(this.#store, this.#foundId) : undefined
  }

  /** Whether there is a znode at the path, which then is a valid one. */
  has(path: string): boolean {
    const id = this.#ids.get(path)
    if (id === undefined) return false
    this.#foundPath = path
    this.#foundId = id
    return true
  }

  findParent(path: string): DataNode | undefined {
    if (this.#parentPrefix !== undefined && isChildOf(path, this.#parentPrefix)) return this.#parent
    const end = lastSlashOf(path)
    const parent = this.findNode(parentOf(path))
    // What has no slash is no path, and says nothing about others.
    if (parent !== undefined && end >= 0) {
      this.#parentPrefix = path.slice(0, end)
      this.#parent = parent
    }
    return parent
  }

  /** All paths with their znodes, a parent before its children. */
  *entries(): Iterable<readonly [string, DataNode]> {
    for (const [path, id] of this.#ids) yield [path, new DataNode(this.#store, id)]
  }

  /** Adds a znode, with a copy of the data. */
  createNode({ path, data, acl, owner }: CreateTxn, { zxid, timeMs }: TxnStamp): FamilyChange {
    const parent = this.findParent(path) ?? missing(parentOf(path))
    parent.childrenChanged(zxid, parent.createdCount + 1)
    const node = this.#add(path, {
      data,
      acl,
      owner,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctimeMs: timeMs,
      mtimeMs: timeMs,
      version: 0,
      aversion: 0,
      createdCount: 0,
    })
    parent.link(node)
    return { acl: node.acl, parentAcl: parent.acl, dataBytes: node.dataBytes }
  }

  /** Removes a childless znode. */
  deleteNode(path: string, zxid: number): FamilyChange {
    const node = this.#requireNode(path)
    if (node.childCount > 0) broken(`${path} is deleted with ${node.childCount} children`)
    const parent = this.findParent(path) ?? missing(parentOf(path))
    const { acl, dataBytes } = node
    parent.unlink(node)
    parent.childrenChanged(zxid, parent.createdCount)
    if (node.isOwned) this.owned.unlink(node.owner, path)
    node.end()
    this.#ids.delete(path)
    this.#store.release(node.id)
    this.#forgetFound(node.id)
    this.#dataBytes -= dataBytes
    return { acl, parentAcl: parent.acl, dataBytes }
  }

  /** Replaces the data by a copy; returns the znode. */
  setData(txn: SetDataTxn, stamp: TxnStamp): DataNode {
    const node = this.#requireNode(txn.path)
    this.#dataBytes -= node.dataBytes
    node.setData(txn.data, txn.version, stamp)
    this.#dataBytes += node.dataBytes
    return node
  }

  /** Replaces the ACL; returns the znode. Neither mzxid nor mtime changes. */
  setACL(txn: SetACLTxn): DataNode {
    const node = this.#requireNode(txn.path)
    node.setACL(txn.acl, txn.aversion)
    return node
  }

  /** Writes what the server counts about a quota: no version, no mzxid, no event. */
  setBookkeeping(path: string, data: Uint8Array): void {
    const node = this.findNode(path)
    if (node === undefined) return
    this.#dataBytes += data.length - node.dataBytes
    node.replaceData(data)
  }

  /** Puts back a znode from a snapshot; parents first. */
  restoreNode(path: string, fields: NodeFields): void {
    const node = this.#add(path, fields)
    if (path !== ROOT) (this.findParent(path) ?? missing(parentOf(path))).link(node)
  }

  /** Forgets everything, the reserved znodes too: a snapshot brings its own. */
  clear(): void {
    this.#ids.clear()
    this.#store.clear()
    this.#forgetFound(this.#foundId)
    this.#forgetFound(this.#parent?.id)
    this.#dataBytes = 0
  }

  /** Every path below the given one, each parent before its children. */
  *pathsBelow(top: string): Iterable<string> {
    const open = [top]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      for (const name of this.findNode(path)?.childNames() ?? []) {
        const child = childPath(path, name)
        yield child
        open.push(child)
      }
    }
  }

  /** How many znodes are below the given one; costs as much as there are. */
  countBelow(top: string): number {
    let count = 0
    for (const _ of this.pathsBelow(top === '' ? ROOT : top)) count += 1
    return count
  }

  #add(path: string, fields: NodeFields): DataNode {
    const id = this.#store.add(path)
    const node = new DataNode(this.#store, id)
    node.begin(fields)
    this.#ids.set(path, id)
    this.owned.link(fields.owner, path)
    this.#dataBytes += node.dataBytes
    return node
  }

  #addReserved(path: string): void {
    const isConfig = path === CONFIG_PATH
    this.restoreNode(path, {
      data: new Uint8Array(0),
      acl: isConfig ? READ_ACL_UNSAFE : OPEN_ACL_UNSAFE,
      owner: PERSISTENT_OWNER,
      czxid: 0,
      mzxid: 0,
      pzxid: 0,
      ctimeMs: 0,
      mtimeMs: 0,
      version: 0,
      // As observed: it is made by a setACL that is not counted from 0.
      aversion: isConfig ? -1 : 0,
      createdCount: 0,
    })
  }

  #requireNode(path: string): DataNode {
    return this.findNode(path) ?? missing(path)
  }

  /** A znode that is gone is not found again, and its number may be another's. */
  #forgetFound(gone: number | undefined): void {
    if (this.#foundId === gone) {
      this.#foundPath = undefined
      this.#foundId = NOBODY
    }
    if (this.#parent?.id === gone) {
      this.#parentPrefix = undefined
      this.#parent = undefined
    }
  }
}

/** Whether a path is one name behind this prefix and a slash; quicker than a look at each character. */
function isChildOf(path: string, prefix: string): boolean {
  const end = prefix.length
  return path[end] === '/' && path.indexOf('/', end + 1) < 0 && path.slice(0, end) === prefix
}

function missing(path: string): never {
  broken(`a decided transaction misses ${path}`)
}
