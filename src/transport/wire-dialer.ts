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
  /** True once nothing can be opened any more. */
  isGone?(): boolean
}

/** What dialling needs. */
export interface WireDialerOptions extends Omit<WireClientParts, 'dialTimeoutMs'> {
  readonly connectTimeoutMs: number
  /** The largest frame that a server takes. */
  readonly maxRequestBytes: number
}

/** Part of the time that a caller waits: so that an attempt that fails by silence is the reason that the caller is told. */
const PART_OF_WAIT = 0.8
/** Part of the session for a round of all servers, so that there is time for another: a server that starts may take a connection and forget it. */
const PART_OF_SESSION = 1 / 3
const LEAST_MS = 1000
/** A character has at most three bytes. */
const BYTES_A_CHARACTER = 3
/** What a setWatches has beside one path, and more than a read has. */
const REPLAY_BYTES = 48
/** More than all fixed parts of one operation. */
const FIXED_BYTES = 100

/** Dials for one client. */
export class WireDialer implements Dialer {
  readonly #servers: readonly WireServer[]
  readonly #options: WireDialerOptions
  #next = 0

  /** At least one server. */
  constructor(servers: readonly WireServer[], options: WireDialerOptions) {
    this.#servers = servers
    this.#options = options
  }

  dial(events: ClientEvents, sessionTimeoutMs: number): ClientEnd {
    const server = this.#servers[this.#next % this.#servers.length]
    if (server === undefined) throw new RangeError('There is no server to dial')
    this.#next += 1
    if (this.#servers.every((each) => each.isGone?.() === true)) return this.#giveUp(events)
    const dialTimeoutMs = this.#dialTimeoutMs(sessionTimeoutMs)
    return new WireClientEnd(server.open, events, server.name, { ...this.#options, dialTimeoutMs })
  }

  findFault(request: Request): Error | undefined {
    const { maxRequestBytes } = this.#options
    if (mostBytesOf(request) <= maxRequestBytes) return undefined
    const out = new JuteWriter()
    encodeRequest(out, 0, request)
    if (out.length <= maxRequestBytes) return this.#findReplayFault(request, out.length)
    return new RangeError(
      `The ${request.type} request has ${out.length} bytes, over the ${maxRequestBytes} that a server takes (maxRequestBytes): store less, or split it`,
    )
  }

  /** A watch that could be set, but would not fit into the request that restores it, would keep the client from ever coming back. */
  #findReplayFault(request: Request, length: number): RangeError | undefined {
    const { maxRequestBytes } = this.#options
    const leavesWatch = request.type === 'addWatch' || ('watch' in request && request.watch)
    if (!leavesWatch || length + REPLAY_BYTES <= maxRequestBytes) return undefined
    return new RangeError(
      `A watch that takes a request of ${length} bytes could not be restored after a reconnection: a request has at most ${maxRequestBytes} (maxRequestBytes)`,
    )
  }

  #giveUp(events: ClientEvents): ClientEnd {
    const names = this.#servers.map(({ name }) => name).join(', ')
    const cause = new Error(`${names} is closed`)
    this.#options.scheduler.microtask(() => events.disconnected({ isFinal: true, cause }))
    return { connect: nothing, send: nothing, close: nothing }
  }

  /** Within the session and the caller's patience, but a second for each server if the caller waits so long. */
  #dialTimeoutMs(sessionTimeoutMs: number): number {
    const waitMs = this.#options.connectTimeoutMs * PART_OF_WAIT
    const { length } = this.#servers
    const roundMs = Math.max(sessionTimeoutMs * PART_OF_SESSION, LEAST_MS * length)
    return Math.ceil(Math.min(roundMs, waitMs) / length)
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

function nothing(): void {}
