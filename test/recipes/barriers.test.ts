/** Barrier and DoubleBarrier: nobody passes before it may, and everybody passes then. */
import { describe, expect, it } from 'vitest'
import { Barrier, DoubleBarrier, LastingClient } from '../../src/recipes/index.js'
import { cutAtNext, leftovers, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('a barrier', () => {
  it('holds up all who come while it is set', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Barrier(ann, '/b').set()
    const waiting = outcomeOf(new Barrier(bob, '/b').wait().then(() => 'through'))
    await zoo.settle()
    await ann.setData('/b', 'still there')
    await zoo.settle()
    expect(waiting.settled).toBeUndefined()

    await new Barrier(ann, '/b').remove()
    await zoo.settle()

    expect(waiting.settled).toBe('through')
  })

  it('holds up nobody while it is not set, whether it never was or is no longer', async () => {
    const { ann } = await startRecipes()
    const barrier = new Barrier(ann, '/b')

    await barrier.remove()
    await barrier.wait()
    await barrier.set()
    await barrier.set()
    await barrier.remove()

    expect(await barrier.wait()).toBeUndefined()
  })

  it('tells who was disconnected that it was removed meanwhile', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Barrier(ann, '/b').set()
    const waiting = outcomeOf(new Barrier(bob, '/b').wait().then(() => 'through'))
    await zoo.settle()

    zoo.disconnect(bob)
    await new Barrier(ann, '/b').remove()
    zoo.reconnect(bob)
    await zoo.settle()

    expect(waiting.settled).toBe('through')
  })

  it('stays, and that is said, when the session of a plain client ends before it is removed', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Barrier(bob, '/b').set()

    zoo.disconnect(ann)
    const removing = outcomeOf(new Barrier(ann, '/b').remove().then(() => 'removed'))
    zoo.expire(ann)
    zoo.reconnect(ann)
    await zoo.settle()

    expect(removing.settled).toMatchObject({ code: 'SESSIONEXPIRED' })
    expect(await bob.exists('/b')).not.toBeNull()
  })

  it('is removed in a new session with a client that outlives its own', async () => {
    const { zoo, bob } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const { latest } = lasting
    await new Barrier(bob, '/b').set()

    zoo.disconnect(latest)
    const removing = outcomeOf(new Barrier(lasting, '/b').remove().then(() => 'removed'))
    zoo.expire(latest)
    zoo.reconnect(latest)
    await zoo.settle()

    expect([removing.settled, await bob.exists('/b')]).toEqual(['removed', null])
  })

  it('stays when somebody sets it anew before a lost removal is known', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Barrier(bob, '/b').set()

    cutAtNext(zoo, ann, 'delete')
    const removing = outcomeOf(new Barrier(ann, '/b').remove().then(() => 'removed'))
    await zoo.settle()
    expect(await bob.exists('/b')).toBeNull()
    await new Barrier(bob, '/b').set()
    zoo.reconnect(ann)
    await zoo.settle()

    expect(removing.settled).toBe('removed')
    expect(await bob.exists('/b')).not.toBeNull()
  })

  it('leaves no watch behind when waiting is given up', async () => {
    const world = await startRecipes()
    await new Barrier(world.ann, '/b').set()

    const waiting = outcomeOf(new Barrier(world.bob, '/b').wait({ timeoutMs: 5 }))
    await world.zoo.settle()
    await world.clock.advance(5)

    expect(waiting.settled).toMatchObject({ message: 'Gave up after 5 ms: wait at the barrier /b' })
    expect(await leftovers(world)).toMatchObject({ watches: 0 })
  })
})

