/**
 * Historic bugs of ZooKeeper and its kin, 4 to 9: removals that took too much or too little, and modes of one path that got in each
 * other's way. What each watcher hears afterwards is compared with a model: a watcher is the set of kinds that it still has.
 */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, Watcher, WatcherType, ZooKeeper } from '../../src/index.js'
import {
  codeOf,
  connectRaw,
  create,
  recordEvents,
  remove,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import {
  arm,
  LASTING,
  serverWatches,
  WATCH_KINDS,
  type WatchKind,
} from '../semantics/watches/trigger-matrix.js'
import { WireWorld } from '../transport/fake-link.js'
import { armRequest, EMPTY_TABLES, tablesOf, WATCHER_TYPES } from './server-watches-requests.js'

/** What is done to /a, and which kinds of watch on it hear of it. */
const STEPS: readonly {
  readonly run: (zk: ZooKeeper) => Promise<unknown>
  readonly event: string
  readonly heardBy: readonly WatchKind[]
}[] = [
  {
    run: (zk) => zk.setData('/a', 'new'),
    event: 'NodeDataChanged /a',
    heardBy: ['data', 'persistent', 'recursive'],
  },
  { run: (zk) => zk.create('/a/x'), event: 'NodeChildrenChanged /a', heardBy: ['child', 'persistent'] },
  { run: (zk) => zk.setData('/a/x', 'new'), event: 'NodeDataChanged /a/x', heardBy: ['recursive'] },
  { run: (zk) => zk.delete('/a/x'), event: 'NodeChildrenChanged /a', heardBy: ['child', 'persistent'] },
  {
    run: (zk) => zk.delete('/a'),
    event: 'NodeDeleted /a',
    heardBy: ['data', 'child', 'persistent', 'recursive'],
  },
]
/** The same steps change /a/x, which a recursive watch alone hears of. */
const CHILD_EVENTS: Readonly<Record<number, string>> = { 1: 'NodeCreated /a/x', 3: 'NodeDeleted /a/x' }

type Kind = Exclude<WatchKind, 'exists'>
const KINDS: readonly Kind[] = ['data', 'child', 'persistent', 'recursive']
const MEANT: Readonly<Record<WatcherType, readonly Kind[]>> = {
  Children: ['child'],
  Data: ['data'],
  Any: KINDS,
  Persistent: ['persistent'],
  PersistentRecursive: ['recursive'],
}

/** What a watcher with these kinds hears of all steps. */
function modelEvents(kinds: readonly Kind[]): string[] {
  const left = new Set<WatchKind>(kinds)
  return STEPS.flatMap(({ event, heardBy }, i) => {
    const isHeard = heardBy.some((kind) => left.has(kind))
    for (const kind of heardBy) if (!LASTING.has(kind)) left.delete(kind)
    const below = CHILD_EVENTS[i]
    return [...(below !== undefined && left.has('recursive') ? [below] : []), ...(isHeard ? [event] : [])]
  })
}

async function runSteps(zoo: EmbeddedZooKeeper, writer: ZooKeeper): Promise<void> {
  for (const { run } of STEPS) await run(writer)
  await zoo.settle()
}

describe('4. ZK-1910, ZK-1919, ZK-2611: removing one of several watchers removes that one', () => {
  const owned: readonly (readonly Kind[])[] = [
    ['data', 'child', 'persistent', 'recursive'],
    ['data', 'persistent'],
    ['child', 'recursive'],
  ]
  const removals = WATCHER_TYPES.flatMap((type) =>
    [0, 1, 2, undefined].flatMap((which) => [true, false].map((local) => ({ type, which, local }))),
  )

  it.each(removals)('type $type, watcher $which, local $local', async ({ type, which, local }) => {
    const { zoo, zk } = await startWorld()
    const writer = await zoo.connect()
    await zk.create('/a')
    const watchers = owned.map(() => recordEvents())
    for (const [i, { watcher }] of watchers.entries())
      for (const kind of owned[i] ?? []) await arm(zk, kind, '/a', watcher)
    const isMeant = (i: number): boolean => which === undefined || which === i
    const kept = owned.map((kinds, i) => kinds.filter((kind) => !(isMeant(i) && MEANT[type].includes(kind))))
    const isThere = owned.some((kinds, i) => kept[i]?.length !== kinds.length)

    const watcher = which === undefined ? undefined : watchers[which]?.watcher
    const code = await codeOf(zk.removeWatches('/a', { type, local, ...(watcher && { watcher }) }))
    for (const { events } of watchers) events.splice(0)
    await runSteps(zoo, writer)

    expect(code).toBe(isThere ? 'OK' : 'NOWATCHER')
    expect(watchers.map(({ events }) => events)).toEqual(kept.map(modelEvents))
    expect(tablesOf(zoo)).toMatchObject({ broken: [] })
  })

  it('twice removes it once', async () => {
    const { zk } = await startWorld()
    const [one, another] = [recordEvents(), recordEvents()]
    for (const { watcher } of [one, another]) await zk.addWatch('/a', watcher)

    const options = { watcher: one.watcher }
    const codes = [
      await codeOf(zk.removeWatches('/a', options)),
      await codeOf(zk.removeWatches('/a', options)),
    ]
    await zk.create('/a')

    expect(codes).toEqual(['OK', 'NOWATCHER'])
    expect([one.events, another.events]).toEqual([['PersistentWatchRemoved /a'], ['NodeCreated /a']])
  })
})

describe('5. ZK-1909: removing what is not there is NOWATCHER, never OK', () => {
  it.each(WATCHER_TYPES)('on the wire, as %s: -121 and no body', (watcherType) => {
    const world = new WireWorld()
    const [peer, other] = [world.connect(), world.connect()]
    for (const kind of WATCH_KINDS) other.ask(1, armRequest(kind, '/'))

    peer.ask(1, { type: 'removeWatches', path: '/', watcherType })
    const [frame] = peer.takeFrames()

    expect(frame?.length).toBe(16)
    expect(frame?.slice(12)).toEqual(Uint8Array.of(0xff, 0xff, 0xff, 0x87))
    expect(tablesOf(world.zoo)).toMatchObject({ count: 2, broken: [] })
  })

  it.each(WATCHER_TYPES)(
    'by the client, as %s: for no watcher, a stranger, and one that has fired',
    async (type) => {
      const { zk } = await startWorld()
      const { watcher } = recordEvents()
      const stranger: Watcher = () => undefined
      await zk.create('/a')
      for (const kind of ['data', 'child'] as const) await arm(zk, kind, '/a', watcher)
      await zk.delete('/a')

      const codes = [
        await codeOf(zk.removeWatches('/never', { type })),
        await codeOf(zk.removeWatches('/a', { type })),
        await codeOf(zk.removeWatches('/a', { type, watcher })),
        await codeOf(zk.removeWatches('/a', { type, watcher: stranger, local: true })),
      ]

      expect(codes).toEqual(['NOWATCHER', 'NOWATCHER', 'NOWATCHER', 'NOWATCHER'])
    },
  )
})

describe('6. ZK-4466: a one-shot and a lasting watch on one path do not overwrite each other', () => {
  const oneShots = ['data', 'exists', 'child'] as const
  const pairs = oneShots.flatMap((once) =>
    [...LASTING].flatMap((lasting) => [true, false].map((isFirst) => ({ once, lasting, isFirst }))),
  )

  it.each(pairs)('$once with $lasting, one-shot first: $isFirst', async ({ once, lasting, isFirst }) => {
    const { zoo, zk } = await startWorld()
    const writer = await zoo.connect()
    await zk.create('/a')
    const [oneShot, stays] = [recordEvents(), recordEvents()]
    const order = isFirst ? [once, lasting] : [lasting, once]
    for (const kind of order) await arm(zk, kind, '/a', kind === once ? oneShot.watcher : stays.watcher)

    const isChild = once === 'child'
    for (const round of ['1', '2'])
      await (isChild ? writer.create(`/a/${round}`) : writer.setData('/a', round))
    await zoo.settle()

    const [changed, below] = isChild
      ? ['NodeChildrenChanged /a', ['NodeCreated /a/1', 'NodeCreated /a/2']]
      : ['NodeDataChanged /a', ['NodeDataChanged /a', 'NodeDataChanged /a']]
    expect(oneShot.events).toEqual([changed])
    expect(stays.events).toEqual(lasting === 'recursive' ? below : [changed, changed])
    expect(tablesOf(zoo).lines).toEqual(serverWatches(lasting, '/a'))
  })

  it('which is one event a change on the wire', () => {
    const { zoo } = startServer()
    const [reader, writer] = [connectRaw(zoo), connectRaw(zoo)]
    writer.ask(create('/a'))
    for (const kind of ['data', 'persistent'] as const) reader.ask(armRequest(kind, '/a'))

    for (const data of ['1', '2']) writer.ask(setData('/a', data))

    const lines = reader.notifications.map(({ type, path }) => `${type} ${path}`)
    expect(lines).toEqual(['NodeDataChanged /a', 'NodeDataChanged /a'])
  })
})

describe('7. ZK-4471: no removal leaves half of a persistent watch', () => {
  const armed: readonly (readonly Kind[])[] = [['persistent'], ['data', 'child', 'persistent'], KINDS]
  const cases = WATCHER_TYPES.flatMap((watcherType) => armed.map((kinds) => ({ watcherType, kinds })))

  it.each(cases)('type $watcherType from $kinds', ({ watcherType, kinds }) => {
    const { zoo } = startServer()
    const [cnxn, writer] = [connectRaw(zoo), connectRaw(zoo)]
    writer.ask(create('/a'))
    for (const kind of kinds) cnxn.ask(armRequest(kind, '/a'))
    const kept = kinds.filter((kind) => !MEANT[watcherType].includes(kind))

    const code = cnxn.code({ type: 'removeWatches', path: '/a', watcherType })
    const changes = [setData('/a'), create('/a/x'), setData('/a/x'), remove('/a/x'), remove('/a')]
    for (const change of changes) writer.ask(change)

    expect(code).toBe(kept.length === kinds.length ? 'NOWATCHER' : 'OK')
    const heard = cnxn.notifications.map(({ type, path }) => `${type} ${path}`)
    expect(heard).toEqual(modelEvents(kept))
    expect(tablesOf(zoo).lines.some((line) => line.includes('persistent'))).toBe(kept.includes('persistent'))
  })
})

describe('8. ZK-4472: lasting watches can be removed alone, by types of their own', () => {
  const types = { Persistent: 'persistent', PersistentRecursive: 'recursive' } as const

  it.each(['Persistent', 'PersistentRecursive'] as const)('%s leaves everything else', (watcherType) => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.ask(create('/a'))
    for (const kind of KINDS) cnxn.ask(armRequest(kind, '/a'))
    const before = KINDS.filter((kind) => kind !== types[watcherType])

    const code = cnxn.code({ type: 'removeWatches', path: '/a', watcherType })

    const { zoo: other } = startServer()
    const twin = connectRaw(other)
    twin.ask(create('/a'))
    for (const kind of before) twin.ask(armRequest(kind, '/a'))
    expect(code).toBe('OK')
    expect(tablesOf(zoo)).toEqual(tablesOf(other))
  })

  it.each(['Persistent', 'PersistentRecursive'] as const)(
    '%s is not understood by a 3.8 server',
    (watcherType) => {
      const { zoo } = startServer({ compatibility: '3.8' })
      const cnxn = connectRaw(zoo)
      cnxn.ask(armRequest(types[watcherType], '/a'))
      const { lines } = tablesOf(zoo)

      const code = cnxn.code({ type: 'removeWatches', path: '/a', watcherType })

      expect([code, cnxn.log.includes('closed')]).toEqual(['MARSHALLINGERROR', false])
      expect(tablesOf(zoo).lines).toEqual(lines)
    },
  )

  it('Any takes all of one client, and nothing of another', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    for (const kind of WATCH_KINDS) await arm(zk, kind, '/a', () => undefined)
    const { events, watcher } = recordEvents()
    await other.addWatch('/a', watcher)

    await zk.removeWatches('/a', { type: 'Any' })
    await zk.setData('/a', 'new')
    await zoo.settle()

    expect(tablesOf(zoo).lines).toEqual(serverWatches('persistent', '/a'))
    expect(events).toEqual(['NodeDataChanged /a'])
    await other.removeWatches('/a')
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
  })
})

describe('9. ZK-4475: a recursive watcher is not called with NodeChildrenChanged', () => {
  it.each(['/x', '/x/y'])('that the server sends for a child watch on %s', async (path) => {
    const { zoo, zk } = await startWorld()
    const writer = await zoo.connect()
    const raw = connectRaw(zoo)
    await zk.createAll('/x/y')
    const [recursive, child, both] = [recordEvents(), recordEvents(), recordEvents()]
    await arm(zk, 'recursive', '/x', recursive.watcher)
    await arm(zk, 'recursive', '/x', both.watcher)
    await arm(zk, 'child', path, child.watcher)
    await arm(zk, 'persistent', path, both.watcher)
    for (const request of [armRequest('recursive', '/x'), armRequest('child', path)]) raw.ask(request)

    await writer.create(`${path}/z`)
    await zoo.settle()

    const created = `NodeCreated ${path}/z`
    const changed = `NodeChildrenChanged ${path}`
    expect(raw.notifications.map(({ type, path: of }) => `${type} ${of}`)).toEqual([created, changed])
    expect(recursive.events).toEqual([created])
    expect(child.events).toEqual([changed])
    expect(both.events).toEqual([created, changed])
  })
})
