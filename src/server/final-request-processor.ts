/**
 * FinalRequestProcessor applies what is decided, fires the watches, answers reads, and gives the reply last (law 2). Nothing here
 * can refuse a decided transaction.
 */
import { unreachable } from '../base/invariant.js'
import type { Telling } from '../base/tap.js'
import type { Code } from '../protocol/code.js'
import { DONE, type Request, type Response } from '../protocol/message.js'
import { errorResult, type OpResult } from '../protocol/op-result.js'
import type { DataTree } from './data-tree.js'
import { copyTxn, type TxnApplied } from './inspection.js'
import type { Quota } from './quota.js'
import type { Reads } from './reads.js'
import type { RequestProcessor } from './request-processor.js'
import type { ServerCnxn } from './server-cnxn.js'
import type { CreateTxn, DeleteTxn, FailedMultiTxn, SetDataTxn, Txn, TxnBody, TxnOp } from './txn.js'
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

  processRequest(cnxn: ServerCnxn, request: Request, txn: Txn | undefined): Response | Code {
    return txn === undefined ? this.#reads.answer(cnxn, request) : this.#write(txn)
  }

  /** Applies a decided transaction and fires its watches. Returns one result for each operation of the tree. */
  apply(txn: Txn): OpResult[] {
    this.#begin(txn)
    return this.#applyAll(txn.body, txn)
  }

  #begin({ zxid, timeMs, body }: Txn): void {
    this.#tree.lastZxid = zxid
    if (this.#tap.isOpen) this.#tap.tell({ kind: 'txn', zxid, timeMs, txn: copyTxn(body) })
  }

  #write(txn: Txn): Response | Code {
    const { body } = txn
    this.#begin(txn)
    switch (body.type) {
      case 'error':
        return body.code
      case 'multi':
      case 'failedMulti':
        return { type: 'results', results: this.#applyAll(body, txn) }
      case 'closeSession':
        this.#applyAll(body, txn)
        this.#sessions.sessionClosed(body.sessionId)
        return DONE
      case 'createSession':
        return DONE
      default:
        return responseTo(this.#applyOp(body, txn))
    }
  }

  #applyAll(body: TxnBody, txn: Txn): OpResult[] {
    switch (body.type) {
      case 'multi':
        return body.ops.map((op) => this.#applyOp(op, txn))
      case 'closeSession':
        // All ephemerals of a session under one zxid; each fires for itself.
        return body.ephemerals.map((path) => this.#applyOp({ type: 'delete', path }, txn))
      case 'failedMulti':
        return failedResults(body)
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
        return this.#delete(op, txn)
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
    const { path } = op
    const { acl, parentAcl, dataBytes } = this.#tree.createNode(op, txn)
    this.#quota.changed(path, { count: 1, bytes: dataBytes })
    this.#watches.nodeCreated({ path, zxid: txn.zxid, acl, parentAcl })
    const stat = op.withStat ? this.#tree.findNode(path)?.stat() : undefined
    return stat === undefined ? { type: 'create', path } : { type: 'create', path, stat }
  }

  #delete({ path }: DeleteTxn, { zxid }: Txn): OpResult {
    const { acl, parentAcl, dataBytes } = this.#tree.deleteNode(path, zxid)
    this.#quota.changed(path, { count: -1, bytes: -dataBytes })
    this.#watches.nodeDeleted({ path, zxid, acl, parentAcl })
    return { type: 'delete' }
  }

  #setData(op: SetDataTxn, txn: Txn): OpResult {
    const bytesBefore = this.#tree.dataBytes
    const node = this.#tree.setData(op, txn)
    this.#quota.changed(op.path, { count: 0, bytes: this.#tree.dataBytes - bytesBefore })
    this.#watches.nodeDataChanged(op.path, txn.zxid, node.acl)
    return { type: 'setData', stat: node.stat() }
  }
}

/** What a successful write is answered with: what its only result tells. */
function responseTo(result: OpResult): Response {
  if (result.type === 'setData') return { type: 'stat', stat: result.stat }
  if (result.type !== 'create') return DONE
  const { path, stat } = result
  return stat === undefined ? { type: 'path', path } : { type: 'pathAndStat', path, stat }
}

function failedResults({ opCount, failedIndex, code }: FailedMultiTxn): OpResult[] {
  return Array.from({ length: opCount }, (_, i) =>
    errorResult(i === failedIndex ? code : i < failedIndex ? 'OK' : 'RUNTIMEINCONSISTENCY'),
  )
}
