/**
 * RequestBuilder: the arguments of a caller become a request of our own: checked, copied but for data that may be on loan, below the
 * chroot. `Op` builds with it too, without a chroot, so a single operation and one of a multi pass the same checks.
 */
import { describe } from '../base/describe.js'
import { type ACL, OPEN_ACL_UNSAFE } from '../protocol/acl.js'
import { createModeTraits } from '../protocol/create-mode.js'
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiReadOp,
  SetACLRequest,
  SetDataRequest,
} from '../protocol/message.js'
import { ROOT, validateSequentialPath } from '../protocol/path.js'
import { type CreateShape, checkMode, checkOptions, checkTtl, checkVersion, copyACL } from './arguments.js'
import type { Chroot } from './chroot.js'
import { type Data, DataTaker } from './data-taker.js'

const SHAPE_OPTIONS = ['mode', 'acl', 'ttlMs', 'withStat'] as const
/** The options of a create: its shape, and how to give up. */
export const CREATE_OPTIONS: readonly string[] = [...SHAPE_OPTIONS, 'signal']

/** What lets valid paths pass. */
export interface PathCheck {
  /** @throws TypeError quoting the path and the place */
  validate(path: string): void
}

/** Where requests go, and how large they may be. */
export interface RequestBounds {
  readonly chroot: Chroot
  readonly pathCheck: PathCheck
  readonly maxDataBytes: number
  readonly maxMultiOps: number
}

/** Builds requests. Each verb throws TypeError or RangeError for a bad argument. */
export class RequestBuilder {
  readonly #chroot: Chroot
  readonly #pathCheck: PathCheck
  readonly #data: DataTaker
  readonly #maxOps: number

  /** `take` says what becomes of the bytes of callers: they are copied, or on loan. */
  constructor(
    { chroot, pathCheck, maxDataBytes, maxMultiOps }: RequestBounds,
    take: (bytes: Uint8Array) => Uint8Array,
  ) {
    this.#chroot = chroot
    this.#pathCheck = pathCheck
    this.#data = new DataTaker(maxDataBytes, take)
    this.#maxOps = maxMultiOps
  }

  /** The server path of a valid path. */
  path(path: string): string {
    this.#pathCheck.validate(path)
    return this.#chroot.toServer(path)
  }

  create(
    path: string,
    data: Data | undefined,
    shape: CreateShape,
    known: readonly string[] = SHAPE_OPTIONS,
  ): CreateRequest {
    checkOptions(shape, known)
    const mode = checkMode(shape.mode)
    const { isSequential, hasTtl, isContainer } = createModeTraits[mode]
    const serverPath = isSequential ? this.#pathPrefix(path) : this.path(path)
    const ttlMs = checkTtl(shape.ttlMs, hasTtl, mode)
    const acl = shape.acl === undefined ? OPEN_ACL_UNSAFE : copyACL(shape.acl, path)
    const plainType = shape.withStat === true ? 'create2' : 'create'
    const type = hasTtl ? 'createTTL' : isContainer ? 'createContainer' : plainType
    return { type, path: serverPath, data: this.#data.take(data), acl, mode, ttlMs }
  }

  /** The root cannot be deleted, nor can a client saw off its chroot: the server refuses `/`. */
  delete(path: string, version = -1): DeleteRequest {
    checkVersion(version)
    const serverPath = this.path(path)
    return { type: 'delete', path: path === ROOT ? ROOT : serverPath, version }
  }

  setData(path: string, data: Data, version = -1): SetDataRequest {
    checkVersion(version)
    // Null is wiped on purpose, undefined by mistake.
    if (data === undefined) throw new TypeError('Invalid data undefined: pass a string, a Uint8Array or null')
    return { type: 'setData', path: this.path(path), data: this.#data.take(data), version }
  }

  setACL(path: string, acl: readonly ACL[], version: number): SetACLRequest {
    checkVersion(version)
    return { type: 'setACL', path: this.path(path), acl: copyACL(acl, path), version }
  }

  check(path: string, version = -1): CheckRequest {
    checkVersion(version)
    return { type: 'check', path: this.path(path), version }
  }

  read(type: MultiReadOp['type'], path: string): MultiReadOp {
    return { type, path: this.path(path) }
  }

  /** Operations made with `Op`, once more: their maker may have kept and changed them. */
  multiOps(ops: readonly MultiOp[]): MultiOp[] {
    this.#checkList(ops)
    // A hole in the list is an operation too, and a bad one.
    return Array.from(ops, (op, i) => {
      switch (op?.type) {
        case 'delete':
          return this.delete(op.path, op.version)
        case 'setData':
          return this.setData(op.path, op.data, op.version)
        case 'check':
          return this.check(op.path, op.version)
        case 'create':
        case 'create2':
        case 'createContainer':
        case 'createTTL':
          return this.#createOp(op)
        default:
          throw badOp(op, i)
      }
    })
  }

  /** Reads made with `Op`, once more. */
  multiReadOps(ops: readonly MultiReadOp[]): MultiReadOp[] {
    this.#checkList(ops)
    return Array.from(ops, (op, i) => {
      if (op?.type !== 'getData' && op?.type !== 'getChildren') throw badOp(op, i)
      return this.read(op.type, op.path)
    })
  }

  #pathPrefix(path: string): string {
    validateSequentialPath(path)
    return this.#chroot.toServerPrefix(path)
  }

  #createOp({ type, path, data, acl, mode, ttlMs }: CreateRequest): CreateRequest {
    return this.create(path, data, {
      mode,
      acl,
      withStat: type === 'create2',
      ...(ttlMs === -1 ? {} : { ttlMs }),
    })
  }

  #checkList(ops: readonly unknown[]): void {
    if (!Array.isArray(ops))
      throw new TypeError(`Invalid operations ${describe(ops)}: pass a list made with Op`)
    if (ops.length <= this.#maxOps) return
    throw new RangeError(
      `${ops.length} operations are over the limit of ${this.#maxOps} (maxMultiOps): split them`,
    )
  }
}

function badOp(op: unknown, index: number): TypeError {
  return new TypeError(
    `Invalid operation ${describe(op)} at ${index}: make it with Op; reads go to multiRead, the others to multi`,
  )
}
