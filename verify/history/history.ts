/**
 * History: what several connections have said and heard at the same time, in the one order in which it was noted. What was heard was
 * sent before; what was sent was not heard yet: that is all that the order says about two connections.
 */
import type { ConnectResponse, Notification, Reply, Request } from '../../src/protocol/message.js'
import type { Cnxn, Dial } from '../differential/cnxn.js'

/** A request with its answer, if there was one. Numbers are places in the one order. */
export interface Exchange {
  readonly request: Request
  readonly sentAt: number
  reply: Reply | undefined
  heardAt: number
}

/** What one connection has heard after its handshake, in order. */
export type Heard = { readonly exchange: Exchange } | { readonly event: Notification }

/** One connection. */
export interface Thread {
  /** Who it is, for people. */
  readonly name: string
  sessionId: bigint
  readonly exchanges: Exchange[]
  readonly heard: Heard[]
  /** Everything before this place in `exchanges` is answered. */
  answered: number
  isClosed: boolean
}

/** All connections of one run. */
export class History {
  readonly threads: Thread[] = []
  #clock = 0

  /** How much was noted. */
  get length(): number {
    return this.#clock
  }

  /** A connection that has not said anything yet. */
  begin(name: string): Thread {
    const thread: Thread = { name, sessionId: 0n, exchanges: [], heard: [], answered: 0, isClosed: false }
    this.threads.push(thread)
    return thread
  }

  connected(thread: Thread, { sessionId }: ConnectResponse): void {
    thread.sessionId = sessionId
    this.#clock += 1
  }

  sent(thread: Thread, request: Request): void {
    thread.exchanges.push({ request, sentAt: this.#clock++, reply: undefined, heardAt: -1 })
  }

  /** The answer to the first request of this type that has none. */
  replied(thread: Thread, type: Request['type'], reply: Reply): void {
    const { exchanges } = thread
    while (exchanges[thread.answered]?.reply !== undefined) thread.answered += 1
    let at = thread.answered
    while (
      exchanges[at] !== undefined &&
      (exchanges[at]?.reply !== undefined || exchanges[at]?.request.type !== type)
    )
      at++
    const exchange = exchanges[at]
    if (exchange === undefined)
      throw new Error(`${thread.name} has heard an answer to a ${type} that it did not send`)
    exchange.reply = reply
    exchange.heardAt = this.#clock++
    thread.heard.push({ exchange })
  }

  notified(thread: Thread, event: Notification): void {
    thread.heard.push({ event })
    this.#clock += 1
  }

  /** A connection whose words are noted here. */
  dial(dial: Dial, name: string): Cnxn & { readonly thread: Thread } {
    const thread = this.begin(name)
    const cnxn = dial({
      connected: (response) => this.connected(thread, response),
      reply: (type, reply) => this.replied(thread, type, reply),
      notify: (event) => this.notified(thread, event),
      closed: () => {
        thread.isClosed = true
      },
    })
    return {
      thread,
      get isOpen() {
        return cnxn.isOpen
      },
      connect: (request) => cnxn.connect(request),
      send: (requests) => {
        for (const request of requests) this.sent(thread, request)
        cnxn.send(requests)
      },
      cut: () => cnxn.cut(),
      settled: () => cnxn.settled(),
    }
  }
}
