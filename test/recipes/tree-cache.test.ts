/** TreeCache: what it shows is what is there, after a gap too, and every difference is told. */
import { describe, expect, it } from 'vitest'
import { type EmbeddedZooKeeper, Op, type ZooKeeper } from '../../src/index.js'
import { LastingClient, TreeCache } from '../../src/recipes/index.js'
import { leftovers, outcomeOf, startRecipes } from './fixture.js'

/** All that the cache shows, beside all that is there: paths, data and Stats. */
function compare(
  cache: TreeCache,
  zoo: EmbeddedZooKeeper,
): { readonly shown: unknown; readonly there: unknown } {
  const shown = [...cache.paths()].sort().map((path) => cache.get(path))
  const there = zoo.reports
    .znodes()
    .filter(({ path }) => path === cache.path || path.startsWith(`${cache.path}/`))
  return { shown, there: there.map(({ path, data, stat }) => ({ path, data, stat })).sort(byPath) }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1
}

/** In one step. */
async function replace(zk: ZooKeeper, gone: readonly string[], come: readonly string[]): Promise<void> {
  await zk.multi([...gone.map((path) => Op.delete(path)), ...come.map((path) => Op.create(path))])
}

function changesOf(cache: TreeCache): string[] {
  const told: string[] = []
  cache.on('change', ({ type, path }) => void told.push(`${type} ${path}`))
  cache.on('gap', () => void told.push('gap'))
  return told
}

