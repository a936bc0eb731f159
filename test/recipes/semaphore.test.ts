/** Semaphore: so many leases and no more, in both layouts. */
import { describe, expect, it } from 'vitest'
import { LastingClient, Semaphore } from '../../src/recipes/index.js'
import { leftovers, loseReplyAfter, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe.each(['curator', 'kazoo'] as const)('a semaphore as that of %s', (layout) => {
  it('has so many leases and no more', async () => {
    const { ann, bob } = await startRecipes()
    const [anns, bobs] = [new Semaphore(ann, '/s', 2, { layout }), new Semaphore(bob, '/s', 2, { layout })]

    const one = await anns.acquire()
    const two = await bobs.acquire()

    expect([one.isHeld, two.isHeld, await anns.tryAcquire()]).toEqual([true, true, null])
  })

  it('gives a lease that comes back to who waits', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const first = await new Semaphore(ann, '/s', 1, { layout }).acquire()
    const waiting = outcomeOf(new Semaphore(bob, '/s', 1, { layout }).acquire())
    await zoo.settle()
    expect(waiting.settled).toBeUndefined()

    await first.release()
    await zoo.settle()

    expect(waiting.settled).toMatchObject({ isHeld: true })
  })

  it('gets a lease back from a session that has expired', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Semaphore(ann, '/s', 1, { layout }).acquire()
    const waiting = outcomeOf(new Semaphore(bob, '/s', 1, { layout }).acquire())
    await zoo.settle()

    zoo.expire(ann)
    await zoo.settle()

    expect(waiting.settled).toMatchObject({ isHeld: true })
  })

  it('leaves nothing behind when waiting is given up', async () => {
    const world = await startRecipes()
    const semaphore = new Semaphore(world.ann, '/s', 1, { layout })
    const held = await semaphore.acquire()

    const late = outcomeOf(new Semaphore(world.bob, '/s', 1, { layout }).acquire({ timeoutMs: 50 }))
    await world.clock.advance(50)

    expect(late.settled).toMatchObject({ name: 'TimeoutError' })
    await held.release()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('gives a lease to who only tries although another is just taking one', async () => {
    const { ann, bob } = await startRecipes()
    const semaphores = [ann, bob, ann].map((zk) => new Semaphore(zk, '/s', 2, { layout }))

    const leases = await Promise.all(semaphores.map((semaphore) => semaphore.tryAcquire()))

    expect(leases.filter((lease) => lease?.isHeld === true)).toHaveLength(2)
    expect(leases.filter((lease) => lease === null)).toHaveLength(1)
  })

  it('gives no lease to who only tries, and does not wait, while another waits for one', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Semaphore(ann, '/s', 1, { layout }).acquire()
    const waiting = outcomeOf(new Semaphore(ann, '/s', 1, { layout }).acquire())
    await zoo.settle()

    expect(await new Semaphore(bob, '/s', 1, { layout }).tryAcquire()).toBeNull()
    expect(waiting.settled).toBeUndefined()
  })

  it('says who has a lease', async () => {
    const { ann } = await startRecipes()
    const semaphore = new Semaphore(ann, '/s', 2, { layout, identifier: 'ann' })

    expect(await semaphore.holders()).toEqual([])
    await semaphore.run(async () => expect(await semaphore.holders()).toEqual(['ann']))
  })

  it.each([0, 1, 2, 3, 4, 5])('has one lease although the reply after %d others was lost', async (others) => {
    const { zoo, ann } = await startRecipes()
    const semaphore = new Semaphore(ann, '/s', 2, { layout })

    let disconnections = 0
    ann.on('disconnected', () => void disconnections++)

    const stop = loseReplyAfter(zoo, ann, others)
    const lease = await semaphore.acquire()
    stop()

    expect(disconnections).toBe(1)
    expect(await semaphore.holders()).toHaveLength(1)
    await lease.release()
    expect(await semaphore.holders()).toEqual([])
  })

  it('goes on in a new session with a client that outlives its own', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const held = await new Semaphore(ann, '/s', 1, { layout }).acquire()
    const late = outcomeOf(new Semaphore(lasting, '/s', 1, { layout }).acquire())
    await zoo.settle()

    zoo.expire(lasting.latest)
    await zoo.settle()
    await held.release()
    await zoo.settle()

    expect(late.settled).toMatchObject({ isHeld: true })
  })
})

describe('a semaphore', () => {
  it('is laid out as those of Curator and kazoo', async () => {
    const { zoo, ann } = await startRecipes()

    await new Semaphore(ann, '/c', 1).acquire()
    await new Semaphore(ann, '/k', 1, { layout: 'kazoo' }).acquire()
    await zoo.settle()

    expect(namesBelow(zoo, '/c').join()).toMatch(/^leases,leases\/_c_[0-9a-f-]{36}-lease-0000000000,locks$/)
    expect(namesBelow(zoo, '/k').join()).toMatch(/^[0-9a-f]{32}$/)
    expect([zoo.dump()['/k'], zoo.dump()['/k-__lock__']]).toEqual(['1', null])
  })

  it('with the layout of kazoo, refuses a number that others do not agree with', async () => {
    const { ann, bob } = await startRecipes()
    await new Semaphore(ann, '/s', 2, { layout: 'kazoo' }).acquire()

    const other = new Semaphore(bob, '/s', 3, { layout: 'kazoo' })

    await expect(other.acquire()).rejects.toThrow('The semaphore /s has 2 leases, not 3')
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses %d leases', async (maxLeases) => {
    const { ann } = await startRecipes()

    expect(() => new Semaphore(ann, '/s', maxLeases)).toThrow(RangeError)
  })
})
