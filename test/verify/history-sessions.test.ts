/** The checker of histories finds what is wrong with sessions: with outcomes that nobody was told, with their ends and take-overs. */
import { describe, expect, it } from 'vitest'
import { History } from '../../verify/history/history.js'
import { checkTables } from '../../verify/history/table-rules.js'
import {
  create,
  dataWatches,
  exchangeAt,
  get,
  loseAnswers,
  record,
  rulesOf,
  Stage,
  set,
  threadAt,
} from './history-bends.js'

/** A session that writes twice and hears of the first only, and another one that reads. */
async function loss(): Promise<History> {
  const stage = new Stage()
  const writer = await stage.open()
  const reader = await stage.open()
  writer.send([create('/a', 'one'), set('/a', 'two')])
  reader.send([get('/a'), get('/a')])
  const { history } = stage
  loseAnswers(threadAt(history, 0), exchangeAt(threadAt(history, 0), 1))
  return history
}

/** A session that another connection has taken over. */
async function takeOver(): Promise<History> {
  const stage = new Stage()
  const first = await stage.open()
  first.send([create('/a', 'one')])
  const second = await stage.open(first.ticket)
  second.send([set('/a', 'two'), get('/a')])
  return stage.history
}

/** A session, and a stranger who knows its id. */
async function stranger(): Promise<History> {
  const stage = new Stage()
  const owner = await stage.open()
  await stage.open({ ...owner.ticket, password: new Uint8Array(16).fill(7) })
  owner.send([create('/a', 'one')])
  return stage.history
}

/** A session that comes back, with a watch on what has changed meanwhile and one on what changes later. */
async function comeback(): Promise<History> {
  const stage = new Stage()
  const first = await stage.open()
  const other = await stage.open()
  first.send([create('/a', 'one'), create('/b', 'another')])
  await first.cut()
  other.send([set('/a', 'two')])
  const second = await stage.open(first.ticket)
  second.send([dataWatches(first.ticket.lastZxid, '/a', '/b'), get('/a')])
  other.send([set('/b', 'three')])
  return stage.history
}

/** A session that was closed, and a client that asks for it all the same. */
async function closed(): Promise<History> {
  const stage = new Stage()
  const first = await stage.open()
  first.send([create('/a', 'one'), { type: 'closeSession' }])
  await stage.open(first.ticket)
  const other = await stage.open()
  other.send([set('/a', 'two'), set('/a', 'three')])
  return stage.history
}

