/** MultiLock: all or none, in one order. */
import { describe, expect, it } from 'vitest'
import { type Acquirable, LastingClient, Lock, MultiLock, Semaphore } from '../../src/recipes/index.js'
import { leftovers, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('a multi-lock', () => {
  it('holds all of its parts, and gives all of them back', async () => {
    const world = await startRecipes()
    const { ann, bob } = world
    const [a, b] = [new Lock(bob, '/a'), new Lock(bob, '/b')]

    const held = await new MultiLock(ann, [new Lock(ann, '/b'), new Lock(ann, '/a')]).acquire()

    expect(held.tenures.map(({ path }) => path.slice(0, 2))).toEqual(['/a', '/b'])
    expect([await a.tryAcquire(), await b.tryAcquire()]).toEqual([null, null])
    await held.release()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('takes none if one of its parts cannot be had at once', async () => {
    const world = await startRecipes()
    const { ann, bob } = world
    const held = await new Lock(bob, '/b').acquire()

    const both = new MultiLock(ann, [new Lock(ann, '/a'), new Lock(ann, '/b')])

    expect(await both.tryAcquire()).toBeNull()
    await held.release()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('holds none when waiting for one of them is given up', async () => {
    const world = await startRecipes()
    const { ann, bob, clock, zoo } = world
    await new Lock(bob, '/b').acquire()

    const both = new MultiLock(ann, [new Lock(ann, '/a'), new Lock(ann, '/b')])
    const late = outcomeOf(both.acquire({ timeoutMs: 10 }))
    await zoo.settle()
    await clock.advance(10)

    expect(late.settled).toMatchObject({ name: 'TimeoutError' })
    expect(await new Lock(bob, '/a').tryAcquire()).not.toBeNull()
  })

  it('never waits in a circle', async () => {
    const { ann, bob } = await startRecipes()
    const anns = new MultiLock(ann, [new Lock(ann, '/a'), new Semaphore(ann, '/b', 1)])
    const bobs = new MultiLock(bob, [new Semaphore(bob, '/b', 1), new Lock(bob, '/a')])
    const done: string[] = []

    await Promise.all([anns.run(() => void done.push('ann')), bobs.run(() => void done.push('bob'))])

    expect(done.sort()).toEqual(['ann', 'bob'])
  })

  it('starts over when a part is lost while another is waited for', async () => {
    const { zoo, bob } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const b = await new Lock(bob, '/b').acquire()
    const both = outcomeOf(
      new MultiLock(lasting, [new Lock(lasting, '/a'), new Lock(lasting, '/b')]).acquire(),
    )
    await zoo.settle()

    zoo.expire(lasting.latest)
    await zoo.settle()
    expect([both.settled, await new Lock(bob, '/a').tryAcquire()]).toEqual([undefined, null])
    await b.release()
    await zoo.settle()

    expect(both.settled).toMatchObject({ isHeld: true, tenures: [{ isHeld: true }, { isHeld: true }] })
  })

  it('starts over when a part has become uncertain while another was waited for', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const b = await new Lock(bob, '/b').acquire()
    const parts = [new Lock(ann, '/a'), new Lock(ann, '/b', { abortOn: 'expiry' })]
    const both = outcomeOf(new MultiLock(ann, parts).acquire())
    await zoo.settle()

    zoo.disconnect(ann)
    await b.release()
    zoo.reconnect(ann)
    await zoo.settle()

    expect(both.settled).toMatchObject({ isHeld: true, tenures: [{ isHeld: true }, { isHeld: true }] })
    expect([namesBelow(zoo, '/a').length, namesBelow(zoo, '/b').length]).toEqual([1, 1])
  })

  it.each([
    ['of a part that is waited for', 'carl'],
    ['of a part that it has, and not in a circle', 'ann'],
  ] as const)('ends with the session %s, and holds none', async (_whose, whose) => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    const carl = await zoo.connect()
    const b = await new Lock(bob, '/b').acquire()
    const both = outcomeOf(new MultiLock(ann, [new Lock(ann, '/a'), new Lock(carl, '/b')]).acquire())
    await zoo.settle()

    zoo.expire({ ann, carl }[whose])
    await zoo.settle()
    await b.release()

    expect(both.settled).toMatchObject({ code: 'SESSIONEXPIRED' })
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('is uncertain as soon as one of its parts is', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const held = await new MultiLock(ann, [new Lock(ann, '/a'), new Lock(bob, '/b')]).acquire()

    zoo.disconnect(bob)
    await zoo.settle()

    expect(held.isHeld).toBe(false)
    expect(held.signal.reason).toMatchObject({ code: 'CONNECTIONLOSS' })
  })

  it('is uncertain at once, before its client hears of the disconnection', async () => {
    const { zoo, ann } = await startRecipes()
    const held = await new MultiLock(ann, [new Lock(ann, '/a'), new Lock(ann, '/b')]).acquire()

    zoo.disconnect(ann)

    expect([held.isHeld, held.signal.aborted]).toEqual([false, false])
  })

  it('is given up while it starts over', async () => {
    const { zoo, ann } = await startRecipes()
    const stop = new AbortController()
    const lock = new Lock(ann, '/a')
    const lost: Acquirable = {
      path: '/a',
      acquire: async (options) => {
        const held = await lock.acquire(options)
        zoo.disconnect(ann)
        stop.abort('enough')
        return held
      },
      tryAcquire: (options) => lock.tryAcquire(options),
      run: (work, options) => lock.run(work, options),
    }

    const both = outcomeOf(new MultiLock(ann, [lost]).acquire({ signal: stop.signal }))
    await zoo.settle()

    expect(both.settled).toBe('enough')
  })

  it('calls a function while it is held, and releases what that has not', async () => {
    const world = await startRecipes()
    const { ann } = world
    const both = new MultiLock(ann, [new Lock(ann, '/a'), new Lock(ann, '/b')])

    expect(await both.run(({ isHeld, tenures }) => [isHeld, tenures.length])).toEqual([true, 2])
    await both.run((held) => held.release())

    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('goes by the time of a client', async () => {
    const { ann, clock } = await startRecipes()

    const make = (client: unknown): unknown => Reflect.construct(MultiLock, [client, [new Lock(ann, '/a')]])

    for (const client of [clock, undefined]) expect(() => make(client)).toThrow('Invalid client')
    expect(() => make(ann)).not.toThrow()
  })

  it('refuses a second release, no parts, and two parts that would wait for each other', async () => {
    const { ann } = await startRecipes()
    const held = await new MultiLock(ann, [new Lock(ann, '/a')]).acquire()
    await held.release()

    await expect(held.release()).rejects.toThrow('it was released before')
    expect(() => new MultiLock(ann, [])).toThrow('Invalid parts []')
    expect(() => new MultiLock(ann, [new Lock(ann, '/a'), new Lock(ann, '/a')])).toThrow(
      'Two parts are at /a',
    )
  })
})
