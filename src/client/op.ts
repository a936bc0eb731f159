/** Op: builders for the operations of multi and multiRead. They check at once and throw, so that a bad one never joins others. */
import { copyBytes } from '../base/bytes.js'
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiReadOp,
  SetDataRequest,
} from '../protocol/message.js'
import { validatePath } from '../protocol/path.js'
import type { CreateShape } from './arguments.js'
import { Chroot } from './chroot.js'
import type { Data } from './data-taker.js'
import { RequestBuilder } from './request-builder.js'

/** An operation of a multi, made by `Op.create`, `Op.delete`, `Op.setData` or `Op.check`. */
export type Op = MultiOp

/** A read of a multiRead, made by `Op.getData` or `Op.getChildren`. */
export type ReadOp = MultiReadOp

/** Builders of operations. Each throws TypeError or RangeError for a bad argument. */
export const Op: OpBuilders = {
  create: (path, data, options = {}) => builder().create(path, data, options),
  delete: (path, version) => builder().delete(path, version),
  setData: (path, data, version) => builder().setData(path, data, version),
  check: (path, version) => builder().check(path, version),
  getData: (path) => builder().read('getData', path),
  getChildren: (path) => builder().read('getChildren', path),
}

/** The shape of `Op`. */
export interface OpBuilders {
  /** Creates a znode; its result has a Stat with `{ withStat: true }` and for containers and TTL znodes. */
  create(path: string, data?: Data, options?: CreateShape): CreateRequest
  /** Deletes a childless znode. Version -1, the default, means any. */
  delete(path: string, version?: number): DeleteRequest
  /** Replaces the data. Version -1, the default, means any. */
  setData(path: string, data: Data, version?: number): SetDataRequest
  /** Changes nothing, but fails the whole multi unless the znode exists and has the version; -1, the default, means any. */
  check(path: string, version?: number): CheckRequest
  /** Reads data and Stat, for multiRead. */
  getData(path: string): MultiReadOp
  /** Reads the names of the children, for multiRead. */
  getChildren(path: string): MultiReadOp
}

const UNBOUNDED = Number.POSITIVE_INFINITY

/** The limits of a client are looked at when it gets the operation. */
function builder(): RequestBuilder {
  const bounds = { maxDataBytes: UNBOUNDED, maxMultiOps: UNBOUNDED }
  return new RequestBuilder(
    { chroot: new Chroot(), pathCheck: { validate: validatePath }, ...bounds },
    copyBytes,
  )
}