describe('a double barrier', () => {
  it('lets its members begin together, and end together', async () => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    const [anns, bobs] = [new DoubleBarrier(ann, '/d', 2), new DoubleBarrier(bob, '/d', 2)]

    const begun = outcomeOf(anns.enter().then(() => 'begun'))
    await zoo.settle()
    expect(begun.settled).toBeUndefined()
    await bobs.enter()
    await zoo.settle()
    expect(begun.settled).toBe('begun')
    const ended = outcomeOf(anns.leave().then(() => 'ended'))
    await zoo.settle()
    expect(ended.settled).toBeUndefined()
    await bobs.leave()
    await zoo.settle()

    expect(ended.settled).toBe('ended')
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('can be used again', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const members = [ann, bob, ann].map((zk) => new DoubleBarrier(zk, '/d', 3))

    for (const round of [1, 2, 3]) {
      await Promise.all(members.map((member) => member.enter()))
      expect(Object.keys(zoo.dump()), `round ${round}`).toContain('/d/ready')
      await Promise.all(members.map((member) => member.leave()))
      expect(Object.keys(zoo.dump()), `round ${round}`).toEqual(['/d'])
    }
  })

  it('is not entered by one who gives up', async () => {
    const world = await startRecipes()
    const { zoo, clock, ann } = world
    const member = new DoubleBarrier(ann, '/d', 2)

    const late = outcomeOf(member.enter({ timeoutMs: 5 }))
    await zoo.settle()
    await clock.advance(5)

    expect(late.settled).toMatchObject({ name: 'TimeoutError' })
    expect(await leftovers(world)).toEqual(NOTHING)
    await expect(member.leave()).rejects.toThrow('Cannot leave the barrier /d: this member is outside')
  })

  it('is entered again when somebody deletes the znode of one who waits', async () => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    const [anns, bobs] = [new DoubleBarrier(ann, '/d', 2), new DoubleBarrier(bob, '/d', 2)]
    const begun = outcomeOf(anns.enter().then(() => 'begun'))
    await zoo.settle()

    await bob.delete(`/d/${namesBelow(zoo, '/d').join()}`)
    await zoo.settle()
    await bobs.enter()
    await zoo.settle()

    expect(begun.settled).toBe('begun')
    await Promise.all([anns.leave(), bobs.leave()])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('lets the others end when a member has died', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new DoubleBarrier(ann, '/d', 2), new DoubleBarrier(bob, '/d', 2)]
    await Promise.all([anns.enter(), bobs.enter()])
    const ended = outcomeOf(bobs.leave().then(() => 'ended'))
    await zoo.settle()

    zoo.expire(ann)
    await zoo.settle()

    expect(ended.settled).toBe('ended')
  })

  it('begins its next round with all of its members, though those of the last one have died inside', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await Promise.all([ann, bob].map((zk) => new DoubleBarrier(zk, '/d', 2).enter()))
    for (const zk of [ann, bob]) zoo.expire(zk)
    const [carl, dora] = [await zoo.connect(), await zoo.connect()]

    const carls = outcomeOf(new DoubleBarrier(carl, '/d', 2).enter().then(() => 'inside'))
    await zoo.settle()
    expect(carls.settled).toBeUndefined()
    const doras = outcomeOf(new DoubleBarrier(dora, '/d', 2).enter().then(() => 'inside'))
    await zoo.settle()

    expect([carls.settled, doras.settled]).toEqual(['inside', 'inside'])
  })

  it('is entered in a new session with a client that outlives its own', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const entering = outcomeOf(new DoubleBarrier(lasting, '/d', 2).enter().then(() => 'inside'))
    await zoo.settle()

    zoo.expire(lasting.latest)
    await zoo.settle()
    expect(entering.settled).toBeUndefined()
    await new DoubleBarrier(ann, '/d', 2).enter()
    await zoo.settle()

    expect(entering.settled).toBe('inside')
  })

  it('is left by who gives up while disconnected', async () => {
    const world = await startRecipes()
    const { zoo, clock, ann, bob } = world
    const [anns, bobs] = [new DoubleBarrier(ann, '/d', 2), new DoubleBarrier(bob, '/d', 2)]
    await Promise.all([anns.enter(), bobs.enter()])

    for (const zk of [ann, bob]) zoo.disconnect(zk)
    const leaving = [anns, bobs].map((member) => outcomeOf(member.leave({ timeoutMs: 100 })))
    await clock.advance(100)
    expect(leaving.map(({ settled }) => settled)).toMatchObject([
      { message: 'Gave up after 100 ms: leave the barrier /d' },
      { name: 'TimeoutError' },
    ])
    for (const zk of [ann, bob]) zoo.reconnect(zk)

    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('is left by who gives up while it deletes its own znode', async () => {
    const world = await startRecipes()
    const { zoo, clock, ann, bob } = world
    const members = [ann, bob].map((zk) => new DoubleBarrier(zk, '/d', 2))
    await Promise.all(members.map((member) => member.enter()))

    // The last one goes along with the word.
    cutAtNext(zoo, bob, 'delete')
    cutAtNext(zoo, ann, 'multi')
    const leaving = members.map((member) => outcomeOf(member.leave({ timeoutMs: 100 })))
    await zoo.settle()
    await clock.advance(100)
    for (const zk of [ann, bob]) zoo.reconnect(zk)

    const [anns, bobs] = leaving.map(({ settled }) => settled)
    expect([anns, bobs]).toMatchObject([{ name: 'TimeoutError' }, { name: 'TimeoutError' }])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('refuses to be entered twice, and too few members', async () => {
    const { ann } = await startRecipes()
    const member = new DoubleBarrier(ann, '/d', 1)
    await member.enter()

    await expect(member.enter()).rejects.toThrow('Cannot enter the barrier /d: this member is inside')
    expect(() => new DoubleBarrier(ann, '/d', 0)).toThrow(RangeError)
  })
})
