/** What a transaction did, in a few words: facts, with the paths and versions that came of them. */
import type { InspectionEvent } from '../index.js'
import { isOpen, MAX_SHOWN, showACL, showMulti } from './request-text.js'
import type { SessionNames } from './session-names.js'
import { counted, listed, showData, showPath } from './shown-text.js'
import { unreachable } from './unreachable.js'

/** A transaction as inspection tells it. */
export type Txn = Extract<InspectionEvent, { readonly kind: 'txn' }>['txn']
type CreateTxn = Extract<Txn, { readonly type: 'create' }>
type CloseSessionTxn = Extract<Txn, { readonly type: 'closeSession' }>
type TxnOp = Extract<Txn, { readonly path: string }>

/** The transaction as text: `setData /app -> version 4`. */
export function showTxn(txn: Txn, names: SessionNames): string {
  switch (txn.type) {
    case 'multi':
      return showMulti(txn.ops.map((op) => showOp(op, names)))
    case 'failedMulti':
      return `refused: ${txn.code} in operation ${txn.failedIndex + 1} of ${txn.opCount}`
    case 'error':
      return `refused: ${txn.code}`
    case 'createSession':
      return `createSession ${names.nameOf(txn.sessionId)}`
    case 'closeSession':
      return showCloseSession(txn, names)
    default:
      return showOp(txn, names)
  }
}

function showOp(op: TxnOp, names: SessionNames): string {
  switch (op.type) {
    case 'create':
      return showCreate(op, names)
    case 'delete':
    case 'check':
      return `${op.type} ${showPath(op.path)}`
    case 'setData':
      return `setData ${showPath(op.path)} -> version ${op.version}`
    case 'setACL':
      return `setACL ${showPath(op.path)} -> aversion ${op.aversion}`
    default:
      return unreachable(op)
  }
}

function showCreate({ path, data, acl, owner }: CreateTxn, names: SessionNames): string {
  // The owner of a container, and of a znode with a TTL, is a number that no session has.
  const session = names.findName(owner)
  const words = ['create', showPath(path), showData(data)]
  if (session !== undefined) words.push(`ephemeral of ${session}`)
  if (!isOpen(acl)) words.push(showACL(acl))
  return words.join(' ')
}

function showCloseSession({ sessionId, ephemerals }: CloseSessionTxn, names: SessionNames): string {
  const close = `closeSession ${names.nameOf(sessionId)}`
  if (ephemerals.length === 0) return close
  return `${close} deletes ${counted(ephemerals.length, 'ephemeral')}: ${listed(ephemerals.map(showPath), MAX_SHOWN)}`
}
