/** What the checkers of a history report, and what they have to know about the server. What the ids mean stands in docs/promises.md. */

/** The rules that are checked. */
export type Rule =
  | `S${1 | 2 | 3 | 4 | 5 | 6 | 7}`
  | `T${1 | 6}`
  | `W${1 | 2 | 3 | 4 | 5 | 7 | 9 | 10}`
  | `A${1 | 2 | 4 | 5}`

/** One rule that was broken. */
export interface Violation {
  readonly rule: Rule
  /** Whose. */
  readonly thread: string
  readonly what: string
}

/** What differs between servers. */
export interface CheckOptions {
  /** Whether events carry the zxid of their transaction, as from 3.9 on. */
  readonly eventsHaveZxid: boolean
  /** Whether a connection can hear events after the answer to its closeSession, as the real server lets it for a moment. */
  readonly goodbyeIsNoEnd: boolean
  /** Whether a stranger with a wrong password cuts off the owner of a session, as the real server lets it: D1. */
  readonly strangersCutOwners: boolean
  /** Whether a delete can count children that went with a session that ended before it, as the real server lets it: D51. */
  readonly deletesLagBehindCloses: boolean
  /** Zxids up to this one were given out before the history began. */
  readonly firstZxid: number
  /** The server's unit of time; session timeouts are from 2 to 20 of it. */
  readonly tickMs: number
}
