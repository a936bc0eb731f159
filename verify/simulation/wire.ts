/**
 * Wire: one connection of a simulated client: both ends, and the bytes between them, which go over only when somebody lets them.
 * Either end can give it up, and the other learns of it behind the bytes that were on their way; or the network breaks, for both, or
 * for one direction of which nobody is told. What the server has sent and its client has not read counts as unsent at the server.
 */
import type { ByteLink } from '../../src/transport/byte-link.js'
import type { ClientEnd, ClientEvents, Intake, ServerEnd } from '../../src/transport/transport.js'
import { WireClientEnd, type WireClientParts } from '../../src/transport/wire-client-end.js'
import type { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { CnxnLog, type CnxnSurroundings } from './cnxn-log.js'
import type { Connection } from './connection.js'
import { tapClient, tapEvents, tapServer } from './log-tap.js'
import { Pipe } from './pipe.js'

/** The server that a connection leads to. */
export interface WireHost {
  /** A new connection; `tap` may look at what passes between it and the server. */
  accept(link: ByteLink, tap: (end: ServerEnd, attach: (end: ServerEnd) => Intake) => Intake): WireServerEnd
}

/** One connection. */
export class Wire implements Connection {
  readonly log: CnxnLog
  readonly clientEnd: ClientEnd
  readonly isLocal = false
  readonly #client: WireClientEnd
  readonly #server: WireServerEnd | undefined
  readonly #up = new Pipe()
  readonly #down = new Pipe()
  readonly #vanished: (() => void)[] = []
  #lost: 'said' | 'heard' | undefined
  #isClientGone = false
  #isServerGone = false
  #isClientTold = false
  #isServerTold = false
  #isPaused = false

  /** Dials; without a host the dial is refused. */
  constructor(
    name: string,
    host: WireHost | undefined,
    told: ClientEvents,
    around: CnxnSurroundings & { readonly parts: WireClientParts },
  ) {
    this.log = new CnxnLog(name, around)
    this.#client = new WireClientEnd(
      () => this.#clientLink(),
      tapEvents(this.log, told),
      'zk:1',
      around.parts,
    )
    this.#server = host?.accept(this.#serverLink(), (end, attach) => tapServer(this.log, end, attach))
    if (this.#server === undefined) {
      this.#isServerGone = true
      around.parts.scheduler.macrotask(() => this.#tellClient(new Error('refused')))
    } else this.#client.opened()
    this.clientEnd = tapClient(this.log, this.#client)
  }

  get isOverForClient(): boolean {
    return this.#isClientGone || this.#isClientTold
  }

  get isOverForServer(): boolean {
    return this.#isServerGone || this.#isServerTold
  }

  get isSpent(): boolean {
    return this.#isServerTold || (this.#isServerGone && this.#up.length === 0)
  }

  get isHalfOpen(): boolean {
    return this.#lost !== undefined
  }

  get saidBytes(): number {
    return this.#up.length
  }

  get heardBytes(): number {
    return this.#down.length
  }

  get canSay(): boolean {
    if (this.isSpent || this.#server === undefined || this.#lost === 'said') return false
    return this.#isClientGone || (this.#up.length > 0 && !this.#isPaused)
  }

  get canHear(): boolean {
    if (this.isOverForClient || this.#lost === 'heard') return false
    return this.#down.length > 0 || this.#isServerGone
  }

  get saidText(): string {
    return this.#up.peekText()
  }

  get nextFrameBytes(): number {
    return this.#down.nextFrameBytes
  }

  say(bytes: number = Number.POSITIVE_INFINITY): void {
    if (!this.canSay) return
    // Who does not read hears nothing but the reset.
    if (this.#isPaused) this.#up.clear()
    const chunk = this.#up.take(bytes)
    if (chunk.length > 0) this.#server?.received(chunk)
    if (this.#isClientGone && this.#up.length === 0) this.#tellServer()
  }

  hear(bytes: number = Number.POSITIVE_INFINITY): void {
    if (!this.canHear) return
    const chunk = this.#down.take(bytes)
    if (chunk.length > 0) this.#client.received(chunk)
    if (this.#isServerGone && this.#down.length === 0) this.#tellClient()
  }

  cut(): void {
    this.#up.clear()
    this.#down.clear()
    this.#tellServer()
    this.#tellClient()
  }

  giveUp(): void {
    this.#tellClient()
    this.#isClientGone = true
  }

  loseWhatIs(lost: 'said' | 'heard'): void {
    this.#lost = lost
    if (lost === 'said') this.#up.clear()
    else this.#vanish()
  }

  /** A frame vanishes, as it never does over TCP: for a test that needs a promise broken. */
  loseNextFrame(): void {
    this.#down.take(this.nextFrameBytes)
  }

  /** A frame from nowhere, for the same. */
  makeUp(frame: Uint8Array): void {
    this.#down.put(frame, nothing)
  }

  serverDied(): void {
    this.#isServerTold = true
    this.#isServerGone = true
    this.#up.clear()
    this.#down.clear()
    this.log.over()
  }

  swallow(): boolean {
    const vanished = this.#vanished.splice(0)
    for (const taken of vanished) taken()
    return vanished.length > 0
  }

  #tellServer(): void {
    if (this.#isServerTold) return
    this.#isServerTold = true
    this.#server?.closed()
  }

  #tellClient(reason?: Error): void {
    if (this.isOverForClient) return
    this.#isClientTold = true
    this.#client.closed(reason)
  }

  #vanish(): void {
    // A link never calls back during a call into it.
    while (this.#down.length > 0) this.#down.take(this.#down.length)
  }

  #clientLink(): ByteLink {
    return {
      remoteAddress: '127.0.0.1',
      write: (bytes) => {
        if (this.#lost !== 'said') this.#up.put(bytes, nothing)
      },
      pause: nothing,
      resume: nothing,
      end: nothing,
      destroy: () => {
        this.#isClientGone = true
      },
    }
  }

  #serverLink(): ByteLink {
    return {
      remoteAddress: '127.0.0.1',
      write: (bytes, sent) => {
        if (this.#lost === 'heard') this.#vanished.push(sent)
        else this.#down.put(bytes, sent)
      },
      pause: () => {
        this.#isPaused = true
      },
      resume: () => {
        this.#isPaused = false
      },
      end: () => {
        this.#isServerGone = true
      },
      destroy: () => {
        this.#down.clear()
        this.#isServerGone = true
      },
    }
  }
}

function nothing(): void {}
