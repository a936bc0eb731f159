/** A barrier that is removed by somebody whose session ends. */
import { describe, expect, it } from 'vitest'
import { Barrier } from '../../src/recipes/index.js'
import { connectLasting, startFaultWorld, watchEnd } from './fault-world.js'

describe('who removes a barrier', () => {
  it('is told that the session has ended before that', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const zk = await zoo.connect()
    await admin.create('/barrier')
    zoo.disconnect(zk)

    const removed = watchEnd(new Barrier(zk, '/barrier').remove())
    zoo.expire(zk)
    zoo.reconnect(zk)
    await rest()

    expect(removed.ended()).toMatchObject({ code: 'SESSIONEXPIRED' })
  })

  it('has removed it in the next session, with a LastingClient', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const client = await connectLasting(zoo)
    await admin.create('/barrier')
    zoo.disconnect(client.latest)

    const removed = watchEnd(new Barrier(client, '/barrier').remove())
    zoo.expire(client.latest)
    zoo.reconnect(client.latest)
    await rest()

    expect(removed.ended()).toBe('done')
    expect(await admin.exists('/barrier')).toBe(null)
  })

  it('does not remove it any more after giving up', async () => {
    const { zoo, clock, admin, rest } = await startFaultWorld()
    const zk = await zoo.connect()
    await admin.create('/barrier')
    zoo.disconnect(zk)

    const removed = watchEnd(new Barrier(zk, '/barrier').remove({ timeoutMs: 100 }))
    await clock.advance(100)
    zoo.reconnect(zk)
    await rest()

    expect(removed.ended()).toMatchObject({ name: 'TimeoutError' })
    expect(await admin.exists('/barrier')).not.toBe(null)
  })
})
