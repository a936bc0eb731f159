/** What the book of sessions notices: each rule with a life of a session that breaks it, and with one that does not. */
import { describe, expect, it } from 'vitest'
import type { InspectionEvent } from '../../src/index.js'
import { SessionBook } from '../../verify/simulation/session-book.js'

interface Book {
  readonly book: SessionBook
  readonly faults: string[]
  at(nowMs: number): Book
  tell(...events: readonly InspectionEvent[]): Book
}

const OPENED: InspectionEvent = { kind: 'sessionOpened', sessionId: 7n, timeoutMs: 10_000, isResumed: false }
const PING: InspectionEvent = { kind: 'request', sessionId: 7n, xid: -2, request: { type: 'ping' } }
const CLOSING: InspectionEvent = {
  kind: 'txn',
  zxid: 1,
  timeMs: 0,
  txn: { type: 'closeSession', sessionId: 7n, ephemerals: [] },
}
const EXPIRED: InspectionEvent = { kind: 'sessionExpired', sessionId: 7n }
const CLOSED: InspectionEvent = { kind: 'sessionClosed', sessionId: 7n }

function open(): Book {
  const faults: string[] = []
  let nowMs = 0
  const book = new SessionBook(
    () => nowMs,
    (what) => faults.push(what),
  )
  const self: Book = {
    book,
    faults,
    at: (ms) => {
      nowMs = ms
      return self
    },
    tell: (...events) => {
      for (const event of events) book.inspect(event)
      return self
    },
  }
  return self.tell(OPENED)
}

describe('the book of sessions', () => {
  it.each([
    ['expires after its time', (book: Book) => book.at(5_000).tell(PING).at(16_000).tell(CLOSING, EXPIRED)],
    ['is closed', (book: Book) => book.at(1).tell(CLOSING, CLOSED)],
    ['is ended by order', ({ book, tell }: Book) => book.ended(7n, () => tell(CLOSING, EXPIRED))],
  ])('is content with a session that %s', (_, live) => {
    const book = open()

    live(book)
    book.book.findOverdue()

    expect(book.faults).toEqual([])
  })

  it('notices a session that expires too soon (S5)', () => {
    const { faults } = open().at(9_000).tell(PING).at(16_000).tell(CLOSING, EXPIRED)

    expect(faults).toEqual(['S5: session 7 expires 7000 ms after it was heard, and has 10000'])
  })

  it('notices a session that does not expire, and one that expires too late (S5)', () => {
    const { faults, book } = open().at(12_001)

    book.findOverdue()
    const { faults: late } = open().at(12_001).tell(CLOSING, EXPIRED)

    expect([faults, late]).toEqual([
      ['S5: session 7 was heard 12001 ms ago, and is not expired'],
      ['S5: session 7 expires after 12001 ms'],
    ])
  })

  it('grants the time that a server which stood still gives back, and no more (D44)', () => {
    const book = open()
    book.book.held()
    book.at(20_000).book.findOverdue()
    book.book.released({ lengthMs: 15_000, givenBackMs: 8_000 })
    book.at(35_000).book.findOverdue()
    const before = [...book.faults]

    book.at(35_001).book.findOverdue()

    expect([before, book.faults.length, book.book.notBeforeMs]).toEqual([[], 1, 28_000])
  })

  it('notices a session that ends twice, by no transaction, or by two (S6)', () => {
    expect(open().tell(CLOSING, CLOSED, CLOSED).faults).toEqual(['S6: session 7 ends twice'])
    expect(open().tell(CLOSED).faults).toEqual(['S6: session 7 ends by 0 transactions'])
    expect(open().tell(CLOSING, CLOSING).faults).toEqual(['S6: session 7 is closed twice'])
  })

  it('notices what is served after the end (S6)', () => {
    const { faults } = open().tell(CLOSING, CLOSED, PING)

    expect(faults).toEqual(['S6: a ping of session 7, which is over, is served'])
  })

  it('notices a session that comes back after its end, with a client or with a snapshot (S6)', () => {
    const { faults, book } = open().tell(CLOSING, CLOSED, { ...OPENED, isResumed: true })

    book.booted([{ id: 7n, password: new Uint8Array(16), timeoutMs: 10_000 }], { isOlder: false })

    expect(faults).toEqual([
      'S6: session 7, which is over, is resumed',
      'S6: session 7, which is over, is back',
    ])
  })

  it('notices an older state on a later connection (S2)', () => {
    const reply = { kind: 'reply', sessionId: 7n, xid: 1, code: 'OK' } as const

    const { faults } = open().tell(
      { ...reply, zxid: 5 },
      { ...OPENED, isResumed: true },
      { ...reply, zxid: 4 },
    )

    expect(faults).toEqual(['S2: session 7 is shown zxid 4 after it has seen 5'])
  })
})
