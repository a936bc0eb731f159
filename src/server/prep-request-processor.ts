/**
 * PrepRequestProcessor decides every write, against the state as it will be, and turns it into a Txn (law 1).
 * The checks of each operation stand in ZooKeeper's order: the first that fails decides the code. Reads pass through.
 */
import type { Clock } from '../base/clock.js'
import { type ACL, Perms } from '../protocol/acl.js'
import type { Code } from '../protocol/code.js'
import { createModeTraits } from '../protocol/create-mode.js'
import { CONTAINER_OWNER, MAX_TTL_MS, PERSISTENT_OWNER, ttlOwner } from '../protocol/ephemeral-owner.js'
import type { KnownPaths } from '../protocol/known-paths.js'
import type {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiRequest,
  Request,
  Response,
  SetACLRequest,
  SetDataRequest,
} from '../protocol/message.js'
import { depthOf, findPathFault, sequenceSuffix } from '../protocol/path.js'
import { type AuthId, findStorableACL, isPermitted } from './access.js'
import type { VersionTraits } from './compatibility.js'
import type { NodeFacts } from './data-node.js'
import { type DataTree, RESERVED_PATHS, type TreeView } from './data-tree.js'
import type { Limits } from './limits.js'
import { PendingChanges } from './pending-changes.js'
import { isRootQuota, type Quota } from './quota.js'
import type { RequestProcessor } from './request-processor.js'
import type { ServerCnxn } from './server-cnxn.js'
import { isSweepable, type SweepOptions } from './sweep.js'
import type { ErrorTxn, MultiTxnOp, Txn, TxnBody, TxnOp } from './txn.js'

/** Who asks, as far as it decides. */
export interface Requester {
  readonly sessionId: bigint
  readonly ids: readonly AuthId[]
}

/** What deciding needs. */
export interface PrepOptions extends SweepOptions {
  readonly clock: Clock
  readonly limits: Limits
  /** Whether znodes with a TTL may be created. */
  readonly ttlNodes: boolean
  readonly traits: VersionTraits
  /** What clients of the same process have found valid. */
  readonly knownPaths: KnownPaths
}

/** Any version will do. */
const ANY_VERSION = -1

/** Decides writes. */
export class PrepRequestProcessor implements RequestProcessor {
  readonly #tree: DataTree
  readonly #quota: Quota
  readonly #options: PrepOptions
  readonly #next: RequestProcessor

  constructor(tree: DataTree, quota: Quota, options: PrepOptions, next: RequestProcessor) {
    this.#tree = tree
    this.#quota = quota
    this.#options = options
    this.#next = next
  }

  processRequest(cnxn: ServerCnxn, request: Request): Response | Code {
    const body = this.#decide(request, cnxn)
    return this.#next.processRequest(cnxn, request, body === undefined ? undefined : this.stamp(body))
  }

