/** Op: builders for the operations of multi and multiRead. They check at once and throw, so that a bad one never joins others. */
import { describe } from '../base/describe.js'
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiReadOp,
  SetDataRequest,
} from '../protocol/message.js'
import { ROOT, validatePath } from '../protocol/path.js'
import { type CreateShape, checkOptions, checkVersion, createRequest } from './arguments.js'
import type { Chroot } from './chroot.js'
import { type Data, DataCopier } from './data-copier.js'

const SHAPE_OPTIONS = ['mode', 'acl', 'ttlMs', 'withStat'] as const

/** An operation of a multi, made by `Op.create`, `Op.delete`, `Op.setData` or `Op.check`. */
export type Op = MultiOp

/** A read of a multiRead, made by `Op.getData` or `Op.getChildren`. */
export type ReadOp = MultiReadOp

/** Builders of operations. Each throws TypeError or RangeError for a bad argument. */
export const Op: OpBuilders = {
  create(path, data, options) {
    checkOptions(options, SHAPE_OPTIONS)
    return createRequest(path, data, options ?? {}, new DataCopier(Number.POSITIVE_INFINITY))
  },
  delete(path, version = -1) {
    validatePath(path)
    checkVersion(version)
    return { type: 'delete', path, version }
  },
  setData(path, data, version = -1) {
    validatePath(path)
    checkVersion(version)
    return { type: 'setData', path, data: new DataCopier(Number.POSITIVE_INFINITY).copy(data), version }
  },
  check(path, version = -1) {
    validatePath(path)
    checkVersion(version)
    return { type: 'check', path, version }
  },
  getData(path) {
    validatePath(path)
    return { type: 'getData', path }
  },
  getChildren(path) {
    validatePath(path)
    return { type: 'getChildren', path }
  },
}

/** The shape of `Op`. */
export interface OpBuilders {
  /** Creates a znode; its result has a Stat with `{ withStat: true }` and for containers and TTL znodes. */
  create(path: string, data?: Data, options?: CreateShape): CreateRequest
  /** Deletes a childless znode. Version -1, the default, means any. */
  delete(path: string, version?: number): DeleteRequest
  /** Replaces the data. Version -1, the default, means any. */
  setData(path: string, data: Data, version?: number): SetDataRequest
  /** Changes nothing, but fails the whole multi unless the znode exists and has the version; -1 means any. */
  check(path: string, version?: number): CheckRequest
  /** Reads data and Stat, for multiRead. */
  getData(path: string): MultiReadOp
  /** Reads the names of the children, for multiRead. */
  getChildren(path: string): MultiReadOp
}

/** Copies of a caller's operations, below the chroot: the caller may keep and change what it handed in. @throws TypeError, RangeError */
export function ownOps(ops: readonly Op[], chroot: Chroot, copier: DataCopier, maxOps: number): MultiOp[] {
  checkList(ops, ['create', 'create2', 'createContainer', 'createTTL', 'delete', 'setData', 'check'], maxOps)
  return ops.map((op) => ownOp(op, chroot, copier))
}

/** Copies of a caller's reads, below the chroot. @throws TypeError, RangeError */
export function ownReadOps(ops: readonly ReadOp[], chroot: Chroot, maxOps: number): MultiReadOp[] {
  checkList(ops, ['getData', 'getChildren'], maxOps)
  return ops.map(({ type, path }) => {
    validatePath(path)
    return { type, path: chroot.toServer(path) }
  })
}

function ownOp(op: Op, chroot: Chroot, copier: DataCopier): MultiOp {
  switch (op.type) {
    case 'delete':
    case 'check':
    case 'setData': {
      validatePath(op.path)
      checkVersion(op.version)
      // As in a delete of its own: a client cannot saw off its chroot.
      const path = op.type === 'delete' && op.path === ROOT ? ROOT : chroot.toServer(op.path)
      const { type, version } = op
      return type === 'setData'
        ? { type, path, data: copier.copy(op.data), version }
        : { type, path, version }
    }
    default: {
      const { data, mode = 'PERSISTENT', acl, ttlMs, type } = op
      const shape = { mode, acl, withStat: type === 'create2', ...(ttlMs === -1 ? {} : { ttlMs }) }
      const request = createRequest(op.path, data, shape, copier)
      return { ...request, path: chroot.toServer(request.path) }
    }
  }
}

function checkList(
  ops: readonly { readonly type: string }[],
  known: readonly string[],
  maxOps: number,
): void {
  if (!Array.isArray(ops))
    throw new TypeError(`Invalid operations ${describe(ops)}: pass a list made with Op`)
  if (ops.length > maxOps) {
    throw new RangeError(`${ops.length} operations are over the limit of ${maxOps} (maxMultiOps): split them`)
  }
  for (const [i, op] of ops.entries()) {
    if (known.includes(op?.type)) continue
    throw new TypeError(
      `Invalid operation ${describe(op)} at ${i}: make it with Op; here go ${known.join(', ')}`,
    )
  }
}
