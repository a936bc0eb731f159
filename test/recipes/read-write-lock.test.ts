/** ReadWriteLock: readers together, a writer alone, in the order of arrival; and a writer that becomes a reader. */
import { describe, expect, it } from 'vitest'
import { Perms } from '../../src/index.js'
import { ReadWriteLock } from '../../src/recipes/index.js'
import { leftovers, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('a read-write lock', () => {
  it('is held by many readers at once', async () => {
    const { ann, bob } = await startRecipes()

    const one = await new ReadWriteLock(ann, '/l').read.acquire()
    const two = await new ReadWriteLock(bob, '/l').read.tryAcquire()

    expect([one.isHeld, two?.isHeld]).toEqual([true, true])
  })

  it('is held by one writer alone', async () => {
    const { ann, bob } = await startRecipes()
    const lock = new ReadWriteLock(bob, '/l')
    const held = await new ReadWriteLock(ann, '/l').write.acquire()

    expect([await lock.read.tryAcquire(), await lock.write.tryAcquire()]).toEqual([null, null])
    await held.release()

    expect((await lock.write.tryAcquire())?.isHeld).toBe(true)
  })

  it('lets no reader pass a writer that waits', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const reader = await new ReadWriteLock(ann, '/l').read.acquire()
    const writer = outcomeOf(new ReadWriteLock(bob, '/l').write.acquire())
    await zoo.settle()

    const late = outcomeOf(new ReadWriteLock(ann, '/l').read.acquire())
    await zoo.settle()
    expect([writer.settled, late.settled]).toEqual([undefined, undefined])
    await reader.release()
    await zoo.settle()

    expect([writer.settled, late.settled]).toMatchObject([{ isHeld: true }, undefined])
  })

  it.each([
    ['curator', /^_c_[0-9a-f-]{36}-__READ__0000000000,_c_[0-9a-f-]{36}-__WRIT__0000000001$/],
    ['kazoo', /^[0-9a-f]{32}__rlock__0000000000,[0-9a-f]{32}__lock__0000000001$/],
  ] as const)('is laid out as that of %s', async (layout, names) => {
    const { zoo, ann } = await startRecipes()
    const lock = new ReadWriteLock(ann, '/l', { layout })

    await lock.read.acquire()
    outcomeOf(lock.write.acquire())
    await zoo.settle()

    const byNumber = namesBelow(zoo, '/l').sort((a, b) => (a.slice(-10) < b.slice(-10) ? -1 : 1))
    expect(byNumber.join()).toMatch(names)
  })

  it('leaves nothing behind', async () => {
    const world = await startRecipes()
    const lock = new ReadWriteLock(world.ann, '/l')

    await lock.read.run(() => undefined)
    await lock.write.run(() => undefined)

    expect(await leftovers(world)).toEqual(NOTHING)
  })
})

describe('a downgrade', () => {
  it('lets readers in, and no writer, with no moment in between', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const lock = new ReadWriteLock(ann, '/l')
    const held = await lock.write.acquire()
    const writer = outcomeOf(new ReadWriteLock(bob, '/l').write.acquire())
    await zoo.settle()

    const reading = await lock.downgrade(held)
    await zoo.settle()

    expect([held.isReleased, reading.isHeld, writer.settled]).toEqual([true, true, undefined])
    await reading.release()
    await zoo.settle()
    expect(writer.settled).toMatchObject({ isHeld: true })
  })

  it('happens once when its reply is lost', async () => {
    const { zoo, ann } = await startRecipes()
    const lock = new ReadWriteLock(ann, '/l')
    const held = await lock.write.acquire()

    zoo.loseNextReply(ann)
    const reading = await lock.downgrade(held)

    expect(namesBelow(zoo, '/l').map((name) => `/l/${name}`)).toEqual([reading.path])
  })

  it('leaves nothing behind when it is given up', async () => {
    const world = await startRecipes()
    const lock = new ReadWriteLock(world.ann, '/l')
    const held = await lock.write.acquire()
    const giving = new AbortController()

    world.zoo.disconnect(world.ann)
    const late = outcomeOf(lock.downgrade(held, { signal: giving.signal }))
    giving.abort(new Error('enough'))
    await world.zoo.settle()
    world.zoo.reconnect(world.ann)

    expect(await leftovers(world)).toEqual(NOTHING)
    expect(late.settled).toMatchObject({ message: 'enough' })
  })

  it('leaves no write lock behind when it is refused', async () => {
    const world = await startRecipes()
    const { ann, bob } = world
    await ann.create('/l')
    const lock = new ReadWriteLock(ann, '/l')
    const held = await lock.write.acquire()
    const perms = Perms.READ | Perms.DELETE | Perms.ADMIN
    await bob.setACL('/l', [{ perms, scheme: 'world', id: 'anyone' }])

    await expect(lock.downgrade(held)).rejects.toMatchObject({ code: 'NOAUTH' })

    expect([held.isReleased, held.isHeld]).toEqual([true, false])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('is refused for what is no write lock of its own, or was released', async () => {
    const { ann } = await startRecipes()
    const lock = new ReadWriteLock(ann, '/l')
    const other = await new ReadWriteLock(ann, '/other').write.acquire()
    const held = await lock.write.acquire()
    await held.release()

    await expect(lock.downgrade(other)).rejects.toThrow("Not a tenure of this lock's write side")
    await expect(lock.downgrade(held)).rejects.toThrow('it was released before')
  })
})