  /** Gives a decided fact its zxid and time. A refusal takes a zxid too. */
  stamp(body: TxnBody): Txn {
    return { zxid: this.#tree.lastZxid + 1, timeMs: this.#options.clock.nowMs(), body }
  }

  /** Decides a multi: each operation sees those before it, and the first refusal refuses all. */
  decideMulti(request: MultiRequest, from: Requester): TxnBody {
    const pending = new PendingChanges(this.#tree, (path) => this.#quota.findPrefix(path))
    const ops: MultiTxnOp[] = []
    for (const op of request.ops) {
      const decided = this.#decideOp(op, from, pending)
      if (decided.type === 'error') {
        return {
          type: 'failedMulti',
          opCount: request.ops.length,
          failedIndex: ops.length,
          code: decided.code,
        }
      }
      pending.add(decided)
      ops.push(decided)
    }
    return { type: 'multi', ops }
  }

  /** Decides what a sweep asks for, if it still holds: no session, no permission, no version. */
  decideSweep(path: string, nowMs: number): TxnBody | undefined {
    return isSweepable(this.#tree.findNode(path), nowMs, this.#options) ? { type: 'delete', path } : undefined
  }

  #decide(request: Request, from: Requester): TxnBody | undefined {
    switch (request.type) {
      // What is asked for most often comes first.
      case 'exists':
      case 'getData':
      case 'getChildren2':
        return undefined
      case 'setData':
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL':
      case 'delete':
        return this.#decideOp(request, from, this.#tree)
      case 'setACL':
        return this.#decideSetACL(request, from)
      case 'multi':
        if (request.ops.length > this.#options.limits.maxMultiOps) return refuse('MARSHALLINGERROR')
        return this.decideMulti(request, from)
      case 'closeSession':
        return {
          type: 'closeSession',
          sessionId: from.sessionId,
          ephemerals: [...this.#tree.owned.ephemeralsOf(from.sessionId)],
        }
      case 'reconfig':
        // What a standalone server says that was not told otherwise.
        return refuse('RECONFIGDISABLED')
      default:
        return undefined
    }
  }

  #decideOp(op: MultiOp, from: Requester, view: TreeView): MultiTxnOp | ErrorTxn {
    switch (op.type) {
      case 'delete':
        return this.#decideDelete(op, from, view)
      case 'setData':
        return this.#decideSetData(op, from, view)
      case 'check':
        return this.#decideCheck(op, from, view)
      default:
        return this.#decideCreate(op, from, view)
    }
  }

  #decideCreate(request: CreateRequest, from: Requester, view: TreeView): MultiTxnOp | ErrorTxn {
    const modeFault = this.#findModeFault(request)
    if (modeFault !== undefined) return refuse(modeFault)
    const isKnown = this.#options.knownPaths.has(request.path)
    if (!(isKnown || hasSlashAndNoNul(request.path)) || this.#isTooLong(request.data))
      return refuse('BADARGUMENTS')
    const acl = findStorableACL(request.acl, from.ids, this.#options.traits)
    if (acl === undefined) return refuse('INVALIDACL')
    const parent = view.findParent(request.path)
    if (parent === undefined) return refuse('NONODE')
    if (!isPermitted(parent.acl, Perms.CREATE, from.ids)) return refuse('NOAUTH')
    const path = finalPath(request, parent)
    const isValid = (isKnown && path === request.path) || findPathFault(path) === undefined
    if (!isValid || this.#isTooDeep(path) || isRootQuota(path)) return refuse('BADARGUMENTS')
    if (view.findNode(path) !== undefined) return refuse('NODEEXISTS')
    if (parent.kind === 'ephemeral') return refuse('NOCHILDRENFOREPHEMERALS')
    if (view.nodeCount >= this.#options.limits.maxZnodes) return refuse('QUOTAEXCEEDED')
    const { data } = request
    const quotaFault = this.#quota.findFault(path, { count: 1, bytes: data === null ? 0 : data.length }, view)
    if (quotaFault !== undefined) return refuse(quotaFault)
    return {
      type: 'create',
      path,
      data,
      acl,
      owner: ownerFor(request, from),
      withStat: this.#givesStat(request, view),
    }
  }

  /** A multi of an older server takes a create2 for a create. */
  #givesStat({ type }: CreateRequest, view: TreeView): boolean {
    const isInMulti = view !== this.#tree
    return type === 'create2' ? !isInMulti || this.#options.traits.multiGivesStats : type !== 'create'
  }

  /** The operation, not the mode, makes a container or a TTL on the real server; here both have to agree (D3). */
  #findModeFault({ type, mode, ttlMs }: CreateRequest): Code | undefined {
    if (mode === undefined) return 'BADARGUMENTS'
    const { isContainer, hasTtl } = createModeTraits[mode]
    if (hasTtl && !this.#options.ttlNodes) return 'UNIMPLEMENTED'
    if (isContainer !== (type === 'createContainer') || hasTtl !== (type === 'createTTL'))
      return 'BADARGUMENTS'
    return hasTtl && !(Number.isInteger(ttlMs) && ttlMs >= 1 && ttlMs <= MAX_TTL_MS)
      ? 'BADARGUMENTS'
      : undefined
  }

  #decideDelete({ path, version }: DeleteRequest, from: Requester, view: TreeView): MultiTxnOp | ErrorTxn {
    const isKnown = this.#options.knownPaths.has(path)
    if (!(isKnown || hasSlashAndNoNul(path)) || RESERVED_PATHS.includes(path)) return refuse('BADARGUMENTS')
    const parent = view.findParent(path)
    if (parent === undefined) return refuse('NONODE')
    if (!isPermitted(parent.acl, Perms.DELETE, from.ids)) return refuse('NOAUTH')
    const node = view.findNode(path)
    if (node === undefined) return refuse('NONODE')
    if (version !== ANY_VERSION && version !== node.version) return refuse('BADVERSION')
    return node.childCount > 0 ? refuse('NOTEMPTY') : { type: 'delete', path }
  }

  #decideSetData(
    { path, data, version }: SetDataRequest,
    from: Requester,
    view: TreeView,
  ): MultiTxnOp | ErrorTxn {
    if (this.#isTooLong(data)) return refuse('BADARGUMENTS')
    const node = findValid(path, view)
    if (typeof node === 'string') return refuse(node)
    if (!isPermitted(node.acl, Perms.WRITE, from.ids)) return refuse('NOAUTH')
    const bytes = (data === null ? 0 : data.length) - node.dataBytes
    const quotaFault = this.#quota.findFault(path, { count: 0, bytes }, view)
    if (quotaFault !== undefined) return refuse(quotaFault)
    if (version !== ANY_VERSION && version !== node.version) return refuse('BADVERSION')
    return { type: 'setData', path, data, version: nextVersion(node.version) }
  }

  #decideSetACL({ path, acl, version }: SetACLRequest, from: Requester): TxnOp | ErrorTxn {
    const node = findValid(path, this.#tree)
    if (node === 'BADARGUMENTS') return refuse(node)
    const stored: readonly ACL[] | undefined = findStorableACL(acl, from.ids, this.#options.traits)
    if (stored === undefined) return refuse('INVALIDACL')
    if (node === 'NONODE') return refuse(node)
    if (!isPermitted(node.acl, Perms.ADMIN, from.ids)) return refuse('NOAUTH')
    if (version !== ANY_VERSION && version !== node.aversion) return refuse('BADVERSION')
    return { type: 'setACL', path, acl: stored, aversion: nextVersion(node.aversion) }
  }

  #decideCheck({ path, version }: CheckRequest, from: Requester, view: TreeView): MultiTxnOp | ErrorTxn {
    const node = findValid(path, view)
    if (typeof node === 'string') return refuse(node)
    if (!isPermitted(node.acl, Perms.READ, from.ids)) return refuse('NOAUTH')
    return version !== ANY_VERSION && version !== node.version
      ? refuse('BADVERSION')
      : { type: 'check', path }
  }

  #isTooDeep(path: string): boolean {
    const { maxPathDepth } = this.#options.limits
    // A name and its slash are two characters at least.
    return path.length > 2 * maxPathDepth && depthOf(path) > maxPathDepth
  }

  #isTooLong(data: Uint8Array | null): boolean {
    return data !== null && data.length > this.#options.limits.maxDataBytes
  }
}

function refuse(code: Code): ErrorTxn {
  return { type: 'error', code }
}

/** The znode at a valid path. What exists has a valid path, so only a missing one is looked at; the empty path is no name of the root here. */
function findValid<T extends NodeFacts>(
  path: string,
  view: { findNode(path: string): T | undefined },
): T | 'BADARGUMENTS' | 'NONODE' {
  const node = path === '' ? undefined : view.findNode(path)
  if (node !== undefined) return node
  return findPathFault(path) === undefined ? 'NONODE' : 'BADARGUMENTS'
}

/** What the server itself demands of a path before it looks anything up. */
function hasSlashAndNoNul(path: string): boolean {
  return path.includes('/') && !path.includes('\0')
}

function finalPath({ path, mode }: CreateRequest, parent: NodeFacts): string {
  const isSequential = mode !== undefined && createModeTraits[mode].isSequential
  return isSequential ? path + sequenceSuffix(parent.createdCount) : path
}

function ownerFor({ mode, ttlMs }: CreateRequest, from: Requester): bigint {
  if (mode === undefined || mode === 'PERSISTENT') return PERSISTENT_OWNER
  const { isEphemeral, isContainer, hasTtl } = createModeTraits[mode]
  if (isEphemeral) return from.sessionId
  if (isContainer) return CONTAINER_OWNER
  return hasTtl ? ttlOwner(ttlMs) : PERSISTENT_OWNER
}

/** One more in 32 bits, leaving out -1, which would mean any version. */
function nextVersion(version: number): number {
  const next = (version + 1) | 0
  return next === ANY_VERSION ? 0 : next
}
