/** retry: again as long as it may help, and not longer than wanted. */
import { describe, expect, it } from 'vitest'
import { KeeperException } from '../../src/index.js'
import { LastingClient, retry } from '../../src/recipes/index.js'
import { outcomeOf, startRecipes } from './fixture.js'

const lost = new KeeperException('CONNECTIONLOSS')

describe('retry', () => {
  it('makes a call again as long as the reason may pass, and says which try it is', async () => {
    const { zoo, clock, ann } = await startRecipes()
    const tries: number[] = []

    const result = outcomeOf(
      retry(ann, async (_, number) => {
        tries.push(number)
        if (number < 4) throw lost
        return 'done'
      }),
    )
    await zoo.settle()
    await clock.advance(1000)

    expect([tries, result.settled]).toEqual([[1, 2, 3, 4], 'done'])
  })

  it('pauses twice as long each time, but not before the second try', async () => {
    const { zoo, clock, ann } = await startRecipes()
    const atMs: number[] = []
    outcomeOf(
      retry(
        ann,
        () => {
          atMs.push(clock.monotonicMs())
          return Promise.reject(lost)
        },
        { firstPauseMs: 100, longestPauseMs: 200, maxTries: 5 },
      ),
    )

    await zoo.settle()
    await clock.advance(10_000)

    const pauses = atMs.slice(1).map((ms, i) => ms - (atMs[i] ?? 0))
    const bounds = [
      [0, 0],
      [50, 100],
      [100, 200],
      [100, 200],
    ] as const
    expect(pauses.map((ms, i) => ms >= (bounds[i]?.[0] ?? -1) && ms <= (bounds[i]?.[1] ?? -1))).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  it('gives up with what the last try threw', async () => {
    const { ann } = await startRecipes()

    await expect(retry(ann, () => Promise.reject(lost), { maxTries: 2 })).rejects.toBe(lost)
    await expect(retry(ann, () => Promise.reject(new KeeperException('NONODE')))).rejects.toMatchObject({
      code: 'NONODE',
    })
  })

  it.each(['signal', 'timeoutMs'])('stops pausing by %s, and leaves no timer', async (way) => {
    const { zoo, clock, ann } = await startRecipes()
    const idle = clock.pendingTimers
    const giving = new AbortController()
    const options = way === 'signal' ? { signal: giving.signal } : { timeoutMs: 20 }

    const result = outcomeOf(retry(ann, () => Promise.reject(lost), { ...options, firstPauseMs: 1000 }))
    await zoo.settle()
    giving.abort(new Error('enough'))
    await clock.advance(20)

    const message = way === 'signal' ? 'enough' : 'Gave up after 20 ms: trying again'
    expect([result.settled, clock.pendingTimers]).toMatchObject([{ message }, idle])
  })

  it.each([
    [{ maxTries: 0 }, 'Invalid maxTries 0'],
    [{ firstPauseMs: -1 }, 'Invalid firstPauseMs -1'],
    [{ timeoutMs: Number.NaN }, 'Invalid timeoutMs NaN'],
    [{ tries: 1 }, 'Unknown option "tries"'],
  ])('refuses %j', async (options, message) => {
    const { ann } = await startRecipes()

    const result = Reflect.apply(retry, undefined, [ann, () => Promise.resolve(), options])

    await expect(result).rejects.toThrow(message)
  })

  it('refuses at the call what is no ZooKeeper, or no function', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const again = async (...args: unknown[]): Promise<unknown> => Reflect.apply(retry, undefined, args)

    const withLasting = again(lasting, () => Promise.resolve('done'))

    await expect(withLasting).rejects.toThrow(/^Invalid client .*: pass a ZooKeeper, such as the latest/)
    await expect(again(undefined, () => Promise.resolve())).rejects.toThrow('Invalid client undefined')
    await expect(again(ann, 'get')).rejects.toThrow('Invalid attempt "get": pass a function')
    expect(await again(lasting.latest, () => Promise.resolve('done'))).toBe('done')
  })

  it('does nothing when its signal has aborted before', async () => {
    const { ann } = await startRecipes()
    const reason = new Error('before')

    const result = retry(ann, () => Promise.resolve('done'), { signal: AbortSignal.abort(reason) })

    await expect(result).rejects.toBe(reason)
  })
})
