/**
 * Historic bugs of ZooKeeper's kin, 17: watches that stayed after their session, and counts that were wrong. A model of four
 * sessions and three paths says after each step what the tables hold.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, WatcherType } from '../../src/index.js'
import { runParameters } from '../property/run-parameters.js'
import {
  connectRaw,
  create,
  RawCnxn,
  remove,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { arm, LASTING, WATCH_KINDS, type WatchKind } from '../semantics/watches/trigger-matrix.js'
import { armRequest, EMPTY_TABLES, setWatches, tablesOf, WATCHER_TYPES } from './server-watches-requests.js'

const PATHS = ['/a', '/a/b', '/c'] as const
const SESSIONS = 4
const ENDS = ['hangUp', 'closeSession', 'expire', 'resume'] as const

type Path = (typeof PATHS)[number]
type Deed =
  | { readonly do: 'arm'; readonly who: number; readonly kind: WatchKind; readonly path: Path }
  | { readonly do: 'restore'; readonly who: number; readonly path: Path }
  | { readonly do: 'removeWatches'; readonly who: number; readonly type: WatcherType; readonly path: Path }
  | { readonly do: 'setData' | 'toggle'; readonly path: Path }
  | { readonly do: (typeof ENDS)[number]; readonly who: number }

const path = fc.constantFrom(...PATHS)
const who = fc.nat({ max: SESSIONS - 1 })
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('arm' as const),
      who,
      kind: fc.constantFrom(...WATCH_KINDS),
      path,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), who, path }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('removeWatches' as const),
      who,
      type: fc.constantFrom(...WATCHER_TYPES),
      path,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('setData' as const, 'toggle' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...ENDS), who }) },
)

type Mode = 'standard' | 'persistent' | 'recursive'

/** The tables as a list of `session table path` with modes; written from the rules, not from the code. */
class ModelTables {
  readonly #modes = new Map<string, Set<Mode>>()

  add(session: number, table: 'data' | 'child', at: string, mode: Mode): void {
    const key = `${session} ${table} ${at}`
    this.#modes.set(key, (this.#modes.get(key) ?? new Set()).add(mode))
  }

  /** Takes a mode from every entry that matches. */
  take(matches: (session: number, table: string, at: string) => boolean, ...modes: readonly Mode[]): void {
    for (const [key, held] of this.#modes) {
      const [session = '', table = '', at = ''] = key.split(' ')
      if (!matches(Number(session), table, at)) continue
      for (const mode of modes) held.delete(mode)
      if (held.size === 0) this.#modes.delete(key)
    }
  }

  get lines(): string[] {
    return [...this.#modes].map(([key, held]) => `${key} ${[...held].sort().join('+')}`).sort()
  }
}

const ALL: readonly Mode[] = ['standard', 'persistent', 'recursive']
const REMOVED: Readonly<Record<WatcherType, readonly (readonly ['data' | 'child', readonly Mode[]])[]>> = {
  Children: [['child', ['standard']]],
  Data: [['data', ['standard']]],
  Any: [
    ['data', ALL],
    ['child', ALL],
  ],
  Persistent: [
    ['data', ['persistent']],
    ['child', ['persistent']],
  ],
  PersistentRecursive: [['data', ['recursive']]],
}

/** Four sessions, a writer, and the model beside the server. */
class CountedWorld {
  readonly zoo: EmbeddedZooKeeper = startServer().zoo
  readonly #writer: RawCnxn = connectRaw(this.zoo)
  readonly #cnxns: RawCnxn[] = Array.from({ length: SESSIONS }, () => connectRaw(this.zoo))
  readonly #model = new ModelTables()
  readonly #there = new Set<string>()

  run(step: Deed): void {
    if (!('who' in step)) return this.#change(step.do, step.path)
    const cnxn = this.#cnxns[step.who]
    if (cnxn === undefined) throw new Error(`there is no session ${step.who}`)
    if (step.do === 'arm') this.#arm(cnxn, step.who, step.kind, step.path)
    else if (step.do === 'restore') this.#restore(cnxn, step.who, step.path)
    else if (step.do === 'removeWatches') this.#remove(cnxn, step)
    else this.#end(cnxn, step.who, step.do)
  }

