/**
 * WireServerEnd: a server's end of a connection that carries bytes: frames to requests, replies and events to frames. Bad bytes
 * cost their own connection and nothing else. A client that does not read is closed before it costs much; its session lives.
 * Invariants: requests go in and frames go out in order; after `#finish` nothing goes in or out.
 */
import type { Clock, Timer } from '../base/clock.js'
import { encodeNotification, encodeReply, readRequest } from '../protocol/codec.js'
import { FrameError, FrameSplitter } from '../protocol/frame.js'
import { readConnectRequest, writeConnectResponse } from '../protocol/handshake.js'
import { type JuteReader, type JuteWriter, MarshallingError } from '../protocol/jute.js'
import type { ConnectResponse, Notification, Reply } from '../protocol/message.js'
import type { ReadingMemory } from '../protocol/reading-memory.js'
import type { ByteLink, ByteLinkEvents } from './byte-link.js'
import type { CnxnMeter } from './cnxn-meter.js'
import { Outbox } from './outbox.js'
import type { Intake, ServerEnd } from './transport.js'
import type { TurnTaker, Worker } from './turn-taker.js'
import type { UnsentOwner, UnsentTotal } from './unsent.js'
import type { WireLimits } from './wire-limits.js'

/** What the connections of one listener share. */
export interface WireServerParts {
  readonly clock: Clock
  readonly limits: WireLimits
  readonly turns: TurnTaker
  readonly unsent: UnsentTotal
  readonly memory: ReadingMemory
}

/** Requests of one connection in a row before others have their turn. */
const REQUESTS_A_TURN = 64
const REQUESTS_BETWEEN_LOOKS = 8

/** One connection. */
export class WireServerEnd implements ServerEnd, ByteLinkEvents, Worker, UnsentOwner {
  /** A client on a wire can vanish unnoticed. */
  readonly isLocal = false
  readonly writesAtOnce = true
  readonly #link: ByteLink
  readonly #parts: WireServerParts
  readonly #meter: CnxnMeter
  readonly #intake: Intake
  readonly #splitter: FrameSplitter
  readonly #outbox: Outbox
  #isConnected = false
  #hasReadOnlyByte = false
  #isFlushing = false
  #isPaused = false
  #isServing = false
  #isEnding = false
  #isGone = false
  #isFinished = false
  #frames = 0
  #deadline: Timer | undefined
  #slowTimer: Timer | undefined