describe('a tree cache', () => {
  it('shows the tree that is there, with data and Stats', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/t/a/b', 'data')
    await ann.create('/t/c')

    const cache = new TreeCache(bob, '/t')
    await cache.ready

    const { shown, there } = compare(cache, zoo)
    expect(shown).toEqual(there)
    expect([cache.children('/t'), cache.children('/t/a/b'), cache.size]).toEqual([['a', 'c'], [], 4])
    expect([cache.get('/'), cache.get('/t/x')]).toEqual([undefined, undefined])
  })

  it('follows each change, and tells of it', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const cache = new TreeCache(bob, '/t')
    const told = changesOf(cache)
    await cache.ready

    const writes = [
      () => ann.createAll('/t/a', '1'),
      () => ann.setData('/t/a', '2'),
      () => ann.delete('/t/a'),
    ]
    for (const write of writes) {
      await write()
      await zoo.settle()
    }

    expect(told).toEqual(['added /t', 'added /t/a', 'changed /t/a', 'removed /t/a'])
    const { shown, there } = compare(cache, zoo)
    expect(shown).toEqual(there)
  })

  it('shows the tree that is there after a disconnection, and tells the differences and the gap', async () => {
    const { zoo, ann, bob } = await startRecipes()
    for (const path of ['/t', '/t/gone', '/t/again', '/t/stays']) await ann.create(path)
    const cache = new TreeCache(bob, '/t')
    await cache.ready
    const told = changesOf(cache)

    zoo.disconnect(bob)
    await ann.delete('/t/gone')
    await ann.delete('/t/again')
    await ann.create('/t/again')
    await ann.create('/t/new')
    zoo.reconnect(bob)
    await zoo.settle()

    expect(told.toSorted()).toEqual(['added /t/new', 'changed /t/again', 'gap', 'removed /t/gone'])
    const { shown, there } = compare(cache, zoo)
    expect(shown).toEqual(there)
  })

  it('goes on in a new session with a client that outlives its own', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const cache = new TreeCache(lasting, '/t')
    await cache.ready

    zoo.expire(lasting.latest)
    await ann.createAll('/t/a')
    await zoo.settle()
    await ann.create('/t/b')
    await zoo.settle()

    expect(cache.children('/t')).toEqual(['a', 'b'])
  })

  it('ends with the session of a plain client, and says so', async () => {
    const { zoo, bob } = await startRecipes()
    const cache = new TreeCache(bob, '/t')
    const lost: unknown[] = []
    cache.on('lost', (error) => void lost.push(error))
    await cache.ready

    zoo.expire(bob)
    await zoo.settle()

    expect(lost).toMatchObject([{ code: 'SESSIONEXPIRED' }])
  })

  it('ends when the tree is larger than it may be', async () => {
    const { ann, bob } = await startRecipes()
    await ann.createAll('/t/a/b')

    const cache = new TreeCache(bob, '/t', { maxZnodes: 2 })

    await expect(cache.ready).rejects.toThrow('More than 2 znodes at /t: raise maxZnodes, or mirror less')
  })

  it('goes on when as many come as go while it is cut off, or at once', async () => {
    const { zoo, ann, bob } = await startRecipes()
    for (const path of ['/t', '/t/a', '/t/b']) await ann.create(path)
    const cache = new TreeCache(bob, '/t', { maxZnodes: 3 })
    const lost: unknown[] = []
    cache.on('lost', (error) => void lost.push(error))
    await cache.ready

    zoo.disconnect(bob)
    await replace(ann, ['/t/a', '/t/b'], ['/t/c', '/t/d'])
    zoo.reconnect(bob)
    await zoo.settle()
    const afterGap = cache.children('/t')
    await replace(ann, ['/t/c', '/t/d'], ['/t/e', '/t/f'])
    await zoo.settle()

    expect([lost, afterGap, cache.children('/t')]).toEqual([[], ['c', 'd'], ['e', 'f']])
  })

  it('ends when the tree grows larger than it may be', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/t/a')
    const cache = new TreeCache(bob, '/t', { maxZnodes: 2 })
    const lost: unknown[] = []
    cache.on('lost', (error) => void lost.push(error))
    await cache.ready

    await ann.create('/t/b')
    await zoo.settle()

    expect(String(lost)).toBe('RangeError: More than 2 znodes at /t: raise maxZnodes, or mirror less')
  })

  it('reads no more than twice as many znodes as it may have', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/t')
    for (let i = 0; i < 10; i++) await ann.create(`/t/${i}`)

    const cache = new TreeCache(bob, '/t', { maxZnodes: 2 })
    await zoo.settle()

    expect(cache.size).toBe(4)
    await expect(cache.ready).rejects.toThrow(RangeError)
  })

  it('lets the server of a new session catch up before it looks, so that it never goes back', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const cache = new TreeCache(lasting, '/t')
    await cache.ready
    const asked: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request') asked.push(event.request.type)
    })

    zoo.expire(lasting.latest)
    await zoo.settle()

    expect(asked.filter((type) => ['sync', 'addWatch', 'getData'].includes(type))).toEqual([
      'sync',
      'addWatch',
      'getData',
    ])
  })

  it('leaves no watch behind when it is closed, and shows what it showed', async () => {
    const world = await startRecipes()
    await world.ann.createAll('/t/a')
    const cache = new TreeCache(world.bob, '/t')
    await cache.ready

    await cache.close()
    await cache.close()
    await world.ann.create('/t/b')

    expect(await leftovers(world)).toMatchObject({ watches: 0 })
    expect(cache.children('/t')).toEqual(['a'])
  })

  it('is never ready if it is closed before', async () => {
    const { zoo, bob } = await startRecipes()
    zoo.disconnect(bob)
    const cache = new TreeCache(bob, '/t')
    const ready = outcomeOf(cache.ready)

    await cache.close()

    expect(ready.settled).toMatchObject({ message: 'The cache of /t was closed' })
  })

  it('gives away copies of its own', async () => {
    const { ann, bob } = await startRecipes()
    await ann.create('/t', 'data')
    const cache = new TreeCache(bob, '/t')
    await cache.ready

    cache.get('/t')?.data?.fill(0)

    expect(new TextDecoder().decode(cache.get('/t')?.data ?? undefined)).toBe('data')
  })

  it.each([0, Number.NaN])('refuses at most %d znodes', async (maxZnodes) => {
    const { bob } = await startRecipes()

    expect(() => new TreeCache(bob, '/t', { maxZnodes })).toThrow(RangeError)
  })
})
