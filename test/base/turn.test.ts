/** Turn: counts the turns of the event loop, and says when one has delivered enough. */
import { describe, expect, it } from 'vitest'
import type { Scheduler } from '../../src/base/scheduler.js'
import { Turn } from '../../src/base/turn.js'

/** A scheduler whose macrotasks run when the test says so, and whose time is what the test says. */
function manual(): {
  scheduler: Scheduler
  runMacrotasks: () => void
  setMs: (ms: number) => void
  waiting: () => number
} {
  const queue: (() => void)[] = []
  let nowMs = 0
  return {
    scheduler: {
      microtask: (callback) => callback(),
      macrotask: (callback) => void queue.push(callback),
      elapsedMs: () => nowMs,
    },
    runMacrotasks: () => {
      for (const callback of queue.splice(0)) callback()
    },
    setMs: (ms) => {
      nowMs = ms
    },
    waiting: () => queue.length,
  }
}

function spend(turn: Turn, times: number): void {
  for (let i = 0; i < times; i++) turn.spend()
}

describe('a turn', () => {
  it('ends with the macrotask after its first delivery, once', () => {
    const { scheduler, runMacrotasks, waiting } = manual()
    const turn = new Turn(scheduler)
    const numbers = [turn.current]

    spend(turn, 3)
    numbers.push(turn.current, waiting())
    runMacrotasks()
    numbers.push(turn.current, waiting())

    expect(numbers).toEqual([0, 0, 1, 1, 0])
  })

  it('is not spent by a few deliveries, but by 256', () => {
    const turn = new Turn(manual().scheduler)
    const states = [turn.isSpent]

    spend(turn, 255)
    states.push(turn.isSpent)
    spend(turn, 1)
    states.push(turn.isSpent)

    expect(states).toEqual([false, false, true])
  })

  it('is spent once it took over a millisecond, looked at with every eighth delivery', () => {
    const { scheduler, setMs } = manual()
    const turn = new Turn(scheduler)
    spend(turn, 1)
    setMs(1.5)
    const states: boolean[] = []

    spend(turn, 6)
    states.push(turn.isSpent)
    spend(turn, 1)
    states.push(turn.isSpent)

    expect(states).toEqual([false, true])
  })

  it('begins afresh after its end', () => {
    const { scheduler, runMacrotasks, setMs } = manual()
    const turn = new Turn(scheduler)
    spend(turn, 256)
    setMs(1000)

    runMacrotasks()
    spend(turn, 8)

    expect([turn.current, turn.isSpent]).toEqual([1, false])
  })
})
