/** TreeCache at a server of 3.8, which has one watch of a client for the data at a path: what recipes and users leave there. */
import { describe, expect, it } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import {
  Barrier,
  PersistentNode,
  ServiceDiscovery,
  TreeCache,
  watchChildren,
  watchData,
} from '../../src/recipes/index.js'
import { startRecipes } from './fixture.js'

const OLD = { compatibility: '3.8' } as const

describe('a tree cache at a server of 3.8', () => {
  it.each<[string, (zk: ZooKeeper) => unknown]>([
    ['watchData', (zk) => watchData(zk, '/c').next()],
    ['watchChildren', (zk) => watchChildren(zk, '/c').next()],
    ['a barrier', (zk) => new Barrier(zk, '/c').wait()],
    ['a persistent node', (zk) => new PersistentNode(zk, '/c')],
  ])('hears what happens below although %s of its client is at its path', async (_, leave) => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    await ann.create('/c')
    const cache = new TreeCache(bob, '/c')
    await cache.ready

    leave(bob)
    await zoo.settle()
    await ann.create('/c/x')
    await zoo.settle()
    await ann.create('/c/y')
    await zoo.settle()

    expect(cache.children('/c')).toEqual(['x', 'y'])
  })

  it.each<[string, (zk: ZooKeeper) => unknown]>([
    ['watchData', (zk) => watchData(zk, '/c').next()],
    ['watchChildren', (zk) => watchChildren(zk, '/c').next()],
  ])('hears of a znode that was missing although %s waits for it', async (_, leave) => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    const cache = new TreeCache(bob, '/c')
    await cache.ready

    leave(bob)
    await zoo.settle()
    await ann.createAll('/c/x/y')
    await zoo.settle()

    expect([...cache.paths()].sort()).toEqual(['/c', '/c/x', '/c/x/y'])
  })

  it('tells what happened while its watch was gone, as after any gap', async () => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    await ann.create('/c')
    const cache = new TreeCache(bob, '/c')
    const told: string[] = []
    cache.on('change', ({ type, path }) => void told.push(`${type} ${path}`))
    cache.on('gap', () => void told.push('gap'))
    await cache.ready
    told.length = 0

    const states = watchData(bob, '/c')
    const first = states.next()
    const created = ann.create('/c/x')
    await Promise.all([first, created])
    await zoo.settle()

    expect(told.toSorted()).toEqual(['added /c/x', 'gap'])
  })

  it('leaves the others their watch, also when it is closed', async () => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    await ann.create('/c', '1')
    const cache = new TreeCache(bob, '/c')
    await cache.ready
    const states = watchData(bob, '/c')
    await states.next()
    await zoo.settle()

    const second = states.next()
    await ann.setData('/c', '2')
    const { value } = await second
    const third = states.next()
    await zoo.settle()
    await cache.close()
    await ann.setData('/c', '3')

    expect([value, (await third).value]).toMatchObject([{ stat: { version: 1 } }, { stat: { version: 2 } }])
  })

  it('keeps a provider up to date beside a wait for its service', async () => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')
    void watchChildren(bob, '/s/web').next()
    await zoo.settle()

    await new ServiceDiscovery(ann, '/s').register({ name: 'web', id: 'a', address: 'h' })
    await zoo.settle()

    expect(provider.choose()?.id).toBe('a')
  })

  it('is deaf after a watch that was left by hand at its path, until it is connected anew', async () => {
    const { zoo, ann, bob } = await startRecipes(undefined, OLD)
    await ann.create('/c')
    const cache = new TreeCache(bob, '/c')
    await cache.ready

    await bob.exists('/c', { watcher: () => undefined })
    await ann.create('/c/x')
    await zoo.settle()
    const before = cache.children('/c')
    zoo.disconnect(bob)
    zoo.reconnect(bob)
    await zoo.settle()

    expect([before, cache.children('/c')]).toEqual([[], ['x']])
  })
})

describe('a tree cache at a server of today', () => {
  it('is not read anew because of the watches of others', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/c')
    const cache = new TreeCache(bob, '/c')
    await cache.ready
    await ann.setData('/c', 'new')
    await zoo.settle()
    let gaps = 0
    cache.on('gap', () => void gaps++)

    await watchData(bob, '/c').next()
    await zoo.settle()

    expect(gaps).toBe(0)
  })
})
