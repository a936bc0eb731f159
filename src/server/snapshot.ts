/**
 * Snapshot: the whole state of a server as plain data that survives `structuredClone`. A server made from it goes on as the
 * first one would have, with all sessions disconnected and a full timeout to come back in.
 */
import { copyBytes } from '../base/bytes.js'
import type { ACL } from '../protocol/acl.js'
import type { Bytes } from '../protocol/message.js'
import { shareACL } from './access.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import type { SessionTracker } from './session-tracker.js'

/** A znode in a snapshot. */
export interface SnapshotNode {
  readonly path: string
  readonly data: Bytes
  readonly acl: readonly ACL[]
  readonly czxid: bigint
  readonly mzxid: bigint
  readonly pzxid: bigint
  /** Milliseconds since the epoch. */
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly aversion: number
  /** Children ever created: the next sequence number. */
  readonly createdCount: number
  /** As ZooKeeper stores it: 0n, a session id, or the mark of a container or a TTL. */
  readonly owner: bigint
}

/** A session in a snapshot. */
export interface SnapshotSession {
  readonly id: bigint
  /** 16 bytes; whoever has them can take the session over. */
  readonly password: Uint8Array
  readonly timeoutMs: number
}

/** The state of a server. */
export interface Snapshot {
  readonly format: 'zoolet-snapshot-1'
  /** The last zxid. */
  readonly zxid: bigint
  readonly nextSessionId: bigint
  /** Parents before their children. */
  readonly znodes: readonly SnapshotNode[]
  readonly sessions: readonly SnapshotSession[]
}

/** Copies the state. */
export function takeSnapshot(tree: DataTree, tracker: SessionTracker): Snapshot {
  return {
    format: 'zoolet-snapshot-1',
    zxid: BigInt(tree.lastZxid),
    nextSessionId: tracker.nextId,
    znodes: Array.from(tree.entries(), ([path, node]) => copyNode(path, node)),
    sessions: Array.from(tracker.sessions, ({ id, password, timeoutMs }) => ({
      id,
      password: copyBytes(password),
      timeoutMs,
    })),
  }
}

/** Puts a state that was checked into a new server. */
export function restoreSnapshot(snapshot: Snapshot, tree: DataTree, tracker: SessionTracker): void {
  tree.clear()
  for (const { path, acl, ctime: ctimeMs, mtime: mtimeMs, ...fields } of snapshot.znodes) {
    const [czxid, mzxid, pzxid] = [Number(fields.czxid), Number(fields.mzxid), Number(fields.pzxid)]
    tree.restoreNode(path, { ...fields, acl: shareACL(acl), ctimeMs, mtimeMs, czxid, mzxid, pzxid })
  }
  tree.lastZxid = Number(snapshot.zxid)
  for (const session of snapshot.sessions)
    tracker.restore({ ...session, password: copyBytes(session.password) })
  tracker.restoreNextId(snapshot.nextSessionId)
}

function copyNode(path: string, node: DataNode): SnapshotNode {
  return {
    path,
    data: node.copyData(),
    acl: node.acl.map((entry) => ({ ...entry })),
    czxid: node.czxid,
    mzxid: node.mzxid,
    pzxid: node.pzxid,
    ctime: node.ctimeMs,
    mtime: node.mtimeMs,
    version: node.version,
    aversion: node.aversion,
    createdCount: node.createdCount,
    owner: node.owner,
  }
}
