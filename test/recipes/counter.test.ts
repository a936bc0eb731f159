/** Counter and SharedValue: no change is lost, and none is made twice. */
import { describe, expect, it } from 'vitest'
import { Counter, jsonCodec, LastingClient, SharedValue, textCodec } from '../../src/recipes/index.js'
import { cutAtNext, loseReplyAfter, outcomeOf, startRecipes } from './fixture.js'

describe.each(['curator', 'kazoo'] as const)('a counter as that of %s', (layout) => {
  it('counts everything that is added, whoever adds it', async () => {
    const { clock, ann, bob } = await startRecipes()
    const [anns, bobs] = [new Counter(ann, '/c', { layout }), new Counter(bob, '/c', { layout })]

    const adding = Promise.all([anns.add(), bobs.add(2), anns.add(3), bobs.add(-1)])
    await clock.advance(1000)
    await adding

    expect([await anns.get(), await bobs.get()]).toEqual([5, 5])
  })

  it('begins with what is wanted, and can be set', async () => {
    const { ann } = await startRecipes()
    const counter = new Counter(ann, '/c', { layout, initial: 7 })

    expect([await counter.get(), await counter.add()]).toEqual([7, 8])
    await counter.set(-3)
    expect(await counter.get()).toBe(-3)
  })

  it('reads an empty znode as where it begins, as kazoo makes it', async () => {
    const { ann } = await startRecipes()
    await ann.create('/c', '')

    expect(await new Counter(ann, '/c', { layout, initial: 2 }).add()).toBe(3)
  })

  it('says what is wrong with a znode that is no counter', async () => {
    const { ann } = await startRecipes()
    await ann.create('/c', 'seven')

    await expect(new Counter(ann, '/c', { layout }).get()).rejects.toThrow(
      /^No counter of (Curator|kazoo) at \/c/,
    )
  })

  it('says that nobody can know when the reply was lost, though the value is what it wrote', async () => {
    const { zoo, ann } = await startRecipes()
    const counter = new Counter(ann, '/c', { layout })
    await counter.get()

    const stop = loseReplyAfter(zoo, ann, 1)
    const adding = outcomeOf(counter.add())
    await zoo.settle()
    stop()

    expect(adding.settled).toMatchObject({ code: 'CONNECTIONLOSS', path: '/c' })
    expect(await counter.get()).toBe(1)
  })
})

describe('a counter', () => {
  it('is four bytes of Curator, or the digits of kazoo', async () => {
    const { ann } = await startRecipes()

    await new Counter(ann, '/c').set(-2)
    await new Counter(ann, '/k', { layout: 'kazoo' }).set(-2)

    expect([...((await ann.getData('/c')).data ?? [])]).toEqual([255, 255, 255, 254])
    expect([...((await ann.getData('/k')).data ?? [])]).toEqual([0x2d, 0x32])
  })

  it('refuses what it cannot hold, and keeps what it has', async () => {
    const { ann } = await startRecipes()
    const counter = new Counter(ann, '/c', { initial: 2 ** 31 - 1 })

    await expect(counter.add()).rejects.toThrow('a counter of Curator holds -2^31 to 2^31 - 1')
    await expect(counter.add(0.5)).rejects.toThrow('Invalid count 0.5')
    await expect(counter.set(2 ** 31)).rejects.toThrow(RangeError)
    expect(await counter.get()).toBe(2 ** 31 - 1)
  })
})

describe('a counter whose session ends with the reply', () => {
  it('was added to once, and says that nobody can know', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const counter = new Counter(lasting, '/c')
    await counter.get()
    const { latest } = lasting

    cutAtNext(zoo, latest, 'setData')
    const adding = outcomeOf(counter.add())
    await zoo.settle()
    zoo.expire(latest)
    zoo.reconnect(latest)
    await zoo.settle()

    expect(adding.settled).toMatchObject({ code: 'CONNECTIONLOSS', path: '/c' })
    expect(await counter.get()).toBe(1)
  })

  it('is added to in the next one, when nothing was sent before', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const counter = new Counter(lasting, '/c')
    const { latest } = lasting

    zoo.disconnect(latest)
    const adding = outcomeOf(counter.add())
    zoo.expire(latest)
    zoo.reconnect(latest)
    await zoo.settle()

    expect([adding.settled, await counter.get()]).toEqual([1, 1])
  })

  it('says that nobody can know, with a plain client', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.create('/c', '0')

    cutAtNext(zoo, ann, 'setData')
    const adding = outcomeOf(new Counter(ann, '/c', { layout: 'kazoo' }).add())
    await zoo.settle()
    zoo.expire(ann)
    zoo.reconnect(ann)
    await zoo.settle()

    expect(adding.settled).toMatchObject({ code: 'CONNECTIONLOSS', cause: { code: 'SESSIONEXPIRED' } })
    expect(await new Counter(bob, '/c', { layout: 'kazoo' }).get()).toBe(1)
  })
})

