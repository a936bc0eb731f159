/**
 * Law 4 on the real event loop: however busy the EventThreads are, timers and I/O get their turn, and no turn delivers more
 * than a few hundred things.
 */
import { expect, it, vi } from 'vitest'
import { EmbeddedZooKeeper, Op, type WatchedEvent } from '../../../src/index.js'
import { inEachTurn, inTimerPhase, macrotask } from './event-loop.js'

/** Two turns of 256 deliveries may share a turn of the event loop: one ends the turn of zoolet, the next begins. */
const MAX_DELIVERIES_A_TURN = 2 * 256
/** Far above what a turn takes, far below what a starved loop would show on a slow machine. */
const MAX_GAP_MS = 250
/** So many rounds without a timer are starvation; then a test ends instead of hanging. */
const FAR_TOO_MANY = 200_000

it('a loop of awaited calls lets a timer create what it waits for', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const other = await zoo.connect()
  let polls = 0

  inTimerPhase(() => void other.create('/ready'))
  while (polls < FAR_TOO_MANY && !(await zk.exists('/ready'))) polls += 1

  expect(polls).toBeGreaterThan(0)
  expect(polls).toBeLessThan(FAR_TOO_MANY)
})

it('a loop of calls that fail lets a timer create what it waits for', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const other = await zoo.connect()
  let failures = 0

  inTimerPhase(() => void other.create('/ready'))
  while (failures < FAR_TOO_MANY && !(await zk.getData('/ready').catch(() => null))) failures += 1

  expect(failures).toBeGreaterThan(0)
  expect(failures).toBeLessThan(FAR_TOO_MANY)
})

it('watchers that re-arm themselves and write to each other let timers run', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const other = await zoo.connect()
  await zk.multi([Op.create('/ping'), Op.create('/pong')])
  const game = { isOver: false, moves: 0 }
  const ping = async (): Promise<void> => {
    game.moves += 1
    if (game.isOver || game.moves === FAR_TOO_MANY) return
    await zk.exists('/ping', { watcher: ping })
    await zk.setData('/pong', null)
  }
  const pong = async (): Promise<void> => {
    if (game.isOver) return
    await other.exists('/pong', { watcher: pong })
    await other.setData('/ping', null)
  }

  await Promise.all([ping(), pong()])
  await new Promise<void>((resolve) => inTimerPhase(() => inTimerPhase(resolve)))
  game.isOver = true
  // Who is in the middle of a move finds the server still there.
  await zoo.settle()

  expect(game.moves).toBeGreaterThan(1)
  expect(game.moves).toBeLessThan(FAR_TOO_MANY)
})

it('a persistent watcher that writes to what it watches lets timers run', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const loop = { isOver: false, rounds: 0 }
  await zk.create('/loop')
  await zk.addWatch('/loop', () => {
    loop.rounds += 1
    return loop.isOver || loop.rounds === FAR_TOO_MANY ? undefined : zk.setData('/loop', null)
  })

  await zk.setData('/loop', null)
  await new Promise<void>((resolve) => inTimerPhase(resolve))
  loop.isOver = true
  await zoo.settle()

  expect(loop.rounds).toBeGreaterThan(0)
  expect(loop.rounds).toBeLessThan(FAR_TOO_MANY)
})

it('a client that is always busy lets another one hear its event', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const busy = await zoo.connect()
  const patient = await zoo.connect()
  const loop = { isOver: false, rounds: 0 }
  const heard: string[] = []
  await patient.exists('/a', {
    watcher: ({ type }) => {
      heard.push(type)
      loop.isOver = true
    },
  })
  const spend = async (): Promise<void> => {
    for (; !loop.isOver && loop.rounds < FAR_TOO_MANY; loop.rounds++) await busy.exists('/')
  }

  // Enough at once to spend each turn before anybody else has begun.
  const spending = Array.from({ length: 600 }, spend)
  await Promise.all([...spending, patient.exists('/b'), busy.create('/a')])

  expect(heard).toEqual(['NodeCreated'])
  expect(loop.rounds).toBeLessThan(FAR_TOO_MANY)
})

it('an inspection listener that answers each request with another lets timers run', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const loop = { isOver: false, rounds: 0 }
  zoo.inspect(({ kind }) => {
    if (kind !== 'reply' || loop.isOver || loop.rounds === FAR_TOO_MANY) return
    loop.rounds += 1
    void zk.exists('/')
  })

  await zk.exists('/')
  await new Promise<void>((resolve) => inTimerPhase(resolve))
  loop.isOver = true

  expect(loop.rounds).toBeGreaterThan(0)
  expect(loop.rounds).toBeLessThan(FAR_TOO_MANY)
})

