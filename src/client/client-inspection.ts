/** What a client tells inspection: each thing that enters its EventThread, and each that leaves it for the user. */
import type { Code } from '../protocol/code.js'
import type { EventType, KeeperState } from '../protocol/watched-event.js'

/** An event was queued for, or handed to, its watchers. */
export interface EventPassed {
  readonly kind: 'queued' | 'delivered'
  readonly item: 'event'
  readonly sessionId: bigint
  readonly type: EventType
  readonly state: KeeperState
  /** The client's path; null for a change of state. */
  readonly path: string | null
  readonly watcherCount: number
}

/** The outcome of a call was queued for, or handed to, its caller. */
export interface CompletionPassed {
  readonly kind: 'queued' | 'delivered'
  readonly item: 'completion'
  readonly sessionId: bigint
  readonly xid: number
  readonly code: Code
}

/** Everything that a client tells. */
export type ClientInspectionEvent = EventPassed | CompletionPassed
