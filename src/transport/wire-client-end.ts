/**
 * WireClientEnd: a client's end of a connection that carries bytes. It pings while nothing else is sent, and gives a server up
 * that is not heard any more. Invariant: replies come in the order of the requests, auth and pings apart; anything else ends
 * the connection.
 */
import Denque from 'denque'
import type { Clock, Timer } from '../base/clock.js'
import type { Scheduler } from '../base/scheduler.js'
import {
  encodeRequest,
  type ReplyHeader,
  readNotification,
  readReply,
  readReplyHeader,
} from '../protocol/codec.js'
import { FrameError, FrameSplitter } from '../protocol/frame.js'
import { readConnectResponse, writeConnectRequest } from '../protocol/handshake.js'
import { type JuteReader, JuteWriter, MarshallingError } from '../protocol/jute.js'
import type { ConnectRequest, Request } from '../protocol/message.js'
import { AUTH_XID, NOTIFICATION_XID, PING_XID } from '../protocol/xid.js'
import type { ByteLink, ByteLinkEvents } from './byte-link.js'
import type { ClientEnd, ClientEvents } from './transport.js'

/** What the connections of one client share. */
export interface WireClientParts {
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Milliseconds from the dial to the answer to the handshake. */
  readonly dialTimeoutMs: number
  /** The largest frame that is taken from a server. */
  readonly maxReplyBytes: number
}

/** Starts a link; whoever is given here hears of it. */
export type OpenLink = (events: ByteLinkEvents & { opened(): void }) => ByteLink

interface Sent {
  readonly xid: number
  readonly type: Request['type']
}

const PING: Request = Object.freeze({ type: 'ping' })
const LONGEST_PING_MS = 10_000

/** One connection. */
export class WireClientEnd implements ClientEnd, ByteLinkEvents {
  readonly #events: ClientEvents
  readonly #parts: WireClientParts
  readonly #peer: string
  readonly #link: ByteLink
  readonly #splitter: FrameSplitter
  readonly #out: JuteWriter = new JuteWriter()
  readonly #sent = new Denque<Sent>()
  #isOpen = false
  #isNewSession = false
  #isConnected = false
  #isClosed = false
  #isFlushing = false
  #readTimeoutMs = 0
  #pingMs = 0
  #heardMs: number
  #sentMs: number
  #timer: Timer | undefined

  /** `peer` names the server in errors. */
  constructor(open: OpenLink, events: ClientEvents, peer: string, parts: WireClientParts) {
    this.#events = events
    this.#parts = parts
    this.#peer = peer
    this.#splitter = new FrameSplitter(parts.maxReplyBytes)
    this.#heardMs = parts.clock.monotonicMs()
    this.#sentMs = this.#heardMs
    // Before the timer: what cannot even be opened must not be given up once more, later.
    this.#link = open(this)
    this.#timer = parts.clock.setTimer(() => this.#dialTimedOut(), parts.dialTimeoutMs)
  }

  connect(request: ConnectRequest): void {
    this.#isNewSession = request.sessionId === 0n
    this.#write(() => writeConnectRequest(this.#out, request))
  }

