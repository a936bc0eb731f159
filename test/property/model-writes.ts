/**
 * Writes of the model: the checks of sections 4.1 to 4.16 in their order, made at once on the tree that is given.
 * The caller hands over a copy and throws it away when a check fails: that is what makes a multi atomic.
 */
import { ADMIN, CREATE, DELETE, permits, READ, storedAcl, WRITE } from './model-access.js'
import {
  type Acl,
  attempt,
  type CreateCall,
  type Id,
  type Mode,
  type ModelCode,
  ModelFailure,
  type ModelStat,
  type MultiCall,
  type MultiResult,
} from './model-calls.js'
import { isValidPath, parentOf, RESERVED } from './model-paths.js'
import { bookQuota, checkQuota, fillStats, type PendingCharge, ROOT_LIMITS } from './model-quota.js'
import {
  byteLength,
  childPaths,
  ephemeralsOf,
  type ModelNode,
  type ModelTree,
  nodeAt,
  plant,
  type ReadonlyModelTree,
  statOf,
  uproot,
} from './model-tree.js'
import type { TriggerCall } from './model-watches.js'

/** What a write works on: a tree of its own, who asks, and the transaction's zxid and time. */
export interface WriteContext {
  readonly tree: ModelTree
  /** The tree before the transaction. */
  readonly before: ReadonlyModelTree
  /** What the transaction has changed so far, for quotas. */
  readonly charges: PendingCharge[]
  readonly ids: readonly Id[]
  readonly session: bigint
  readonly zxid: number
  readonly nowMs: number
}

/** What a write did. */
export interface Written<T> {
  readonly result: T
  readonly triggers: readonly TriggerCall[]
}

/** A multi: all of it, or the codes of its operations. */
export type MultiOutcome =
  | Written<readonly MultiResult[]>
  | { readonly code: ModelCode; readonly results: readonly MultiResult[]; readonly failedAt: number }

/** True for the three modes with a suffix. */
export function isSequential(mode: Mode): boolean {
  return mode.includes('SEQUENTIAL')
}

/** True for the two modes with a TTL. */
export function hasTtl(mode: Mode): boolean {
  return mode.endsWith('_WITH_TTL')
}

/** One operation of a multi, or one that stands alone. */
export function write(context: WriteContext, call: MultiCall): Written<MultiResult> {
  switch (call.op) {
    case 'create':
      return create(context, call)
    case 'delete':
      return remove(context, call.path, call.version)
    case 'setData':
      return setData(context, call)
    case 'check':
      return check(context, call.path, call.version)
  }
}

/** Section 4.16: all operations on one tree, or the code of the first that fails. */
export function writeMulti(context: WriteContext, calls: readonly MultiCall[]): MultiOutcome {
  const done: Written<MultiResult>[] = []
  for (const call of calls) {
    const tried = attempt(() => write(context, call))
    if ('code' in tried)
      return { code: tried.code, failedAt: done.length, results: failed(calls, done.length, tried.code) }
    done.push(tried.value)
  }
  return { result: done.map((each) => each.result), triggers: done.flatMap((each) => each.triggers) }
}

function failed(calls: readonly MultiCall[], at: number, code: ModelCode): readonly MultiResult[] {
  return calls.map((_, i) => ({
    type: 'error',
    code: i < at ? 'OK' : i === at ? code : 'RUNTIMEINCONSISTENCY',
  }))
}

/** Section 4.8. Fires nothing. */
export function setAcl(
  { tree, ids }: WriteContext,
  call: { readonly path: string; readonly acl: readonly Acl[]; readonly version: number },
): ModelStat {
  const acl = storedAcl(call.acl, ids)
  const node = existing(tree, call.path)
  allow(node.acl, ids, ADMIN)
  requireVersion(call.version, node.aversion)
  tree.set(call.path, { ...node, acl, aversion: node.aversion + 1 })
  return statOf(tree, call.path)
}

/** The end of a session: all of its ephemerals go under one zxid, each with its own triggers. */
export function removeEphemerals(context: WriteContext): readonly TriggerCall[] {
  return ephemeralsOf(context.tree, context.session).flatMap((path) => take(context, path))
}

/** Sections 4.3 and 10: the server removes a container or TTL znode by itself. */
export function removeIdle(context: WriteContext, path: string): readonly TriggerCall[] {
  existing(context.tree, path)
  if (childPaths(context.tree, path).length > 0) throw new ModelFailure('NOTEMPTY')
  return take(context, path)
}

