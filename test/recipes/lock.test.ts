/** Lock: one holder, in the order of arrival; who gives up leaves nothing; what is uncertain says so. */
import { describe, expect, it } from 'vitest'
import { Perms } from '../../src/index.js'
import { LastingClient, Lock, TenureOverError } from '../../src/recipes/index.js'
import { leftovers, NOTHING, namesBelow, outcomeOf, startRecipes, unhandledBy } from './fixture.js'

describe('a lock', () => {
  it('is held by one at a time, in the order of arrival', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const order: string[] = []
    const held = await new Lock(ann, '/l').acquire()
    const takeTurn = async (zk: typeof ann, name: string): Promise<void> => {
      await new Lock(zk, '/l').run(() => void order.push(name))
    }

    const turns = [takeTurn(bob, 'bob'), takeTurn(ann, 'ann'), takeTurn(bob, 'bob again')]
    await zoo.settle()
    expect(order).toEqual([])
    await held.release()
    await Promise.all(turns)

    expect(order).toEqual(['bob', 'ann', 'bob again'])
  })

  it('leaves nothing behind when it is released', async () => {
    const world = await startRecipes()
    const waiting = async (): Promise<void> => new Lock(world.bob, '/l').run(() => undefined)

    const held = await new Lock(world.ann, '/l').acquire()
    const waited = waiting()
    await world.zoo.settle()
    await held.release()
    await waited

    expect(await leftovers(world)).toEqual(NOTHING)
    expect(world.ann.eventNames()).toEqual([])
  })

  it('is not taken by one who only tries while it is held, or waited for', async () => {
    const world = await startRecipes()
    const held = await new Lock(world.ann, '/l').acquire()

    expect(await new Lock(world.bob, '/l').tryAcquire()).toBeNull()
    await held.release()
    const taken = await new Lock(world.bob, '/l').tryAcquire()

    expect(taken?.isHeld).toBe(true)
    await taken?.release()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('is laid out as a mutex of Curator, or as a lock of kazoo', async () => {
    const { zoo, ann } = await startRecipes()

    await new Lock(ann, '/curator').acquire()
    await new Lock(ann, '/kazoo', { layout: 'kazoo' }).acquire()

    expect(namesBelow(zoo, '/curator').join()).toMatch(
      /^_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-0000000000$/,
    )
    expect(namesBelow(zoo, '/kazoo').join()).toMatch(/^[0-9a-f]{32}__lock__0000000000$/)
  })

  it('orders contenders by their numbers, whatever they are called', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const early = await ann.createAll('/l/zzz__lock__', null, { mode: 'EPHEMERAL_SEQUENTIAL' })
    await ann.create('/l/a note', null)

    const late = outcomeOf(new Lock(bob, '/l').acquire())
    await zoo.settle()
    expect(late.settled).toBeUndefined()
    await ann.delete(early)
    await zoo.settle()

    expect(late.settled).toMatchObject({ isHeld: true })
  })

  it('says who holds it and who waits, in their order', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Lock(ann, '/l', { identifier: 'ann' }).acquire()
    outcomeOf(new Lock(bob, '/l', { identifier: 'bob' }).acquire())
    await zoo.settle()

    expect(await new Lock(bob, '/l').contenders()).toEqual(['ann', 'bob'])
    expect(await new Lock(bob, '/other').contenders()).toEqual([])
  })

  it('wakes nobody but the next one', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const held = await new Lock(ann, '/l').acquire()
    const waiters = Array.from({ length: 1000 }, () => outcomeOf(new Lock(bob, '/l').acquire()))
    await zoo.settle()
    const fired: string[] = []
    zoo.inspect(({ kind }) => void (kind === 'watchTriggered' && fired.push(kind)))

    await held.release()
    await zoo.settle()

    expect(waiters.filter(({ settled }) => settled !== undefined)).toHaveLength(1)
    expect(fired).toHaveLength(1)
  })

  it('refuses to be released twice', async () => {
    const { ann } = await startRecipes()
    const held = await new Lock(ann, '/l').acquire()
    await held.release()

    await expect(held.release()).rejects.toThrow('the lock /l is not held: it was released before')
  })

  it.each([
    [{ layout: 'java' }, 'Invalid layout "java": there are curator, kazoo'],
    [{ identifier: 5 }, 'Invalid identifier 5'],
    [{ abortOn: 'never' }, 'Invalid abortOn "never"'],
    [{ patience: 1 }, 'Unknown option "patience"'],
  ])('refuses the options %j', async (options, message) => {
    const { ann } = await startRecipes()

    expect(() => Reflect.construct(Lock, [ann, '/l', options])).toThrow(message)
  })
})

