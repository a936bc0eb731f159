/**
 * Historic bugs of recipes, 39, 42, 60, 71 and 91: of Curator, kazoo and ZooKeeper's own. The part below the recipe is in the
 * tests of the watches, sessions and permissions.
 */
import { describe, expect, it } from 'vitest'
import { Op, Perms, type ZooKeeper } from '../../src/index.js'
import {
  LeaderElection,
  Lock,
  type Tenure,
  TreeCache,
  watchChildren,
  watchData,
} from '../../src/recipes/index.js'
import { leftovers, NOTHING, outcomeOf, startRecipes } from '../recipes/fixture.js'

describe('39. kz 9b0a793: a vanished predecessor leaves no watch', () => {
  it('though each of twenty waiters looks for one that goes at the same moment', async () => {
    const world = await startRecipes()
    const { zoo } = world
    const clients = await Promise.all(Array.from({ length: 20 }, () => zoo.connect()))
    const tenures = clients.map((zk) => new Lock(zk, '/lock').acquire())
    await zoo.settle()
    const waiting = zoo.reports.counts().watches

    // Every second one goes, so that its successor reads a predecessor that is gone.
    const turns = Promise.allSettled(tenures.map(async (tenure) => (await tenure).release()))
    for (const zk of clients.filter((_, i) => i % 2 === 1)) void zk.close()
    const fates = (await turns).map(({ status }) => status)

    expect(waiting).toBe(19)
    expect(fates).toEqual(clients.map((_, i) => (i % 2 === 1 ? 'rejected' : 'fulfilled')))
    expect(await leftovers(world)).toEqual(NOTHING)
  })
})

describe('42. CUR-391 (#911), CUR-388, CUR-182, CUR-183: a cache compares zxids, not versions', () => {
  it('so a znode that was replaced has changed, though its version is the same', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/t/a', 'same')
    const cache = new TreeCache(bob, '/t')
    await cache.ready
    const changed: string[] = []
    cache.on('change', ({ type, path, now, before }) => {
      changed.push(`${type} ${path} ${now?.stat.version} ${before?.stat.version}`)
    })

    zoo.disconnect(bob)
    await ann.multi([Op.delete('/t/a'), Op.create('/t/a', 'same')])
    zoo.reconnect(bob)
    await zoo.settle()

    expect(changed).toEqual(['changed /t/a 0 0'])
  })

  it('so what is removed and comes back, the root and a container too, is followed all the same', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/t', null, { mode: 'CONTAINER' })
    await ann.create('/t/a')
    const cache = new TreeCache(bob, '/t')
    const [data, children] = [watchData(bob, '/t'), watchChildren(bob, '/t')]
    await Promise.all([cache.ready, data.next(), children.next()])

    await ann.deleteAll('/t')
    await zoo.settle()
    expect([cache.size, (await data.next()).value?.stat, (await children.next()).value?.stat]).toEqual([
      0,
      null,
      null,
    ])
    await ann.createAll('/t/b', 'again')
    await zoo.settle()

    expect([cache.children('/t'), (await children.next()).value?.children]).toEqual([['b'], ['b']])
    expect((await data.next()).value?.stat).toMatchObject({ version: 0 })
  })
})

describe('60. CUR-644, 645, 653, 696, 498, 264: no two leaders after a reconnection', () => {
  it.each([
    ['comes back in time', 1_000],
    ['comes back too late', 60_000],
  ])('when the leader %s', async (_, awayMs) => {
    const { zoo, clock, ann, bob } = await startRecipes()
    const [anns, bobs] = [new LeaderElection(ann, '/e'), new LeaderElection(bob, '/e')]
    const term = await anns.lead()
    const next = outcomeOf(bobs.lead())
    await zoo.settle()

    zoo.disconnect(ann)
    await clock.advance(awayMs)
    expect([anns.isLeader, term.isHeld]).toEqual([false, false])
    zoo.reconnect(ann)
    await zoo.settle()

    expect([anns.isLeader, bobs.isLeader]).toEqual([false, awayMs > ann.sessionTimeoutMs])
    await term.release()
    await zoo.settle()
    expect([anns.isLeader, next.settled]).toMatchObject([false, { isHeld: true }])
  })

  it('when the reply to the create of a leader was lost', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new LeaderElection(ann, '/e'), new LeaderElection(bob, '/e')]
    await ann.create('/e')

    zoo.loseNextReply(ann)
    const terms = [outcomeOf(anns.lead()), outcomeOf(bobs.lead())]
    await zoo.settle()

    expect(terms.filter(({ settled }) => settled !== undefined)).toHaveLength(1)
    expect(zoo.reports.counts().ephemerals).toBe(2)
  })
})

describe('71. ZK-2931, kz cc8ce89 (#649): contenders are ordered by number, not by name', () => {
  it.each(['curator', 'kazoo'] as const)(
    'so twenty whose names of %s are in the opposite order come in their own',
    async (layout) => {
      const { zoo, ann } = await startRecipes(shrinkingBytes())
      const order: number[] = []
      const takeTurn = (zk: ZooKeeper, number: number): Promise<void> =>
        new Lock(zk, '/l', { layout }).run(() => void order.push(number))
      const clients = await Promise.all(Array.from({ length: 20 }, () => zoo.connect()))

      const first: Tenure = await new Lock(ann, '/l', { layout }).acquire()
      const turns = clients.map(takeTurn)
      await zoo.settle()
      const names = (await ann.getChildren('/l')).children
      await first.release()
      await Promise.all(turns)

      expect(order).toEqual(clients.map((_, i) => i))
      expect(names.toSorted()).not.toEqual(names.toSorted((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1)))
    },
  )

  it('so one with the last number before the counter turns over comes before the first one after it', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/l/x-lock-2147483647', null, { mode: 'EPHEMERAL' })
    await ann.create('/l/a-lock--2147483648', null, { mode: 'EPHEMERAL' })
    const names = async (): Promise<readonly string[]> => new Lock(bob, '/l').contenders()
    await ann.setData('/l/x-lock-2147483647', 'last')
    await ann.setData('/l/a-lock--2147483648', 'first of the next round')
    await zoo.settle()

    expect(await names()).toEqual(['last', 'first of the next round'])
  })
})

describe('91. CUR-715: a recipe works below a parent that may not be read', () => {
  it('and creates what is missing there', async () => {
    const { ann } = await startRecipes()
    await ann.create('/closed', null, {
      acl: [{ perms: Perms.ALL & ~Perms.READ, scheme: 'world', id: 'anyone' }],
    })

    const held = await new Lock(ann, '/closed/locks/a').acquire()

    expect(held.isHeld).toBe(true)
  })
})

/** Each id is less than the one before. */
function shrinkingBytes(): (length: number) => Uint8Array {
  let next = 255
  return (length) => new Uint8Array(length).fill(next--)
}
