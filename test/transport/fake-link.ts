/**
 * Connections without sockets. A FakeLink hands over what a test lets it; a HandScheduler runs what a test tells it; a WireWorld
 * is a server behind such links, and a Peer one client of it that speaks bytes and writes down what it hears.
 */
import type { Scheduler } from '../../src/base/scheduler.js'
import { EmbeddedZooKeeper, type EmbeddedZooKeeperOptions } from '../../src/index.js'
import { codeOf } from '../../src/protocol/code.js'
import { encodeRequest, readNotification, readReplyHeader } from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse, writeConnectRequest } from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
import type { ConnectRequest, ConnectResponse, Request } from '../../src/protocol/message.js'
import { ReadingMemory } from '../../src/protocol/reading-memory.js'
import { NOTIFICATION_XID } from '../../src/protocol/xid.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { ByteLink } from '../../src/transport/byte-link.js'
import { CnxnMeter, Latency } from '../../src/transport/cnxn-meter.js'
import { TurnTaker } from '../../src/transport/turn-taker.js'
import { UnsentTotal } from '../../src/transport/unsent.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../../src/transport/wire-limits.js'
import { WireServerEnd, type WireServerParts } from '../../src/transport/wire-server-end.js'

/** A scheduler that runs nothing by itself; its time stands still unless a test moves it, or lets each look take some. */
export class HandScheduler implements Scheduler {
  nowMs = 0
  msALook = 0
  readonly #microtasks: (() => void)[] = []
  #macrotasks: (() => void)[] = []

  microtask(callback: () => void): void {
    this.#microtasks.push(callback)
  }

  macrotask(callback: () => void): void {
    this.#macrotasks.push(callback)
  }

  elapsedMs(): number {
    this.nowMs += this.msALook
    return this.nowMs
  }

  /** Macrotasks that wait. */
  get waiting(): number {
    return this.#macrotasks.length
  }

  /** Ends the current task: microtasks run until there are none. */
  endTask(): void {
    for (let next = this.#microtasks.shift(); next !== undefined; next = this.#microtasks.shift()) next()
  }

  /** The macrotasks that wait now, each with its microtasks; what they queue waits for the next turn. */
  turn(): void {
    const tasks = this.#macrotasks
    this.#macrotasks = []
    for (const task of tasks) {
      task()
      this.endTask()
    }
  }
}

/** One end of a connection whose other end is the test. */
export class FakeLink implements ByteLink {
  readonly remoteAddress: string
  /** What the owner did besides writing: pause, resume, end, destroy. */
  readonly log: string[] = []
  readonly #written: { readonly bytes: Uint8Array; readonly sent: () => void }[] = []
  readonly #left: Uint8Array[] = []

  constructor(remoteAddress = '127.0.0.1') {
    this.remoteAddress = remoteAddress
  }

  write(bytes: Uint8Array, sent: () => void): void {
    this.#written.push({ bytes, sent })
  }

  pause(): void {
    this.log.push('pause')
  }

  resume(): void {
    this.log.push('resume')
  }

  /** What was written goes out all the same. */
  end(): void {
    this.log.push('end')
  }

  /** What has not left is lost. */
  destroy(): void {
    this.log.push('destroy')
    this.#written.length = 0
  }

  /** Bytes that were written and have not left. */
  get unsentBytes(): number {
    return this.#written.reduce((total, { bytes }) => total + bytes.length, 0)
  }

  /** Lets so many writes leave, oldest first. */
  send(count: number = Number.POSITIVE_INFINITY): void {
    for (const { bytes, sent } of this.#written.splice(0, count)) {
      this.#left.push(bytes)
      sent()
    }
  }

  /** What has left since the last time, write by write. */
  takeLeft(): Uint8Array[] {
    return this.#left.splice(0)
  }
}

const MAX_TURNS = 1000
/** Bytes of the reply to a sync of the root. */
export const SYNCED_BYTES = 25

/** What makes a world other than usual. */
export interface WireWorldOptions {
  readonly limits?: Partial<WireLimits>
  readonly server?: EmbeddedZooKeeperOptions
  /** When it begins, in milliseconds since the epoch. */
  readonly startMs?: number
}

/** A server behind fake links, on virtual time. */
export class WireWorld {
  readonly clock: VirtualClock
  readonly scheduler: HandScheduler = new HandScheduler()
  readonly latency: Latency = new Latency()
  readonly zoo: EmbeddedZooKeeper
  readonly parts: WireServerParts
  readonly peers: Peer[] = []

  constructor({ limits, server, startMs }: WireWorldOptions = {}) {
    this.clock = new VirtualClock(startMs)
    this.zoo = new EmbeddedZooKeeper({ clock: this.clock, ...server })
    const complete = { ...DEFAULT_WIRE_LIMITS, ...limits }
    this.parts = {
      clock: this.zoo.clock,
      limits: complete,
      turns: new TurnTaker(this.scheduler),
      unsent: new UnsentTotal(complete.maxTotalUnsentBytes),
      memory: new ReadingMemory(),
    }
  }

