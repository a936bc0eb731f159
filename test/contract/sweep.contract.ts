/** Containers and znodes with a TTL: when the server removes them, when it does not, and who hears of it. These wait for its sweep. */
import { expect } from 'vitest'
import { Op, type WatchedEvent, type ZooKeeper } from '../../src/index.js'
import { recordEvents } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

const CONTAINER = { mode: 'CONTAINER' } as const
const TTL = { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 } as const

export const SWEEP = describeContract(
  'containers and TTL',
  (test) => {
    test('a container goes some time after its last child', async ({ zk }) => {
      await zk.create('/c', null, CONTAINER)
      await zk.create('/c/x')
      const gone = deletionOf(zk, '/c')

      await zk.delete('/c/x')
      await gone

      expect(await zk.exists('/c')).toBeNull()
    })

    test('a container that never had a child stays, and so does one that has', async ({ zk }) => {
      await zk.create('/unused', null, CONTAINER)
      await zk.create('/container', null, CONTAINER)
      await zk.create('/container/x')

      await nextSweep(zk)

      expect([await zk.exists('/unused'), await zk.exists('/container')].every(Boolean)).toBe(true)
    })

    test('a container below a container goes, and then the other', async ({ zk }) => {
      await zk.create('/c', null, CONTAINER)
      await zk.create('/c/d', null, CONTAINER)
      await zk.create('/c/d/x')
      const gone = Promise.all([deletionOf(zk, '/c/d'), deletionOf(zk, '/c')])

      await zk.delete('/c/d/x')
      await gone

      expect((await zk.getChildren('/')).children).toEqual([])
    })

    test('a container made in a multi goes like any other', async ({ zk }) => {
      await zk.multi([Op.create('/c', null, CONTAINER), Op.create('/c/x'), Op.delete('/c/x')])

      await nextSweep(zk)

      expect(await zk.exists('/c')).toBeNull()
    })

    test('a persistent znode whose children are gone stays', async ({ zk }) => {
      await zk.createAll('/p/x')
      await zk.delete('/p/x')

      await nextSweep(zk)

      expect(await zk.exists('/p')).not.toBeNull()
    })

    test('a znode with a TTL goes when its time is over', async ({ zk }) => {
      await zk.create('/t', null, TTL)
      const path = await zk.create('/s-', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 1 })

      await nextSweep(zk)

      expect([await zk.exists('/t'), await zk.exists(path)]).toEqual([null, null])
    })

    test('a znode with a TTL stays while its time is not over, or it has a child', async ({ zk }) => {
      await zk.create('/long', null, { ...TTL, ttlMs: 600_000 })
      await zk.create('/parent', null, TTL)
      await zk.create('/parent/x')

      await nextSweep(zk)
      const stayed = [await zk.exists('/long'), await zk.exists('/parent')].every(Boolean)
      const gone = deletionOf(zk, '/parent')
      await zk.delete('/parent/x')
      await gone

      expect(stayed).toBe(true)
      expect(await zk.exists('/long')).not.toBeNull()
    })

    test('what goes is told like a deletion, under a zxid of its own', async (world) => {
      const { zk } = world
      const { events, watcher } = recordEvents()
      const other = await world.connect()
      await zk.create('/p')
      await zk.create('/p/t', null, TTL)
      await other.addWatch('/p', watcher)
      await other.addWatch('/p/t', watcher)
      const before = await zk.exists('/p')

      await nextSweep(zk)
      await other.sync('/')

      expect(events).toEqual(['NodeDeleted /p/t', 'NodeChildrenChanged /p'])
      expect(await zk.exists('/p')).toMatchObject({ cversion: 2, numChildren: 0 })
      expect((await zk.exists('/p'))?.pzxid).toBeGreaterThan(before?.pzxid ?? 0n)
    })
  },
  { isSideBySide: true },
)

/** Resolves after a sweep that began after this call: it has taken two znodes, one after the other. */
async function nextSweep(zk: ZooKeeper): Promise<void> {
  for (const path of ['/sweep-1', '/sweep-2']) {
    await zk.create(path, null, TTL)
    await deletionOf(zk, path)
  }
}

/** Resolves when the znode is gone; at once if it is gone already. */
async function deletionOf(zk: ZooKeeper, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const watcher = ({ type }: WatchedEvent): void => {
      if (type === 'NodeDeleted') resolve()
    }
    zk.exists(path, { watcher }).then((stat) => stat === null && resolve(), reject)
  })
}
