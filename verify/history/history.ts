/**
 * History: what several connections have said and heard at the same time, in the one order in which it was noted. What was heard was
 * sent before; what was sent was not heard yet: that is all that the order says about two connections. Every note has a time, too.
 */
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
} from '../../src/protocol/message.js'
import type { Dial } from '../differential/cnxn.js'

/** A request with its answer, if there was one. Numbers are places in the one order. */
export interface Exchange {
  readonly request: Request
  readonly sentAt: number
  reply: Reply | undefined
  heardAt: number
}

/** What one connection has heard after its handshake, in order. */
export type Heard = { readonly exchange: Exchange } | { readonly event: Notification }

/** Who ended a connection: one of its sides, or what lies between them. */
export type EndedBy = 'server' | 'client' | 'loss'

/** One connection. */
export interface Thread {
  /** Who it is, for people. */
  readonly name: string
  /** Its handshake, and the answer: a timeout of 0 is a refusal. */
  hello: ConnectRequest | undefined
  helloAt: number
  answer: ConnectResponse | undefined
  answeredAt: number
  /** The session that it speaks for; 0n if it was given none. */
  sessionId: bigint
  readonly exchanges: Exchange[]
  /** What was said and never got to the server. */
  readonly withheld: Request[]
  readonly heard: Heard[]
  /** Everything before this place in `exchanges` is answered. */
  answered: number
  /** When the server can have heard of it last. */
  lastSaidAt: number
  isClosed: boolean
  endedBy: EndedBy | undefined
  endedAt: number
  /** From here on the server has certainly read all that it ever will; -1 if that is not known. */
  drainedAt: number
}

const MAX_UNRESOLVED = 2
/** Who does not come back by then may never come back. */
const UNCLEAR_MS = 300

/** All connections of one run. */
export class History {
  readonly threads: Thread[] = []
  readonly #times: number[] = []
  /** Sessions whose connections broke with requests under way, and when. */
  readonly #unresolved = new Map<bigint, number>()

  /** How much was noted. */
  get length(): number {
    return this.#times.length
  }

  /** Whether little is unclear at the moment: what is lost together has to be guessed together. */
  get isCalm(): boolean {
    const nowMs = performance.now()
    for (const [sessionId, sinceMs] of this.#unresolved)
      if (nowMs - sinceMs > UNCLEAR_MS) this.#unresolved.delete(sessionId)
    return this.#unresolved.size < MAX_UNRESOLVED
  }

  /** When this was noted, in ms; what has no place was never. */
  msAt(place: number): number {
    return this.#times[place] ?? Number.POSITIVE_INFINITY
  }

  /** The first place that was noted at this time or later. */
  placeAt(ms: number): number {
    let [from, until] = [0, this.#times.length]
    while (from < until) {
      const middle = (from + until) >> 1
      if (this.msAt(middle) < ms) from = middle + 1
      else until = middle
    }
    return from
  }

  /** A connection that has not said anything yet. */
  begin(name: string): Thread {
    const thread: Thread = {
      name,
      hello: undefined,
      helloAt: -1,
      answer: undefined,
      answeredAt: -1,
      sessionId: 0n,
      exchanges: [],
      withheld: [],
      heard: [],
      answered: 0,
      lastSaidAt: -1,
      isClosed: false,
      endedBy: undefined,
      endedAt: -1,
      drainedAt: -1,
    }
    this.threads.push(thread)
    return thread
  }

  /** The handshake goes out. */
  asked(thread: Thread, hello: ConnectRequest): void {
    thread.hello = hello
    thread.helloAt = this.#note()
    thread.lastSaidAt = thread.helloAt
  }

  connected(thread: Thread, answer: ConnectResponse): void {
    thread.answer = answer
    thread.answeredAt = this.#note()
    if (answer.timeoutMs > 0) thread.sessionId = answer.sessionId
  }

  sent(thread: Thread, request: Request): void {
    thread.lastSaidAt = this.#note()
    thread.exchanges.push({ request, sentAt: thread.lastSaidAt, reply: undefined, heardAt: -1 })
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
    exchange.heardAt = this.#note()
    thread.heard.push({ exchange })
    this.#unresolved.delete(thread.sessionId)
  }

  notified(thread: Thread, event: Notification): void {
    thread.heard.push({ event })
    this.#note()
  }

  /** Whoever ends it first has ended it. */
  ended(thread: Thread, by: EndedBy): void {
    if (thread.isClosed) return
    thread.isClosed = true
    thread.endedBy = by
    thread.endedAt = this.#note()
    if (thread.exchanges.at(-1)?.reply === undefined)
      this.#unresolved.set(thread.sessionId, performance.now())
  }

  /** The server has closed its side. */
  drained(thread: Thread): void {
    if (thread.drainedAt < 0) thread.drainedAt = this.#note()
  }

  /** Dials connections whose words are noted here. */
  recorded(dial: Dial, name: string): Dial {
    return (events) => {
      const thread = this.begin(`${name}, connection ${this.threads.length + 1}`)
      const cnxn = dial({
        connected: (answer) => {
          this.connected(thread, answer)
          events.connected(answer)
        },
        reply: (type, reply) => {
          this.replied(thread, type, reply)
          events.reply(type, reply)
        },
        notify: (event) => {
          this.notified(thread, event)
          events.notify(event)
        },
        closed: () => {
          this.ended(thread, 'server')
          this.drained(thread)
          events.closed()
        },
      })
      return {
        get isOpen() {
          return cnxn.isOpen
        },
        connect: (hello) => {
          this.asked(thread, hello)
          cnxn.connect(hello)
        },
        send: (requests) => {
          if (!cnxn.isOpen) return
          for (const request of requests) this.sent(thread, request)
          cnxn.send(requests)
        },
        cut: () => {
          this.ended(thread, 'client')
          return cnxn.cut()
        },
        settled: () => cnxn.settled(),
      }
    }
  }

  #note(): number {
    return this.#times.push(performance.now()) - 1
  }
}
