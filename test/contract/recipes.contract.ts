/** Recipes that gather, count and watch, wherever their clients are connected to. */
import { expect } from 'vitest'
import {
  Barrier,
  Counter,
  DoubleBarrier,
  GroupMembership,
  PersistentNode,
  ServiceDiscovery,
  TaskQueue,
  TreeCache,
  watchChildren,
  watchData,
} from '../../src/recipes/index.js'
import { describeContract } from './contract.js'

const LAYOUTS = ['curator', 'kazoo'] as const

export const RECIPES = describeContract('other recipes', (test) => {
  test('a barrier holds up all until it is removed', async (world) => {
    const [one, two] = [world.zk, await world.connect()].map((zk) => new Barrier(zk, '/b'))
    await one?.set()
    const waited = two?.wait().then(() => 'through')

    await expect(two?.wait({ timeoutMs: 20 })).rejects.toThrow('Gave up')
    await one?.remove()

    expect(await waited).toBe('through')
  })

  test('the members of a double barrier begin together and end together', async (world) => {
    const members = [world.zk, await world.connect(), await world.connect()].map(
      (zk) => new DoubleBarrier(zk, '/d', 3),
    )

    await Promise.all(members.map((member) => member.enter()))
    await Promise.all(members.map((member) => member.leave()))

    expect((await world.zk.getChildren('/d')).children).toEqual([])
  })

  for (const layout of LAYOUTS) {
    test(`everything is counted, whoever adds it (${layout})`, async (world) => {
      const counters = [world.zk, await world.connect()].map((zk) => new Counter(zk, '/c', { layout }))

      await Promise.all([1, 2, 3, 4].map((amount) => counters[amount % 2]?.add(amount)))

      expect(await counters[0]?.get()).toBe(10)
    })

    test(`a group knows its members (${layout})`, async (world) => {
      const [one, two] = [world.zk, await world.connect()].map(
        (zk) => new GroupMembership(zk, '/g', { layout }),
      )
      await one?.join('one')
      const states = two?.watch()
      const idsNow = async (): Promise<unknown> =>
        (await states?.next())?.value?.members.map(({ id }) => id).sort()

      expect(await idsNow()).toEqual(['one'])
      const next = idsNow()
      await two?.join('two')
      expect(await next).toEqual(['one', 'two'])
      const last = idsNow()
      await one?.leave()

      expect(await last).toEqual(['two'])
      await states?.return()
    })
  }

  test('a persistent node is there again after it was deleted', async (world) => {
    const other = await world.connect()
    const node = new PersistentNode(world.zk, '/n', 'data')
    await node.ready
    const again = new Promise((resolve) => node.once('created', resolve))

    await other.delete('/n')
    await again

    expect(await other.exists('/n')).not.toBeNull()
    await node.close()
    expect(await other.exists('/n')).toBeNull()
  })

  test('a task is done once, and one that is put back is taken again', async (world) => {
    const [one, two] = [world.zk, await world.connect()].map((zk) => new TaskQueue(zk, '/q'))
    const waiting = two?.take()
    await one?.put('it')
    const task = await waiting

    await task?.putBack()
    const again = await one?.take()
    await again?.done()

    expect([again?.id === task?.id, await one?.size(), await two?.tryTake()]).toEqual([true, 0, null])
  })

  test('states of data and children come as they change', async (world) => {
    const other = await world.connect()
    const [data, children] = [watchData(other, '/w'), watchChildren(other, '/w')]
    expect([(await data.next()).value?.stat, (await children.next()).value?.stat]).toEqual([null, null])
    const next = Promise.all([data.next(), children.next()])

    await world.zk.create('/w', 'data')
    expect((await next).map(({ value }) => value?.stat?.version)).toEqual([0, 0])
    const added = children.next()
    await world.zk.create('/w/a')

    expect((await added).value?.added).toEqual(['a'])
    await Promise.all([data.return(), children.return()])
  })

  test('a cache shows the tree, and the tree after a disconnection', async (world) => {
    const { zk, link } = await world.connectByLink()
    await world.zk.createAll('/t/a')
    const cache = new TreeCache(zk, '/t')
    await cache.ready
    const gap = new Promise((resolve) => cache.once('gap', () => resolve(undefined)))

    link.cut()
    await world.zk.create('/t/b', 'data')
    await world.zk.delete('/t/a')
    link.restore()
    await gap

    expect([cache.children('/t'), cache.get('/t/b')?.data?.length]).toEqual([['b'], 4])
    await cache.close()
  })

  test('a service is found as long as it is offered', async (world) => {
    const [one, two] = [world.zk, await world.connect()].map((zk) => new ServiceDiscovery(zk, '/s'))
    const offering = await one?.register({ name: 'web', id: 'a', address: 'h', port: 80 })
    const provider = await two?.provide('web')
    const changed = new Promise<void>((resolve) => provider?.once('change', resolve))

    expect(provider?.choose()?.address).toBe('h')
    await offering?.close()
    await changed

    expect(provider?.choose()).toBeUndefined()
    await provider?.close()
  })
})
