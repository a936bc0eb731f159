/** Whether a snapshot is one: each field, and that all of them together are a state that a server can be in. */
import { isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import type { ACL } from '../protocol/acl.js'
import { ownerKind } from '../protocol/ephemeral-owner.js'
import { findPathFault, parentOf, ROOT } from '../protocol/path.js'
import { isStorable } from './access.js'
import { RESERVED_PATHS } from './data-tree.js'
import { PASSWORD_BYTES } from './session-tracker.js'
import type { Snapshot, SnapshotNode, SnapshotSession } from './snapshot.js'

/** Lets a snapshot pass whose state a server can be in. @throws TypeError naming what is wrong */
export function checkSnapshot(snapshot: Snapshot): void {
  const fault = findFormatFault(snapshot) ?? findSessionFault(snapshot) ?? findZnodesFault(snapshot)
  if (fault !== undefined) throw new TypeError(`Invalid snapshot: ${fault}; take one with snapshot()`)
}

type Check = (value: unknown) => boolean

const isZxid: Check = (value) =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)
const isId: Check = (value) => typeof value === 'bigint' && value !== 0n && BigInt.asIntN(64, value) === value
const isInt: Check = (value) => typeof value === 'number' && (value | 0) === value
const isCounter: Check = (value) => Number.isSafeInteger(value)
const isMs: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const isText: Check = (value) => typeof value === 'string'
/** One that looked like the mark of a container or a TTL would own neither kind. */
const isSessionId: Check = (value) =>
  typeof value === 'bigint' && isId(value) && ownerKind(value) === 'ephemeral'

const SNAPSHOT_CHECKS: Readonly<Record<Exclude<keyof Snapshot, 'format'>, Check>> = {
  zxid: isZxid,
  nextSessionId: isSessionId,
  znodes: Array.isArray,
  sessions: Array.isArray,
}

const ZNODE_CHECKS: Readonly<Record<keyof SnapshotNode, Check>> = {
  path: isText,
  data: (value) => value === null || isBytes(value),
  acl: (value) => Array.isArray(value) && value.length > 0 && value.every(isEntry),
  czxid: isZxid,
  mzxid: isZxid,
  pzxid: isZxid,
  ctime: isMs,
  mtime: isMs,
  version: isInt,
  aversion: isInt,
  createdCount: isCounter,
  owner: (value) => value === 0n || isId(value),
}

const ACL_CHECKS: Readonly<Record<keyof ACL, Check>> = { perms: isInt, scheme: isText, id: isText }

const SESSION_CHECKS: Readonly<Record<keyof SnapshotSession, Check>> = {
  id: isSessionId,
  password: (value) => isBytes(value) && value.length === PASSWORD_BYTES,
  timeoutMs: (value) => isMs(value) && Number(value) > 0,
}

function isEntry(entry: ACL): boolean {
  return findFieldFault(entry, ACL_CHECKS) === undefined && isStorable(entry)
}

function findFormatFault(snapshot: Snapshot): string | undefined {
  return snapshot?.format === 'zoolet-snapshot-1'
    ? findFieldFault(snapshot, SNAPSHOT_CHECKS)
    : `its format is ${describe(snapshot?.format)}, not zoolet-snapshot-1`
}

function findFieldFault(record: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (typeof record !== 'object' || record === null) return `${describe(record)} is no object`
  for (const [name, isFine] of Object.entries(checks)) {
    const value: unknown = Reflect.get(record, name)
    if (!isFine(value)) return `its ${name} is ${describe(value)}`
  }
  return undefined
}

function findSessionFault({ sessions, nextSessionId }: Snapshot): string | undefined {
  const seen = new Set<bigint>()
  for (const session of sessions) {
    const fault = findFieldFault(session, SESSION_CHECKS)
    if (fault !== undefined) return `a session: ${fault}`
    if (seen.has(session.id) || session.id >= nextSessionId)
      return `session ${session.id} is there twice, or still to come`
    seen.add(session.id)
  }
  return undefined
}

/** The znodes that came before, each with how many children it has. */
type Seen = Map<string, { readonly node: SnapshotNode; childCount: number }>

function findZnodesFault(snapshot: Snapshot): string | undefined {
  const seen: Seen = new Map()
  const owners = new Set(snapshot.sessions.map(({ id }) => id))
  for (const node of snapshot.znodes) {
    const fault =
      findFieldFault(node, ZNODE_CHECKS) ??
      findPathFault(node.path) ??
      findPlaceFault(node.path, seen) ??
      findStateFault(node, snapshot.zxid, owners)
    if (fault !== undefined) return `znode ${describe(node?.path)}: ${fault}`
    const parent = seen.get(parentOf(node.path))
    if (parent !== undefined) parent.childCount += 1
    seen.set(node.path, { node, childCount: 0 })
  }
  const missing = RESERVED_PATHS.find((path) => !seen.has(path))
  if (missing !== undefined) return `the reserved znode ${missing} is missing`
  for (const [path, { node, childCount }] of seen) {
    // The reserved znodes were not created by anybody, so nobody counted them.
    if (node.createdCount < childCount && !RESERVED_PATHS.includes(path))
      return `znode ${path}: createdCount is less than its children`
  }
  return undefined
}

function findPlaceFault(path: string, seen: Seen): string | undefined {
  if (seen.has(path)) return 'it is there twice'
  if (path === ROOT) return undefined
  const parent = seen.get(parentOf(path))
  if (parent === undefined) return 'its parent has to stand before it'
  return ownerKind(parent.node.owner) === 'ephemeral' ? 'its parent is ephemeral' : undefined
}

function findStateFault(node: SnapshotNode, zxid: bigint, owners: ReadonlySet<bigint>): string | undefined {
  const { czxid, mzxid, pzxid, owner } = node
  if (czxid > mzxid || czxid > pzxid || mzxid > zxid || pzxid > zxid) return 'its zxids are out of order'
  if (owner !== 0n && RESERVED_PATHS.includes(node.path)) return 'a reserved znode has no owner'
  return ownerKind(owner) === 'ephemeral' && !owners.has(owner)
    ? `its session ${owner} is missing`
    : undefined
}
