/**
 * FinalRequestProcessor applies what is decided, fires the watches, answers reads, and replies last (law 2). Nothing here
 * can refuse a decided transaction.
 */
import { invariant, unreachable } from '../base/invariant.js'
import { Perms } from '../protocol/acl.js'
import { type Code, errnoOf } from '../protocol/code.js'
import type { MultiReadOp, PathRequest, Request, Response, WatchingRead } from '../protocol/message.js'
import type { ErrorResult, OpResult, ReadOpResult } from '../protocol/op-result.js'
import { isBlankOrRoot } from '../protocol/path.js'
import { authenticate, isPermitted, userOfId, visibleACL } from './access.js'
import { catchUp } from './catch-up.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import type { Quota } from './quota.js'
import type { RequestProcessor } from './request-processor.js'
import type { ServerCnxn } from './server-cnxn.js'
import type { CloseSessionTxn, CreateTxn, FailedMultiTxn, SetDataTxn, Txn, TxnBody, TxnOp } from './txn.js'
import type { Watches } from './watches.js'

/** What the last station leaves to the server. */
export interface SessionEnder {
  /** The close of a session was applied: there is no such session any more. */
  sessionClosed(sessionId: bigint): void
}

/** What answering needs. */
export interface FinalOptions {
  readonly superDigest: string | undefined
  readonly maxMultiOps: number
  /** Is told of each transaction once it is applied; undefined costs nothing. */
  readonly applied: (txn: Txn) => void
}

const DONE: Response = Object.freeze({ type: 'done' })

/** Applies and answers. */
export class FinalRequestProcessor implements RequestProcessor {
  readonly #tree: DataTree
  readonly #watches: Watches
  readonly #quota: Quota
  readonly #sessions: SessionEnder
  readonly #options: FinalOptions

  constructor(tree: DataTree, watches: Watches, quota: Quota, sessions: SessionEnder, options: FinalOptions) {
    this.#tree = tree
    this.#watches = watches
    this.#quota = quota
    this.#sessions = sessions
    this.#options = options
  }

  processRequest(cnxn: ServerCnxn, xid: number, request: Request, txn: Txn | undefined): void {
    if (txn === undefined) return this.#answerRead(cnxn, xid, request)
    const { body, zxid } = txn
    const results = this.apply(txn)
    if (body.type === 'error') return cnxn.sendReply(xid, zxid, body.code, undefined)
    if (body.type === 'closeSession') this.#sessions.sessionClosed(body.sessionId)
    cnxn.sendReply(xid, zxid, 'OK', responseTo(request, results))
    if (body.type === 'closeSession') cnxn.close()
  }

  /** Applies a decided transaction and fires its watches. Returns one result for each operation of the tree. */
  apply(txn: Txn): OpResult[] {
    this.#tree.lastZxid = txn.zxid
    const results = this.#applyBody(txn.body, txn)
    this.#options.applied(txn)
    return results
  }

  #applyBody(body: TxnBody, txn: Txn): OpResult[] {
    switch (body.type) {
      case 'multi':
        return body.ops.map((op) => this.#applyOp(op, txn))
      case 'failedMulti':
        return failedResults(body)
      case 'closeSession':
        return this.#closeSession(body, txn)
      case 'error':
      case 'createSession':
        return []
      default:
        return [this.#applyOp(body, txn)]
    }
  }

  #applyOp(op: TxnOp, txn: Txn): OpResult {
    switch (op.type) {
      case 'create':
        return this.#create(op, txn)
      case 'delete':
        this.#delete(op.path, txn.zxid)
        return { type: 'delete' }
      case 'setData':
        return this.#setData(op, txn)
      case 'setACL':
        return { type: 'setData', stat: this.#tree.setACL(op).stat() }
      case 'check':
        return { type: 'check' }
      default:
        return unreachable(op)
    }
  }

  #create(op: CreateTxn, txn: Txn): OpResult {
    const { path, acl, data } = op
    const parent = this.#tree.createNode(op, txn)
    this.#quota.created(path, data === null ? 0 : data.length)
    this.#watches.nodeCreated({ path, zxid: txn.zxid, acl, parentAcl: parent.acl })
    return op.withStat
      ? { type: 'create', path, stat: this.#requireNode(path).stat() }
      : { type: 'create', path }
  }

  #delete(path: string, zxid: number): void {
    const { node, parent } = this.#tree.deleteNode(path, zxid)
    this.#quota.deleted(path, node.dataBytes)
    this.#watches.nodeDeleted({ path, zxid, acl: node.acl, parentAcl: parent.acl })
  }