  /** What the server says, as the model would. */
  get actual(): { lines: string[]; count: number; broken: readonly string[] } {
    const names = new Map(this.#cnxns.map(({ sessionId }, i) => [sessionId, i]))
    const all = [...this.zoo.reports.watchesByPath().values()].flat()
    const lines = all.map(
      ({ sessionId, table, path: at, modes }) =>
        `${names.get(sessionId)} ${table} ${at} ${modes.toSorted().join('+')}`,
    )
    const { count, broken } = tablesOf(this.zoo)
    return { lines: lines.sort(), count, broken }
  }

  get expected(): typeof this.actual {
    const { lines } = this.#model
    return { lines, count: lines.length, broken: [] }
  }

  #arm(cnxn: RawCnxn, session: number, kind: WatchKind, at: Path): void {
    cnxn.ask(armRequest(kind, at))
    if ((kind === 'data' || kind === 'child') && !this.#there.has(at)) return
    const mode = kind === 'persistent' || kind === 'recursive' ? kind : 'standard'
    if (kind !== 'child') this.#model.add(session, 'data', at, mode)
    if (kind === 'child' || kind === 'persistent') this.#model.add(session, 'child', at, mode)
  }

  #restore(cnxn: RawCnxn, session: number, at: Path): void {
    const relativeZxid = Number(this.zoo.reports.counts().zxid)
    const lists = {
      dataWatches: [at],
      childWatches: [at],
      persistentWatches: [at],
      persistentRecursiveWatches: [at],
    }
    cnxn.ask(setWatches({ relativeZxid, ...lists }))
    for (const kind of WATCH_KINDS) if (kind !== 'exists') this.#arm(cnxn, session, kind, at)
  }

  #remove(cnxn: RawCnxn, { who: session, type, path: at }: Extract<Deed, { do: 'removeWatches' }>): void {
    cnxn.ask({ type: 'removeWatches', path: at, watcherType: type })
    for (const [table, modes] of REMOVED[type])
      this.#model.take(
        (...[whose, where, what]) => whose === session && where === table && what === at,
        ...modes,
      )
  }

  #change(what: 'setData' | 'toggle', at: Path): void {
    const isThere = this.#there.has(at)
    const request = what === 'setData' ? setData(at) : isThere ? remove(at) : create(at)
    if (this.#writer.code(request) !== 'OK') return
    const parent = at.slice(0, at.lastIndexOf('/')) || '/'
    const isGone = what === 'toggle' && isThere
    this.#model.take((_session, table, path) => path === at && (table === 'data' || isGone), 'standard')
    if (what === 'setData') return
    this.#model.take((_session, table, path) => path === parent && table === 'child', 'standard')
    if (isGone) this.#there.delete(at)
    else this.#there.add(at)
  }

  #end(cnxn: RawCnxn, session: number, how: (typeof ENDS)[number]): void {
    if (how === 'hangUp') cnxn.hangUp()
    else if (how === 'closeSession') cnxn.ask({ type: 'closeSession' })
    else if (how === 'expire') this.zoo.expire(cnxn.sessionId)
    const isOver = how === 'closeSession' || how === 'expire'
    const next = isOver ? connectRaw(this.zoo) : this.#resume(cnxn)
    this.#cnxns[session] = next
    this.#model.take((whose) => whose === session, ...ALL)
  }

  #resume({ sessionId: id, password }: RawCnxn): RawCnxn {
    return new RawCnxn(this.zoo).open({ id, password })
  }
}

describe('17. CK-92480, CK-93213, CK-83583, CK-84890: persistent watches go with their session, and counts are right', () => {
  it('after each step of any history, as a model has it', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
        const world = new CountedWorld()
        for (const step of deeds) {
          world.run(step)
          expect(world.actual).toEqual(world.expected)
        }
      }),
      runParameters(300),
    )
  })

  it.each([...LASTING].flatMap((kind) => ['close', 'expire', 'silence'].map((end) => ({ kind, end }))))(
    'a $kind watch of a client is gone after $end, and nobody is told any more',
    async ({ kind, end }) => {
      const { zoo, zk, clock } = await startWorld()
      const writer = await zoo.connect()
      await arm(zk, kind, '/a', () => undefined)
      const sent: string[] = []
      zoo.inspect((event) => event.kind === 'notification' && sent.push(event.path))

      if (end === 'close') await zk.close()
      else if (end === 'expire') zoo.expire(zk)
      else zoo.disconnect(zk)
      const atOnce = tablesOf(zoo)
      await clock.advance(60_000)
      await writer.create('/a')

      expect([atOnce, tablesOf(zoo), sent]).toEqual([EMPTY_TABLES, EMPTY_TABLES, []])
    },
  )

  it('a watch that is set twice, or by two reads, is counted once', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')

    const counts: number[] = []
    for (const kind of [...WATCH_KINDS, ...WATCH_KINDS]) {
      await arm(zk, kind, '/a', () => undefined)
      counts.push(tablesOf(zoo).count)
    }

    expect(counts).toEqual([1, 1, 2, 2, 2, 2, 2, 2, 2, 2])
  })
})
