/**
 * Inspection: what a server tells about itself to tests, tools and teachers, as one typed union of events. Events are plain
 * copies. They are told inside the turn, after the transaction they belong to is applied as a whole.
 */
import { copyBytes, isBytes } from '../base/bytes.js'
import type { Code } from '../protocol/code.js'
import type { Request } from '../protocol/message.js'
import type { NodeEventType } from '../protocol/watched-event.js'
import type { TxnBody } from './txn.js'
import type { WatchModeName, WatchRemovalReason, WatchTableName } from './watch-modes.js'

/** A session began, or was taken up by a new connection. */
export interface SessionOpened {
  readonly kind: 'sessionOpened'
  readonly sessionId: bigint
  readonly timeoutMs: number
  readonly isResumed: boolean
}

/** A session ended. */
export interface SessionEnded {
  readonly kind: 'sessionClosed' | 'sessionExpired'
  readonly sessionId: bigint
}

/** A connection is gone; its watches went with it, its session lives on. */
export interface Disconnected {
  readonly kind: 'disconnected'
  readonly sessionId: bigint
}

/** A request arrived. */
export interface RequestArrived {
  readonly kind: 'request'
  readonly sessionId: bigint
  readonly xid: number
  readonly request: Request
}

/** A transaction was applied, or a write was refused under a zxid of its own. */
export interface TxnApplied {
  readonly kind: 'txn'
  readonly zxid: number
  readonly timeMs: number
  readonly txn: TxnBody
}

/** A watch was set. */
export interface WatchArmed {
  readonly kind: 'watchArmed'
  readonly sessionId: bigint
  readonly path: string
  readonly table: WatchTableName
  readonly mode: WatchModeName
}

/** A watch was found for an event, the same event for each of them. What is sent, if it may be, is a `notification`. */
export interface WatchTriggered {
  readonly kind: 'watchTriggered'
  readonly sessionId: bigint
  /** The path of the watch, at or above the one of the event. */
  readonly watchPath: string
  readonly table: WatchTableName
  readonly modes: readonly WatchModeName[]
  readonly type: NodeEventType
  readonly path: string
  readonly zxid: number
}

/** A watch is gone, and why. */
export interface WatchRemoved {
  readonly kind: 'watchRemoved'
  readonly sessionId: bigint
  readonly path: string
  readonly table: WatchTableName
  readonly modes: readonly WatchModeName[]
  readonly why: WatchRemovalReason
}

/** An event was sent to a connection, or withheld because its session may not read the znode. */
export interface NotificationSent {
  readonly kind: 'notification' | 'notificationWithheld'
  readonly sessionId: bigint
  readonly type: NodeEventType
  readonly path: string
  readonly zxid: number
}

/** A reply was sent. */
export interface ReplySent {
  readonly kind: 'reply'
  readonly sessionId: bigint
  readonly xid: number
  readonly zxid: number
  readonly code: Code
}

/** A change went over a quota that did not refuse it. */
export interface QuotaExceeded {
  readonly kind: 'quotaExceeded'
  /** The path that the quota is set on. */
  readonly prefix: string
  readonly resource: 'count' | 'bytes'
  readonly limit: number
  readonly usage: number
  readonly isHard: boolean
}

/** Everything that a server tells. */
export type ServerInspectionEvent =
  | SessionOpened
  | SessionEnded
  | Disconnected
  | RequestArrived
  | TxnApplied
  | WatchArmed
  | WatchTriggered
  | WatchRemoved
  | NotificationSent
  | ReplySent
  | QuotaExceeded

/** A copy of a request that its listener may keep: credentials are left out, bytes and lists are copied. */
export function copyRequest(request: Request): Request {
  if (request.type === 'auth') return { ...request, auth: new Uint8Array(0) }
  if (request.type === 'sasl') return { ...request, token: new Uint8Array(0) }
  return copyDeep(request)
}

/** A copy of a decided transaction that its listener may keep. */
export function copyTxn(txn: TxnBody): TxnBody {
  return copyDeep(txn)
}

/** A copy of plain data: objects, lists and bytes. */
function copyDeep<T>(value: T): T
function copyDeep(value: unknown): unknown {
  if (isBytes(value)) return copyBytes(value)
  if (Array.isArray(value)) return value.map((item) => copyDeep(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyDeep(item)]))
}
