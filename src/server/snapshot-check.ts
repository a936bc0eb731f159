/** Whether a snapshot is one: each field, and that all of them together are a state that a server can be in. */
import { isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { ownerKind } from '../protocol/ephemeral-owner.js'
import { findPathFault, parentOf, ROOT } from '../protocol/path.js'
import { isStorable } from './access.js'
import { RESERVED_PATHS } from './data-tree.js'
import { PASSWORD_BYTES } from './session-tracker.js'
import type { Snapshot, SnapshotNode, SnapshotSession } from './snapshot.js'

/** Lets a snapshot pass whose state a server can be in. @throws TypeError naming what is wrong */
export function checkSnapshot(snapshot: Snapshot): void {
  const fault =
    typeof snapshot === 'object' && snapshot !== null ? findFault(snapshot) : `it is ${describe(snapshot)}`
  if (fault !== undefined) throw new TypeError(`Invalid snapshot: ${fault}; take one with snapshot()`)
}

type Check = (value: unknown) => boolean

const isZxid: Check = (value) =>
  typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER)
const isId: Check = (value) => typeof value === 'bigint' && value !== 0n && BigInt.asIntN(64, value) === value
const isInt: Check = (value) => typeof value === 'number' && (value | 0) === value
const isMs: Check = (value) => typeof value === 'number' && Number.isFinite(value)
const isACL: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => isEntry(entry) && isStorable(entry))

const NODE_CHECKS: Readonly<Record<Exclude<keyof SnapshotNode, 'path'>, Check>> = {
  data: (value) => value === null || isBytes(value),
  acl: isACL,
  czxid: isZxid,
  mzxid: isZxid,
  pzxid: isZxid,
  ctime: isMs,
  mtime: isMs,
  version: isInt,
  aversion: isInt,
  createdCount: isInt,
  owner: (value) => value === 0n || isId(value),
}

const SESSION_CHECKS: Readonly<Record<keyof SnapshotSession, Check>> = {
  id: isId,
  password: (value) => isBytes(value) && value.length === PASSWORD_BYTES,
  timeoutMs: (value) => typeof value === 'number' && value > 0 && Number.isFinite(value),
}

function isEntry(entry: unknown): boolean {
  const checks: Readonly<Record<string, Check>> = {
    perms: isInt,
    scheme: (value) => typeof value === 'string',
    id: (value) => typeof value === 'string',
  }
  return findFieldFault(entry, checks) === undefined
}

function findFieldFault(record: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (typeof record !== 'object' || record === null) return `${describe(record)} is no object`
  for (const [name, isFine] of Object.entries(checks)) {
    const value: unknown = Reflect.get(record, name)
    if (!isFine(value)) return `${name} is ${describe(value)}`
  }
  return undefined
}

function findFault({ format, zxid, nextSessionId, znodes, sessions }: Snapshot): string | undefined {
  if (format !== 'zoolet-snapshot-1') return `its format is ${describe(format)}, not zoolet-snapshot-1`
  if (!isZxid(zxid) || !isId(nextSessionId))
    return `zxid is ${describe(zxid)}, nextSessionId ${describe(nextSessionId)}`
  if (!Array.isArray(znodes) || !Array.isArray(sessions)) return 'znodes and sessions have to be lists'
  return (
    findSessionFault(sessions, nextSessionId) ??
    findNodesFault(znodes, zxid, new Set(sessions.map(({ id }) => id)))
  )
}

function findSessionFault(sessions: readonly SnapshotSession[], nextSessionId: bigint): string | undefined {
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

function findNodesFault(
  znodes: readonly SnapshotNode[],
  zxid: bigint,
  owners: ReadonlySet<bigint>,
): string | undefined {
  const seen = new Map<string, SnapshotNode>()
  const childCounts = new Map<SnapshotNode, number>()
  for (const node of znodes) {
    const parent = typeof node?.path === 'string' ? seen.get(parentOf(node.path)) : undefined
    const fault = findNodeFault(node, parent, seen) ?? findStateFault(node, zxid, owners)
    if (fault !== undefined) return `znode ${describe(node?.path)}: ${fault}`
    seen.set(node.path, node)
    if (parent !== undefined) childCounts.set(parent, (childCounts.get(parent) ?? 0) + 1)
  }
  const missing = RESERVED_PATHS.find((path) => !seen.has(path))
  if (missing !== undefined) return `the reserved znode ${missing} is missing`
  // The reserved znodes were not created by anybody, so nobody counted them.
  const miscounted = znodes.find(
    (node) => !RESERVED_PATHS.includes(node.path) && node.createdCount < (childCounts.get(node) ?? 0),
  )
  return miscounted === undefined
    ? undefined
    : `znode ${miscounted.path}: createdCount is less than its children`
}

function findNodeFault(
  node: SnapshotNode,
  parent: SnapshotNode | undefined,
  seen: ReadonlyMap<string, SnapshotNode>,
): string | undefined {
  if (typeof node?.path !== 'string') return 'it has no path'
  const fault = findPathFault(node.path) ?? findFieldFault(node, NODE_CHECKS)
  if (fault !== undefined) return fault
  if (seen.has(node.path)) return 'it is there twice'
  if (node.path === ROOT) return undefined
  if (parent === undefined) return 'its parent has to stand before it'
  return ownerKind(parent.owner) === 'ephemeral' ? 'its parent is ephemeral' : undefined
}

function findStateFault(node: SnapshotNode, zxid: bigint, owners: ReadonlySet<bigint>): string | undefined {
  const { czxid, mzxid, pzxid, owner } = node
  if (czxid > mzxid || mzxid > zxid || pzxid > zxid) return 'its zxids are out of order'
  return ownerKind(owner) === 'ephemeral' && !owners.has(owner)
    ? `its session ${owner} is missing`
    : undefined
}
