/**
 * removeWatches, generated: every type, for one watcher or all, local or not, connected or not, against every set of watches
 * that the watcher has and with or without another watcher. Asserted are the code, the events of both, and what is left at
 * both ends.
 */
import { describe, expect, it } from 'vitest'
import {
  type EmbeddedZooKeeper,
  type RemoveWatchesOptions,
  type Watcher,
  WatcherType,
  type ZooKeeper,
} from '../../../src/index.js'
import { codeOf, recordEvents, startWorld, type World } from '../fixture.js'
import { arm, serverWatches, type WatchKind, watchLines } from './trigger-matrix.js'

/** The kinds by the table of the client that they are in; on a missing znode `exists` stands for `data`. */
const KINDS = ['data', 'child', 'persistent', 'recursive'] as const
type Kind = (typeof KINDS)[number]

const MEANT: Readonly<Record<WatcherType, readonly Kind[]>> = {
  Children: ['child'],
  Data: ['data'],
  Any: KINDS,
  Persistent: ['persistent'],
  PersistentRecursive: ['recursive'],
}

/** Categories in the order of their events. */
const CATEGORIES: readonly (readonly [event: string, kinds: readonly Kind[]])[] = [
  ['ChildWatchRemoved', ['child']],
  ['DataWatchRemoved', ['data']],
  ['PersistentWatchRemoved', ['persistent', 'recursive']],
]

interface Case {
  readonly mine: readonly Kind[]
  readonly others: readonly Kind[]
  readonly type: WatcherType
  readonly isOne: boolean
  readonly local: boolean
}

interface Expected {
  readonly code: string
  readonly mine: readonly string[]
  readonly others: readonly string[]
  readonly left: readonly string[]
  /** Kinds that some watcher still has at the client. */
  readonly kept: readonly Kind[]
}

const subsets: readonly (readonly Kind[])[] = Array.from({ length: 16 }, (_, bits) =>
  KINDS.filter((_kind, i) => (bits & (1 << i)) !== 0),
)
const types = Object.keys(WatcherType).filter((name): name is WatcherType => Object.hasOwn(WatcherType, name))

describe.each(types)('removing %s', (type) => {
  describe.each([
    { isOne: true, local: false, whose: 'one watcher' },
    { isOne: true, local: true, whose: 'one watcher, locally' },
    { isOne: false, local: false, whose: 'all watchers' },
    { isOne: false, local: true, whose: 'all watchers, locally' },
  ])('of $whose', ({ isOne, local }) => {
    it.each(subsets.map((mine) => [mine.join('+') || 'nothing', mine] as const))(
      'while connected, from a watcher with %s',
      async (_name, mine) => {
        for (const others of [[], ['child']] as const) {
          const removal: Case = { mine, others, type, isOne, local }

          expect(await removeConnected('/a', removal)).toEqual(expectConnected('/a', removal))
        }
      },
    )

    it.each(subsets.map((mine) => [mine.join('+') || 'nothing', mine] as const))(
      'while disconnected, from a watcher with %s',
      async (_name, mine) => {
        for (const others of [[], ['child']] as const) {
          const removal: Case = { mine, others, type, isOne, local }

          expect(await removeDisconnected('/a', removal)).toEqual(expectDisconnected('/a', removal))
        }
      },
    )
  })
})

describe('a watch of a missing znode', () => {
  it.each(['Data', 'Any'] as const)('is removed as %s', async (type) => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.exists('/none', { watcher })

    await zk.removeWatches('/none', { watcher, type })
    await zk.create('/none')

    expect(events).toEqual(['DataWatchRemoved /none'])
    expect(watchLines(zoo)).toEqual([])
  })

  it.each(['Children', 'Persistent', 'PersistentRecursive'] as const)('is not %s', async (type) => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.exists('/none', { watcher })

    const code = await codeOf(zk.removeWatches('/none', { watcher, type }))

    expect(code).toBe('NOWATCHER')
    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual(['/none data standard'])
  })
})

