/**
 * The transport within one process: messages go over as the objects they are, in plain calls, and a server that can answer at once is
 * asked. What is sent has data of its own; what is asked has data on loan, of which the server keeps copies; what is given out is a copy
 * (law 8), but for the password, which is only read. Also the place where a link is held down or cut on purpose, for those who test their code with zoolet.
 */
import type { Code } from '../protocol/code.js'
import type { ConnectRequest, Reply, Request, Response } from '../protocol/message.js'
import type { ClientEnd, ClientEvents, Dialer, Intake, ServerEnd } from './transport.js'

/** Takes a server's end into the server and gives back where to hand in messages. */
export type Attach = (end: ServerEnd) => Intake

/** Dials one in-process client's connections. Starts with the link up. */
export class InProcessDialer implements Dialer {
  readonly #attach: Attach
  /** What the ip scheme sees. */
  readonly remoteAddress: string
  #link: InProcessLink | undefined
  #isDown = false

  constructor(attach: Attach, remoteAddress: string) {
    this.#attach = attach
    this.remoteAddress = remoteAddress
  }

  dial(events: ClientEvents): ClientEnd {
    const link = new InProcessLink(this, events)
    this.#link = link
    return link
  }

  /** Takes a link to the server; undefined while the link is held down. */
  attach(end: ServerEnd): Intake | undefined {
    return this.#isDown ? undefined : this.#attach(end)
  }

  /** Cuts the link; it stays down, and dialling gets no answer, until `raise`. */
  cut(): void {
    this.#isDown = true
    this.#link?.sever()
  }

  /** Lets the link come up again; a dial that waits is answered at once. */
  raise(): void {
    this.#isDown = false
    this.#link?.open()
  }

  /** The reply with this xid is lost on its way, and the link breaks with it. */
  loseReply(xid: number): void {
    this.#link?.loseReply(xid)
  }
}

/** Both ends of one connection. Invariant: nothing passes, either way, once it is closed. */
class InProcessLink implements ClientEnd {
  readonly #dialer: InProcessDialer
  readonly #events: ClientEvents
  #handshake: ConnectRequest | undefined
  #intake: Intake | undefined
  #isClosed = false
  #lostXid: number | undefined

  constructor(dialer: InProcessDialer, events: ClientEvents) {
    this.#dialer = dialer
    this.#events = events
  }

  connect(request: ConnectRequest): void {
    this.#handshake = request
    this.open()
  }

  /** Hands in the handshake if there is one to hand in and the link is up. */
  open(): void {
    if (this.#isClosed || this.#intake !== undefined || this.#handshake === undefined) return
    this.#intake = this.#dialer.attach(this.#serverEnd())
    this.#intake?.connect(this.#handshake)
  }

  send(xid: number, request: Request): void {
    if (!this.#isClosed) this.#intake?.receive(xid, request)
  }

  ask(request: Request): Response | Code | undefined {
    return this.#isClosed ? undefined : this.#intake?.ask?.(request)
  }

  get lastZxid(): number {
    return this.#intake?.lastZxid ?? 0
  }

  loseReply(xid: number): void {
    this.#lostXid = xid
  }

  /** The client hangs up. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#intake?.closed()
  }

  /** The link breaks: both sides learn of it. A dial that still waits for an answer goes on waiting. */
  sever(): void {
    if (this.#isClosed || this.#intake === undefined) return
    this.close()
    this.#events.disconnected()
  }

  #serverEnd(): ServerEnd {
    return {
      remoteAddress: this.#dialer.remoteAddress,
      isLocal: true,
      connected: (response) => {
        if (!this.#isClosed) this.#events.connected(response)
      },
      reply: (reply) => this.#reply(reply),
      notify: (notification) => {
        if (!this.#isClosed) this.#events.notify(notification)
      },
      close: (refusal) => {
        if (this.#isClosed) return
        this.#isClosed = true
        this.#events.disconnected({ refusal })
      },
    }
  }

  #reply(reply: Reply): void {
    if (this.#isClosed) return
    if (this.#lostXid === reply.xid) this.sever()
    else this.#events.reply(reply)
  }
}
