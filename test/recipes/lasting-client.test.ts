/** LastingClient: a session that is not over, made anew as often as it takes; who makes it wrong is told, and who listens stops nobody. */
import { describe, expect, it } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { GroupMembership, LastingClient, Lock, PersistentNode } from '../../src/recipes/index.js'
import { namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('a client that outlives its sessions', () => {
  it('is the same as long as its session is not over, and then another', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const renewed: unknown[] = []
    lasting.on('renewed', (zk) => void renewed.push(zk))
    const first = await lasting.current()

    expect(await lasting.current()).toBe(first)
    zoo.expire(first)
    await zoo.settle()
    const [second, same] = await Promise.all([lasting.current(), lasting.current()])

    expect([second === first, second === same, renewed]).toEqual([false, true, [second]])
  })

  it('says why there is no new one', async () => {
    const { zoo } = await startRecipes()
    const first = await zoo.connect()
    const clients = [Promise.resolve(first), Promise.reject(new Error('no network'))]
    clients.at(-1)?.catch(() => undefined)
    const lasting = await LastingClient.connect(() => clients.shift() ?? zoo.connect())

    zoo.expire(first)
    await zoo.settle()

    await expect(lasting.current()).rejects.toThrow('no network')
    expect((await lasting.current()).state).toBe('CONNECTED')
  })

  it('makes no new one when it is closed', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())

    await lasting.close()

    expect(lasting.latest.state).toBe('CLOSED')
    await expect(lasting.current()).rejects.toThrow('this LastingClient was closed')
  })

  it('is made by a function', async () => {
    await expect(Reflect.apply(LastingClient.connect, LastingClient, ['host:2181'])).rejects.toThrow(
      'Invalid client maker "host:2181"',
    )
  })
})

describe('a client maker', () => {
  it.each(['the same client', 'one that was closed'])('that gives %s is refused, once', async (what) => {
    const { zoo, ann, bob } = await startRecipes()
    const told: unknown[] = []
    const { lasting, calls } = await startLasting(ann, async () => (what === 'the same client' ? ann : bob))
    lasting.on('renewalFailed', (error) => void told.push(error))
    await Promise.all([ann.close(), bob.close()])

    const locking = new Lock(lasting, '/l').acquire()

    await expect(locking).rejects.toThrow('The client maker gave a client that has ended')
    await zoo.settle()
    expect([calls(), told]).toMatchObject([1, [{ name: 'TypeError' }]])
  })

  it.each([null, 'host:2181', {}])('that gives %j is refused', async (given) => {
    const connecting = Reflect.apply(LastingClient.connect, LastingClient, [() => Promise.resolve(given)])

    await expect(connecting).rejects.toThrow('the client maker has to make a ZooKeeper')
  })

  it.each([1, 3])('that fails %d times ends no recipe, and tells of each', async (failures) => {
    const { zoo, clock, ann } = await startRecipes()
    const told: unknown[] = []
    const { lasting, calls } = await startLasting(ann, async (call) => {
      if (call <= failures) throw new Error(`failure ${call}`)
      return zoo.connect()
    })
    lasting.on('renewalFailed', (error) => void told.push(String(error)))
    await new GroupMembership(lasting, '/g').join('ann')

    zoo.expire(ann)
    await zoo.settle()
    await clock.advance(1000)

    expect([calls(), namesBelow(zoo, '/g')]).toEqual([failures + 1, ['ann']])
    expect(told).toEqual(Array.from({ length: failures }, (_, i) => `Error: failure ${i + 1}`))
  })

  it('that goes on failing is asked again after pauses, until the caller gives up', async () => {
    const { zoo, clock, ann } = await startRecipes()
    const { lasting, calls } = await startLasting(ann, () => Promise.reject(new Error('no network')))
    zoo.expire(ann)
    await zoo.settle()

    const locking = outcomeOf(new Lock(lasting, '/l').acquire({ timeoutMs: 10_000 }))
    await clock.advance(10_000)

    expect(locking.settled).toMatchObject({ message: 'Gave up after 10000 ms: acquire the lock /l' })
    expect(calls()).toBeGreaterThan(3)
    expect(calls()).toBeLessThan(20)
  })
})

describe('a listener that throws', () => {
  it.each(['renewed', 'renewalFailed'] as const)('when it hears of %s stops nobody', async (event) => {
    const { zoo, ann } = await startRecipes()
    const { lasting } = await startLasting(ann, async (call) => {
      if (call === 1 && event === 'renewalFailed') throw new Error('no network')
      return zoo.connect()
    })
    const fault = new Error('a bug of the user')
    lasting.on(event, () => {
      throw fault
    })
    const node = new PersistentNode(lasting, '/n', 'data')
    await node.ready

    const uncaught = nextUncaught()
    zoo.expire(ann)
    await zoo.settle()

    expect([await uncaught, node.isPresent, zoo.dump()['/n']]).toEqual([fault, true, 'data'])
  })
})

/** A lasting client whose first client is given, and whose later ones come from the function, which gets the number of its call. */
async function startLasting(
  first: ZooKeeper,
  renew: (call: number) => Promise<ZooKeeper>,
): Promise<{ readonly lasting: LastingClient; readonly calls: () => number }> {
  let calls = -1
  const lasting = await LastingClient.connect(() => {
    calls += 1
    return calls === 0 ? Promise.resolve(first) : renew(calls)
  })
  return { lasting, calls: () => calls }
}

/** The next uncaught error, which then is none of Vitest's business. */
function nextUncaught(): Promise<unknown> {
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  return new Promise((resolve) =>
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other)
      resolve(error)
    }),
  )
}