  /** `attach` takes this end into the server. */
  constructor(link: ByteLink, attach: (end: ServerEnd) => Intake, meter: CnxnMeter, parts: WireServerParts) {
    const { clock, limits } = parts
    this.#link = link
    this.#meter = meter
    this.#parts = parts
    this.#splitter = new FrameSplitter(limits.maxFrameBytes, { memory: parts.memory, lendsBytes: true })
    this.#outbox = new Outbox(link, (bytes) => this.#sent(bytes))
    this.#intake = attach(this)
    // A server that is closed ends the connection within the call.
    if (this.#isFinished) return
    this.#deadline = clock.setBackgroundTimer(() => this.#abort(), limits.handshakeTimeoutMs)
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress
  }

  /** Bytes that are written and have not left this process. */
  get unsentBytes(): number {
    return this.#outbox.unsentBytes
  }

  received(chunk: Uint8Array): void {
    if (this.#isFinished) return
    this.#splitter.push(chunk)
    // While it waits for its turn, whatever still comes in waits with it.
    if (!this.#isPaused && !this.#parts.turns.nowOrLater(this)) this.#setPaused(true)
  }

  /** The other side has said all. It is answered that, and then the connection ends. */
  ended(): void {
    this.#isEnding = true
    if (!this.#isFinished && !this.#isPaused) this.#hangUp()
  }

  /** The link is gone. What has come before has its turn all the same; nobody hears of it. */
  closed(): void {
    if (this.#isFinished) return
    this.#isGone = true
    if (!this.#isPaused || this.#isBehind) this.#leave()
  }

  /** Serves what has arrived, up to a turn's share. */
  work(): void {
    if (this.#isFinished || this.#isServing) return
    this.#isServing = true
    const isDone = this.#serve()
    this.#isServing = false
    if (this.#isFinished) return
    if (isDone && this.#isGone) return this.#leave()
    if (isDone && this.#isEnding) return this.#hangUp()
    if (isDone) this.#watchForStall()
    this.#setPaused(!isDone)
    if (!isDone && !this.#isBehind) this.#parts.turns.later(this)
  }

  giveUp(): void {
    this.#meter.isSlow = true
    this.#abort()
  }

  connected(response: ConnectResponse): void {
    const hasReadOnlyByte = this.#hasReadOnlyByte
    this.#write((out) => writeConnectResponse(out, response, { hasReadOnlyByte }))
    this.#deadline?.cancel()
    this.#deadline = undefined
    this.#meter.connected(response)
  }

  reply(reply: Reply): void {
    this.#meter.replied(reply)
    this.#write((out) => encodeReply(out, reply))
  }

  notify(notification: Notification): void {
    this.#meter.notified()
    this.#write((out) => encodeNotification(out, notification))
  }

  /** The server ends the connection; what it has said before still goes out. */
  close(): void {
    if (this.#isFinished) return
    this.#outbox.flushAll()
    this.#finish()
    this.#link.end()
  }

  get #isBehind(): boolean {
    return this.unsentBytes > this.#parts.limits.maxUnsentReplyBytes
  }

  /** False if there is more to do than this turn has room for, or than the client has read. */
  #serve(): boolean {
    const { turns } = this.#parts
    const startedMs = turns.elapsedMs()
    this.#meter.started(startedMs)
    try {
      for (let served = 1; ; served++) {
        if (this.#isBehind) return false
        const frame = this.#splitter.nextReader()
        if (frame === undefined) return true
        this.#take(frame)
        if (this.#isFinished) return true
        const isLook = served % REQUESTS_BETWEEN_LOOKS === 0
        if (isLook && (served >= REQUESTS_A_TURN || turns.isUsedUp(startedMs))) return false
      }
    } catch (error) {
      // No request, or no frame at all: the real server closes without a word, too. What was answered before goes out.
      this.#meter.isBad = true
      this.#hangUp()
      if (!(error instanceof MarshallingError || error instanceof FrameError)) throw error
      return true
    }
  }

  #take(frame: JuteReader): void {
    this.#frames += 1
    if (this.#isConnected) {
      const { xid, request } = readRequest(frame)
      this.#meter.requested(xid, request)
      return this.#intake.receive(xid, request)
    }
    const { request, hasReadOnlyByte } = readConnectRequest(frame)
    this.#hasReadOnlyByte = hasReadOnlyByte
    this.#isConnected = true
    this.#meter.received += 1
    this.#intake.connect(request)
  }

  #write(encode: (out: JuteWriter) => void): void {
    if (this.#isFinished || this.#isGone) return
    const { limits, unsent, turns } = this.#parts
    if (this.unsentBytes > limits.maxUnsentBytes) return this.giveUp()
    const added = this.#outbox.write(encode)
    if (!this.#isFlushing) {
      this.#isFlushing = true
      turns.soon(this.#flush)
    }
    if (this.unsentBytes > limits.slowReaderBytes) this.#startSlowTimer()
    unsent.add(this, added)
  }

  readonly #flush = (): void => {
    this.#isFlushing = false
    if (!this.#isFinished && this.#outbox.flush()) this.#meter.flushed(this.#parts.turns.elapsedMs())
  }

  #sent(bytes: number): void {
    if (this.#isFinished) return
    const { limits, unsent, turns } = this.#parts
    unsent.remove(bytes)
    if (this.unsentBytes <= limits.slowReaderBytes) this.#stopSlowTimer()
    if (!this.#isPaused) return
    // It waits for its client to read, and hears none of its pings; but whoever reads is alive.
    this.#intake.heard()
    if (!this.#isBehind) turns.later(this)
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.#link.pause()
    else this.#link.resume()
  }

  /** A frame that was begun has to be completed in time. The timer is set once and looks whether frames have come since. */
  #watchForStall(): void {
    if (!this.#isConnected || this.#deadline !== undefined || this.#splitter.length === 0) return
    const { clock, limits } = this.#parts
    const frames = this.#frames
    this.#deadline = clock.setBackgroundTimer(() => {
      this.#deadline = undefined
      // While it waits for its client to read, it takes no frame, complete or not.
      if (this.#frames === frames && !this.#isPaused) return this.#abort()
      this.#watchForStall()
    }, limits.frameTimeoutMs)
  }

  #startSlowTimer(): void {
    const { clock, limits } = this.#parts
    this.#slowTimer ??= clock.setBackgroundTimer(() => this.giveUp(), limits.slowReaderMs)
  }

  #stopSlowTimer(): void {
    this.#slowTimer?.cancel()
    this.#slowTimer = undefined
  }

  /** Ends the connection from here, politely. */
  #hangUp(): void {
    this.#outbox.flushAll()
    this.#finish()
    this.#link.end()
    this.#intake.closed()
  }

  #leave(): void {
    this.#finish()
    this.#intake.closed()
  }

  /** Ends the connection from here at once. */
  #abort(): void {
    if (this.#isFinished) return
    this.#finish()
    this.#link.destroy()
    this.#intake.closed()
  }

  #finish(): void {
    this.#isFinished = true
    this.#deadline?.cancel()
    this.#stopSlowTimer()
    this.#parts.unsent.remove(this.#outbox.clear())
    this.#parts.unsent.leave(this)
  }
}