it('a flood of 100,000 events leaves the loop a turn after each few hundred', {
  timeout: 60_000,
}, async () => {
  await using zoo = new EmbeddedZooKeeper()
  const writer = await zoo.connect()
  const zk = await zoo.connect()
  await writer.create('/app')
  const delivered: WatchedEvent[] = []
  await zk.addWatch('/app', (event) => delivered.push(event))
  const flood = Array.from({ length: 100_000 }, () => Op.setData('/app', null))

  const written = writer.multi(flood)
  const { deliveriesByTurn, longestGapMs } = await watchTurns(() => delivered.length, flood.length)
  await written

  expect(delivered.length).toBe(flood.length)
  expect(Math.max(...deliveriesByTurn)).toBeLessThanOrEqual(MAX_DELIVERIES_A_TURN)
  expect(longestGapMs).toBeLessThan(MAX_GAP_MS)
})

it('a watcher that takes its time shortens the turn to a few deliveries', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const writer = await zoo.connect()
  const zk = await zoo.connect()
  await writer.create('/app')
  let delivered = 0
  await zk.addWatch('/app', () => {
    delivered += 1
    busyWait(0.5)
  })

  void writer.multi(Array.from({ length: 200 }, () => Op.setData('/app', null)))
  const { deliveriesByTurn } = await watchTurns(() => delivered, 200)

  expect(Math.max(...deliveriesByTurn)).toBeLessThan(64)
})

it('watchers that take their time let timers run between two of them', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  await zk.create('/app')
  const loop = { isOver: false, rounds: 0 }
  const arm = async (): Promise<void> => {
    await zk.exists('/app', { watcher: heard })
    await zk.setData('/app', null)
  }
  const heard = async (): Promise<void> => {
    busyWait(5)
    loop.rounds += 1
    if (!loop.isOver && loop.rounds < 100) await arm()
  }

  await arm()
  await new Promise<void>((resolve) => inTimerPhase(resolve))
  loop.isOver = true
  await zoo.settle()

  expect(loop.rounds).toBeLessThan(4)
})

it('100,000 calls in flight at once leave the loop a turn after each few hundred', {
  timeout: 60_000,
}, async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  let done = 0

  const calls = Array.from({ length: 99_999 }, () => zk.exists('/').then(() => done++))
  const { deliveriesByTurn } = await watchTurns(() => done, calls.length)

  expect(Math.max(...deliveriesByTurn)).toBeLessThanOrEqual(MAX_DELIVERIES_A_TURN)
})

it('fake timers that are installed after zoolet has loaded cannot hang delivery', async () => {
  vi.useFakeTimers({ toFake: [...FAKED] })
  try {
    await using zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect()
    const seen: string[] = []
    await zk.exists('/a', { watcher: ({ type }) => seen.push(type) })

    await zk.create('/a', null, { mode: 'CONTAINER' })
    for (let i = 0; i < 1000; i++) await zk.exists('/a')
    await zoo.settle()

    expect(seen).toEqual(['NodeCreated'])
  } finally {
    vi.useRealTimers()
  }
})

const FAKED = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
  'queueMicrotask',
] as const

/** Looks in each turn of the event loop at how much was delivered, until all is. */
async function watchTurns(
  countDelivered: () => number,
  all: number,
): Promise<{ deliveriesByTurn: number[]; longestGapMs: number }> {
  const deliveriesByTurn: number[] = []
  let longestGapMs = 0
  let before = countDelivered()
  let beforeMs = nowMs()
  await new Promise<void>((resolve) => {
    inEachTurn(() => {
      const count = countDelivered()
      deliveriesByTurn.push(count - before)
      longestGapMs = Math.max(longestGapMs, nowMs() - beforeMs)
      before = count
      beforeMs = nowMs()
      if (count >= all) resolve()
      return count < all
    })
  })
  await macrotask()
  return { deliveriesByTurn, longestGapMs }
}

function busyWait(ms: number): void {
  const endMs = nowMs() + ms
  while (nowMs() < endMs);
}

function nowMs(): number {
  // tidy-ignore realTime: how long a turn keeps others waiting is what is measured
  return performance.now()
}
