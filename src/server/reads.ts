/**
 * Reads: everything that is asked of a server and changes no znode, with the watches that reads leave. Each check stands in
 * ZooKeeper's order; a refusal is a code. Called by FinalRequestProcessor.
 */
import { invariant } from '../base/invariant.js'
import { Perms } from '../protocol/acl.js'
import type { Code } from '../protocol/code.js'
import {
  type Bytes,
  DONE,
  type MultiReadOp,
  type PathRequest,
  type Request,
  type Response,
  type WatchesRequest,
  type WatchingRead,
} from '../protocol/message.js'
import { errorResult, type ReadOpResult } from '../protocol/op-result.js'
import { isBlankOrRoot } from '../protocol/path.js'
import { authenticate, isPermitted, userOfId, visibleACL } from './access.js'
import { catchUp } from './catch-up.js'
import type { VersionTraits } from './compatibility.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import type { Limits } from './limits.js'
import type { ServerCnxn } from './server-cnxn.js'
import type { Watches } from './watches.js'

/** What answering needs to know. */
export interface ReadOptions {
  readonly superDigest: string | undefined
  readonly limits: Pick<Limits, 'maxMultiOps' | 'maxMultiReadBytes'>
  readonly traits: VersionTraits
}

const TYPE_OF_MODE = { PERSISTENT: 'Persistent', PERSISTENT_RECURSIVE: 'PersistentRecursive' } as const

/** What a name costs beside its characters. */
const NAME_BYTES = 4

const WATCH_ADDED: Response = Object.freeze({ type: 'watchAdded' })

/** Answers reads. */
export class Reads {
  readonly #tree: DataTree
  readonly #watches: Watches
  readonly #options: ReadOptions

  constructor(tree: DataTree, watches: Watches, options: ReadOptions) {
    this.#tree = tree
    this.#watches = watches
    this.#options = options
  }

