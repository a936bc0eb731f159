/**
 * The znodes of the model: a Map from path to an immutable record. Children are found by scanning every path.
 * Nothing but section 1.4 and 2 of the reference; checks and permissions are elsewhere.
 */
import type { Acl, ModelStat } from './model-calls.js'
import { isBelow, nameOf, parentOf } from './model-paths.js'

/** One znode. */
export interface ModelNode {
  readonly data: string | null
  readonly acl: readonly Acl[]
  readonly czxid: number
  readonly mzxid: number
  readonly pzxid: number
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  /** Children ever created: the C of section 2. */
  readonly created: number
  readonly aversion: number
  /** The session of an ephemeral, else 0. */
  readonly owner: bigint
  readonly kind: 'persistent' | 'ephemeral' | 'container' | 'ttl'
  readonly ttlMs: number
}

/** All znodes by path. */
export type ModelTree = Map<string, ModelNode>

/** All znodes by path, to look at. */
export type ReadonlyModelTree = ReadonlyMap<string, ModelNode>

const OPEN: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }]

/** Data nobody wrote yet: the state of a fresh znode, before its fields are set. */
const BLANK: ModelNode = {
  data: '',
  acl: OPEN,
  czxid: 0,
  mzxid: 0,
  pzxid: 0,
  ctime: 0,
  mtime: 0,
  version: 0,
  created: 0,
  aversion: 0,
  owner: 0n,
  kind: 'persistent',
  ttlMs: 0,
}

/** The tree of a fresh server: section 1.4. */
export function freshTree(): ModelTree {
  return new Map([
    ['/', BLANK],
    ['/zookeeper', BLANK],
    ['/zookeeper/quota', BLANK],
    ['/zookeeper/config', { ...BLANK, aversion: -1, acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] }],
  ])
}

/** The znode at a path that must be there. */
export function nodeAt(tree: ModelTree, path: string): ModelNode {
  const node = tree.get(path)
  if (node === undefined) throw new Error(`The model has no ${path}`)
  return node
}

/** Paths of the direct children, sorted. */
export function childPaths(tree: ModelTree, path: string): readonly string[] {
  return [...tree.keys()].filter((each) => each !== '/' && parentOf(each) === path).sort()
}

/** Names of the direct children, sorted. */
export function childNames(tree: ModelTree, path: string): readonly string[] {
  return childPaths(tree, path).map(nameOf)
}

/** Paths below a znode at any depth. */
export function descendants(tree: ModelTree, path: string): readonly string[] {
  return [...tree.keys()].filter((each) => isBelow(each, path))
}

/** Paths of the ephemerals of a session, in the order of their creation. */
export function ephemeralsOf(tree: ModelTree, session: bigint): readonly string[] {
  return [...tree].filter(([, node]) => node.owner === session && session !== 0n).map(([path]) => path)
}

/** Bytes of data as UTF-8; 0 for null. */
export function byteLength(data: string | null): number {
  return data === null ? 0 : Buffer.byteLength(data)
}

/** The Stat that a client sees: cversion is 2C - numChildren. */
export function statOf(tree: ModelTree, path: string): ModelStat {
  const node = nodeAt(tree, path)
  const numChildren = childPaths(tree, path).length
  return {
    czxid: BigInt(node.czxid),
    mzxid: BigInt(node.mzxid),
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: 2 * node.created - numChildren,
    aversion: node.aversion,
    ephemeralOwner: node.owner,
    dataLength: byteLength(node.data),
    numChildren,
    pzxid: BigInt(node.pzxid),
  }
}

/** What is decided about a znode before it is created. */
export type Newborn = Pick<ModelNode, 'data' | 'acl' | 'owner' | 'kind' | 'ttlMs'>

/** Adds a znode: its own fields, and C and pzxid of its parent. */
export function plant(
  tree: ModelTree,
  path: string,
  born: Newborn,
  at: { zxid: number; nowMs: number },
): void {
  const { zxid, nowMs } = at
  const parent = parentOf(path)
  const parentNode = nodeAt(tree, parent)
  tree.set(parent, { ...parentNode, created: parentNode.created + 1, pzxid: zxid })
  tree.set(path, { ...BLANK, ...born, czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: nowMs, mtime: nowMs })
}

/** Removes a znode: pzxid of its parent moves, C does not. */
export function uproot(tree: ModelTree, path: string, zxid: number): void {
  const parent = parentOf(path)
  const parentNode = nodeAt(tree, parent)
  tree.delete(path)
  tree.set(parent, { ...parentNode, pzxid: Math.max(parentNode.pzxid, zxid) })
}
