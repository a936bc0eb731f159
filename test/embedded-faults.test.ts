/** Lost replies, and what a client that came to its end still has to deliver. */
import { describe, expect, it } from 'vitest'
import { codeOf, recordEvents, startWorld, text } from './semantics/fixture.js'

describe('settle after the end of a client', () => {
  it('waits for everything that it still has to deliver', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    await zoo.settle()
    let failed = 0
    for (let i = 0; i < 20_000; i++) zk.exists('/').catch(() => (failed += 1))

    zoo.expire(zk)
    zoo.reconnect(zk)
    await zoo.settle()

    expect(failed).toBe(20_000)
    expect(zoo.pending()).toEqual([])
  })
})

describe('loseNextReply', () => {
  it('applies the next request and loses its reply: CONNECTIONLOSS, and the client resumes', async () => {
    const { zoo, zk, events } = await startWorld()
    const { sessionId } = zk
    await zk.create('/a', '0')
    zoo.loseNextReply(zk)

    const code = await codeOf(zk.setData('/a', '1'))
    const { data, stat } = await zk.getData('/a')

    expect(code).toBe('CONNECTIONLOSS')
    expect([text(data), stat.version, zk.sessionId]).toEqual(['1', 1, sessionId])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('loses one reply only', async () => {
    const { zoo, zk } = await startWorld()
    zoo.loseNextReply(zk)

    const codes = [
      await codeOf(zk.create('/a')),
      await codeOf(zk.create('/b')),
      await codeOf(zk.create('/a')),
    ]

    expect(codes).toEqual(['CONNECTIONLOSS', 'OK', 'NODEEXISTS'])
  })

  it('is not used up by what the client sends by itself', async () => {
    const { zoo, zk } = await startWorld()
    const stream = zk.watch('/')
    await stream.ready
    await zk.addAuthInfo('digest', 'alice:pw')
    zoo.disconnect(zk)
    zoo.loseNextReply(zk)
    zoo.reconnect(zk)
    await stream.return()

    const code = await codeOf(zk.create('/a'))

    expect(code).toBe('CONNECTIONLOSS')
    expect(await zk.exists('/a')).not.toBe(null)
  })

  it('loses the answer to a claim too', async () => {
    const { zoo, zk } = await startWorld()
    zoo.loseNextReply(zk)

    expect(await codeOf(zk.addAuthInfo('digest', 'alice:pw'))).toBe('CONNECTIONLOSS')
    expect((await zk.whoAmI()).map(({ user }) => user)).toEqual(['127.0.0.1', 'alice'])
  })

  it('lets the events of the lost request reach others', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    await other.exists('/a', { watcher })
    zoo.loseNextReply(zk)

    await codeOf(zk.create('/a'))
    await zoo.settle()

    expect(events).toEqual(['NodeCreated /a'])
  })

  it('of a close loses nothing that matters: the client is closed, the session over', async () => {
    const { zoo, zk, events } = await startWorld()
    zoo.loseNextReply(zk)

    await zk.close()

    expect(zk.state).toBe('CLOSED')
    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(zoo.reports.counts().sessions).toBe(0)
  })
})
