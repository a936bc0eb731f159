/** Sessions whose time is up all at once: they end a few at a time, and nobody can do anything for one that has yet to end. */
import { describe, expect, it } from 'vitest'
import { EventLoopScheduler, type Scheduler } from '../../../src/base/scheduler.js'
import { EmbeddedZooKeeper, type EmbeddedZooKeeperOptions } from '../../../src/index.js'
import { VirtualClock } from '../../../src/testing/index.js'
import { create, RawCnxn, type Server, START_MS, startServer } from '../fixture.js'

interface Losing extends Server {
  readonly cnxns: readonly RawCnxn[]
}

describe('many sessions whose time is up at once', () => {
  const COUNT = 2_500

  function losing(count: number, options: EmbeddedZooKeeperOptions = {}): Losing {
    const server = startServer(options)
    const cnxns = Array.from({ length: count }, () => new RawCnxn(server.zoo).open())
    for (const cnxn of cnxns) cnxn.hangUp()
    return { ...server, cnxns }
  }

  it('have all ended once time has passed, however many turns that takes', async () => {
    const { zoo, clock } = losing(2 * COUNT)

    await clock.advance(40_000)

    expect(zoo.reports.counts().sessions).toBe(0)
  })

  it('end a few at a time, so that the event loop has its turn', async () => {
    const left = new Set<number>()
    const loop = new EventLoopScheduler()
    const scheduler: Scheduler = {
      microtask: (callback) => loop.microtask(callback),
      macrotask: (callback) => {
        left.add(zoo.reports.counts().sessions)
        loop.macrotask(callback)
      },
      elapsedMs: () => loop.elapsedMs(),
    }
    const { zoo, clock } = losing(COUNT, { scheduler })

    await clock.advance(40_000)

    expect([...left]).toEqual(expect.arrayContaining([1_500, 500]))
    expect(zoo.reports.counts().sessions).toBe(0)
  })

  it('cannot be taken up any more by those who come back meanwhile', async () => {
    const { zoo, clock, cnxns } = losing(COUNT)
    const last = cnxns.at(-1)
    const late: RawCnxn[] = []
    zoo.inspect(({ kind }) => {
      if (kind !== 'sessionExpired' || late.length > 0 || last === undefined) return
      late.push(new RawCnxn(zoo).open({ id: last.sessionId, password: last.password }))
    })

    await clock.advance(40_000)

    expect(late.map(({ log }) => log)).toEqual([['refused', 'closed']])
    expect(zoo.reports.counts().sessions).toBe(0)
  })

  it('can do nothing any more on the connections that they still have', async () => {
    const { zoo, clock } = startServer()
    const cnxns = Array.from({ length: COUNT }, () => new RawCnxn(zoo, { isLocal: false }).open())
    const last = cnxns.at(-1)
    const due: (number | undefined)[] = []
    const stop = zoo.inspect(({ kind }) => {
      if (kind !== 'sessionExpired') return
      stop()
      due.push(zoo.reports.expiresInMs(last?.sessionId ?? 0n))
      last?.ask(create('/late'))
    })

    await clock.advance(40_000)

    expect([last?.log, due, zoo.dump()]).toEqual([['connected', 'closed'], [0], {}])
  })

  it('are kept, with their ephemerals, by a snapshot of a server that is closed meanwhile', async () => {
    const { zoo, clock, cnxns } = losing(COUNT)
    zoo.inspect(({ kind }) => {
      if (kind === 'sessionExpired' && zoo.reports.counts().sessions === 2_000) zoo.close()
    })

    await clock.advance(40_000)

    const { sessions } = zoo.snapshot()
    expect(sessions).toHaveLength(1_500)
    expect(sessions.at(-1)?.id).toBe(cnxns.at(-1)?.sessionId)
  })
})

describe('one turn of the event loop', () => {
  /** Virtual time that passes although the server has not come to rest. */
  class HastyClock extends VirtualClock {
    override join(): () => void {
      return () => undefined
    }
  }

  /** An event loop that keeps back every turn but the first. */
  class HeldScheduler extends EventLoopScheduler {
    readonly held: (() => void)[] = []
    override macrotask(callback: () => void): void {
      this.held.push(callback)
    }
  }

  function startHeld(): Server & Pick<HeldScheduler, 'held'> {
    const clock = new HastyClock(START_MS)
    const scheduler = new HeldScheduler()
    return { zoo: new EmbeddedZooKeeper({ clock, scheduler }), clock, held: scheduler.held }
  }

  function lose(zoo: EmbeddedZooKeeper, sessions: number, ephemeralsOfEach = 0): void {
    for (let i = 0; i < sessions; i++) {
      const cnxn = new RawCnxn(zoo).open()
      for (let j = 0; j < ephemeralsOfEach; j++) cnxn.ask(create(`/${i}-${j}`, { mode: 'EPHEMERAL' }))
      cnxn.hangUp()
    }
  }

  it('ends a thousand sessions, and asks for no other one if none is left', async () => {
    const { zoo, clock, held } = startHeld()
    lose(zoo, 1_000)

    await clock.advance(40_000)

    expect([zoo.reports.counts().sessions, held.length]).toEqual([0, 0])
  })

  it('ends no more than that, though others come due before the next', async () => {
    const { zoo, clock, held } = startHeld()
    lose(zoo, 1_500)
    await clock.advance(2_000)
    lose(zoo, 1_500)

    await clock.advance(40_000)

    expect([zoo.reports.counts().sessions, held.length]).toEqual([2_000, 1])
  })

  it('ends the fewer sessions the more ephemerals they have', async () => {
    const { zoo, clock, held } = startHeld()
    lose(zoo, 4, 499)

    await clock.advance(40_000)

    expect([zoo.reports.counts().sessions, held.length]).toEqual([2, 1])
  })
})
