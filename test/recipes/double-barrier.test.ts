/** A double barrier, when sessions end and members give up. */
import { describe, expect, it } from 'vitest'
import { DoubleBarrier } from '../../src/recipes/index.js'
import { connectLasting, holdNext, startFaultWorld, watchEnd } from './fault-world.js'
import { loseReplyAfter, namesBelow } from './fixture.js'

describe('a member of a double barrier', () => {
  it('comes again when its session has expired, with a LastingClient', async () => {
    const { zoo, rest } = await startFaultWorld()
    const client = await connectLasting(zoo)
    const first = watchEnd(new DoubleBarrier(client, '/barrier', 2).enter())
    await rest()

    zoo.expire(client.latest)
    await rest()
    const second = watchEnd(new DoubleBarrier(await zoo.connect(), '/barrier', 2).enter())
    await rest()

    expect([first.ended(), second.ended()]).toEqual(['done', 'done'])
  })

  it('leaves no watch when it gives up, wherever that is', async () => {
    const { zoo, rest, watchesOf } = await startFaultWorld()
    const zk = await zoo.connect()

    for (let microtasks = 0; microtasks < 60; microtasks++) {
      const stop = new AbortController()
      const end = watchEnd(new DoubleBarrier(zk, '/barrier', 2).enter({ signal: stop.signal }))
      for (let i = 0; i < microtasks; i++) await undefined
      stop.abort('enough')
      await rest()
      expect([end.ended(), watchesOf(zk)]).toEqual(['enough', []])
    }
  })

  it('leaves no watch when it is inside, whichever reply is lost', async () => {
    for (let others = 0, isLost = true; isLost; others++) {
      const { zoo, rest, watchesOf } = await startFaultWorld()
      const zk = await zoo.connect()
      isLost = false
      zk.on('disconnected', () => {
        isLost = true
      })
      const stop = loseReplyAfter(zoo, zk, others)

      const end = watchEnd(new DoubleBarrier(zk, '/barrier', 1).enter())
      await rest()
      stop()

      expect([others, end.ended(), watchesOf(zk)]).toEqual([others, 'done', []])
    }
  })

  it('is let in by the word that was given, though that is taken away at once, as by kazoo', async () => {
    const { zoo, admin, rest, watchesOf } = await startFaultWorld()
    const zk = await zoo.connect()
    const barrier = new DoubleBarrier(zk, '/barrier', 2)
    const entered = watchEnd(barrier.enter())
    await rest()

    await Promise.all([
      admin.create('/barrier/0', null, { mode: 'EPHEMERAL' }),
      admin.create('/barrier/ready'),
      admin.delete('/barrier/ready'),
      admin.delete('/barrier/0'),
    ])
    await rest()
    const left = watchEnd(barrier.leave())
    await rest()

    expect([entered.ended(), left.ended()]).toEqual(['done', 'done'])
    expect([watchesOf(zk), namesBelow(zoo, '/barrier')]).toEqual([[], []])
  })

  it('is not let in by a word that was given without it', async () => {
    const { zoo, admin, rest } = await startFaultWorld()
    const entered = watchEnd(new DoubleBarrier(await zoo.connect(), '/barrier', 2).enter())
    await rest()

    await Promise.all([
      ...namesBelow(zoo, '/barrier').map((own) => admin.delete(`/barrier/${own}`)),
      admin.create('/barrier/ready'),
      admin.delete('/barrier/ready'),
    ])
    await rest()

    expect(entered.ended()).toBe('pending')
    expect(namesBelow(zoo, '/barrier')).toHaveLength(1)
  })

  it.each([1, 2, 3] as const)(
    'is let in though member %d of three is slow to see that a word is old',
    async (slow) => {
      const { zoo, admin, rest } = await startFaultWorld()
      await admin.createAll('/barrier/ready')
      const clients = [await zoo.connect(), await zoo.connect(), await zoo.connect()]
      const members = clients.map((zk) => new DoubleBarrier(zk, '/barrier', 3))
      const releases = clients
        .slice(slow - 1, slow)
        .flatMap((zk) => [holdNext(zk, 'delete'), holdNext(zk, 'multi')])

      const entered: ReturnType<typeof watchEnd>[] = []
      for (const member of members) {
        entered.push(watchEnd(member.enter()))
        await rest()
      }
      const early = members.filter((_, i) => entered[i]?.ended() === 'done')
      const left = early.map((member) => watchEnd(member.leave()))
      await rest()
      for (const release of releases) release()
      await rest()
      expect(entered.map(({ ended }) => ended())).toEqual(['done', 'done', 'done'])
      for (const member of members) if (!early.includes(member)) left.push(watchEnd(member.leave()))
      await rest()

      expect([left.map(({ ended }) => ended()), namesBelow(zoo, '/barrier')]).toEqual([
        ['done', 'done', 'done'],
        [],
      ])
    },
  )

  it.each(['waits', 'comes'])('does not let itself in when it had given up while it %s', async (moment) => {
    const { zoo, admin, rest, when } = await startFaultWorld()
    await admin.create('/barrier')
    const zk = await zoo.connect()
    const barrier = new DoubleBarrier(zk, '/barrier', 2)
    const stop = new AbortController()
    const release = holdNext(zk, 'delete')
    if (moment === 'comes')
      when(
        ({ type }) => type === 'create2',
        () => stop.abort('enough'),
      )

    const first = watchEnd(barrier.enter({ signal: stop.signal }))
    await rest()
    stop.abort('enough')
    await rest()
    const second = watchEnd(barrier.enter())
    await rest()
    expect([first.ended(), second.ended(), namesBelow(zoo, '/barrier').length]).toEqual([
      'enough',
      'pending',
      1,
    ])
    release()
    await rest()
    await new DoubleBarrier(await zoo.connect(), '/barrier', 2).enter()
    await rest()

    expect(second.ended()).toBe('done')
  })

  it('can give up leaving while it is disconnected', async () => {
    const { zoo, clock, when } = await startFaultWorld()
    const zk = await zoo.connect()
    const barrier = new DoubleBarrier(zk, '/barrier', 1)
    await barrier.enter()
    when(
      ({ type }) => type === 'getChildren2',
      () => zoo.disconnect(zk),
    )

    const end = watchEnd(barrier.leave({ timeoutMs: 100 }))
    await clock.advance(100)

    expect(end.ended()).toMatchObject({ name: 'TimeoutError' })
  })
})