describe('what is removed', () => {
  it('is told before the call is done, and nothing comes afterwards', async () => {
    const { zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)

    await zk.removeWatches('/a', { watcher })
    events.push('removed')
    await zk.create('/a')

    expect(events).toEqual(['PersistentWatchRemoved /a', 'removed'])
  })

  it('is exactly that path: a recursive watch is not found below it', async () => {
    const { zoo, zk } = await startWorld()
    const { watcher } = recordEvents()
    await zk.addWatch('/a', watcher, { recursive: true })

    const code = await codeOf(zk.removeWatches('/a/b', { watcher }))

    expect(code).toBe('NOWATCHER')
    expect(watchLines(zoo)).toEqual(['/a data recursive'])
  })

  it('is that of this client alone', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await other.addWatch('/a', () => undefined)

    const code = await codeOf(zk.removeWatches('/a'))

    expect(code).toBe('NOWATCHER')
    expect(watchLines(zoo)).toEqual(['/a data persistent', '/a child persistent'])
  })

  it('leaves nothing at the server once the last watcher is gone, unlike the Java client [trap 29]', async () => {
    const { zoo, zk } = await startWorld()
    const [one, another] = [recordEvents(), recordEvents()]
    await zk.addWatch('/a', one.watcher)
    await zk.addWatch('/a', another.watcher)

    await zk.removeWatches('/a', { watcher: one.watcher })
    const between = watchLines(zoo)
    await zk.removeWatches('/a', { watcher: another.watcher })

    expect(between).toEqual(['/a data persistent', '/a child persistent'])
    expect(watchLines(zoo)).toEqual([])
  })
})

describe('a registration that is still under way', () => {
  it('keeps the watch at the server for a watcher that the reply will bring', async () => {
    const { zoo, zk } = await startWorld()
    const [one, another] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    await zk.getData('/a', { watcher: one.watcher })
    zoo.disconnect(zk)

    const calls = [
      zk.getData('/a', { watcher: another.watcher }),
      zk.removeWatches('/a', { watcher: one.watcher, type: 'Data' }),
    ]
    zoo.reconnect(zk)
    await Promise.all(calls)
    await zk.setData('/a', 'new')

    expect(removals(one.events)).toEqual(['DataWatchRemoved /a'])
    expect(removals(another.events)).toEqual(['NodeDataChanged /a'])
  })

  it('of another path does not keep it', async () => {
    const { zoo, zk } = await startWorld()
    const [one, another] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    await zk.getData('/a', { watcher: one.watcher })
    zoo.disconnect(zk)

    const calls = [
      zk.exists('/b', { watcher: another.watcher }),
      zk.removeWatches('/a', { watcher: one.watcher, type: 'Data' }),
    ]
    zoo.reconnect(zk)
    await Promise.all(calls)

    expect(watchLines(zoo)).toEqual(['/b data standard'])
  })
})

it('one kind after the other, until nobody watches, leaves nothing at the server', async () => {
  for (const order of [types.slice(0, 2), types.slice(0, 2).toReversed()]) {
    const { zoo, zk } = await startWorld()
    const { watcher } = recordEvents()
    await zk.create('/a')
    await zk.getData('/a', { watcher })
    await zk.getChildren('/a', { watcher })

    for (const type of order) await zk.removeWatches('/a', { watcher, type })

    expect(watchLines(zoo)).toEqual([])
  }
})

/** What a removal comes to, by the rules of the reference. */
function expectConnected(path: string, { mine, others, type, isOne }: Case): Expected {
  const meant = MEANT[type]
  const goesMine = mine.filter((kind) => meant.includes(kind))
  const goesOthers = isOne ? [] : others.filter((kind) => meant.includes(kind))
  const server = atServer(path, [...mine, ...others])
  if (goesMine.length + goesOthers.length === 0) {
    return { code: 'NOWATCHER', mine: [], others: [], left: server, kept: kinds([...mine, ...others]) }
  }
  const kept = kinds([...mine.filter(not(goesMine)), ...others.filter(not(goesOthers))])
  return {
    code: 'OK',
    mine: told(path, goesMine),
    others: told(path, goesOthers),
    left: atServer(path, keptAtServer([...mine, ...others], kept, isOne ? [] : meant)),
    kept,
  }
}

/**
 * Each goes with the last watcher that needs it. A one-shot that one watcher gives up while there is a lasting one on the path stays
 * until it fires, since a server of 3.8 would take that along.
 */
function keptAtServer(before: readonly Kind[], kept: readonly Kind[], removed: readonly Kind[]): Kind[] {
  const isLasting = (kind: Kind): boolean => kind === 'persistent' || kind === 'recursive'
  const isSafe = !kept.some(isLasting)
  return kinds(before).filter((kind) =>
    isLasting(kind) || isSafe ? kept.includes(kind) : !removed.includes(kind),
  )
}

