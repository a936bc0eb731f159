/** Limits of connections that speak the wire protocol (law 9): their units, defaults, and what happens beyond them. */
import { describe } from '../base/describe.js'

/** Upper bounds of a listener. `Infinity` lifts one. */
export interface WireLimits {
  /** Bytes of one frame from a client, its length not counted: a larger one closes the connection, as does jute.maxbuffer. */
  readonly maxFrameBytes: number
  /** Connections of one address; one more is closed at once. A Unix socket is one address. */
  readonly maxClientCnxns: number
  /** Connections of all addresses. */
  readonly maxCnxns: number
  /** Milliseconds from the connection to a complete handshake. */
  readonly handshakeTimeoutMs: number
  /** Milliseconds from the first byte of a frame to its last. */
  readonly frameTimeoutMs: number
  /** Bytes on their way to one client from which on its own requests wait. */
  readonly maxUnsentReplyBytes: number
  /** Bytes on their way to one client that it may be behind for `slowReaderMs`; then it is closed. Its session lives. */
  readonly slowReaderBytes: number
  readonly slowReaderMs: number
  /** Bytes on their way to one client, whatever the time; with more waiting, the next frame closes it. */
  readonly maxUnsentBytes: number
  /** Bytes on their way to all clients; with more, the one that is furthest behind is closed. The process may need twice as much memory. */
  readonly maxTotalUnsentBytes: number
}

const MIB = 1_048_576

/** What holds unless it is set otherwise. */
export const DEFAULT_WIRE_LIMITS: WireLimits = Object.freeze({
  maxFrameBytes: 1_048_575,
  maxClientCnxns: 60,
  maxCnxns: 1_024,
  handshakeTimeoutMs: 10_000,
  frameTimeoutMs: 30_000,
  maxUnsentReplyBytes: MIB,
  slowReaderBytes: 8 * MIB,
  slowReaderMs: 10_000,
  maxUnsentBytes: 32 * MIB,
  maxTotalUnsentBytes: 128 * MIB,
})

/** The defaults with some of them replaced. @throws TypeError for an unknown name, RangeError for a value that is no bound */
export function completeWireLimits(given: Partial<WireLimits> = {}): WireLimits {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`Invalid limits ${describe(given)}: pass an object`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_WIRE_LIMITS, name)) {
      throw new TypeError(`Unknown limit "${name}"; there are ${Object.keys(DEFAULT_WIRE_LIMITS).join(', ')}`)
    }
    const isBound = value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1)
    if (!isBound)
      throw new RangeError(
        `Invalid limit ${name}: ${describe(value)}; it must be a whole number from 1, or Infinity`,
      )
  }
  return { ...DEFAULT_WIRE_LIMITS, ...given }
}
