/** VirtualClock: time passes only when a test says so, timers run in their order, and everything settles between them. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { messageOf } from '../semantics/fixture.js'

describe('the time', () => {
  it('begins with 2024 unless it is told otherwise, and stands still', () => {
    const clock = new VirtualClock()

    expect(clock.nowMs()).toBe(Date.UTC(2024, 0, 1))
    expect(clock.monotonicMs()).toBe(0)
    expect(new VirtualClock(5).nowMs()).toBe(5)
  })

  it('passes by what it is advanced, on both of its faces', async () => {
    const clock = new VirtualClock(1000)

    await clock.advance(1)
    await clock.advance(0)
    await clock.advance(2.5)

    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1003.5, 3.5])
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('does not pass by %d', async (ms) => {
    const clock = new VirtualClock(0)

    expect(await messageOf(() => clock.advance(ms))).toBe(
      `RangeError: Invalid time ${ms}: pass milliseconds, 0 or more`,
    )
    expect(clock.nowMs()).toBe(0)
  })

  it('does not pass by text, which the error quotes', async () => {
    const clock = new VirtualClock(0)
    const text = '1' as never

    expect(await messageOf(() => clock.advance(text))).toBe(
      'RangeError: Invalid time "1": pass milliseconds, 0 or more',
    )
    expect(clock.nowMs()).toBe(0)
  })
})

describe('a jump', () => {
  it('moves the wall clock, forward and back, and no timer', async () => {
    const { clock, ran, at } = startTimers()
    const startMs = clock.nowMs()
    at(10)

    clock.jump(60_000)
    const forwardMs = clock.nowMs() - startMs
    clock.jump(-90_000)

    expect([forwardMs, clock.nowMs() - startMs, clock.monotonicMs()]).toEqual([60_000, -30_000, 0])
    await clock.advance(9)
    expect(ran).toEqual([])
    await clock.advance(1)
    expect(ran).toEqual(['at 10'])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('of %d is refused', async (ms) => {
    expect(await messageOf(() => new VirtualClock().jump(ms))).toBe(
      `RangeError: Invalid jump ${ms}: pass milliseconds`,
    )
  })
})

describe('timers', () => {
  it('run in the order of their moments, those of one moment in the order of their setting', async () => {
    const { clock, ran, at } = startTimers()
    at(20)
    at(10, 'first at 10')
    at(10, 'second at 10')
    at(0)
    at(-5, 'overdue')

    await clock.advance(20)

    expect(ran).toEqual(['at 0', 'overdue', 'first at 10', 'second at 10', 'at 20'])
  })

  it('see the time they were set for', async () => {
    const clock = new VirtualClock(0)
    const times: number[] = []
    clock.setTimer(() => times.push(clock.nowMs()), 7)
    clock.setBackgroundTimer(() => times.push(clock.nowMs()), 3)

    await clock.advance(10)

    expect(times).toEqual([3, 7])
    expect(clock.nowMs()).toBe(10)
  })

  it('wait until they are due', async () => {
    const { clock, ran, at } = startTimers()
    at(10)

    await clock.advance(9.99)

    expect(ran).toEqual([])
    expect(clock.pendingTimers).toBe(1)
  })

  it('that are set by a timer run in the same advance if they are due in it', async () => {
    const { clock, ran, at } = startTimers()
    clock.setTimer(() => {
      at(5, 'nested, in time')
      at(6, 'nested, too late')
      at(0, 'nested, at once')
    }, 5)
    at(7)

    await clock.advance(10)

    expect(ran).toEqual(['nested, at once', 'at 7', 'nested, in time'])
    expect(clock.pendingTimers).toBe(1)
  })

  it('that are cancelled do not run, also when a timer cancels one of its own moment', async () => {
    const { clock, ran, at } = startTimers()
    const first = at(1)
    clock.setTimer(() => second.cancel(), 2)
    const second = at(2)
    at(3)

    first.cancel()
    first.cancel()
    await clock.advance(10)
    second.cancel()

    expect(ran).toEqual(['at 3'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('that throw make advance reject, and the clock can go on', async () => {
    const { clock, ran, at } = startTimers()
    clock.setTimer(() => {
      throw new Error('broken')
    }, 1)
    at(2)

    const message = await messageOf(() => clock.advance(10))
    await clock.advance(10)

    expect(message).toBe('Error: broken')
    expect(ran).toEqual(['at 2'])
  })
})

describe('advance', () => {
  it('before an earlier one has resolved is refused, and the earlier one goes on', async () => {
    const { clock, ran, at } = startTimers()
    at(5)
    const earlier = clock.advance(10)

    const message = await messageOf(() => clock.advance(1))
    await earlier

    expect(message).toBe('Error: The clock is advancing already: await the earlier advance() first')
    expect(ran).toEqual(['at 5'])
    expect(clock.monotonicMs()).toBe(10)
  })

  it('lets everything settle before the first timer, after each, and at the end', async () => {
    const clock = new VirtualClock(0)
    const log: string[] = []
    clock.join({ settle: async () => void log.push(`settle ${clock.nowMs()}`) })
    clock.setTimer(() => log.push('timer'), 5)
    clock.setTimer(() => log.push('timer'), 6)

    await clock.advance(10)

    expect(log.slice(0, 5)).toEqual(['settle 0', 'timer', 'settle 5', 'timer', 'settle 6'])
  })

  it('does not wait for a part that has left', async () => {
    const clock = new VirtualClock(0)
    let settled = 0
    const leave = clock.join({
      settle: async () => {
        settled += 1
      },
    })
    await clock.advance(1)
    const before = settled

    leave()
    await clock.advance(1)

    expect(before).toBeGreaterThan(0)
    expect(settled).toBe(before)
  })

  it('lets a watcher that fires at one moment set a timer for a later one of the same advance', async () => {
    const clock = new VirtualClock()
    const zoo = new EmbeddedZooKeeper({ clock })
    const owner = await zoo.connect({ sessionTimeoutMs: 4000 })
    const zk = await zoo.connect()
    const ran: number[] = []
    await owner.create('/e', null, { mode: 'EPHEMERAL' })
    await zk.exists('/e', { watcher: () => clock.setTimer(() => ran.push(clock.monotonicMs()), 100) })
    zoo.disconnect(owner)

    await clock.advance(10_000)

    expect(ran).toEqual([6100])
  })

  it('serves several servers that go by one clock', async () => {
    const clock = new VirtualClock()
    const zoos = [new EmbeddedZooKeeper({ clock }), new EmbeddedZooKeeper({ clock })]
    for (const zoo of zoos) zoo.disconnect(await zoo.connect({ sessionTimeoutMs: 4000 }))

    await clock.advance(6000)

    expect(zoos.map(({ reports }) => reports.counts().sessions)).toEqual([0, 0])
    expect(clock.pendingTimers).toBe(0)
  })

  it('is not held up by a server that is closed', async () => {
    const clock = new VirtualClock()
    const zoo = new EmbeddedZooKeeper({ clock })
    await zoo.connect()

    await zoo.close()
    await clock.advance(1000)

    expect(clock.monotonicMs()).toBe(1000)
  })
})

/** A clock, and timers that say when they ran. */
function startTimers(): {
  clock: VirtualClock
  ran: string[]
  at: (delayMs: number, name?: string) => { cancel: () => void }
} {
  const clock = new VirtualClock(0)
  const ran: string[] = []
  const at = (delayMs: number, name = `at ${delayMs}`): { cancel: () => void } =>
    clock.setTimer(() => ran.push(name), delayMs)
  return { clock, ran, at }
}
