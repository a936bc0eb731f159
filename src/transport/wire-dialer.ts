/**
 * WireDialer: dials the servers of a list, one after the other, for one client; each dial goes to the next one. Requests that
 * no server would take are found before they are sent, since a server answers a frame that is too large by closing.
 */
import { encodeRequest } from '../protocol/codec.js'
import { JuteWriter } from '../protocol/jute.js'
import type { MultiOp, MultiReadOp, Request } from '../protocol/message.js'
import type { ClientEnd, ClientEvents, Dialer } from './transport.js'
import { type OpenLink, WireClientEnd, type WireClientParts } from './wire-client-end.js'

/** A server to dial. */
export interface WireServer {
  /** As errors name it. */
  readonly name: string
  readonly open: OpenLink
}

/** What dialling needs. */
export interface WireDialerOptions extends Omit<WireClientParts, 'dialTimeoutMs'> {
  readonly sessionTimeoutMs: number
  readonly connectTimeoutMs: number
  /** The largest frame that a server takes. */
  readonly maxRequestBytes: number
}

/** Part of the time that a caller waits: so that an attempt that fails by silence is the reason that the caller is told. */
const PART_OF_WAIT = 0.8
const LEAST_MS = 1000
/** A character has at most three bytes. */
const BYTES_A_CHARACTER = 3
/** More than all fixed parts of one operation. */
const FIXED_BYTES = 100

/** Dials for one client. */
export class WireDialer implements Dialer {
  readonly #servers: readonly WireServer[]
  readonly #maxRequestBytes: number
  readonly #parts: WireClientParts
  #next = 0

  /** At least one server. */
  constructor(servers: readonly WireServer[], options: WireDialerOptions) {
    const { sessionTimeoutMs, connectTimeoutMs, maxRequestBytes } = options
    const waitMs = connectTimeoutMs * PART_OF_WAIT
    // Time for every server before the session or the caller's patience is over, but a second for each if there is one.
    const patienceMs = Math.max(
      Math.min(sessionTimeoutMs, waitMs),
      Math.min(LEAST_MS * servers.length, waitMs),
    )
    const dialTimeoutMs = patienceMs / servers.length
    this.#servers = servers
    this.#maxRequestBytes = maxRequestBytes
    this.#parts = { ...options, dialTimeoutMs: Math.ceil(dialTimeoutMs) }
  }

  dial(events: ClientEvents): ClientEnd {
    const server = this.#servers[this.#next % this.#servers.length]
    if (server === undefined) throw new RangeError('There is no server to dial')
    this.#next += 1
    return new WireClientEnd(server.open, events, server.name, this.#parts)
  }

  findFault(request: Request): Error | undefined {
    if (mostBytesOf(request) <= this.#maxRequestBytes) return undefined
    const out = new JuteWriter()
    encodeRequest(out, 0, request)
    if (out.length <= this.#maxRequestBytes) return undefined
    return new RangeError(
      `The ${request.type} request has ${out.length} bytes, over the ${this.#maxRequestBytes} that a server takes (maxRequestBytes): store less, or split it`,
    )
  }
}

/** At least as many bytes as the request has: most are far from the limit, and this is quicker than to encode them. */
function mostBytesOf(request: Request | MultiOp | MultiReadOp): number {
  switch (request.type) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL': {
      const ids = request.acl.reduce(
        (total, { scheme, id }) => total + FIXED_BYTES + textBytes(scheme + id),
        0,
      )
      return FIXED_BYTES + textBytes(request.path) + (request.data?.length ?? 0) + ids
    }
    case 'setData':
      return FIXED_BYTES + textBytes(request.path) + (request.data?.length ?? 0)
    case 'multi':
    case 'multiRead':
      return FIXED_BYTES + request.ops.reduce((total, op) => total + mostBytesOf(op), 0)
    case 'exists':
    case 'getData':
    case 'getChildren':
    case 'getChildren2':
    case 'delete':
    case 'check':
      return FIXED_BYTES + textBytes(request.path)
    default:
      // Rare, or bounded elsewhere: worth the encoding only if somebody sets a very low limit.
      return Number.POSITIVE_INFINITY
  }
}

function textBytes(text: string): number {
  return text.length * BYTES_A_CHARACTER
}