describe('the checker of histories with losses', () => {
  it('has nothing against connections that broke, came back and were taken over', async () => {
    const history = await record(0.1)

    expect(history.threads.length).toBeGreaterThan(30)
    expect(rulesOf(history)).toEqual([])
  })

  it('has nothing against a write of unknown outcome that has happened, or has not', async () => {
    const [happened, lost] = [await loss(), await loss()]
    const other = threadAt(lost, 0)

    other.exchanges.push({ request: set('/a', 'three'), sentAt: lost.length, reply: undefined, heardAt: -1 })

    expect([rulesOf(happened), rulesOf(lost)]).toEqual([[], []])
  })

  it('finds a write of unknown outcome that has happened twice (S4)', async () => {
    const history = await loss()
    const exchange = exchangeAt(threadAt(history, 1), 1)
    const response = exchange.reply?.response

    if (response?.type === 'data') Object.assign(response.stat, { mzxid: 3n })

    expect(rulesOf(history)).toContain('S4')
  })

  it('finds a write that has happened, though it never got to the server (S4)', async () => {
    const history = await loss()
    const thread = threadAt(history, 0)

    thread.withheld.push(...thread.exchanges.splice(1).map(({ request }) => request))

    expect(rulesOf(history)).toEqual(['S4', 'T1'])
  })

  it('finds a write of unknown outcome that is not what has happened (T6)', async () => {
    const history = await loss()
    const thread = threadAt(history, 0)

    thread.exchanges.splice(1, 1, { request: set('/b', 'two'), sentAt: 6, reply: undefined, heardAt: -1 })

    expect(rulesOf(history)).toEqual(['T6'])
  })

  it('finds a timeout that is not what was negotiated (S5)', async () => {
    const history = await takeOver()
    const thread = threadAt(history, 1)

    if (thread.answer !== undefined) thread.answer = { ...thread.answer, timeoutMs: 1 }

    expect(rulesOf(history)).toEqual(['S5'])
  })

  it('finds a session that was over before its time, without a closeSession (S5)', async () => {
    const history = await closed()
    const thread = threadAt(history, 0)

    thread.exchanges.pop()
    thread.heard.pop()

    expect(rulesOf(history)).toEqual(['S5', 'S7', 'T1'])
  })

  it('finds a session that lives on beyond its time (S5)', async () => {
    class SlowHistory extends History {
      override msAt(place: number): number {
        return place * 100_000
      }
    }
    const history = Object.setPrototypeOf(await takeOver(), SlowHistory.prototype)

    expect(rulesOf(history)).toEqual(['S5'])
  })

  it('finds a session that ends twice, or is taken up after its end (S6)', async () => {
    const [ends, lives, right] = [await closed(), await closed(), await closed()]
    const [first] = ends.threads
    const goodbye = first?.exchanges.at(-1)

    if (goodbye?.reply !== undefined) {
      const exchange = { ...goodbye, reply: { ...goodbye.reply, zxid: 5 } }
      first?.exchanges.push(exchange)
      first?.heard.push({ exchange })
    }
    Object.assign(threadAt(lives, 1), {
      answer: threadAt(lives, 0).answer,
      sessionId: threadAt(lives, 0).sessionId,
    })

    expect(rulesOf(ends)).toContain('S6')
    expect(rulesOf(lives)).toContain('S6')
    expect(rulesOf(right)).toEqual([])
  })

  it('finds a transaction of a session that is over (S6)', async () => {
    const history = await closed()
    const [first, last] = [threadAt(history, 0), threadAt(history, -1)]
    const late = exchangeAt(last, 1)

    last.exchanges.pop()
    last.heard.pop()
    first.exchanges.push(late)
    first.heard.push({ exchange: late })

    expect(rulesOf(history)).toContain('S6')
  })

  it('finds a connection that stays open beside the one that has taken over (S7)', async () => {
    const [history, right] = [await takeOver(), await takeOver()]

    threadAt(history, 0).isClosed = false

    expect(rulesOf(history)).toEqual(['S7'])
    expect(rulesOf(right)).toEqual([])
  })

  it('finds a request that was answered after another connection had taken over (S7)', async () => {
    const history = await takeOver()
    const [first, second] = [threadAt(history, 0), threadAt(history, 1)]
    const [exchange] = second.exchanges.splice(-1)
    second.heard.splice(-1)

    if (exchange !== undefined) {
      first.exchanges.push(exchange)
      first.heard.push({ exchange })
    }

    expect(rulesOf(history)).toContain('S7')
  })

  it('finds an owner that a stranger has cut off (S7), unless that is how the server is (D1)', async () => {
    const [history, right] = [await stranger(), await stranger()]
    const owner = threadAt(history, 0)

    Object.assign(owner, { isClosed: true, endedBy: 'server', endedAt: history.length - 1 })

    expect(rulesOf(history)).toEqual(['S7'])
    expect(rulesOf(history, { strangersCutOwners: true })).toEqual([])
    expect(rulesOf(right)).toEqual([])
  })

  it('finds a wrong password that opens a session (S7)', async () => {
    const history = await stranger()
    const thread = threadAt(history, 1)

    if (thread.answer !== undefined) thread.answer = { ...thread.answer, timeoutMs: 4_000 }

    expect(rulesOf(history)).toContain('S7')
  })

  it('finds a session that is given to somebody who has not asked for it, or with another password (S6, S7)', async () => {
    const [fresh, other, password] = [await takeOver(), await takeOver(), await takeOver()]
    const helloOf = (history: History): object => threadAt(history, 1).hello ?? {}

    Object.assign(helloOf(fresh), { sessionId: 0n })
    Object.assign(helloOf(other), { sessionId: 77n })
    Object.assign(threadAt(password, 1).answer ?? {}, { password: new Uint8Array(16).fill(7) })

    expect(rulesOf(fresh)).toContain('S6')
    expect(rulesOf(other)).toContain('S7')
    expect(rulesOf(password)).toEqual(['S7'])
  })

  it('finds a connection that is kept though it was refused (S7)', async () => {
    const history = await stranger()

    threadAt(history, 1).isClosed = false

    expect(rulesOf(history)).toEqual(['S7'])
  })

  it('finds a missed change that a client was not told of when it came back (W9)', async () => {
    const [history, right] = [await comeback(), await comeback()]
    const { heard } = threadAt(history, -1)

    heard.splice(0, 1)

    expect(rulesOf(history)).toEqual(['W9'])
    expect(rulesOf(right)).toEqual([])
  })

  it('finds a catch-up event behind the answer to the setWatches (W9)', async () => {
    const history = await comeback()
    const { heard } = threadAt(history, -1)

    heard.splice(0, 2, ...heard.slice(0, 2).reverse())

    expect(rulesOf(history)).toContain('W9')
  })

  it('finds an event that a watch missed which was set anew after a loss (W1)', async () => {
    const history = await comeback()
    const { heard } = threadAt(history, -1)

    heard.splice(-1)

    expect(rulesOf(history)).toEqual(['W1'])
  })

  it('finds watch tables that are not whole, or not empty in the end (W10)', () => {
    const [right, broken, left] = [
      checkTables({ broken: [], watchesLeft: 0 }),
      checkTables({ broken: ['/a is in one table only'], watchesLeft: 0 }),
      checkTables({ broken: [], watchesLeft: 2 }),
    ].map((violations) => violations.map(({ rule }) => rule))

    expect([right, broken, left]).toEqual([[], ['W10'], ['W10']])
  })
})
