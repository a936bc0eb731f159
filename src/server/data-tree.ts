/**
 * DataTree: all znodes by path, changed only by decided transactions; nothing here can fail or ask.
 * Invariants: every znode but `/` has a parent that lists its name once; `owned` holds exactly the owned paths;
 * `lastZxid` only grows. Events are not its business: FinalRequestProcessor fires the watches.
 */
import { invariant } from '../base/invariant.js'
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../protocol/acl.js'
import { PERSISTENT_OWNER } from '../protocol/ephemeral-owner.js'
import { childPath, nameOf, parentOf, ROOT } from '../protocol/path.js'
import { DataNode, type NodeFacts } from './data-node.js'
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
  readonly nodeCount: number
  /** What changes that are not applied yet will add to each quota. */
  readonly pendingUsage?: ReadonlyMap<string, Usage>
}

/** How many znodes, and how many bytes of data. */
export interface Usage {
  readonly count: number
  readonly bytes: number
}

/** A znode that was created or deleted, and where. */
export interface NodeAndParent {
  readonly node: DataNode
  readonly parent: DataNode
}

/** When and under which zxid a change is made. */
export interface TxnStamp {
  readonly zxid: number
  readonly timeMs: number
}

/** All znodes of a server. */
export class DataTree implements TreeView {
  readonly #nodes = new Map<string, DataNode>()
  /** Ephemerals, containers and TTL znodes by what ends them. */
  readonly owned: OwnedNodes = new OwnedNodes()
  /** The last zxid that was given out and applied, failed requests included. */
  lastZxid = 0
  #dataBytes = 0

  constructor() {
    for (const path of RESERVED_PATHS) this.#addReserved(path)
  }

  get nodeCount(): number {
    return this.#nodes.size
  }

  /** Bytes of data of all znodes, paths not counted. */
  get dataBytes(): number {
    return this.#dataBytes
  }

  /** The znode at the path; the empty path, which the real server takes too, is the root. */
  findNode(path: string): DataNode | undefined {
    return this.#nodes.get(path === '' ? ROOT : path)
  }

  /** All paths with their znodes, a parent before its children. */
  get entries(): Iterable<readonly [string, DataNode]> {
    return this.#nodes.entries()
  }

  /** Adds a znode. */
  createNode(txn: CreateTxn, stamp: TxnStamp): NodeAndParent {
    const { path, data, acl, owner } = txn
    // One bigint for all who show it: making one costs more than the rest of a small write.
    const zxid = BigInt(stamp.zxid)
    const node = new DataNode({ data, acl, owner, zxid, timeMs: stamp.timeMs })
    const parent = this.#requireNode(parentOf(path))
    parent.createdCount += 1
    parent.pzxid = zxid
    parent.addChild(nameOf(path))
    this.#add(path, node)
    return { node, parent }
  }

  /** Removes a childless znode. */
  deleteNode(path: string, zxid: number): NodeAndParent {
    const node = this.#requireNode(path)
    invariant(node.childCount === 0, () => `${path} is deleted with ${node.childCount} children`)
    const parent = this.#requireNode(parentOf(path))
    parent.removeChild(nameOf(path))
    parent.pzxid = BigInt(zxid)
    this.#nodes.delete(path)
    this.owned.unlink(node.owner, path)
    this.#dataBytes -= node.dataBytes
    return { node, parent }
  }

  /** Replaces the data; returns the znode. */
  setData(txn: SetDataTxn, stamp: TxnStamp): DataNode {
    const node = this.#requireNode(txn.path)
    this.#replaceData(node, txn.data)
    node.version = txn.version
    node.mzxid = BigInt(stamp.zxid)
    node.mtimeMs = stamp.timeMs
    return node
  }

  /** Replaces the ACL; returns the znode. Neither mzxid nor mtime changes. */
  setACL(txn: SetACLTxn): DataNode {
    const node = this.#requireNode(txn.path)
    node.acl = txn.acl
    node.aversion = txn.aversion
    return node
  }

  /** Writes what the server counts about a quota: no version, no mzxid, no event. */
  setBookkeeping(path: string, data: Uint8Array): void {
    const node = this.findNode(path)
    if (node !== undefined) this.#replaceData(node, data)
  }

  /** Puts back a znode from a snapshot; parents first. */
  restoreNode(path: string, node: DataNode): void {
    if (path !== ROOT) this.#requireNode(parentOf(path)).addChild(nameOf(path))
    this.#add(path, node)
  }

  /** Forgets everything, the reserved znodes too: a snapshot brings its own. */
  clear(): void {
    this.#nodes.clear()
    this.#dataBytes = 0
  }

  /** Every path below the given one, each parent before its children. */
  *pathsBelow(top: string): Iterable<string> {
    const open = [top]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      for (const name of this.findNode(path)?.children ?? []) {
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

  #add(path: string, node: DataNode): void {
    this.#nodes.set(path, node)
    this.owned.link(node.owner, path)
    this.#dataBytes += node.dataBytes
  }

  #addReserved(path: string): void {
    const isConfig = path === CONFIG_PATH
    const acl = isConfig ? READ_ACL_UNSAFE : OPEN_ACL_UNSAFE
    const node = new DataNode({ data: new Uint8Array(0), acl, owner: PERSISTENT_OWNER, zxid: 0n, timeMs: 0 })
    // As observed: it is made by a setACL that is not counted from 0.
    if (isConfig) node.aversion = -1
    this.restoreNode(path, node)
  }

  #replaceData(node: DataNode, data: Uint8Array | null): void {
    this.#dataBytes -= node.dataBytes
    node.data = data
    this.#dataBytes += node.dataBytes
  }

  #requireNode(path: string): DataNode {
    const node = this.#nodes.get(path)
    invariant(node !== undefined, () => `a decided transaction misses ${path}`)
    return node
  }
}
