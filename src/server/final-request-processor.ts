/**
 * FinalRequestProcessor applies what is decided, fires the watches, answers reads, and replies last (law 2). Nothing here
 * can refuse a decided transaction.
 */
import { invariant, unreachable } from '../base/invariant.js'
import type { Telling } from '../base/tap.js'
import type { Request, Response } from '../protocol/message.js'
import { errorResult, type OpResult } from '../protocol/op-result.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import { copyTxn, type TxnApplied } from './inspection.js'
import type { Quota } from './quota.js'
import type { Reads } from './reads.js'
import type { RequestProcessor } from './request-processor.js'
import type { ServerCnxn } from './server-cnxn.js'
import type { CloseSessionTxn, CreateTxn, FailedMultiTxn, SetDataTxn, Txn, TxnBody, TxnOp } from './txn.js'
import type { Watches } from './watches.js'

/** What the last station leaves to the server. */
export interface SessionEnder {
  /** The close of a session was applied: there is no such session any more. */
  sessionClosed(sessionId: bigint): void
}

/** The parts of a server that applying touches. */
export interface FinalParts {
  readonly tree: DataTree
  readonly watches: Watches
  readonly quota: Quota
  readonly reads: Reads
  readonly sessions: SessionEnder
  /** Is told of each transaction; who listens hears of it when it is applied as a whole. */
  readonly tap: Telling<TxnApplied>
}

const DONE: Response = Object.freeze({ type: 'done' })

/** Applies and answers. */
export class FinalRequestProcessor implements RequestProcessor {
  readonly #tree: DataTree
  readonly #watches: Watches
  readonly #quota: Quota
  readonly #reads: Reads
  readonly #sessions: SessionEnder
  readonly #tap: Telling<TxnApplied>

  constructor(parts: FinalParts) {
    this.#tree = parts.tree
    this.#watches = parts.watches
    this.#quota = parts.quota
    this.#reads = parts.reads
    this.#sessions = parts.sessions
    this.#tap = parts.tap
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
    const { zxid, timeMs, body } = txn
    this.#tree.lastZxid = zxid
    if (this.#tap.isOpen) this.#tap.tell({ kind: 'txn', zxid, timeMs, txn: copyTxn(body) })
    return this.#applyBody(body, txn)
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
    this.#quota.changed(path, { count: 1, bytes: data?.length ?? 0 })
    this.#watches.nodeCreated({ path, zxid: txn.zxid, acl, parentAcl: parent.acl })
    return op.withStat
      ? { type: 'create', path, stat: this.#requireNode(path).stat() }
      : { type: 'create', path }
  }

  #delete(path: string, zxid: number): void {
    const { node, parent } = this.#tree.deleteNode(path, zxid)
    this.#quota.changed(path, { count: -1, bytes: -node.dataBytes })
    this.#watches.nodeDeleted({ path, zxid, acl: node.acl, parentAcl: parent.acl })
  }

  #setData(op: SetDataTxn, txn: Txn): OpResult {
    const before = this.#tree.dataBytes
    const node = this.#tree.setData(op, txn)
    this.#quota.changed(op.path, { count: 0, bytes: this.#tree.dataBytes - before })
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
    const answer = this.#reads.answer(cnxn, request)
    // An auth reply carries no zxid: it says nothing about the tree.
    const zxid = request.type === 'auth' ? 0 : this.#tree.lastZxid
    if (typeof answer === 'string') cnxn.sendReply(xid, zxid, answer, undefined)
    else cnxn.sendReply(xid, zxid, 'OK', answer)
    if (answer === 'AUTHFAILED') cnxn.close()
  }

  #requireNode(path: string): DataNode {
    const node = this.#tree.findNode(path)
    invariant(node !== undefined, () => `a decided transaction misses ${path}`)
    return node
  }
}

/** What a successful write is answered with: all results of a multi, or what the only one tells. */
function responseTo(request: Request, results: OpResult[]): Response {
  if (request.type === 'multi') return { type: 'results', results }
  const result = results[0]
  if (result?.type === 'setData') return { type: 'stat', stat: result.stat }
  if (result?.type !== 'create') return DONE
  const { path, stat } = result
  return stat === undefined ? { type: 'path', path } : { type: 'pathAndStat', path, stat }
}

function failedResults({ opCount, failedIndex, code }: FailedMultiTxn): OpResult[] {
  return Array.from({ length: opCount }, (_, i) => {
    if (i === failedIndex) return errorResult(code)
    return errorResult(i < failedIndex ? 'OK' : 'RUNTIMEINCONSISTENCY')
  })
}