  /** A connection that has said nothing yet. */
  dial(): Peer {
    const peer = new Peer(this)
    this.peers.push(peer)
    return peer
  }

  /** A connection with a new session, whose answer was heard. */
  connect(fields: Partial<ConnectRequest> = {}): Peer {
    const peer = this.dial()
    peer.shakeHands(fields)
    peer.takeHeard()
    return peer
  }

  /** Ends the current task, and lets go out what whoever reads is sent. No macrotask runs. */
  endTask(): void {
    this.scheduler.endTask()
    for (const peer of this.peers) if (peer.isReading) peer.link.send()
  }

  /** One turn of the event loop. */
  turn(): void {
    this.scheduler.turn()
    this.endTask()
  }

  /** Others have come, and taken all the time there is in this turn of the event loop. */
  useUpTurn(): void {
    while (this.parts.turns.hasTime()) this.scheduler.nowMs += 1
  }

  /** Turns until nothing waits. @throws Error if that never comes */
  settle(): void {
    this.endTask()
    for (let turns = 0; this.scheduler.waiting > 0; turns++) {
      if (turns === MAX_TURNS) throw new Error('The server does not come to rest')
      this.turn()
    }
  }

  /** Lets time pass, and then settles. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
    this.settle()
  }
}

/** A client of a WireWorld. */
export class Peer {
  readonly link: FakeLink = new FakeLink()
  readonly meter: CnxnMeter
  readonly end: WireServerEnd
  /** Whether what it is sent leaves the server at once. */
  isReading = true
  /** What the server said about the session. */
  session: ConnectResponse | undefined
  readonly #world: WireWorld
  readonly #splitter: FrameSplitter = new FrameSplitter(Number.POSITIVE_INFINITY)
  readonly #frames: Uint8Array[] = []

  constructor(world: WireWorld) {
    this.#world = world
    this.meter = new CnxnMeter(world.clock.nowMs(), world.latency)
    this.end = new WireServerEnd(this.link, (end) => world.zoo.attach(end), this.meter, world.parts)
  }

  /** Sends bytes in one chunk, and ends the task. */
  send(...chunks: readonly Uint8Array[]): void {
    const out = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0))
    let at = 0
    for (const chunk of chunks) {
      out.set(chunk, at)
      at += chunk.length
    }
    this.end.received(out)
    this.#world.endTask()
  }

  /** Sends a request. */
  ask(xid: number, request: Request): void {
    this.send(requestFrame(xid, request))
  }

  shakeHands(fields: Partial<ConnectRequest> = {}): void {
    this.send(connectFrame(fields))
  }

  /** Reads what has left the server so far. */
  read(): void {
    this.link.send()
    this.#world.endTask()
  }

  /** Reads until nothing comes any more; what it heard, as lines. */
  readAll(): string[] {
    const heard: string[] = []
    while (this.link.unsentBytes > 0) {
      this.read()
      heard.push(...this.takeHeard())
      this.#world.settle()
    }
    return heard
  }

  /** Whole frames that have come since the last time, their lengths left off. */
  takeFrames(): Uint8Array[] {
    this.#receive()
    return this.#frames.splice(0)
  }

  /** The same as lines: `connected 10000`, `1 OK`, `2 NONODE`, `NodeCreated /a`. */
  takeHeard(): string[] {
    return this.takeFrames().map((frame) => this.#describe(new JuteReader(frame)))
  }

  #receive(): void {
    for (const bytes of this.link.takeLeft()) {
      this.#splitter.push(bytes)
      for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next())
        this.#frames.push(frame.slice())
    }
  }

  #describe(input: JuteReader): string {
    if (this.session === undefined) {
      this.session = readConnectResponse(input)
      return this.session.timeoutMs > 0 ? `connected ${this.session.timeoutMs}` : 'refused'
    }
    const header = readReplyHeader(input)
    if (header.xid !== NOTIFICATION_XID) return `${header.xid} ${codeOf(header.errno)}`
    const { type, path } = readNotification(input, header)
    return `${type} ${path}`
  }
}

/** The first frame of a client: a new session of ten seconds, unless told otherwise. */
export function connectFrame(fields: Partial<ConnectRequest> = {}): Uint8Array {
  const request = {
    lastZxidSeen: 0,
    timeoutMs: 10_000,
    sessionId: 0n,
    password: new Uint8Array(16),
    ...fields,
  }
  return frame((out) => writeConnectRequest(out, request))
}

/** A later frame of a client. */
export function requestFrame(xid: number, request: Request): Uint8Array {
  return frame((out) => encodeRequest(out, xid, request))
}

/** So many requests to sync the root, whose xids count from 0. */
export function syncFrames(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, xid) => requestFrame(xid, { type: 'sync', path: '/' }))
}

/** A frame with this in it. */
export function frame(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  out.frame(() => write(out))
  return out.take()
}
