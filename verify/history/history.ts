/**
 * History: what several connections have said and heard at the same time, in the one order in which it was noted. What was heard was
 * sent before; what was sent was not heard yet: that is all that the order says about two connections. Every note has a time, too.
 * A9: connections in process and over the network stand in one history, and no rule asks which of them is which.
 */
import { unreachable } from '../../src/base/invariant.js'
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
} from '../../src/protocol/message.js'
import type { Dial } from '../differential/cnxn.js'
import type { EndedBy, Happening, Note } from './note.js'

/** A request with its answer, if there was one. Numbers are places in the one order. */
export interface Exchange {
  readonly request: Request
  /** Its number on its connection, if that is known. */
  readonly xid?: number | undefined
  readonly sentAt: number
  reply: Reply | undefined
  heardAt: number
}

/** What one connection has heard after its handshake, in order. */
export type Heard = { readonly exchange: Exchange } | { readonly event: Notification }

/** One connection. */
export interface Thread {
  /** Its place among the connections of the history. */
  readonly number: number
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
  readonly #notes: Note[] = []
  readonly #nowMs: () => number
  /** Sessions whose connections broke with requests under way, and when. */
  readonly #unresolved = new Map<bigint, number>()

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** The history of which these are the notes. */
  static of(notes: Iterable<Note>): History {
    let nowMs = 0
    const history = new History(() => nowMs)
    for (const note of notes) {
      nowMs = note.ms
      history.#repeat(note)
    }
    return history
  }

  /** All that was noted. */
  get notes(): readonly Note[] {
    return this.#notes
  }

  /** How much was noted. */
  get length(): number {
    return this.#notes.length
  }

  /** Whether little is unclear at the moment: what is lost together has to be guessed together. */
  get isCalm(): boolean {
    const nowMs = this.#nowMs()
    for (const [sessionId, sinceMs] of this.#unresolved)
      if (nowMs - sinceMs > UNCLEAR_MS) this.#unresolved.delete(sessionId)
    return this.#unresolved.size < MAX_UNRESOLVED
  }

  /** When this was noted, in ms; what has no place was never. */
  msAt(place: number): number {
    return this.#notes[place]?.ms ?? Number.POSITIVE_INFINITY
  }

  /** The first place that was noted at this time or later. */
  placeAt(ms: number): number {
    let [from, until] = [0, this.#notes.length]
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
      number: this.threads.length,
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
    this.#note(thread, { what: 'begun', name })
    return thread
  }

  /** The handshake goes out. */
  asked(thread: Thread, hello: ConnectRequest): void {
    thread.hello = hello
    thread.helloAt = this.#note(thread, { what: 'asked', hello })
    thread.lastSaidAt = thread.helloAt
  }

  connected(thread: Thread, said: ConnectResponse): void {
    // A password may be made when it is asked for, and is the server's.
    const answer = { ...said, password: said.password.slice() }
    thread.answer = answer
    thread.answeredAt = this.#note(thread, { what: 'connected', answer })
    if (answer.timeoutMs > 0) thread.sessionId = answer.sessionId
  }

  sent(thread: Thread, request: Request, xid?: number): void {
    thread.lastSaidAt = this.#note(thread, { what: 'sent', request, xid })
    thread.exchanges.push({ request, xid, sentAt: thread.lastSaidAt, reply: undefined, heardAt: -1 })
  }

  /** This gets nowhere. */
  withheld(thread: Thread, request: Request): void {
    this.#note(thread, { what: 'withheld', request })
    thread.withheld.push(request)
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
    exchange.heardAt = this.#note(thread, { what: 'replied', type, reply })
    thread.heard.push({ exchange })
    this.#unresolved.delete(thread.sessionId)
  }

  notified(thread: Thread, event: Notification): void {
    thread.heard.push({ event })
    this.#note(thread, { what: 'notified', event })
  }

  /** Whoever ends it first has ended it. */
  ended(thread: Thread, by: EndedBy): void {
    if (thread.isClosed) return
    thread.isClosed = true
    thread.endedBy = by
    thread.endedAt = this.#note(thread, { what: 'ended', by })
    if (thread.exchanges.at(-1)?.reply === undefined) this.#unresolved.set(thread.sessionId, this.#nowMs())
  }

  /** The server has closed its side. */
  drained(thread: Thread): void {
    if (thread.drainedAt < 0) thread.drainedAt = this.#note(thread, { what: 'drained' })
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

  #note(thread: Thread, happening: Happening): number {
    return this.#notes.push({ ms: this.#nowMs(), thread: thread.number, happening }) - 1
  }

  #repeat({ thread: number, happening }: Note): void {
    if (happening.what === 'begun') return void this.begin(happening.name)
    const thread = this.threads[number]
    if (thread === undefined) throw new Error(`A note of connection ${number}, which has not begun`)
    switch (happening.what) {
      case 'asked':
        return this.asked(thread, happening.hello)
      case 'connected':
        return this.connected(thread, happening.answer)
      case 'sent':
        return this.sent(thread, happening.request, happening.xid)
      case 'withheld':
        return this.withheld(thread, happening.request)
      case 'replied':
        return this.replied(thread, happening.type, happening.reply)
      case 'notified':
        return this.notified(thread, happening.event)
      case 'ended':
        return this.ended(thread, happening.by)
      case 'drained':
        return this.drained(thread)
      default:
        unreachable(happening)
    }
  }
}
