/**
 * What one connection on a wire has done: the figures that monitoring asks for. Plain counters, written by WireServerEnd.
 * Invariant: `received`, `sent` and `notifications` only grow; `reset` moves the start that others are counted from.
 */
import type { ConnectResponse, Reply, Request } from '../protocol/message.js'

/** Milliseconds from the arrival of a batch of requests to the departure of its replies. */
export class Latency {
  count = 0
  totalMs = 0
  minMs: number = Number.POSITIVE_INFINITY
  maxMs = 0

  /** Adds some requests that took this long. */
  add(ms: number, requests: number): void {
    this.count += requests
    this.totalMs += ms * requests
    this.minMs = Math.min(this.minMs, ms)
    this.maxMs = Math.max(this.maxMs, ms)
  }

  reset(): void {
    this.count = 0
    this.totalMs = 0
    this.minMs = Number.POSITIVE_INFINITY
    this.maxMs = 0
  }
}

/** What the connection was last asked. */
export type LastRequest = Request['type'] | 'connect' | undefined

const NONE = -1

/** The figures of one connection. */
export class CnxnMeter {
  readonly latency: Latency = new Latency()
  /** Milliseconds since the epoch at which it was accepted. */
  readonly establishedMs: number
  sessionId = 0n
  timeoutMs = 0
  received = 0
  sent = 0
  notifications = 0
  lastRequest: LastRequest
  lastXid: number = NONE
  lastZxid: number = NONE
  lastLatencyMs = 0
  /** On the scheduler's clock; 0 before the first reply. */
  lastReplyMs = 0
  /** Closed because it did not read. */
  isSlow = false
  /** Closed because it did not speak the protocol. */
  isBad = false
  readonly #all: Latency
  #startedMs = 0
  #batch = 0
  #receivedAtReset = 0
  #sentAtReset = 0

  /** `all` takes the latencies of every connection. */
  constructor(establishedMs: number, all: Latency) {
    this.establishedMs = establishedMs
    this.#all = all
  }

  get receivedSinceReset(): number {
    return this.received - this.#receivedAtReset
  }

  get sentSinceReset(): number {
    return this.sent - this.#sentAtReset
  }

  connected({ sessionId, timeoutMs }: ConnectResponse): void {
    this.sent += 1
    this.sessionId = sessionId
    this.timeoutMs = timeoutMs
    this.lastRequest = 'connect'
    this.lastXid = 0
  }

  /** A batch of requests is begun. */
  started(nowMs: number): void {
    if (this.#batch === 0) this.#startedMs = nowMs
  }

  requested(xid: number, { type }: Request): void {
    this.received += 1
    this.lastRequest = type
    // A ping is not counted among the requests of a client.
    if (xid >= 0) this.lastXid = xid
  }

  replied({ zxid }: Reply): void {
    this.sent += 1
    this.#batch += 1
    this.lastZxid = zxid
  }

  notified(): void {
    this.sent += 1
    this.notifications += 1
  }

  /** What was written so far leaves now. */
  flushed(nowMs: number): void {
    if (this.#batch === 0) return
    this.lastReplyMs = nowMs
    this.lastLatencyMs = nowMs - this.#startedMs
    this.latency.add(this.lastLatencyMs, this.#batch)
    this.#all.add(this.lastLatencyMs, this.#batch)
    this.#batch = 0
  }

  /** Counts anew, as before the handshake. */
  reset(): void {
    this.latency.reset()
    this.#receivedAtReset = this.received
    this.#sentAtReset = this.sent
    this.lastRequest = undefined
    this.lastXid = NONE
    this.lastZxid = NONE
    this.lastLatencyMs = 0
    this.lastReplyMs = 0
  }
}
