/** Turn: counts the turns of the event loop, and says when one has delivered enough. */
import { describe, expect, it } from 'vitest'
import type { Scheduler } from '../../src/base/scheduler.js'
import { Turn } from '../../src/client/turn.js'

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

describe('a turn where one can wait for the end of all microtasks', () => {
  /** As `manual`, with callbacks for the end of all microtasks that run when the test says so. */
  function quick(): ReturnType<typeof manual> & { runTicks: () => void; ticks: () => number } {
    const made = manual()
    const queue: (() => void)[] = []
    const afterMicrotasks = (callback: () => void): void => void queue.push(callback)
    return {
      ...made,
      scheduler: { ...made.scheduler, afterMicrotasks },
      runTicks: () => {
        for (const callback of queue.splice(0)) callback()
      },
      ticks: () => queue.length,
    }
  }

  it('ends there, and need not wait for the macrotask that is under way', () => {
    const { scheduler, runTicks, ticks, waiting } = quick()
    const turn = new Turn(scheduler)
    const woken: number[] = []
    turn.wait(() => woken.push(turn.current), false)
    const before = [turn.current, ticks(), waiting()]

    runTicks()

    expect([before, woken, ticks(), waiting()]).toEqual([[0, 1, 1], [1], 0, 1])
  })

  it('goes on as long as something was delivered since its end was asked for: another tick may have done it', () => {
    const { scheduler, runTicks, ticks } = quick()
    const turn = new Turn(scheduler)
    spend(turn, 3)
    const states: number[][] = []

    for (const deliveries of [1, 0]) {
      runTicks()
      states.push([turn.current, ticks()])
      spend(turn, deliveries)
    }
    runTicks()
    states.push([turn.current, ticks()])

    expect(states).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
    ])
  })

  it('calls the scheduler as what it is', () => {
    class Own {
      readonly queue: (() => void)[] = []
      microtask(callback: () => void): void {
        this.queue.push(callback)
      }
      macrotask(callback: () => void): void {
        this.queue.push(callback)
      }
      afterMicrotasks(callback: () => void): void {
        this.queue.push(callback)
      }
      elapsedMs(): number {
        return this.queue.length
      }
    }
    const scheduler = new Own()

    new Turn(scheduler).spend()

    expect(scheduler.queue.length).toBe(2)
  })

  it('is spent by the deliveries of all turns since the last macrotask, and then only that ends it', () => {
    const { scheduler, runTicks, runMacrotasks, waiting } = quick()
    const turn = new Turn(scheduler)
    const woken: number[] = []
    for (let i = 0; i < 2; i++) {
      spend(turn, 120)
      runTicks()
      runTicks()
    }
    spend(turn, 16)
    const states: unknown[] = [turn.current, turn.isSpent]
    turn.wait(() => woken.push(turn.current), false)
    runTicks()
    states.push(turn.current, waiting())

    runMacrotasks()

    expect([states, woken, turn.isSpent]).toEqual([[2, true, 2, 1], [3], false])
  })

  it('is spent by the time since the first delivery after the last macrotask', () => {
    const { scheduler, runTicks, setMs } = quick()
    const turn = new Turn(scheduler)
    spend(turn, 1)
    runTicks()
    setMs(1.5)

    spend(turn, 7)

    expect(turn.isSpent).toBe(true)
  })

  it('is not late because of what was before a macrotask, however long ago that is', () => {
    const { scheduler, runTicks, runMacrotasks, setMs, waiting } = quick()
    const turn = new Turn(scheduler)
    const states: number[][] = []
    for (const ms of [0, 1000, 2000]) {
      setMs(ms)
      spend(turn, 1)
      runTicks()
      states.push([turn.current, waiting()])
      runMacrotasks()
    }

    turn.wait(() => undefined, true)
    runTicks()

    expect([...states, turn.current]).toEqual([[1, 1], [2, 1], [3, 1], 4])
  })

  it('ends with a macrotask if it took over a millisecond, however little was delivered', () => {
    const { scheduler, runTicks, runMacrotasks, setMs, waiting } = quick()
    const turn = new Turn(scheduler)
    spend(turn, 1)
    setMs(1.5)

    runTicks()
    const before = [turn.current, waiting()]
    runMacrotasks()

    expect([before, turn.current, waiting()]).toEqual([[0, 1], 1, 0])
  })

  it('wakes only as many as there is room for', () => {
    const { scheduler, runTicks, runMacrotasks } = quick()
    const turn = new Turn(scheduler)
    const woken: string[] = []
    for (const name of ['a', 'b', 'c']) {
      turn.wait(() => {
        woken.push(`${name} in ${turn.current}`)
        spend(turn, 200)
      }, false)
    }
    runTicks()
    const first = [...woken]
    runTicks()
    const second = [...woken]

    runMacrotasks()

    expect([first, second, woken]).toEqual([
      ['a in 1', 'b in 1'],
      ['a in 1', 'b in 1'],
      ['a in 1', 'b in 1', 'c in 2'],
    ])
  })
})

describe('who waits for a later turn', () => {
  it('comes in the order of coming, in one macrotask', () => {
    const { scheduler, runMacrotasks, waiting } = manual()
    const turn = new Turn(scheduler)
    const woken: string[] = []

    for (const name of ['a', 'b', 'c']) turn.wait(() => woken.push(`${name} in ${turn.current}`), false)
    const macrotasks = waiting()
    runMacrotasks()

    expect([macrotasks, ...woken, waiting()]).toEqual([1, 'a in 1', 'b in 1', 'c in 1', 0])
  })

  it('needs no macrotask but the one that ends the turn anyway', () => {
    const { scheduler, waiting } = manual()
    const turn = new Turn(scheduler)

    turn.spend()
    turn.wait(() => undefined, true)

    expect(waiting()).toBe(1)
  })

  it('waits for one more if those before have spent it', () => {
    const { scheduler, runMacrotasks } = manual()
    const turn = new Turn(scheduler)
    const woken: string[] = []
    for (const name of ['a', 'b', 'c']) {
      turn.wait(() => {
        woken.push(`${name} in ${turn.current}`)
        spend(turn, 200)
      }, false)
    }

    runMacrotasks()
    const first = [...woken]
    runMacrotasks()

    expect([first, woken]).toEqual([
      ['a in 1', 'b in 1'],
      ['a in 1', 'b in 1', 'c in 2'],
    ])
  })

  it('and waits again is woken once a turn, behind the others', () => {
    const { scheduler, runMacrotasks, waiting } = manual()
    const turn = new Turn(scheduler)
    const woken: string[] = []
    const again = (): void => {
      woken.push(`again in ${turn.current}`)
      if (turn.current < 3) turn.wait(again, true)
    }
    turn.wait(again, true)
    turn.wait(() => woken.push(`other in ${turn.current}`), true)

    for (let turns = 0; turns < 4; turns++) runMacrotasks()

    expect(woken).toEqual(['again in 1', 'other in 1', 'again in 2', 'again in 3'])
    expect(waiting()).toBe(0)
  })

  it('to be answered waits for one event at most, and an event for one answer', () => {
    const { scheduler, runMacrotasks } = manual()
    const turn = new Turn(scheduler)
    const woken: string[] = []
    for (const name of ['event 1', 'event 2', 'event 3']) turn.wait(() => woken.push(name), false)
    for (const name of ['answer 1', 'answer 2']) turn.wait(() => woken.push(name), true)

    runMacrotasks()

    expect(woken).toEqual(['answer 1', 'event 1', 'answer 2', 'event 2', 'event 3'])
  })
})
