/** The parts that a simulation is made of: turns, bytes on their way, the time of a process. */
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/testing/index.js'
import { Pipe } from '../../verify/simulation/pipe.js'
import { ProcessClock } from '../../verify/simulation/process-clock.js'
import { TickScheduler } from '../../verify/simulation/tick-scheduler.js'
import { WRAPPINGS } from '../semantics/ordering/event-loop.js'

const LAYERS = 50

describe('turns without an event loop', () => {
  it('run a task after all microtasks, however deep, and one task after the other', async () => {
    const scheduler = new TickScheduler()
    const order: string[] = []
    const deep = (name: string): Promise<unknown> | undefined =>
      WRAPPINGS['async functions that await']?.(LAYERS, () => Promise.resolve()).then(() => order.push(name))

    scheduler.macrotask(() => {
      order.push('first task')
      void deep('what the first task began')
    })
    scheduler.macrotask(() => order.push('second task'))
    void deep('what was begun before')
    await scheduler.rest()

    expect(order).toEqual(['what was begun before', 'first task', 'what the first task began', 'second task'])
  })

  it('are at rest only once nothing is left, not even microtasks', async () => {
    const scheduler = new TickScheduler()
    let hasRun = false

    scheduler.macrotask(() => {
      void WRAPPINGS['async functions that await']?.(LAYERS, () => Promise.resolve()).then(() => {
        scheduler.macrotask(() => {
          hasRun = true
        })
      })
    })
    await scheduler.rest()

    expect(hasRun).toBe(true)
  })
})

describe('a task that throws', () => {
  it('is known to whoever waits for rest', async () => {
    const scheduler = new TickScheduler()

    scheduler.macrotask(() => {
      throw new Error('a bug')
    })

    await expect(scheduler.rest()).rejects.toThrow('a bug')
  })
})

describe('a pipe', () => {
  /** Frames of 5 and of 6 bytes. */
  const frames = Uint8Array.of(0, 0, 0, 1, 65, 0, 0, 0, 2, 66, 67)

  it('gives out what was put in, in pieces of any size, and knows where frames end', () => {
    const pipe = new Pipe()
    pipe.put(frames.slice(), () => undefined)

    const pieces = [pipe.nextFrameBytes, pipe.take(3), pipe.nextFrameBytes, pipe.take(2), pipe.nextFrameBytes]

    expect(pieces).toEqual([5, frames.slice(0, 3), 2, frames.slice(3, 5), 6])
    expect([pipe.length, pipe.peekText(), pipe.take(99)]).toEqual([6, '\0\0\0\x02BC', frames.slice(5)])
  })

  it('tells that a piece was taken once its last byte is out, and not if it is lost', () => {
    const pipe = new Pipe()
    const taken: string[] = []
    pipe.put(frames.slice(), () => taken.push('first'))
    pipe.put(frames.slice(), () => taken.push('second'))

    pipe.take(10)
    const before = [...taken]
    pipe.take(2)
    pipe.clear()

    expect([before, taken, pipe.length]).toEqual([[], ['first'], 0])
  })
})

describe('the clock of a process', () => {
  it('keeps timers back while the process stands still, and runs them late, in order', async () => {
    const clock = new VirtualClock(0)
    const process = new ProcessClock(clock)
    const ran: string[] = []
    for (const ms of [20, 10, 30]) process.setTimer(() => ran.push(`${ms} at ${process.nowMs()}`), ms)
    const cancelled = process.setBackgroundTimer(() => ran.push('cancelled'), 15)

    process.hold()
    await clock.advance(25)
    cancelled.cancel()
    process.release()
    await clock.advance(5)

    expect(ran).toEqual(['10 at 25', '20 at 25', '30 at 30'])
  })

  it('runs none once the process is gone', async () => {
    const clock = new VirtualClock(0)
    const process = new ProcessClock(clock)
    const ran: string[] = []
    process.setTimer(() => ran.push('timer'), 1)

    process.die()
    await clock.advance(1)

    expect(ran).toEqual([])
  })
})