/** The request never leaves: only a local removal happens, and its events say that there is no connection. */
function expectDisconnected(path: string, removal: Case): Omit<Expected, 'left'> {
  const { code, mine, others, kept } = expectConnected(path, removal)
  const disconnected = (line: string): string => `${line} (Disconnected)`
  if (code === 'NOWATCHER') return { code, mine, others, kept }
  if (removal.local) return { code, mine: mine.map(disconnected), others: others.map(disconnected), kept }
  return { code: 'CONNECTIONLOSS', mine: [], others: [], kept: kinds([...removal.mine, ...removal.others]) }
}

async function removeConnected(path: string, removal: Case): Promise<Expected> {
  const { world, mine, others } = await startWith(path, removal)
  const { zoo, zk } = world
  const code = await codeOf(zk.removeWatches(path, optionsOf(removal, mine.watcher)))
  const left = watchLines(zoo)
  const events = { mine: [...mine.events], others: [...others.events] }
  return { code, ...events, left, kept: await findKept(zoo, zk, path) }
}

async function removeDisconnected(path: string, removal: Case): Promise<Omit<Expected, 'left'>> {
  const { world, mine, others } = await startWith(path, removal)
  const { zoo, zk, clock } = world
  zoo.disconnect(zk)
  await zoo.settle()
  const call = codeOf(zk.removeWatches(path, optionsOf(removal, mine.watcher)))
  await clock.advance(zk.sessionTimeoutMs)
  const code = await call
  const events = { mine: removals(mine.events), others: removals(others.events) }
  return { code, ...events, kept: await findKept(zoo, zk, path) }
}

async function startWith(
  path: string,
  removal: Case,
): Promise<{ world: World; mine: ReturnType<typeof recordEvents>; others: ReturnType<typeof recordEvents> }> {
  const world = await startWorld({ server: { maxSessionTimeoutMs: 600_000, tickTimeMs: 1000 } })
  const [mine, others] = [recordEvents(), recordEvents()]
  await world.zk.create(path)
  for (const kind of removal.mine) await arm(world.zk, kind, path, mine.watcher)
  for (const kind of removal.others) await arm(world.zk, kind, path, others.watcher)
  return { world, mine, others }
}

function optionsOf({ type, isOne, local }: Case, watcher: Watcher): RemoveWatchesOptions {
  return isOne ? { type, local, watcher } : { type, local }
}

/** Asks the client itself which kinds it still has: a new connection is told all of them, and then has them exactly. */
async function findKept(zoo: EmbeddedZooKeeper, zk: ZooKeeper, path: string): Promise<Kind[]> {
  zoo.disconnect(zk)
  zoo.reconnect(zk)
  await zk.sync('/')
  const lines = watchLines(zoo)
  return KINDS.filter((kind) => {
    const [table, mode] =
      kind === 'child' ? ['child', 'standard'] : ['data', kind === 'data' ? 'standard' : kind]
    return lines.some((line) => line.startsWith(`${path} ${table} `) && line.includes(mode))
  })
}

/** The watches of a server for some kinds on one path, as it lists them. */
function atServer(path: string, all: readonly WatchKind[]): string[] {
  const lines = ['data', 'child'].flatMap((table) => {
    const modes = ['standard', 'persistent', 'recursive'].filter((mode) =>
      all.some((kind) => serverWatches(kind, path).includes(`${path} ${table} ${mode}`)),
    )
    return modes.length === 0 ? [] : [`${path} ${table} ${modes.join('+')}`]
  })
  return lines
}

function told(path: string, gone: readonly Kind[]): string[] {
  return CATEGORIES.filter(([, members]) => members.some((kind) => gone.includes(kind))).map(
    ([event]) => `${event} ${path}`,
  )
}

function kinds(all: readonly Kind[]): Kind[] {
  return KINDS.filter((kind) => all.includes(kind))
}

function not(out: readonly Kind[]): (kind: Kind) => boolean {
  return (kind) => !out.includes(kind)
}

/** Without what a watcher hears of the connection. */
function removals(events: readonly string[]): string[] {
  return events.filter((line) => !line.startsWith('None'))
}
