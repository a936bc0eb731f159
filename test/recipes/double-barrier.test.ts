/** A double barrier, when sessions end and members give up. */
import { describe, expect, it } from 'vitest'
import { DoubleBarrier } from '../../src/recipes/index.js'
import { connectLasting, startFaultWorld, watchEnd } from './fault-world.js'

describe('a member of a double barrier', () => {
  it('comes again when its session has expired, with a LastingClient', async () => {
    const { zoo, rest } = await startFaultWorld()
    const client = await connectLasting(zoo)
    const first = watchEnd(new DoubleBarrier(client, '/barrier', 2).enter())
    await rest()

    zoo.expire(client.latest)
    await rest()
    const second = watchEnd(new DoubleBarrier(await zoo.connect(), '/barrier', 2).enter())
    await rest()

    expect([first.ended(), second.ended()]).toEqual(['done', 'done'])
  })

  it('leaves no watch when it gives up, wherever that is', async () => {
    const { zoo, rest, watchesOf } = await startFaultWorld()
    const zk = await zoo.connect()

    for (let microtasks = 0; microtasks < 60; microtasks++) {
      const stop = new AbortController()
      const end = watchEnd(new DoubleBarrier(zk, '/barrier', 2).enter({ signal: stop.signal }))
      for (let i = 0; i < microtasks; i++) await undefined
      stop.abort('enough')
      await rest()
      expect([end.ended(), watchesOf(zk)]).toEqual(['enough', []])
    }
  })

  it('can give up leaving while it is disconnected', async () => {
    const { zoo, clock, when } = await startFaultWorld()
    const zk = await zoo.connect()
    const barrier = new DoubleBarrier(zk, '/barrier', 1)
    await barrier.enter()
    when(
      ({ type }) => type === 'getChildren2',
      () => zoo.disconnect(zk),
    )

    const end = watchEnd(barrier.leave({ timeoutMs: 100 }))
    await clock.advance(100)

    expect(end.ended()).toMatchObject({ name: 'TimeoutError' })
  })
})
