/**
 * What is done to every subject alike. A step is plain data: it says which slot (a place for one connection) does what, and no more
 * about it than is the same on every server. Sessions are named by their slot, zxids count from an empty server.
 */
import type { Request } from '../../src/protocol/message.js'

/** One thing that happens. Everybody's events are awaited before the next. */
export type Step =
  /** A connection with a new session. The slot is free, or its connection is gone. */
  | { readonly do: 'open'; readonly slot: number; readonly timeoutMs: number }
  /** Requests in one go, the next without waiting for the answer to the one before. */
  | { readonly do: 'send'; readonly slot: number; readonly requests: readonly Request[] }
  /** The connection ends without a goodbye; the session lives on. */
  | { readonly do: 'cut'; readonly slot: number }
  /** The session of a slot without a connection runs out of time. Another slot has a connection. */
  | { readonly do: 'expire'; readonly slot: number }
  /** Another connection for the slot's session. If the old one still stands, it is taken over; with a wrong password it is cut then. */
  | {
      readonly do: 'resume'
      readonly slot: number
      readonly password: 'right' | 'wrong'
      readonly seen: Seen
      /** What the session was given, unless it asks for something else. */
      readonly timeoutMs?: number
    }

/** Between these lies what a session may have. One of the least time is soon to expire: a real server has to be waited for. */
export const SESSION_BOUNDS = { minMs: 2_000, maxMs: 600_000 } as const

/** Which zxid a client that comes back says it has seen: the last one it did see, or one that does not exist yet. */
export type Seen = 'last' | 'ahead'

/** What the slots saw of one step: events, replies and ends of connections, in their order. A slot that saw nothing is missing. */
export type Sights = ReadonlyMap<number, readonly string[]>

/** Something that steps are done to. */
export interface Side {
  readonly name: string
  /** Does it, and tells what was seen of it. */
  run(step: Step): Promise<Sights>
}

/** What changes nothing that others could be told of. */
const READS: ReadonlySet<Request['type']> = new Set([
  'exists',
  'getData',
  'getChildren',
  'getChildren2',
  'getACL',
  'getAllChildrenNumber',
  'getEphemerals',
  'multiRead',
  'sync',
  'ping',
  'whoAmI',
  'addWatch',
  'removeWatches',
  'checkWatches',
  'setWatches',
])

/** Whether nobody but who asks is told anything because of such a request. */
export function isRead(type: Request['type']): boolean {
  return READS.has(type)
}
