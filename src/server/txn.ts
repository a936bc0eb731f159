/**
 * Txn: a decided fact, with everything needed to apply it and nothing left to check (law 1).
 * Made by PrepRequestProcessor, applied by FinalRequestProcessor.
 */
import type { ACL } from '../protocol/acl.js'
import type { Code } from '../protocol/code.js'
import type { Bytes } from '../protocol/message.js'

/** A znode comes to be. */
export interface CreateTxn {
  readonly type: 'create'
  /** With the sequence number, if it was asked for. */
  readonly path: string
  readonly data: Bytes
  readonly acl: readonly ACL[]
  readonly owner: bigint
  /** Whether the creator asked for the Stat. */
  readonly withStat: boolean
}

/** A znode goes. */
export interface DeleteTxn {
  readonly type: 'delete'
  readonly path: string
}

/** A znode gets data and the version that comes with it. */
export interface SetDataTxn {
  readonly type: 'setData'
  readonly path: string
  readonly data: Bytes
  readonly version: number
}

/** A znode gets an ACL and the aversion that comes with it. */
export interface SetACLTxn {
  readonly type: 'setACL'
  readonly path: string
  readonly acl: readonly ACL[]
  readonly aversion: number
}

/** A check that held. Changes nothing. */
export interface CheckTxn {
  readonly type: 'check'
  readonly path: string
}

/** A refusal. Changes nothing, but has consumed its zxid. */
export interface ErrorTxn {
  readonly type: 'error'
  readonly code: Code
}

/** One change of the tree that can be part of a multi. */
export type MultiTxnOp = CreateTxn | DeleteTxn | SetDataTxn | CheckTxn

/** One change of the tree. */
export type TxnOp = MultiTxnOp | SetACLTxn

/** Several changes under one zxid. */
export interface MultiTxn {
  readonly type: 'multi'
  readonly ops: readonly MultiTxnOp[]
}

/** A multi that was refused; the operation at `failedIndex` is to blame. */
export interface FailedMultiTxn {
  readonly type: 'failedMulti'
  readonly opCount: number
  readonly failedIndex: number
  readonly code: Code
}

/** A session ends, and its ephemerals with it. */
export interface CloseSessionTxn {
  readonly type: 'closeSession'
  readonly sessionId: bigint
  /** In the order of their creation. */
  readonly ephemerals: readonly string[]
}

/** A session begins. */
export interface CreateSessionTxn {
  readonly type: 'createSession'
  readonly sessionId: bigint
  readonly timeoutMs: number
}

/** What is decided. */
export type TxnBody = TxnOp | ErrorTxn | MultiTxn | FailedMultiTxn | CloseSessionTxn | CreateSessionTxn

/** A decided fact with its place in the order of all facts. */
export interface Txn {
  /** Grows by one with each transaction, failed ones included. */
  readonly zxid: number
  /** Milliseconds since the epoch, the same for all of a multi. */
  readonly timeMs: number
  readonly body: TxnBody
}
