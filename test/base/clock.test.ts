/** SystemClock: the platform's time, and timers that hold over delays that the platform cuts to nothing. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const LONGEST_MS = 2 ** 31 - 1

interface FakeTimer {
  readonly callback: () => void
  readonly delayMs: number
  isCancelled: boolean
  isUnreferenced: boolean
}

/** The module as it loads on a platform whose timers are only noted. */
async function loadWithFakeTimers(): Promise<{
  timers: FakeTimer[]
  clock: import('../../src/base/clock.js').Clock
}> {
  const timers: FakeTimer[] = []
  vi.stubGlobal('setTimeout', (callback: () => void, delayMs: number) => {
    const timer: FakeTimer = { callback, delayMs, isCancelled: false, isUnreferenced: false }
    timers.push(timer)
    return Object.assign(timer, {
      unref: () => {
        timer.isUnreferenced = true
      },
    })
  })
  vi.stubGlobal('clearTimeout', (timer: FakeTimer) => {
    timer.isCancelled = true
  })
  const { SystemClock } = await import('../../src/base/clock.js')
  return { timers, clock: new SystemClock() }
}

beforeEach(() => {
  vi.resetModules()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('the system clock', () => {
  it.each([0, 1, 60_000, LONGEST_MS])('waits for %d ms in one stage', async (delayMs) => {
    const { timers, clock } = await loadWithFakeTimers()
    let calls = 0

    clock.setTimer(() => calls++, delayMs)
    timers[0]?.callback()

    expect([timers.map((timer) => timer.delayMs), calls]).toEqual([[delayMs], 1])
  })

  it('takes a negative delay for none', async () => {
    const { timers, clock } = await loadWithFakeTimers()
    let calls = 0

    clock.setTimer(() => calls++, -5)
    timers[0]?.callback()

    expect([timers.map((timer) => timer.delayMs), calls]).toEqual([[0], 1])
  })

  it('waits for a longer delay in stages, and calls back once at the end', async () => {
    const { timers, clock } = await loadWithFakeTimers()
    let calls = 0

    clock.setBackgroundTimer(() => calls++, 2 * LONGEST_MS + 5)
    const seen: number[] = []
    for (let i = 0; i < 3; i++) {
      timers[i]?.callback()
      seen.push(calls)
    }

    expect(timers.map((timer) => timer.delayMs)).toEqual([LONGEST_MS, LONGEST_MS, 5])
    expect(seen).toEqual([0, 0, 1])
  })

  it('cancels whichever stage it is in', async () => {
    const { timers, clock } = await loadWithFakeTimers()
    const timer = clock.setTimer(() => undefined, 2 * LONGEST_MS)
    timers[0]?.callback()

    timer.cancel()

    expect(timers.map(({ isCancelled }) => isCancelled)).toEqual([false, true])
  })

  it('keeps the process for a timer and not for a background timer', async () => {
    const { timers, clock } = await loadWithFakeTimers()

    clock.setTimer(() => undefined, 1)
    clock.setBackgroundTimer(() => undefined, 1)

    expect(timers.map(({ isUnreferenced }) => isUnreferenced)).toEqual([false, true])
  })

  it('takes a platform whose timers are numbers', async () => {
    const cancelled: unknown[] = []
    vi.stubGlobal('setTimeout', () => 7)
    vi.stubGlobal('clearTimeout', (handle: unknown) => cancelled.push(handle))
    const { SystemClock } = await import('../../src/base/clock.js')

    new SystemClock().setBackgroundTimer(() => undefined, 1).cancel()

    expect(cancelled).toEqual([7])
  })

  it('reads the time of the platform as it was when the module loaded', async () => {
    vi.stubGlobal('Date', { now: () => 1234 })
    vi.stubGlobal('process', { ...process, hrtime: () => [7, 56_000_000] })
    const { SystemClock } = await import('../../src/base/clock.js')
    vi.unstubAllGlobals()
    const clock = new SystemClock()

    expect(clock.monotonicMs()).toBe(7056)
    expect(clock.nowMs()).toBe(1234)
  })

  it('reads the monotonic time of a platform that is not Node', async () => {
    vi.stubGlobal('process', undefined)
    vi.stubGlobal('performance', { now: () => 56 })
    const { SystemClock } = await import('../../src/base/clock.js')
    vi.unstubAllGlobals()

    expect(new SystemClock().monotonicMs()).toBe(56)
  })
})
