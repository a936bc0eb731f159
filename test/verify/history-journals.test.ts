/** The checker of histories finds what a client of this library does wrong with what it hears: one test for each rule. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { runApp } from '../../verify/history/app.js'
import { History } from '../../verify/history/history.js'
import { type Entry, Journal } from '../../verify/history/journal.js'
import { checkJournals } from '../../verify/history/journal-rules.js'
import { inProcess } from '../../verify/history/own-clients.js'
import { Random } from '../../verify/random.js'
import { create, dataWatches, get, NEVER, rulesOf, Stage, set } from './history-bends.js'

interface Recorded {
  readonly history: History
  readonly journal: Journal
  readonly entries: Entry[]
}

/** Two clients in process whose links break. */
async function record(): Promise<Recorded> {
  const zoo = new EmbeddedZooKeeper()
  const history = new History()
  const journals = [1, 2].map((i) => new Journal(`app ${i}`))
  await Promise.all(
    journals.map((journal, i) =>
      runApp({
        ...inProcess(zoo, { history, name: `app ${i}`, random: new Random(12, i) }),
        journal,
        random: new Random(11, i),
        requests: 400,
        name: `a${i}`,
        troubles: 0.1,
        mayBreak: () => true,
        signal: NEVER,
      }),
    ),
  )
  await zoo.close()
  const journal = journals.find(({ entries }) => states(entries).length > 6)
  if (journal === undefined) throw new Error('No link was broken often enough')
  return { history, journal, entries: journal.entries }
}

/** A client that watches a znode, is away while it changes, and hears of that before it reads it again. */
async function comeback(): Promise<Recorded> {
  const stage = new Stage()
  const [first, other] = [await stage.open(), await stage.open()]
  first.send([create('/a', 'one'), get('/a', true)])
  const { lastZxid } = first.ticket
  await first.cut()
  other.send([set('/a', 'two')])
  const second = await stage.open(first.ticket)
  second.send([dataWatches(lastZxid, '/a'), get('/a')])
  const journal = new Journal('app')
  journal.began(first.ticket)
  const seen = { look: 'data', path: '/a', zxid: lastZxid, watcher: 1 } as const
  journal.entries.push(
    { kind: 'state', watcher: 0, state: 'SyncConnected' },
    { kind: 'answer', op: 'create', code: 'OK', seen: undefined },
    { kind: 'answer', op: 'data', code: 'OK', seen },
    ...(['Disconnected', 'SyncConnected'] as const).flatMap((state) =>
      [0, 1].map((watcher) => ({ kind: 'state', watcher, state }) as const),
    ),
    { kind: 'event', watcher: 1, type: 'NodeDataChanged', path: '/a', zxid: -1 },
    { kind: 'answer', op: 'data', code: 'OK', seen: { ...seen, zxid: lastZxid + 1, watcher: undefined } },
  )
  return { history: stage.history, journal, entries: journal.entries }
}

function rules({ history, journal }: Recorded): string[] {
  return [...new Set(checkJournals([journal], history).map(({ rule }) => rule))].sort()
}

function states(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry) => entry.kind === 'state' && entry.watcher === 0)
}

/** The first entry that fits it and the one behind it. */
function find(entries: readonly Entry[], fits: (entry: Entry, next: Entry | undefined) => boolean): number {
  const at = entries.findIndex((entry, i) => fits(entry, entries[i + 1]))
  if (at < 0) throw new Error('There is no such entry')
  return at
}

function isEventBeforeAnswer(entry: Entry, next: Entry | undefined): boolean {
  return entry.kind === 'event' && entry.zxid > 0 && next?.kind === 'answer' && next.code === 'OK'
}

function swap(entries: Entry[], at: number): void {
  entries.splice(at, 2, ...entries.slice(at, at + 2).reverse())
}

describe('the checker of journals', () => {
  it('has nothing against clients of zoolet', async () => {
    const recorded = await record()

    expect(rules(recorded)).toEqual([])
    expect(rulesOf(recorded.history)).toEqual([])
  })

  it('finds a watcher that is called twice (A1)', async () => {
    const recorded = await record()
    const { entries } = recorded
    const at = find(entries, isEventBeforeAnswer)

    entries.splice(at, 0, ...entries.slice(at, at + 1))

    expect(rules(recorded)).toEqual(['A1'])
  })

  it('finds a watcher that waits and is not called (A1)', async () => {
    const recorded = await record()
    const { entries } = recorded

    entries.splice(find(entries, isEventBeforeAnswer), 1)

    expect(rules(recorded)).toContain('A1')
  })

  it('finds an answer that comes before the event that came before it (A2)', async () => {
    const recorded = await record()
    const { entries } = recorded

    swap(entries, find(entries, isEventBeforeAnswer))

    expect(rules(recorded)).toContain('A2')
  })

  it('finds a change that is seen though its event never came to who waits for it (A2)', async () => {
    const recorded = await record()
    const { entries } = recorded
    const seen = find(
      entries,
      (entry) => entry.kind === 'answer' && entry.seen?.watcher === undefined && entry.seen !== undefined,
    )
    const entry = entries[seen]

    if (entry?.kind === 'answer' && entry.seen !== undefined)
      entries.splice(seen, 0, { ...entry, seen: { ...entry.seen, watcher: 99_999, zxid: -5 } })

    expect(rules(recorded)).toContain('A2')
  })

  it('finds a state that is told twice in a row (A4)', async () => {
    const recorded = await record()
    const { entries } = recorded
    const at = find(entries, (entry) => entry.kind === 'state' && entry.state === 'Disconnected')

    entries.splice(at, 0, ...entries.slice(at, at + 1))

    expect(rules(recorded)).toContain('A4')
  })

  it('finds a watcher that waits and is not told of a change of state (A4)', async () => {
    const recorded = await record()
    const { entries } = recorded

    entries.splice(
      find(entries, (entry) => entry.kind === 'state' && entry.watcher !== 0),
      1,
    )

    expect(rules(recorded)).toEqual(['A4'])
  })

  it('finds what is told after the end, and calls without an answer (A4)', async () => {
    const [late, pending] = [await record(), await record()]

    late.entries.push({ kind: 'event', watcher: 77_777, type: 'NodeCreated', path: '/a', zxid: 1 })
    void pending.journal.called('sync', new Promise(() => undefined))

    expect(rules(late)).toContain('A4')
    expect(rules(pending)).toEqual(['A4'])
  })

  it('finds a catch-up event that comes after an answer to a new request (A5)', async () => {
    const [right, wrong] = [await comeback(), await comeback()]

    swap(wrong.entries, wrong.entries.length - 2)

    expect(rules(right)).toEqual([])
    expect(rules(wrong)).toEqual(['A2', 'A5'])
  })

  it('finds a first event that cannot be, and a client that catches up with too little (A5)', async () => {
    const [first, later] = [await record(), await record()]
    const seen = { look: 'exists', path: '/a', zxid: 0, watcher: 66_666 } as const
    const restored = later.history.threads
      .flatMap(({ exchanges }) => exchanges)
      .filter(({ request }) => request.type === 'setWatches')

    first.entries.unshift(
      { kind: 'answer', op: 'exists', code: 'NONODE', seen },
      { kind: 'event', watcher: 66_666, type: 'NodeDeleted', path: '/a', zxid: -1 },
    )
    for (const { request } of restored) Object.assign(request, { relativeZxid: 1_000_000 })

    expect(rules(first)).toContain('A5')
    expect(rules(later)).toEqual(['A5'])
  })
})
