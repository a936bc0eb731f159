/** watchData and watchChildren: the present state at once, then each one that can be seen, and nothing left behind. */
import { describe, expect, it } from 'vitest'
import { LastingClient, watchChildren, watchData } from '../../src/recipes/index.js'
import { leftovers, startRecipes } from './fixture.js'

/** What an iteration has yielded so far, and how it ended. */
function collect<T, R>(
  states: AsyncIterable<T>,
  show: (state: T) => R,
): { readonly seen: R[]; readonly ended: Promise<string> } {
  const seen: R[] = []
  const loop = async (): Promise<string> => {
    for await (const state of states) seen.push(show(state))
    return 'ended'
  }
  return { seen, ended: loop().catch((error: unknown) => String(Reflect.get(Object(error), 'code'))) }
}

describe('watchData', () => {
  const show = ({ data, isGap }: { readonly data: Uint8Array | null; readonly isGap: boolean }): string =>
    `${data === null ? null : new TextDecoder().decode(data)}${isGap ? ' after a gap' : ''}`

  it('yields what is there, what it becomes, and that it is gone', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const { seen } = collect(watchData(bob, '/w'), show)
    const writes = [() => ann.create('/w', '1'), () => ann.setData('/w', '2'), () => ann.delete('/w')]

    for (const write of [() => undefined, ...writes]) {
      await write()
      await zoo.settle()
    }

    expect(seen).toEqual(['null', '1', '2', 'null'])
  })

  it('makes one state of changes that come too fast, and says so', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/w', '1')
    const { seen } = collect(watchData(bob, '/w'), show)
    await zoo.settle()

    zoo.disconnect(bob)
    await ann.setData('/w', '2')
    await ann.setData('/w', '3')
    zoo.reconnect(bob)
    await zoo.settle()
    await ann.setData('/w', '4')
    await zoo.settle()

    expect(seen).toEqual(['1', '3 after a gap', '4'])
  })

  it('tells a znode that was deleted and created again from one that was not', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/w', 'same')
    const { seen } = collect(watchData(bob, '/w'), show)
    await zoo.settle()

    zoo.disconnect(bob)
    await ann.delete('/w')
    await ann.create('/w', 'same')
    zoo.reconnect(bob)
    await zoo.settle()

    expect(seen).toEqual(['same', 'same after a gap'])
  })

  it('says nothing of what did not change', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/w', '1')
    const { seen } = collect(watchData(bob, '/w'), show)
    await zoo.settle()

    zoo.disconnect(bob)
    await zoo.settle()
    zoo.reconnect(bob)
    await ann.create('/w/child')
    await zoo.settle()

    expect(seen).toEqual(['1'])
  })

  it.each(['by the signal', 'by leaving the loop'])('leaves no watch behind when it ends %s', async (way) => {
    const world = await startRecipes()
    await world.ann.create('/w', '1')
    const stop = new AbortController()
    const states = watchData(world.bob, '/w', { signal: stop.signal })

    await states.next()
    if (way === 'by the signal') {
      const last = states.next()
      await world.zoo.settle()
      stop.abort()
      expect(await last).toEqual({ done: true, value: undefined })
    } else await states.return()

    expect(await leftovers(world)).toMatchObject({ watches: 0 })
  })

  it('fails with the session of a plain client', async () => {
    const { zoo, bob } = await startRecipes()
    const { ended } = collect(watchData(bob, '/w'), show)
    await zoo.settle()

    zoo.expire(bob)

    expect(await ended).toBe('SESSIONEXPIRED')
  })

  it('goes on in a new session with a client that outlives its own', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    await ann.create('/w', '1')
    const { seen } = collect(watchData(lasting, '/w'), show)
    await zoo.settle()

    zoo.expire(lasting.latest)
    await ann.setData('/w', '2')
    await zoo.settle()
    await ann.setData('/w', '3')
    await zoo.settle()

    expect(seen).toEqual(['1', '2', '3'])
  })
})

describe.each([
  ['watchData', watchData],
  ['watchChildren', watchChildren],
] as const)('%s in a new session', (_, watch) => {
  it('lets its server catch up before it looks, so that it never goes back', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const states = watch(lasting, '/')
    await states.next()
    const next = states.next()
    await zoo.settle()
    const asked: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request') asked.push(event.request.type)
    })

    zoo.expire(lasting.latest)
    await zoo.settle()

    expect(asked.filter((type) => type === 'sync' || type.startsWith('get'))).toEqual([
      'sync',
      expect.stringMatching(/^get(Data|Children2)$/),
    ])
    await lasting.close()
    await expect(next).rejects.toThrow()
  })
})

describe('watchChildren', () => {
  it('yields who is there, and who has come and gone', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const { seen } = collect(watchChildren(bob, '/w'), ({ children, added, removed, isGap }) => {
      return [children.join(), added.join(), removed.join(), isGap]
    })
    const writes = [() => ann.createAll('/w/a'), () => ann.create('/w/b'), () => ann.delete('/w/a')]

    for (const write of [() => undefined, ...writes]) {
      await write()
      await zoo.settle()
    }

    expect(seen).toEqual([
      ['', '', '', false],
      ['a', 'a', '', false],
      ['a,b', 'b', '', false],
      ['b', '', 'a', false],
    ])
  })

  it('says that a child has gone and come back under the same name', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/w/a')
    const { seen } = collect(watchChildren(bob, '/w'), ({ children, isGap }) => `${children} ${isGap}`)
    await zoo.settle()

    zoo.disconnect(bob)
    await ann.delete('/w/a')
    await ann.create('/w/a')
    zoo.reconnect(bob)
    await zoo.settle()

    expect(seen).toEqual(['a false', 'a true'])
  })

  it('leaves no watch behind', async () => {
    const world = await startRecipes()
    const stop = new AbortController()
    const { ended } = collect(watchChildren(world.bob, '/w', { signal: stop.signal }), () => undefined)
    await world.zoo.settle()

    stop.abort()

    expect(await ended).toBe('ended')
    expect(await leftovers(world)).toMatchObject({ watches: 0 })
  })

  it('refuses a bad path and unknown options at the call', async () => {
    const { bob } = await startRecipes()

    expect(() => watchChildren(bob, 'w')).toThrow('Invalid path "w"')
    expect(() => Reflect.apply(watchChildren, undefined, [bob, '/w', { signals: 1 }])).toThrow(
      'Unknown option',
    )
  })
})
