/** The checker of histories finds what is wrong with a history that was right before somebody bent it: one test for each rule. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { InProcessCnxn } from '../../verify/differential/in-process-cnxn.js'
import { check } from '../../verify/history/checker.js'
import { type Exchange, type Heard, History, type Thread } from '../../verify/history/history.js'
import { work } from '../../verify/history/load.js'
import { Random } from '../../verify/random.js'

async function record(): Promise<History> {
  const zoo = new EmbeddedZooKeeper()
  const history = new History()
  const workers = [1, 2, 3].map((i) => ({
    name: `worker ${i}`,
    dial: (events: ConstructorParameters<typeof InProcessCnxn>[1]) => new InProcessCnxn(zoo, events),
    random: new Random(7, i),
    requests: 600,
    hasLastingWatches: true,
  }))
  await Promise.all(workers.map((worker) => work(history, worker)))
  await zoo.close()
  return history
}

function rulesOf(history: History): string[] {
  const violations = check(history, { eventsHaveZxid: true, goodbyeIsNoEnd: false, firstZxid: 0 })
  return [...new Set(violations.map(({ rule }) => rule))].sort()
}

/** The first connection that has heard an event right before a reply, and the place of the event. */
function findEvent(
  history: History,
  fits: (thread: Thread, at: number) => boolean = () => true,
): [Thread, number] {
  for (const thread of history.threads) {
    const at = thread.heard.findIndex(
      (each, i) => 'event' in each && 'exchange' in (thread.heard[i + 1] ?? {}) && fits(thread, i),
    )
    if (at >= 0) return [thread, at]
  }
  throw new Error('There is no such event')
}

function exchangeAt(thread: Thread, at: number): Exchange {
  const heard: Heard | undefined = thread.heard[at]
  if (heard === undefined || !('exchange' in heard)) throw new Error('There is no reply here')
  return heard.exchange
}

describe('the checker of histories', () => {
  it('has nothing against a history of zoolet', async () => {
    const history = await record()

    expect(history.length).toBeGreaterThan(3_500)
    expect(rulesOf(history)).toEqual([])
  })

  it('finds an event that never came (W1)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history)

    thread.heard.splice(at, 1)

    expect(rulesOf(history)).toEqual(['W1'])
  })

  it('finds an event that came after a reply that shows what it tells of (W2)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history)

    thread.heard.splice(at, 2, ...thread.heard.slice(at, at + 2).reverse())

    expect(rulesOf(history)).toEqual(['W2'])
  })

  it('finds an event that nothing caused, or that came twice (W4)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history)

    thread.heard.splice(at, 0, ...thread.heard.slice(at, at + 1))

    expect(rulesOf(history)).toEqual(['W4'])
  })

  it('finds events in another order than their transactions (W5)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history, ({ heard }, i) => {
      const [before, event] = [heard[i - 1], heard[i]]
      return (
        before !== undefined &&
        event !== undefined &&
        'event' in before &&
        'event' in event &&
        before.event.zxid !== event.event.zxid
      )
    })

    thread.heard.splice(at - 1, 2, ...thread.heard.slice(at - 1, at + 1).reverse())

    expect(rulesOf(history)).toEqual(['W5'])
  })

  it('finds a reply that shows another state than that of its zxid (T6)', async () => {
    const history = await record()
    const thread = history.threads.find(({ heard }) => heard.length > 50)
    if (thread === undefined) throw new Error('Nobody has heard enough')
    const at = thread.heard.findIndex((each) => 'exchange' in each && each.exchange.reply?.code === 'NONODE')
    const exchange = exchangeAt(thread, at)

    if (exchange.reply !== undefined) exchange.reply = { ...exchange.reply, code: 'NOTEMPTY' }

    expect(rulesOf(history)).toEqual(['T6'])
  })

  it('finds a zxid that was left out, and one that was given twice (T1)', async () => {
    const [left, twice] = [await record(), await record()]
    const writes = (history: History): Exchange[] =>
      history.threads.flatMap(({ exchanges }) =>
        exchanges.filter(({ request }) => request.type === 'setData'),
      )

    for (const gone of writes(left).slice(-1)) {
      for (const thread of left.threads) {
        thread.exchanges.splice(0, Infinity, ...thread.exchanges.filter((each) => each !== gone))
        thread.heard.splice(
          0,
          Infinity,
          ...thread.heard.filter((each) => 'event' in each || each.exchange !== gone),
        )
      }
    }
    const [one, other] = writes(twice)
    if (one?.reply !== undefined && other?.reply !== undefined)
      other.reply = { ...other.reply, zxid: one.reply.zxid }

    expect(rulesOf(left)).toContain('T1')
    expect(rulesOf(twice)).toContain('T1')
  })

  it('finds replies out of order, and missing ones (S1)', async () => {
    const history = await record()
    const [thread] = history.threads
    if (thread === undefined) throw new Error('Nobody was there')

    thread.exchanges.push({ request: { type: 'sync', path: '/' }, sentAt: 0, reply: undefined, heardAt: -1 })

    expect(rulesOf(history)).toEqual([])
    thread.isClosed = false
    expect(rulesOf(history)).toEqual(['S1'])
  })

  it('finds a zxid that goes back on one connection (S2)', async () => {
    const history = await record()
    const thread = history.threads.find(({ heard }) => heard.length > 50)
    if (thread === undefined) throw new Error('Nobody has heard enough')
    const at = thread.heard.findLastIndex(
      (each) => 'exchange' in each && each.exchange.request.type === 'exists',
    )
    const exchange = exchangeAt(thread, at)

    if (exchange.reply !== undefined) exchange.reply = { ...exchange.reply, zxid: 1 }

    expect(rulesOf(history)).toContain('S2')
  })

  it('finds a reply that is older than what was known before its request was sent (S3)', async () => {
    const history = await record()
    const [thread] = history.threads.slice(-1)
    const exchange = thread?.exchanges.findLast(({ request }) => request.type === 'exists')
    const later = history.threads
      .flatMap(({ exchanges }) => exchanges)
      .find(({ heardAt }) => heardAt > (exchange?.heardAt ?? 0))
    if (exchange === undefined || later?.reply === undefined) throw new Error('Nothing came later')

    // As if the request had been sent after everything else was heard.
    Object.assign(exchange, { sentAt: history.length + 1, heardAt: history.length + 2 })

    expect(rulesOf(history)).toContain('S3')
  })
})
