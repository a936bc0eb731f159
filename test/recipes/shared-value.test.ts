/** Changes of which nobody knows whether they were made. */
import { describe, expect, it } from 'vitest'
import { Counter, type LastingClient, SharedValue, textCodec } from '../../src/recipes/index.js'
import { connectLasting, type FaultWorld, startFaultWorld, watchEnd } from './fault-world.js'

/** The client is cut off when it wants to know what has become of a change, and its session ends. */
async function loseSession(
  { zoo, clock, rest, when }: FaultWorld,
  { latest }: LastingClient,
  change: Promise<unknown>,
): Promise<unknown> {
  when(
    ({ type }) => type === 'sync',
    () => zoo.disconnect(latest),
  )
  const end = watchEnd(change)
  await clock.advance(0)
  zoo.expire(latest)
  zoo.reconnect(latest)
  await rest()
  return end.ended()
}

describe('a change whose reply is lost, and then the session', () => {
  it('is not made again in the next session: nobody can know whether it was', async () => {
    const world = await startFaultWorld()
    const client = await connectLasting(world.zoo)
    const counter = new Counter(client, '/count')
    await counter.get()
    world.when(
      ({ type }) => type === 'getData',
      () => world.zoo.loseNextReply(client.latest),
    )

    const end = await loseSession(world, client, counter.add(1))

    expect(end).toMatchObject({ code: 'CONNECTIONLOSS' })
    expect(await counter.get()).toBe(1)
  })

  it('is not taken for the change of somebody else', async () => {
    const world = await startFaultWorld()
    const client = await connectLasting(world.zoo)
    const value = new SharedValue(client, '/value', { codec: textCodec, initial: 'a' })
    const { version } = await value.get()

    world.zoo.loseNextReply(client.latest)
    const end = await loseSession(world, client, value.set('b', { version }))

    expect(end).toMatchObject({ code: 'CONNECTIONLOSS' })
    expect((await value.get()).value).toBe('b')
  })
})