  #setData(op: SetDataTxn, txn: Txn): OpResult {
    const before = this.#requireNode(op.path).dataBytes
    const node = this.#tree.setData(op, txn)
    this.#quota.dataChanged(op.path, node.dataBytes - before)
    this.#watches.nodeDataChanged({ path: op.path, zxid: txn.zxid, acl: node.acl })
    return { type: 'setData', stat: node.stat() }
  }

  /** All ephemerals of a session under one zxid; each fires for itself. */
  #closeSession(txn: CloseSessionTxn, { zxid }: Txn): OpResult[] {
    return txn.ephemerals.map((path) => {
      this.#delete(path, zxid)
      return { type: 'delete' }
    })
  }

  #answerRead(cnxn: ServerCnxn, xid: number, request: Request): void {
    const answer = this.#read(cnxn, request)
    // An auth reply carries no zxid: it says nothing about the tree.
    const zxid = request.type === 'auth' ? 0 : this.#tree.lastZxid
    if (typeof answer === 'string') cnxn.sendReply(xid, zxid, answer, undefined)
    else cnxn.sendReply(xid, zxid, 'OK', answer)
    if (answer === 'AUTHFAILED') cnxn.close()
  }

  #read(cnxn: ServerCnxn, request: Request): Response | Code {
    switch (request.type) {
      case 'exists':
        return this.#exists(cnxn, request)
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
        return this.#readNode(cnxn, request)
      case 'getACL':
      case 'getAllChildrenNumber':
      case 'getEphemerals':
      case 'sync':
        return this.#readPath(cnxn, request)
      case 'multiRead':
        return this.#multiRead(cnxn, request.ops)
      case 'whoAmI':
        return {
          type: 'whoAmI',
          clientInfo: cnxn.ids.map((id) => ({ scheme: id.scheme, user: userOfId(id) })),
        }
      case 'auth':
        return this.#authenticate(cnxn, request.scheme, request.auth)
      case 'addWatch':
        return this.#watches.addLasting(request.mode, request.path, cnxn) ? DONE : 'QUOTAEXCEEDED'
      case 'checkWatches':
        return this.#watches.contains(request.watcherType, request.path, cnxn) ? DONE : 'NOWATCHER'
      case 'removeWatches':
        return this.#watches.remove(request.watcherType, request.path, cnxn) ? DONE : 'NOWATCHER'
      case 'setWatches':
        if (!catchUp(request, cnxn, this.#tree, this.#watches)) cnxn.close()
        return DONE
      default:
        invariant(false, () => `${request.type} is a write and was not decided`)
    }
  }

  #exists(cnxn: ServerCnxn, { path, watch }: WatchingRead): Response | Code {
    if (path.includes('\0')) return 'BADARGUMENTS'
    const node = this.#tree.findNode(path)
    if (node !== undefined && !isPermitted(node.acl, Perms.READ, cnxn.ids)) return 'NOAUTH'
    if (watch && !this.#watches.addOneShot('data', path, cnxn)) return 'QUOTAEXCEEDED'
    return node === undefined ? 'NONODE' : { type: 'exists', stat: node.stat() }
  }

  #readNode(cnxn: ServerCnxn, { type, path, watch }: WatchingRead): Response | Code {
    const node = this.#tree.findNode(path)
    if (node === undefined) return 'NONODE'
    if (!isPermitted(node.acl, Perms.READ, cnxn.ids)) return 'NOAUTH'
    if (watch && !this.#watches.addOneShot(type === 'getData' ? 'data' : 'child', path, cnxn))
      return 'QUOTAEXCEEDED'
    if (type === 'getData') return { type, data: node.data, stat: node.stat() }
    const children = [...node.children]
    return type === 'getChildren' ? { type, children } : { type: 'getChildren2', children, stat: node.stat() }
  }

  #readPath(cnxn: ServerCnxn, { type, path }: PathRequest): Response | Code {
    switch (type) {
      case 'sync':
        return { type, path }
      case 'getEphemerals':
        return { type, ephemerals: this.#ephemeralsOf(cnxn, path) }
      case 'getACL':
      case 'getAllChildrenNumber': {
        const node = this.#tree.findNode(path)
        if (node === undefined) return 'NONODE'
        const perms = type === 'getACL' ? Perms.READ | Perms.ADMIN : Perms.READ
        if (!isPermitted(node.acl, perms, cnxn.ids)) return 'NOAUTH'
        if (type === 'getACL') return { type, acl: visibleACL(node.acl, cnxn.ids), stat: node.stat() }
        return { type, totalNumber: this.#tree.countBelow(path) }
      }
      default:
        return unreachable(type)
    }
  }

  #multiRead(cnxn: ServerCnxn, ops: readonly MultiReadOp[]): Response | Code {
    if (ops.length > this.#options.maxMultiOps) return 'MARSHALLINGERROR'
    return { type: 'multiRead', results: ops.map((op) => this.#readOne(cnxn, op)) }
  }

  #readOne(cnxn: ServerCnxn, { type, path }: MultiReadOp): ReadOpResult {
    const answer = this.#readNode(cnxn, { type, path, watch: false })
    if (typeof answer === 'string') return errorResult(answer)
    invariant(
      answer.type === 'getData' || answer.type === 'getChildren',
      () => `a read answered ${answer.type}`,
    )
    return answer
  }

  /** The prefix is raw text, not a path; blank or `/` means all. */
  #ephemeralsOf(cnxn: ServerCnxn, prefix: string): string[] {
    if (cnxn.session === undefined) return []
    const all = [...this.#tree.owned.ephemeralsOf(cnxn.session.id)]
    return isBlankOrRoot(prefix) ? all : all.filter((path) => path.startsWith(prefix))
  }

  #authenticate(cnxn: ServerCnxn, scheme: string, auth: Uint8Array): Response | Code {
    const { superDigest } = this.#options
    const ids = authenticate(scheme, auth, { remoteAddress: cnxn.remoteAddress, superDigest })
    if (ids === undefined) return 'AUTHFAILED'
    cnxn.addIds(ids)
    return DONE
  }

  #requireNode(path: string): DataNode {
    const node = this.#tree.findNode(path)
    invariant(node !== undefined, () => `a decided transaction misses ${path}`)
    return node
  }
}

/** What a successful write is answered with: its only result, or all of a multi. */
function responseTo(request: Request, results: OpResult[]): Response {
  if (request.type === 'multi') return { type: 'multi', results }
  const [result] = results
  if (result === undefined || request.type === 'closeSession') return DONE
  switch (result.type) {
    case 'create':
      return result.stat === undefined
        ? { type: 'create', path: result.path }
        : { type: 'create2', path: result.path, stat: result.stat }
    case 'setData':
      return { type: request.type === 'setACL' ? 'setACL' : 'setData', stat: result.stat }
    default:
      return DONE
  }
}

function failedResults({ opCount, failedIndex, code }: FailedMultiTxn): OpResult[] {
  return Array.from({ length: opCount }, (_, i) => {
    if (i === failedIndex) return errorResult(code)
    return errorResult(i < failedIndex ? 'OK' : 'RUNTIMEINCONSISTENCY')
  })
}

function errorResult(code: Code): ErrorResult {
  return { type: 'error', code, errno: errnoOf(code) }
}
