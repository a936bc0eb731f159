/** Leases, when somebody meddles with the lock that guards their count, and when replies are lost. */
import { describe, expect, it } from 'vitest'
import { Semaphore } from '../../src/recipes/index.js'
import { startFaultWorld, watchEnd } from './fault-world.js'

describe('a semaphore', () => {
  it.each(['curator', 'kazoo'] as const)(
    'gives no lease beyond the maximum when somebody deletes the guard: %s',
    async (layout) => {
      const { zoo, clock, admin, rest, when } = await startFaultWorld()
      const [leases, locks] = layout === 'curator' ? ['/s/leases', '/s/locks'] : ['/s', '/s-__lock__']
      const [slow, quick] = [await zoo.connect(), await zoo.connect()]
      // Between the count and the lease.
      when(
        (request) => request.type === 'getChildren2' && request.path === leases,
        () => {
          for (const { path } of zoo.reports.znodes())
            if (path.startsWith(`${locks}/`)) void admin.delete(path)
          zoo.disconnect(slow)
        },
      )

      const held = [slow, quick].map((zk) => watchEnd(new Semaphore(zk, '/s', 1, { layout }).acquire()))
      await clock.advance(100)
      zoo.reconnect(slow)
      await rest()

      expect((await admin.getChildren(leases)).children).toHaveLength(1)
      expect(held.filter(({ ended }) => ended() !== 'pending')).toHaveLength(1)
    },
  )

  it('tries again to count when the reply is lost', async () => {
    const { zoo, rest, when } = await startFaultWorld()
    const zk = await zoo.connect()
    const semaphore = new Semaphore(zk, '/s', 2)
    await semaphore.acquire()
    when(
      (request) => request.type === 'getChildren2' && request.path === '/s/locks',
      () => zoo.loseNextReply(zk),
    )

    const tried = watchEnd(semaphore.tryAcquire())
    await rest()

    expect(tried.ended()).toHaveProperty('fencingToken')
  })
})
