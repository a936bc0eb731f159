/** Turns: whoever waits gets one before anybody gets a second one, and the event loop goes between. */
import { describe, expect, it } from 'vitest'
import { TurnTaker, type Worker } from '../../src/transport/turn-taker.js'
import { HandScheduler } from './fake-link.js'

describe('a worker that waits', () => {
  it('is called after the event loop had its turn, and once', () => {
    const { turns, scheduler, log } = start()
    const worker = new NamedWorker('a', log)

    turns.later(worker)
    const before = [...log]
    scheduler.turn()
    scheduler.turn()

    expect([before, log]).toEqual([[], ['a']])
  })

  it('is called once, however often it was said', () => {
    const { turns, scheduler, log } = start()
    const worker = new NamedWorker('a', log)

    turns.later(worker)
    turns.later(worker)
    scheduler.turn()

    expect([log, scheduler.waiting]).toEqual([['a'], 0])
  })

  it('shares a turn with the others, in the order of their coming', () => {
    const { turns, scheduler, log } = start()

    for (const name of ['a', 'b', 'c']) turns.later(new NamedWorker(name, log))
    const macrotasks = scheduler.waiting
    scheduler.turn()

    expect([macrotasks, log]).toEqual([1, ['a', 'b', 'c']])
  })

  it('has its turn although one before it threw', () => {
    const { turns, scheduler, log } = start()
    const broken = {
      work: (): void => {
        throw new Error('broken')
      },
    }

    turns.later(broken)
    turns.later(new NamedWorker('a', log))
    expect(() => scheduler.turn()).toThrow('broken')
    scheduler.turn()

    expect([log, scheduler.waiting]).toEqual([['a'], 0])
  })

  it('gets its next turn after everybody else has had one', () => {
    const { turns, scheduler, log } = start()
    const again = (worker: Worker): void => turns.later(worker)
    for (const name of ['a', 'b']) turns.later(new NamedWorker(name, log, again))
    turns.later(new NamedWorker('c', log))

    for (let turn = 0; turn < 3; turn++) scheduler.turn()

    expect(log).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'b'])
  })

  it('leaves a turn to the event loop before its next one', () => {
    const { turns, scheduler, log } = start()
    turns.later(new NamedWorker('a', log, (worker) => turns.later(worker)))
    scheduler.turn()

    scheduler.macrotask(() => log.push('event loop'))
    scheduler.turn()

    expect(log).toEqual(['a', 'a', 'event loop'])
  })
})

describe('workers that take long', () => {
  it('leave the rest of them to further turns, in the order of their coming', () => {
    const { turns, scheduler, log } = start()
    scheduler.msALook = 3
    for (const name of ['a', 'b', 'c', 'd', 'e']) turns.later(new NamedWorker(name, log))

    const rounds = [1, 2, 3].map(() => {
      scheduler.turn()
      return log.splice(0)
    })

    expect([rounds, scheduler.waiting]).toEqual([[['a', 'b'], ['c', 'd'], ['e']], 0])
  })

  it('and come back stand behind those who still wait for their first turn', () => {
    const { turns, scheduler, log } = start()
    scheduler.msALook = 5
    const again = (worker: Worker): void => turns.later(worker)
    for (const name of ['a', 'b', 'c']) turns.later(new NamedWorker(name, log, again))

    for (let turn = 0; turn < 4; turn++) scheduler.turn()

    expect(log).toEqual(['a', 'b', 'c', 'a'])
  })
})

describe('whoever has just come', () => {
  it('has time, and nothing is queued for those who come within a millisecond', () => {
    const { turns, scheduler } = start()

    const answers = [0, 0.5, 1].map((nowMs) => {
      scheduler.nowMs = nowMs
      return turns.hasTime()
    })

    expect([answers, scheduler.waiting]).toEqual([[true, true, true], 0])
  })

  it('after that has time for 4 ms, and then none until the event loop had its turn', () => {
    const { turns, scheduler } = start()

    const answers = [100, 104, 104.1, 200].map((nowMs) => {
      scheduler.nowMs = nowMs
      return turns.hasTime()
    })
    const macrotasks = scheduler.waiting
    scheduler.turn()
    answers.push(turns.hasTime())

    expect([answers, macrotasks, scheduler.waiting]).toEqual([[true, true, false, false, true], 1, 0])
  })

  it('has time while others wait', () => {
    const { turns, log } = start()

    turns.later(new NamedWorker('a', log))

    expect([turns.hasTime(), log]).toEqual([true, []])
  })
})

describe('a turn taker', () => {
  it('that nobody needs queues nothing', () => {
    const { scheduler } = start()

    expect(scheduler.waiting).toBe(0)
  })

  it('calls back soon after the current code, before any turn', () => {
    const { turns, scheduler, log } = start()
    turns.later(new NamedWorker('later', log))

    turns.soon(() => log.push('soon'))
    const within = [...log]
    scheduler.endTask()
    scheduler.turn()

    expect([within, log]).toEqual([[], ['soon', 'later']])
  })

  it('tells the time of its scheduler', () => {
    const { turns, scheduler } = start()

    scheduler.nowMs = 12

    expect(turns.elapsedMs()).toBe(12)
  })
})

function start(): { turns: TurnTaker; scheduler: HandScheduler; log: string[] } {
  const scheduler = new HandScheduler()
  return { turns: new TurnTaker(scheduler), scheduler, log: [] }
}

/** Writes its name down when it is called. */
class NamedWorker implements Worker {
  readonly #name: string
  readonly #log: string[]
  readonly #then: (worker: Worker) => void

  constructor(name: string, log: string[], then: (worker: Worker) => void = () => undefined) {
    this.#name = name
    this.#log = log
    this.#then = then
  }

  work(): void {
    this.#log.push(this.#name)
    this.#then(this)
  }
}
