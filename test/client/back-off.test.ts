/**
 * When a client of a network dials again: the exact pauses of each round on virtual time, with chance fixed; what makes them short
 * again, and what does not.
 */
import { describe, expect, it } from 'vitest'
import { BackOff, type BackOffOptions } from '../../src/client/back-off.js'
import { VirtualClock } from '../../src/testing/index.js'

/** A session of 30 s lets pauses grow to their limit. */
const LONG_SESSION_MS = 30_000
/** One step of the clock, so fine that a pause is found exactly. */
const STEP_MS = 12.5

interface Tried {
  readonly clock: VirtualClock
  readonly backOff: BackOff
  /** Fails the next dial, waits for the one after it, and gives the pause between them. */
  pause(): Promise<number>
}

function startTrying(options: Partial<BackOffOptions> = {}): Tried {
  const clock = new VirtualClock()
  const backOff = new BackOff({
    clock,
    random: () => 0,
    serverCount: 1,
    sessionTimeoutMs: LONG_SESSION_MS,
    ...options,
  })
  const pause = async (): Promise<number> => {
    let isDialled = false
    backOff.schedule(() => {
      isDialled = true
    })
    const startMs = clock.monotonicMs()
    while (!isDialled) await clock.advance(STEP_MS)
    return clock.monotonicMs() - startMs
  }
  return { clock, backOff, pause }
}

async function pauses(count: number, options?: Partial<BackOffOptions>): Promise<number[]> {
  const { pause } = startTrying(options)
  const found: number[] = []
  for (let i = 0; i < count; i++) found.push(await pause())
  return found
}

describe('the pauses of a client that gets no connection', () => {
  it('double with each failure if there is one server, up to ten seconds', async () => {
    expect(await pauses(9)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  })

  it('are short until each server was tried once, then double with each round', async () => {
    expect(await pauses(9, { serverCount: 3 })).toEqual([50, 50, 100, 100, 100, 200, 200, 200, 400])
  })

  it('are random between half and the whole', async () => {
    const most = await pauses(3, { random: () => 0.75 })

    expect(most).toEqual([175, 350, 700])
  })

  it('stay at their limit after thousands of failures', async () => {
    const { pause, backOff } = startTrying()
    for (let i = 0; i < 5000; i++) {
      backOff.schedule(() => undefined)
      backOff.cancel()
    }

    expect(await pause()).toBe(5000)
  })
})

describe('the pauses of a short session', () => {
  it('are bounded so that a round takes at most half of it', async () => {
    expect(await pauses(6, { sessionTimeoutMs: 2000 })).toEqual([100, 200, 400, 500, 500, 500])
    expect(await pauses(9, { sessionTimeoutMs: 2400, serverCount: 3 })).toEqual([
      50, 50, 100, 100, 100, 200, 200, 200, 200,
    ])
  })

  it('go by what the server has granted, once it has', async () => {
    const { pause, backOff } = startTrying()
    for (let i = 0; i < 6; i++) await pause()

    backOff.connected(400)

    expect(await pause()).toBe(100)
    expect(await pause()).toBe(100)
  })

  it('grow again with a session that is longer', async () => {
    const { pause, backOff } = startTrying({ sessionTimeoutMs: 400 })
    for (let i = 0; i < 6; i++) await pause()

    backOff.connected(LONG_SESSION_MS)

    expect(await pause()).toBe(5000)
  })
})

describe('a connection', () => {
  it('that lived a second makes the pauses short again', async () => {
    const { clock, backOff, pause } = startTrying()
    for (let i = 0; i < 5; i++) await pause()

    backOff.connected(LONG_SESSION_MS)
    await clock.advance(1000)

    expect([await pause(), await pause(), await pause()]).toEqual([50, 100, 200])
  })

  it('that broke sooner counts as a failure, so that two who fight for a session do not spin', async () => {
    const { clock, backOff, pause } = startTrying()
    const found: number[] = []
    for (let i = 0; i < 4; i++) {
      found.push(await pause())
      backOff.connected(LONG_SESSION_MS)
      await clock.advance(999)
    }

    expect(found).toEqual([100, 200, 400, 800])
  })

  it('counts for the failure after it alone', async () => {
    const { clock, backOff, pause } = startTrying()
    backOff.connected(LONG_SESSION_MS)
    await clock.advance(60_000)
    await pause()
    await clock.advance(60_000)

    expect(await pause()).toBe(100)
  })
})

describe('a dial that waits', () => {
  it('is given up by cancel, and leaves no timer', async () => {
    const { clock, backOff } = startTrying()
    let dials = 0
    backOff.schedule(() => {
      dials += 1
    })

    backOff.cancel()
    backOff.cancel()
    await clock.advance(60_000)

    expect([dials, clock.pendingTimers]).toEqual([0, 0])
  })

  it('is made once', async () => {
    const { clock, backOff } = startTrying()
    let dials = 0
    backOff.schedule(() => {
      dials += 1
    })

    await clock.advance(60_000)

    expect([dials, clock.pendingTimers]).toEqual([1, 0])
  })

  it('keeps the process alive, since somebody waits for it', () => {
    const kinds: string[] = []
    const clock = new VirtualClock()
    clock.setTimer = () => {
      kinds.push('foreground')
      return { cancel: () => undefined }
    }

    new BackOff({ clock, random: () => 0, serverCount: 1, sessionTimeoutMs: 1000 }).schedule(() => undefined)

    expect(kinds).toEqual(['foreground'])
  })
})
