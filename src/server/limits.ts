/** Everything grows to a limit (law 9): the limits of a server, their units, defaults and errors, in one place. */
import { describe } from '../base/describe.js'

/** Upper bounds of a server. `Infinity` lifts one. */
export interface Limits {
  /** Bytes of data of one znode. A client gets a RangeError before it sends; a server answers BADARGUMENTS. */
  readonly maxDataBytes: number
  /** Operations in one multi or multiRead. A client gets a RangeError before it sends; a server answers MARSHALLINGERROR. */
  readonly maxMultiOps: number
  /** Bytes of data and characters of names in the answer to one multiRead, which can be far larger than the request: MARSHALLINGERROR. */
  readonly maxMultiReadBytes: number
  /** Names in a path that is created: BADARGUMENTS. */
  readonly maxPathDepth: number
  /** Requests of one client that wait for a reply or for a connection: THROTTLEDOP. */
  readonly maxPendingRequests: number
  /** Sessions, connected or not: QUOTAEXCEEDED from connect(). */
  readonly maxSessions: number
  /** Watches of all connections together: QUOTAEXCEEDED from the call that would arm one. */
  readonly maxWatches: number
  /** Watches of one connection: QUOTAEXCEEDED from the call that would arm one. */
  readonly maxWatchesPerSession: number
  /** Znodes, the reserved ones included: QUOTAEXCEEDED from create. */
  readonly maxZnodes: number
}

/** What holds in process unless it is set otherwise. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  // The largest frame that a real server takes (jute.maxbuffer), so that a test does not pass with more than production takes.
  maxDataBytes: 1_048_575,
  maxMultiOps: 100_000,
  maxMultiReadBytes: 67_108_864,
  maxPathDepth: 1_024,
  maxPendingRequests: 100_000,
  maxSessions: 100_000,
  maxWatches: 10_000_000,
  maxWatchesPerSession: 1_000_000,
  maxZnodes: 10_000_000,
})

/** The defaults with some of them replaced. @throws TypeError for an unknown name, RangeError for a value that is no bound. */
export function completeLimits(given: Partial<Limits> = {}): Limits {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Invalid limits ${describe(given)}: pass an object`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw new TypeError(`Unknown limit "${name}"; there are ${Object.keys(DEFAULT_LIMITS).join(', ')}`)
    }
    const isBound = value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)
    if (!isBound)
      throw new RangeError(
        `Invalid limit ${name}: ${describe(value)}; it must be a whole number from 0, or Infinity`,
      )
  }
  return { ...DEFAULT_LIMITS, ...given }
}
