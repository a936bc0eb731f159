/** Reports of what a server keeps: sessions, their times, and znodes without data. */
import { describe, expect, it } from 'vitest'
import { startServer, startWorld } from '../semantics/fixture.js'

describe('reports', () => {
  it('tell the unit of time and the bounds of timeouts', () => {
    const { zoo } = startServer({ tickTimeMs: 1_000, maxSessionTimeoutMs: 9_000 })

    expect(zoo.reports.timing()).toEqual({
      tickTimeMs: 1_000,
      minSessionTimeoutMs: 2_000,
      maxSessionTimeoutMs: 9_000,
    })
  })

  it('tell how long a session has left once its connection is gone', async () => {
    const { zoo, zk, clock } = await startWorld()
    const { sessionId } = zk
    const before = zoo.reports.expiresInMs(sessionId)

    zoo.disconnect(zk)
    const gone = zoo.reports.expiresInMs(sessionId)
    await clock.advance(10_000)

    expect([before, gone - zoo.reports.expiresInMs(sessionId)]).toEqual([Number.POSITIVE_INFINITY, 10_000])
    expect([gone > 30_000 && gone <= 32_000, zoo.reports.expiresInMs(5n)]).toEqual([
      true,
      Number.POSITIVE_INFINITY,
    ])
  })

  it('tell of a znode without data that it has none', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/null')
    await zk.create('/empty', '')

    const data = zoo.reports.znodes().filter(({ path }) => path === '/null' || path === '/empty')

    expect(data.map((node) => node.data)).toEqual([null, new Uint8Array(0)])
  })
})