describe('a shared value', () => {
  const options = { codec: textCodec, initial: 'first' }

  it('is set only if nobody has changed it since, when a version is given', async () => {
    const { ann, bob } = await startRecipes()
    const [anns, bobs] = [new SharedValue(ann, '/v', options), new SharedValue(bob, '/v', options)]
    const { value, version } = await anns.get()

    const next = await bobs.set('second', { version })

    expect([value, version, next]).toEqual(['first', 0, 1])
    await expect(anns.set('third', { version })).rejects.toMatchObject({ code: 'BADVERSION', path: '/v' })
    expect((await anns.get()).value).toBe('second')
  })

  it('is updated by what others have made of it', async () => {
    const { clock, ann, bob } = await startRecipes()
    const codec = jsonCodec((json) => String(json))
    const values = [ann, bob, ann].map((zk) => new SharedValue(zk, '/v', { codec, initial: '' }))

    const updating = Promise.all(values.map((value, i) => value.update((text) => text + i)))
    await clock.advance(1000)
    await updating

    expect([...((await values[0]?.get())?.value ?? '')].sort()).toEqual(['0', '1', '2'])
  })

  it('is set again, and so twice, when the connection broke before it was known', async () => {
    const { zoo, ann } = await startRecipes()
    const value = new SharedValue(ann, '/v', options)
    await value.get()

    zoo.loseNextReply(ann)
    await value.set('second')

    expect(await value.get()).toEqual({ value: 'second', version: 2 })
  })

  it('tells a change that was refused from one whose reply was lost', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new SharedValue(ann, '/v', options), new SharedValue(bob, '/v', options)]
    const { version } = await anns.get()

    zoo.disconnect(ann)
    const setting = outcomeOf(anns.set('mine', { version }))
    await bobs.set('his')
    zoo.reconnect(ann)
    await zoo.settle()

    expect(setting.settled).toMatchObject({ code: 'BADVERSION' })
  })

  it('does not say that a change was refused which was made, when the session ended with the reply', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const value = new SharedValue(lasting, '/v', options)
    const { version } = await value.get()
    const { latest } = lasting

    cutAtNext(zoo, latest, 'setData')
    const setting = outcomeOf(value.set('second', { version }))
    await zoo.settle()
    zoo.expire(latest)
    zoo.reconnect(latest)
    await zoo.settle()

    expect(setting.settled).toMatchObject({ code: 'CONNECTIONLOSS' })
    expect(await value.get()).toEqual({ value: 'second', version: 1 })
  })

  it('is updated from the beginning when somebody deletes it meanwhile', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const seen: string[] = []
    const value = new SharedValue(ann, '/v', options)
    await value.set('second')

    const updating = outcomeOf(
      value.update((text) => {
        if (seen.push(text) === 1) void bob.delete('/v')
        return `${text}!`
      }),
    )
    await zoo.settle()

    expect([updating.settled, seen]).toEqual(['first!', ['second', 'first']])
  })

  it.each([-1, 0.5, Number.NaN])('refuses the version %d, which would be any or none', async (version) => {
    const { ann } = await startRecipes()
    const value = new SharedValue(ann, '/v', options)
    await value.set('second')

    await expect(value.set('third', { version })).rejects.toThrow(`Invalid version ${version}`)
    expect((await value.get()).value).toBe('second')
  })

  it('refuses a codec that is none', async () => {
    const { ann } = await startRecipes()

    expect(() => Reflect.construct(SharedValue, [ann, '/v', { codec: {}, initial: 1 }])).toThrow(
      'Invalid codec',
    )
  })
})