describe('waiting for a lock', () => {
  it.each(['signal', 'timeoutMs'])('can be given up by %s, and leaves nothing behind', async (way) => {
    const world = await startRecipes()
    const held = await new Lock(world.ann, '/l').acquire()
    const giving = new AbortController()
    const options = way === 'signal' ? { signal: giving.signal } : { timeoutMs: 100 }

    const late = outcomeOf(new Lock(world.bob, '/l').acquire(options))
    await world.zoo.settle()
    if (way === 'signal') giving.abort(new Error('enough'))
    else await world.clock.advance(100)
    await world.zoo.settle()

    const message = way === 'signal' ? 'enough' : 'Gave up after 100 ms: acquire the lock /l'
    expect(late.settled).toMatchObject({ message })
    await held.release()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('leaves nothing behind when it is given up while the client is disconnected', async () => {
    const world = await startRecipes()
    const held = await new Lock(world.ann, '/l').acquire()
    const giving = new AbortController()
    const late = outcomeOf(new Lock(world.bob, '/l').acquire({ signal: giving.signal }))
    await world.zoo.settle()

    world.zoo.disconnect(world.bob)
    giving.abort(new Error('enough'))
    await world.zoo.settle()
    expect(late.settled).toMatchObject({ message: 'enough' })
    world.zoo.reconnect(world.bob)
    await held.release()

    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('finds its znode again when the reply to the create was lost', async () => {
    const { zoo, ann } = await startRecipes()
    await ann.createAll('/l')

    zoo.loseNextReply(ann)
    const held = await new Lock(ann, '/l').acquire()

    expect(namesBelow(zoo, '/l')).toHaveLength(1)
    expect(held.path).toBe(`/l/${namesBelow(zoo, '/l').join()}`)
  })

  it('stands in line anew when somebody deletes its znode', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const held = await new Lock(ann, '/l').acquire()
    const late = outcomeOf(new Lock(bob, '/l').acquire())
    await zoo.settle()

    const own = namesBelow(zoo, '/l').find((name) => `/l/${name}` !== held.path)
    await ann.delete(`/l/${own}`)
    await held.release()
    await zoo.settle()

    expect(late.settled).toMatchObject({ isHeld: true })
  })

  it('ends with the session', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new Lock(ann, '/l').acquire()
    const late = outcomeOf(new Lock(bob, '/l').acquire())
    await zoo.settle()

    zoo.expire(bob)
    await zoo.settle()

    expect(late.settled).toMatchObject({ code: 'SESSIONEXPIRED' })
    await expect(new Lock(bob, '/l').acquire()).rejects.toThrow('give the recipe a LastingClient')
  })

  it('goes on in a new session with a client that outlives its own', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const held = await new Lock(ann, '/l').acquire()
    const late = outcomeOf(new Lock(lasting, '/l').acquire())
    await zoo.settle()

    zoo.expire(lasting.latest)
    await zoo.settle()
    await held.release()
    await zoo.settle()

    expect(late.settled).toMatchObject({ isHeld: true })
  })
})

describe('a lock that is held', () => {
  it('is uncertain from a disconnection on, for good', async () => {
    const { zoo, ann } = await startRecipes()
    const held = await new Lock(ann, '/l').acquire()

    zoo.disconnect(ann)
    await zoo.settle()
    zoo.reconnect(ann)
    await zoo.settle()

    expect(held.isHeld).toBe(false)
    expect(held.signal.reason).toBeInstanceOf(TenureOverError)
    expect(held.signal.reason).toMatchObject({ code: 'CONNECTIONLOSS' })
  })

  it('is held through a disconnection, until its session has expired, if that is wanted', async () => {
    const { zoo, ann } = await startRecipes()
    const held = await new Lock(ann, '/l', { abortOn: 'expiry' }).acquire()

    zoo.disconnect(ann)
    await zoo.settle()
    zoo.reconnect(ann)
    await zoo.settle()
    expect(held.isHeld).toBe(true)
    zoo.expire(ann)
    await zoo.settle()

    expect(held.signal.reason).toMatchObject({ code: 'SESSIONEXPIRED' })
  })

  it('is uncertain at once, before the client hears of its disconnection', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const careful = await new Lock(ann, '/l').acquire()
    const patient = await new Lock(ann, '/p', { abortOn: 'expiry' }).acquire()
    const other = await new Lock(bob, '/o').acquire()

    zoo.disconnect(ann)

    expect([careful.isHeld, patient.isHeld, other.isHeld]).toEqual([false, true, true])
    expect(careful.signal.aborted).toBe(false)
  })

  it('is given back although the signal of its release has aborted before, and nothing is left unhandled', async () => {
    const world = await startRecipes()
    const held = await new Lock(world.ann, '/l').acquire()
    const signal = AbortSignal.abort(new Error('enough'))

    const unhandled = await unhandledBy(world.zoo, async () => {
      await expect(held.release({ signal })).rejects.toThrow('enough')
    })

    expect(unhandled).toEqual([])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('leaves no rejection unhandled when what is given up fails later', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/l')
    const held = await new Lock(ann, '/l').acquire()
    await bob.setACL('/l', [{ perms: Perms.READ | Perms.ADMIN, scheme: 'world', id: 'anyone' }])

    const unhandled = await unhandledBy(zoo, async () => {
      await expect(held.release({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    })

    expect([unhandled, namesBelow(zoo, '/l').length]).toEqual([[], 1])
  })

  it('is given back by a release while the client is disconnected, as soon as it is connected', async () => {
    const world = await startRecipes()
    const held = await new Lock(world.ann, '/l').acquire()

    world.zoo.disconnect(world.ann)
    const released = outcomeOf(held.release().then(() => 'released'))
    await world.zoo.settle()
    expect(released.settled).toBeUndefined()
    world.zoo.reconnect(world.ann)
    await world.zoo.settle()

    expect(released.settled).toBe('released')
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('has a fencing token that grows from holder to holder', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const first = await new Lock(ann, '/l').acquire()
    await first.release()
    zoo.expire(ann)

    const second = await new Lock(bob, '/l').acquire()

    expect(second.fencingToken).toBeGreaterThan(first.fencingToken)
  })

  it('is released at the end of the block that uses it', async () => {
    const world = await startRecipes()
    {
      await using held = await new Lock(world.ann, '/l').acquire()
      expect(held.isHeld).toBe(true)
    }

    expect(await leftovers(world)).toEqual(NOTHING)
  })
})
