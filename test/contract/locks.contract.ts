/** Recipes that are held, wherever their clients are connected to: locks, semaphores, elections. */
import { expect } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import {
  LastingClient,
  LeaderElection,
  Lock,
  MultiLock,
  ReadWriteLock,
  Semaphore,
} from '../../src/recipes/index.js'
import { describeContract } from './contract.js'

const LAYOUTS = ['curator', 'kazoo'] as const

export const LOCKS = describeContract('locks and elections', (test) => {
  for (const layout of LAYOUTS) {
    test(`a lock is held by one at a time, in the order of arrival (${layout})`, async (world) => {
      const [one, two] = [world.zk, await world.connect()]
      const order: number[] = []
      const held = await new Lock(one, '/l', { layout }).acquire()
      const waiting = new Lock(two, '/l', { layout }).run(() => void order.push(2))
      await untilChildren(one, '/l', 2)
      const later = new Lock(one, '/l', { layout }).run(() => void order.push(1))
      await untilChildren(one, '/l', 3)

      expect(await new Lock(two, '/l', { layout }).tryAcquire()).toBeNull()
      await held.release()
      await Promise.all([waiting, later])

      expect(order).toEqual([2, 1])
      await untilChildren(one, '/l', 0)
    })

    test(`a semaphore has so many leases (${layout})`, async (world) => {
      const semaphores = [world.zk, await world.connect()].map((zk) => new Semaphore(zk, '/s', 2, { layout }))
      const leases = await Promise.all(semaphores.map((semaphore) => semaphore.acquire()))
      const order: string[] = []
      const third = semaphores[0]?.acquire().then((lease) => {
        order.push('given')
        return lease
      })
      const guardPath = layout === 'kazoo' ? '/s-__lock__' : '/s/locks'
      await untilChildren(world.zk, guardPath, 1)

      expect(await semaphores[1]?.tryAcquire()).toBeNull()
      await expect(semaphores[1]?.acquire({ timeoutMs: 50 })).rejects.toThrow('Gave up after 50 ms')
      order.push('given back')
      await leases[0]?.release()

      expect((await third)?.isHeld).toBe(true)
      expect(order).toEqual(['given back', 'given'])
    })

    test(`readers share, writers do not, and a writer can become a reader (${layout})`, async (world) => {
      const [one, two] = [world.zk, await world.connect()].map(
        (zk) => new ReadWriteLock(zk, '/rw', { layout }),
      )
      const writing = await one?.write.acquire()

      expect([await two?.read.tryAcquire(), await two?.write.tryAcquire()]).toEqual([null, null])
      const reading = writing && (await one?.downgrade(writing))

      expect(reading?.isHeld).toBe(true)
      expect((await two?.read.tryAcquire())?.isHeld).toBe(true)
      expect(await two?.write.tryAcquire()).toBeNull()
    })

    test(`one leads, and the next when that one resigns (${layout})`, async (world) => {
      const [one, two] = [world.zk, await world.connect()].map((zk, i) => {
        return new LeaderElection(zk, '/e', { layout, identifier: String(i) })
      })
      const term = await one?.lead()
      const next = two?.lead()
      await untilChildren(world.zk, '/e', 2)

      expect(await two?.participants()).toEqual(['0', '1'])
      await term?.release()

      expect((await next)?.isHeld).toBe(true)
      expect([one?.isLeader, two?.isLeader]).toEqual([false, true])
    })
  }

  test('several locks are held together, or none', async (world) => {
    const [one, two] = [world.zk, await world.connect()]
    const held = await new Lock(two, '/b').acquire()
    const both = new MultiLock(one, [new Lock(one, '/a'), new Lock(one, '/b')])

    expect(await both.tryAcquire()).toBeNull()
    await held.release()

    expect((await both.acquire()).isHeld).toBe(true)
    expect(await new Lock(two, '/a').tryAcquire()).toBeNull()
  })

  test('who gives up leaves no znode', async (world) => {
    const [one, two] = [world.zk, await world.connect()]
    await new Lock(one, '/l').acquire()

    await expect(new Lock(two, '/l').acquire({ timeoutMs: 50 })).rejects.toThrow('Gave up after 50 ms')

    await untilChildren(one, '/l', 1)
  })

  test('a lock is uncertain as soon as its client is disconnected, and free again when it is released', async (world) => {
    const { zk, link } = await world.connectByLink()
    const held = await new Lock(zk, '/l').acquire()
    const lost = new Promise((resolve) => held.signal.addEventListener('abort', resolve))

    link.cut()
    await lost
    const released = held.release()
    link.restore()
    await released

    expect((await new Lock(world.zk, '/l').tryAcquire())?.isHeld).toBe(true)
  })

  test('the reply to a create is lost, and its znode is found again', async (world) => {
    const { zk, link } = await world.connectByLink()
    await zk.create('/l')

    link.loseNextReply()
    const held = await new Lock(zk, '/l').acquire()

    expect((await world.zk.getChildren('/l')).children.map((name) => `/l/${name}`)).toEqual([held.path])
  })

  test('a lock is waited for in another session when the first has expired', async (world) => {
    const options = { sessionTimeoutMs: 400 }
    const first = await world.connectByLink(options)
    const clients = [first.zk]
    const lasting = await LastingClient.connect(async () => clients.pop() ?? world.connect(options))
    const held = await new Lock(world.zk, '/l').acquire()
    const waiting = new Lock(lasting, '/l').acquire()
    await untilChildren(world.zk, '/l', 2)

    first.link.cut()
    await untilChildren(world.zk, '/l', 1)
    first.link.restore()
    await untilChildren(world.zk, '/l', 2)
    await held.release()

    expect((await waiting).isHeld).toBe(true)
  })
})

/** Resolves once the znode has so many children. */
async function untilChildren(zk: ZooKeeper, path: string, count: number): Promise<void> {
  for (;;) {
    let fired = (): void => undefined
    const changed = new Promise<void>((resolve) => {
      fired = resolve
    })
    const { children } = await zk.getChildren(path, { watcher: () => fired() })
    if (children.length === count) return
    await changed
  }
}
