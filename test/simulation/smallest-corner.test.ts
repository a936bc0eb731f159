/**
 * The smallest corner, completely: a reader that reads a znode, watches it and reads again with each event; a writer; one
 * disconnection, anywhere, even in the middle of a frame. Every interleaving of what they say, what arrives and what is lost.
 */
import { describe, expect, it } from 'vitest'
import { isKeeperException, type WatchedEvent } from '../../src/index.js'
import { WiredClient } from '../historic/client-watches-wire.js'
import { connectRaw, create, setData } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { WireWorld } from '../transport/fake-link.js'
import { Schedules } from './schedules.js'

/** How much happens in a run. */
interface Size {
  readonly writes: number
  readonly cuts: number
}

type Action = 'write' | 'serve' | 'hear' | 'cut' | 'cut in a frame' | 'redial'

/** What a run has shown. */
interface Outcome {
  readonly actions: readonly Action[]
  /** What the reader saw, in order: `v0`, `event`. */
  readonly seen: readonly string[]
  readonly finalVersion: number
  readonly watches: number
}

describe('schedules', () => {
  it('are all that there are, each once', () => {
    const schedules = new Schedules()
    const runs: string[] = []

    while (schedules.next()) {
      const first = schedules.choose(['a', 'b'])
      runs.push(first === 'a' ? first + schedules.choose([1, 2, 3]) : first)
    }

    expect(runs).toEqual(['a1', 'a2', 'a3', 'b'])
  })
})

describe('the smallest corner', () => {
  it.each([
    // What the reader may see of three writes: each of them, or only that there was a change since it looked.
    [
      { writes: 3, cuts: 1 },
      [
        'v0 event v1 event v2 event v3',
        'v0 event v1 event v3',
        'v0 event v2 event v3',
        'v0 event v3',
        'v1 event v2 event v3',
        'v1 event v3',
        'v2 event v3',
        'v3',
      ],
    ],
    [{ writes: 1, cuts: 2 }, ['v0 event v1', 'v1']],
  ])('keeps every promise in every interleaving of %o', { timeout: 120_000 }, async (size, ways) => {
    const schedules = new Schedules()
    const seen = new Set<string>()
    while (schedules.next()) {
      const outcome = await run(schedules, size)
      const faults = faultsOf(outcome)
      if (faults.length > 0) expect.fail(`${faults.join('; ')}: ${JSON.stringify(outcome)}`)
      seen.add(outcome.seen.join(' '))
    }

    expect([...seen].sort()).toEqual(ways)
    expect(schedules.count).toBeGreaterThan(100)
  })
})

async function run(schedules: Schedules, size: Size): Promise<Outcome> {
  const world = new WireWorld()
  const writer = connectRaw(world.zoo)
  writer.ask(create('/a'))
  const reader = await WiredClient.connect(world)
  const seen: string[] = []
  void readAndWatch(reader, seen)
  await rest(world)

  const actions: Action[] = []
  const left = { ...size }
  for (let ways = waysOf(reader, left); ways.length > 0; ways = waysOf(reader, left)) {
    const action = schedules.choose(ways)
    actions.push(action)
    if (action === 'write') {
      left.writes -= 1
      writer.ask(setData('/a'))
    } else if (action === 'serve') reader.say()
    else if (action === 'hear') reader.hear(reader.nextFrameBytes)
    else if (action === 'redial') reader.redial()
    else {
      left.cuts -= 1
      if (action === 'cut in a frame') reader.hear(Math.floor(reader.nextFrameBytes / 2))
      reader.cut()
    }
    await rest(world)
  }
  const finalVersion = world.zoo.reports.znodes().find(({ path }) => path === '/a')?.stat.version ?? -1
  const { watches } = world.zoo.reports.counts()
  return { actions, seen, finalVersion, watches }
}

/** Lets everybody do what they can do without hearing anything new. */
async function rest(world: WireWorld): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await macrotask()
    world.settle()
  }
}

/** Reads until it has an answer; with each event once more. */
async function readAndWatch(reader: WiredClient, seen: string[]): Promise<void> {
  const watcher = ({ type }: WatchedEvent): void => {
    // Changes of state come to every watcher, and use up none.
    if (type === 'None') return
    seen.push('event')
    void readAndWatch(reader, seen)
  }
  for (;;) {
    try {
      const { stat } = await reader.zk.getData('/a', { watcher })
      seen.push(`v${stat.version}`)
      return
    } catch (error) {
      if (!isKeeperException(error, 'CONNECTIONLOSS')) throw error
    }
  }
}

/** What can happen now. Nothing can once all is said, heard and written. */
function waysOf(reader: WiredClient, left: Size): Action[] {
  const ways: Action[] = []
  if (left.writes > 0) ways.push('write')
  if (reader.isCut) return [...ways, 'redial']
  const isHeard = reader.nextFrameBytes > 0
  if (reader.isSaying) ways.push('serve')
  if (isHeard) ways.push('hear')
  if (left.cuts > 0 && (reader.isSaying || isHeard || left.writes > 0)) ways.push('cut')
  if (left.cuts > 0 && isHeard) ways.push('cut in a frame')
  return ways
}

/** P3, P5, and that nothing is left behind. */
function faultsOf({ seen, finalVersion, watches }: Outcome): string[] {
  const faults: string[] = []
  if (seen.at(-1) !== `v${finalVersion}`) faults.push('the reader does not know the last version')
  let version: string | undefined
  let hasEvent = true
  for (const what of seen) {
    if (what === 'event') {
      if (hasEvent) faults.push('an event without an armed watch')
      hasEvent = true
      continue
    }
    if (!hasEvent) faults.push('a read that no event asked for')
    if (version !== undefined && what < version) faults.push('an older version after a newer one')
    version = what
    hasEvent = false
  }
  if (watches !== 1) faults.push(`${watches} watches instead of one`)
  return faults
}
