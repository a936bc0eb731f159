/** The checker of histories finds what is wrong with a history that was right before somebody bent it: one test for each rule. */
import { describe, expect, it } from 'vitest'
import type { Exchange, History } from '../../verify/history/history.js'
import { bend, exchangeAt, findEvent, record, rulesOf, threadAt } from './history-bends.js'

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

  it('finds an event that nothing caused (W4)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history)

    thread.heard.splice(at + 1, 0, { event: { type: 'NodeDataChanged', path: '/nobody', zxid: 5 } })

    expect(rulesOf(history)).toEqual(['W3', 'W4'])
  })

  it('finds an event that came twice for one trigger (W7)', async () => {
    const history = await record()
    const [thread, at] = findEvent(history)

    thread.heard.splice(at, 0, ...thread.heard.slice(at, at + 1))

    expect(rulesOf(history)).toContain('W7')
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

    bend(exchangeAt(thread, at), { code: 'NOTEMPTY' })

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
    if (one?.reply !== undefined && other !== undefined) bend(other, { zxid: one.reply.zxid })

    expect(rulesOf(left)).toContain('T1')
    expect(rulesOf(twice)).toContain('T1')
  })

  it('finds replies out of order, and missing ones (S1)', async () => {
    const history = await record()
    const thread = threadAt(history, 0)

    thread.exchanges.push({ request: { type: 'sync', path: '/' }, sentAt: 0, reply: undefined, heardAt: -1 })

    expect(rulesOf(history)).toEqual([])
    thread.isClosed = false
    expect(rulesOf(history)).toEqual(['S1'])
  })

  it('finds a reply with the xid of another request (S1)', async () => {
    const [right, wrong] = [await record(), await record()]
    const bendFirst = ({ threads }: History, xid: number): void => {
      const [exchange] = threads[0]?.exchanges ?? []
      if (exchange?.reply !== undefined)
        Object.assign(exchange, { xid, reply: { ...exchange.reply, xid: 8 } })
    }

    bendFirst(right, 8)
    bendFirst(wrong, 7)

    expect([rulesOf(right), rulesOf(wrong)]).toEqual([[], ['S1']])
  })

  it('finds a zxid that goes back on one connection (S2)', async () => {
    const history = await record()
    const thread = history.threads.find(({ heard }) => heard.length > 50)
    if (thread === undefined) throw new Error('Nobody has heard enough')
    const at = thread.heard.findLastIndex(
      (each) => 'exchange' in each && each.exchange.request.type === 'exists',
    )

    bend(exchangeAt(thread, at), { zxid: 1 })

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