  /** The response, or the code of a refusal. */
  answer(cnxn: ServerCnxn, request: Request): Response | Code {
    switch (request.type) {
      case 'exists':
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
        return this.#readWatching(cnxn, request)
      case 'getACL':
      case 'getAllChildrenNumber':
        return this.#readPath(cnxn, request)
      case 'getEphemerals':
        return { type: 'ephemerals', ephemerals: this.#ephemeralsOf(cnxn, request.path) }
      case 'sync':
        return { type: 'synced', path: request.path }
      case 'ping':
        return DONE
      case 'sasl':
        // As a server that has no SASL set up.
        return { type: 'token', token: null }
      case 'malformed':
        return 'MARSHALLINGERROR'
      case 'multiRead':
        return this.#multiRead(cnxn, request.ops)
      case 'whoAmI':
        return {
          type: 'clientInfo',
          clientInfo: cnxn.ids.map((id) => ({ scheme: id.scheme, user: userOfId(id) })),
        }
      case 'auth':
        return this.#authenticate(cnxn, request.scheme, request.auth)
      case 'addWatch':
        return this.#watches.add(TYPE_OF_MODE[request.mode], request.path, cnxn)
          ? WATCH_ADDED
          : 'QUOTAEXCEEDED'
      case 'checkWatches':
        if (!this.#hasType(request)) return 'MARSHALLINGERROR'
        return this.#watches.contains(request.watcherType, request.path, cnxn) ? DONE : 'NOWATCHER'
      case 'removeWatches':
        if (!this.#hasType(request)) return 'MARSHALLINGERROR'
        return this.#watches.remove(request.watcherType, request.path, cnxn) ? DONE : 'NOWATCHER'
      case 'setWatches':
        if (!catchUp(request, cnxn, this.#tree, this.#watches)) cnxn.close()
        return DONE
      default:
        invariant(false, () => `${request.type} is a write and was not decided`)
    }
  }

  #readWatching(cnxn: ServerCnxn, { type, path, watch }: WatchingRead): Response | Code {
    const isOpen = type === 'exists' && !this.#options.traits.existsNeedsRead
    const node = isOpen ? (this.#tree.findNode(path) ?? 'NONODE') : this.#findReadable(cnxn, path)
    // A missing znode can be watched too.
    const isAwaited = type === 'exists' && node === 'NONODE'
    if (isAwaited && path.includes('\0')) return 'BADARGUMENTS'
    if (typeof node === 'string' && !isAwaited) return node
    const table = type === 'exists' || type === 'getData' ? 'Data' : 'Children'
    if (watch && !this.#watches.add(table, path, cnxn)) return 'QUOTAEXCEEDED'
    if (typeof node === 'string') return node
    const stat = node.stat()
    if (type === 'exists') return { type: 'stat', stat }
    if (type === 'getData') return { type: 'data', data: dataFor(cnxn, node), stat }
    const children = node.childNames()
    return type === 'getChildren' ? { type: 'childNames', children } : { type: 'children', children, stat }
  }

  /** An older server cannot read the number of a type that it does not know. */
  #hasType({ watcherType }: WatchesRequest): boolean {
    const isLasting = watcherType === 'Persistent' || watcherType === 'PersistentRecursive'
    return !isLasting || this.#options.traits.hasLastingTypes
  }

  #readPath(cnxn: ServerCnxn, { type, path }: PathRequest): Response | Code {
    const isACL = type === 'getACL'
    const node = this.#findReadable(cnxn, path, isACL ? Perms.READ | Perms.ADMIN : Perms.READ)
    if (typeof node === 'string') return node
    if (isACL) return { type: 'acl', acl: visibleACL(node.acl, cnxn.ids), stat: node.stat() }
    return { type: 'totalNumber', totalNumber: this.#tree.countBelow(path) }
  }

  #multiRead(cnxn: ServerCnxn, ops: readonly MultiReadOp[]): Response | Code {
    const { maxMultiOps, maxMultiReadBytes } = this.#options.limits
    if (ops.length > maxMultiOps) return 'MARSHALLINGERROR'
    const results: ReadOpResult[] = []
    let bytes = 0
    for (const op of ops) {
      const result = this.#readOne(cnxn, op)
      bytes += sizeOf(result)
      if (bytes > maxMultiReadBytes) return 'MARSHALLINGERROR'
      results.push(result)
    }
    return { type: 'readResults', results }
  }

  #readOne(cnxn: ServerCnxn, { type, path }: MultiReadOp): ReadOpResult {
    const node = this.#findReadable(cnxn, path)
    if (typeof node === 'string') return errorResult(node)
    return type === 'getData'
      ? { type, data: dataFor(cnxn, node), stat: node.stat() }
      : { type, children: node.childNames() }
  }

  #findReadable(cnxn: ServerCnxn, path: string, perms: number = Perms.READ): DataNode | 'NONODE' | 'NOAUTH' {
    const node = this.#tree.findNode(path)
    if (node === undefined) return 'NONODE'
    return isPermitted(node.acl, perms, cnxn.ids) ? node : 'NOAUTH'
  }

  /** The prefix is raw text, not a path; blank or `/` means all. */
  #ephemeralsOf(cnxn: ServerCnxn, prefix: string): string[] {
    const all = [...this.#tree.owned.ephemeralsOf(cnxn.sessionId)]
    return isBlankOrRoot(prefix) ? all : all.filter((path) => path.startsWith(prefix))
  }

  #authenticate(cnxn: ServerCnxn, scheme: string, auth: Bytes): Response | Code {
    const { superDigest } = this.#options
    const ids = authenticate(scheme, auth, { remoteAddress: cnxn.remoteAddress, superDigest })
    if (ids === undefined) return 'AUTHFAILED'
    cnxn.addIds(ids)
    return DONE
  }
}

/** A copy, unless it is written out before anything can change. */
function dataFor({ writesAtOnce }: ServerCnxn, node: DataNode): Bytes {
  return writesAtOnce ? node.lendData() : node.copyData()
}

/** What a result costs whoever has to hold it. */
function sizeOf(result: ReadOpResult): number {
  if (result.type === 'getData') return result.data?.length ?? 0
  if (result.type !== 'getChildren') return 0
  let size = 0
  for (const name of result.children) size += NAME_BYTES + name.length
  return size
}