function create(context: WriteContext, call: CreateCall): Written<MultiResult> {
  const { tree, ids } = context
  const acl = storedAcl(call.acl, ids)
  const parent = parentOf(call.path)
  const parentNode = existing(tree, parent)
  allow(parentNode.acl, ids, CREATE)
  const path = isSequential(call.mode) ? `${call.path}${suffix(parentNode.created)}` : call.path
  if (!isValidPath(path) || path === ROOT_LIMITS) throw new ModelFailure('BADARGUMENTS')
  if (tree.has(path)) throw new ModelFailure('NODEEXISTS')
  if (parentNode.owner !== 0n) throw new ModelFailure('NOCHILDRENFOREPHEMERALS')
  const charge = { count: 1, bytes: byteLength(call.data) }
  checkQuota(context.before, context.charges, path, charge)

  context.charges.push({ path, ...charge })
  plant(tree, path, { data: call.data, acl, ...kindOf(call, context.session) }, context)
  fillStats(tree, path)
  bookQuota(tree, path, charge)
  const shown = call.withStat || call.mode === 'CONTAINER' || hasTtl(call.mode)
  const result = shown ? { stat: statOf(tree, path) } : {}
  return {
    result: { type: 'create', path, ...result },
    triggers: [
      { table: 'data', type: 'NodeCreated', path, acl, suppressServed: false },
      childrenChanged(parent, parentNode),
    ],
  }
}

function kindOf(call: CreateCall, session: bigint): Pick<ModelNode, 'owner' | 'kind' | 'ttlMs'> {
  if (call.mode.startsWith('EPHEMERAL')) return { owner: session, kind: 'ephemeral', ttlMs: 0 }
  if (call.mode === 'CONTAINER') return { owner: 0n, kind: 'container', ttlMs: 0 }
  if (hasTtl(call.mode)) return { owner: 0n, kind: 'ttl', ttlMs: call.ttlMs ?? 0 }
  return { owner: 0n, kind: 'persistent', ttlMs: 0 }
}

function suffix(created: number): string {
  return String(created).padStart(10, '0')
}

function remove(context: WriteContext, path: string, version: number): Written<MultiResult> {
  const { tree, ids } = context
  if (RESERVED.includes(path)) throw new ModelFailure('BADARGUMENTS')
  allow(existing(tree, parentOf(path)).acl, ids, DELETE)
  requireVersion(version, existing(tree, path).version)
  if (childPaths(tree, path).length > 0) throw new ModelFailure('NOTEMPTY')
  return { result: { type: 'delete' }, triggers: take(context, path) }
}

/** Removes a znode that may go: the tree, the quota, and the three triggers of section 6.4. */
function take({ tree, charges, zxid }: WriteContext, path: string): readonly TriggerCall[] {
  const { acl, data } = nodeAt(tree, path)
  const parent = parentOf(path)
  const charge = { count: -1, bytes: -byteLength(data) }
  charges.push({ path, ...charge })
  uproot(tree, path, zxid)
  bookQuota(tree, path, charge)
  return [
    { table: 'data', type: 'NodeDeleted', path, acl, suppressServed: false },
    { table: 'child', type: 'NodeDeleted', path, acl, suppressServed: true },
    childrenChanged(parent, nodeAt(tree, parent)),
  ]
}

function childrenChanged(path: string, node: ModelNode): TriggerCall {
  return { table: 'child', type: 'NodeChildrenChanged', path, acl: node.acl, suppressServed: false }
}

function setData(
  { tree, before, charges, ids, zxid, nowMs }: WriteContext,
  call: { readonly path: string; readonly data: string | null; readonly version: number },
): Written<MultiResult> {
  const { path, data } = call
  const node = existing(tree, path)
  allow(node.acl, ids, WRITE)
  const charge = { count: 0, bytes: byteLength(data) - byteLength(node.data) }
  checkQuota(before, charges, path, charge)
  requireVersion(call.version, node.version)

  charges.push({ path, ...charge })
  tree.set(path, { ...node, data, version: node.version + 1, mzxid: zxid, mtime: nowMs })
  bookQuota(tree, path, charge)
  return {
    result: { type: 'setData', stat: statOf(tree, path) },
    triggers: [{ table: 'data', type: 'NodeDataChanged', path, acl: node.acl, suppressServed: false }],
  }
}

function check({ tree, ids }: WriteContext, path: string, version: number): Written<MultiResult> {
  const node = existing(tree, path)
  allow(node.acl, ids, READ)
  requireVersion(version, node.version)
  return { result: { type: 'check' }, triggers: [] }
}

function existing(tree: ModelTree, path: string): ModelNode {
  const node = tree.get(path)
  if (node === undefined) throw new ModelFailure('NONODE')
  return node
}

function allow(acl: readonly Acl[], ids: readonly Id[], perms: number): void {
  if (!permits(acl, ids, perms)) throw new ModelFailure('NOAUTH')
}

function requireVersion(wanted: number, actual: number): void {
  if (wanted !== -1 && wanted !== actual) throw new ModelFailure('BADVERSION')
}
