/** LastingClient: a session that is not over, made anew as often as it takes; who makes it wrong is told, and who listens stops nobody. */
import { describe, expect, it } from 'vitest'
import { KeeperException, type ZooKeeper } from '../../src/index.js'
import { GroupMembership, LastingClient, Lock, PersistentNode } from '../../src/recipes/index.js'
import { nextUncaught } from '../semantics/fixture.js'
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
  it.each([
    ['the client that has ended', ['TypeError']],
    ['another one that has ended', ['KeeperException', 'TypeError']],
  ])('that gives %s is refused when it gives it again', async (what, names) => {
    const { zoo, ann, bob } = await startRecipes()
    const told: unknown[] = []
    const { lasting, calls } = await startLasting(ann, async () => (what.startsWith('the') ? ann : bob))
    lasting.on('renewalFailed', (error) => void told.push(error instanceof Error && error.name))
    await Promise.all([ann.close(), bob.close()])

    const locking = new Lock(lasting, '/l').acquire()

    await expect(locking).rejects.toThrow('The client maker gave a client that has ended')
    await expect(locking).rejects.toBeInstanceOf(TypeError)
    await zoo.settle()
    expect([calls(), told]).toEqual([names.length, names])
  })

  it('that gives a client which has ended at the beginning is refused at once', async () => {
    const { ann } = await startRecipes()
    await ann.close()

    const connecting = LastingClient.connect(async () => ann)

    await expect(connecting).rejects.toThrow('The client maker gave a client that has ended')
  })

  it('that gives a new client each time, and it has ended, is asked again after pauses', async () => {
    const { zoo, clock, ann } = await startRecipes()
    const { lasting, calls } = await startLasting(ann, async () => {
      const zk = await zoo.connect()
      await zk.close()
      return zk
    })
    await ann.close()

    const locking = outcomeOf(new Lock(lasting, '/l').acquire({ timeoutMs: 10_000 }))
    await clock.advance(10_000)

    expect(locking.settled).toMatchObject({ name: 'TimeoutError' })
    expect(calls()).toBeGreaterThan(3)
    expect(calls()).toBeLessThan(20)
  })

  it.each([
    new TypeError('fetch failed'),
    new RangeError('a number of the configuration'),
    new KeeperException('SESSIONEXPIRED'),
    new KeeperException('AUTHFAILED'),
  ])('that fails with %s may do better the next time', async (error) => {
    const { zoo, clock, ann } = await startRecipes()
    const { lasting } = await startLasting(ann, async (call) => {
      if (call <= 2) throw error
      return zoo.connect()
    })
    const node = new PersistentNode(lasting, '/n', 'data')
    await node.ready
    const lost: unknown[] = []
    node.on('lost', (reason) => void lost.push(reason))

    zoo.expire(ann)
    await zoo.settle()
    await clock.advance(1000)

    expect([lost, zoo.dump()['/n']]).toEqual([[], 'data'])
  })

  it('is not asked again when its client was closed meanwhile, whatever it says', async () => {
    const { zoo, ann } = await startRecipes()
    let fail = (_: Error): void => {}
    const { lasting, calls } = await startLasting(
      ann,
      () =>
        new Promise((_, reject) => {
          fail = reject
        }),
    )
    zoo.expire(ann)
    await zoo.settle()
    const locking = outcomeOf(new Lock(lasting, '/l').acquire())
    await zoo.settle()

    const closing = lasting.close()
    fail(new Error('no network'))
    await closing
    await zoo.settle()

    expect(locking.settled).toMatchObject({ code: 'SESSIONEXPIRED' })
    expect([calls(), lasting.isClosed]).toEqual([1, true])
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