  send(xid: number, request: Request): void {
    if (this.#isClosed) return
    // The replies to auth packets may overtake, and have an xid of their own.
    if (xid !== AUTH_XID) this.#sent.push({ xid, type: request.type })
    this.#write(() => encodeRequest(this.#out, xid, request))
  }

  /** The client hangs up. It has heard what it waited for, so nothing lingers: a server that is silent would keep the socket. */
  close(): void {
    if (this.#isClosed) return
    this.#finish()
    this.#link.destroy()
  }

  /** The link stands. */
  opened(): void {
    if (this.#isClosed) return
    this.#isOpen = true
    this.#flush()
  }

  received(chunk: Uint8Array): void {
    if (this.#isClosed) return
    this.#heardMs = this.#parts.clock.monotonicMs()
    this.#splitter.push(chunk)
    try {
      for (;;) {
        const frame = this.#splitter.nextReader()
        if (frame === undefined) return
        this.#take(frame)
        if (this.#isClosed) return
      }
    } catch (error) {
      const isTheirs = error instanceof MarshallingError || error instanceof FrameError
      this.#fail(isTheirs ? new Error(`${this.#peer} ${this.#faultOf(error)}`, { cause: error }) : error)
      if (!isTheirs) throw error
    }
  }

  closed(reason?: unknown): void {
    if (this.#isClosed) return
    const missing = this.#isConnected ? '' : ' before it answered the handshake'
    this.#fail(reason ?? new Error(`${this.#peer} closed the connection${missing}`))
  }

  /** A server that has shaken hands speaks the protocol: then a frame that is too long is a reply over the limit. */
  #faultOf(error: unknown): string {
    const what = error instanceof Error ? error.message : String(error)
    const isOverLimit = error instanceof FrameError && this.#isConnected
    return isOverLimit
      ? `sent what this client does not take (maxReplyBytes): ${what}`
      : `does not speak the ZooKeeper protocol: ${what}`
  }

  #take(input: JuteReader): void {
    if (!this.#isConnected) return this.#connected(input)
    const header = readReplyHeader(input)
    if (header.xid === NOTIFICATION_XID) return this.#events.notify(readNotification(input, header))
    if (header.xid === PING_XID) return
    this.#events.reply(readReply(input, header, this.#typeOf(header)))
  }

  #connected(input: JuteReader): void {
    const response = readConnectResponse(input)
    // Our own words look like this when they come back: from an echo, or on a port that was dialled from itself.
    if (response.timeoutMs <= 0 && this.#isNewSession)
      throw new MarshallingError('it refuses to resume a new session')
    this.#isConnected = true
    this.#timer?.cancel()
    if (response.timeoutMs > 0) {
      // As the Java client does: two thirds of the session may pass in silence, and half of that without a word of ours.
      this.#readTimeoutMs = (response.timeoutMs * 2) / 3
      this.#pingMs = Math.min(this.#readTimeoutMs / 2, LONGEST_PING_MS)
      this.#watch()
    }
    this.#events.connected(response)
  }

  /** The request that a reply belongs to. */
  #typeOf({ xid }: ReplyHeader): Request['type'] {
    if (xid === AUTH_XID) return 'auth'
    const sent = this.#sent.shift()
    if (sent?.xid !== xid)
      throw new MarshallingError(
        `a reply to request ${xid}, where ${sent === undefined ? 'none' : sent.xid} is due`,
      )
    return sent.type
  }

  #write(encode: () => void): void {
    if (this.#isClosed) return
    this.#out.frame(encode)
    if (this.#isFlushing || !this.#isOpen) return
    this.#isFlushing = true
    this.#parts.scheduler.microtask(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushing = false
    if (this.#isClosed || !this.#isOpen || this.#out.length === 0) return
    this.#sentMs = this.#parts.clock.monotonicMs()
    this.#link.write(this.#out.take(), nothing)
  }

  /** One timer for pings and for silence; it is not moved with each message, but looks when it is due. */
  #watch(): void {
    const { clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const dueMs = Math.min(this.#heardMs + this.#readTimeoutMs, this.#sentMs + this.#pingMs)
    this.#timer = clock.setBackgroundTimer(() => this.#look(), Math.max(dueMs - nowMs, 1))
  }

  #look(): void {
    const nowMs = this.#parts.clock.monotonicMs()
    if (nowMs - this.#sentMs >= this.#pingMs) this.#write(() => encodeRequest(this.#out, PING_XID, PING))
    this.#flush()
    if (nowMs - this.#heardMs < this.#readTimeoutMs) return this.#watch()
    // This process may have been busy, and the answer lie in the socket: let the event loop look first.
    this.#parts.scheduler.macrotask(() => this.#checkSilence())
  }

  #checkSilence(): void {
    if (this.#isClosed) return
    const silentMs = this.#parts.clock.monotonicMs() - this.#heardMs
    if (silentMs < this.#readTimeoutMs) return this.#watch()
    this.#fail(new Error(`${this.#peer} was silent for ${Math.round(silentMs)} ms`))
  }

  #dialTimedOut(): void {
    const doing = this.#isOpen ? 'did not answer the handshake' : 'did not accept a connection'
    this.#fail(new Error(`${this.#peer} ${doing} within ${this.#parts.dialTimeoutMs} ms`))
  }

  #fail(cause: unknown): void {
    if (this.#isClosed) return
    this.#finish()
    this.#link.destroy()
    this.#events.disconnected({ cause, heardMs: this.#isConnected ? this.#heardMs : undefined })
  }

  #finish(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }
}

function nothing(): void {}
