/** removeWatches and checkWatches of every type on every kind of watch, and `watch()`, which removes its own. */
import { expect } from 'vitest'
import { Op, WatcherType, type WatchStream, type ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { arm, expectedEvents, WATCH_KINDS, type WatchKind } from '../semantics/watches/trigger-matrix.js'
import { describeContract } from './contract.js'
import { aWatch } from './wording.js'

const ALL_TYPES = Object.keys(WatcherType).filter((name): name is WatcherType =>
  Object.hasOwn(WatcherType, name),
)

const MEANT: Readonly<Record<WatcherType, readonly WatchKind[]>> = {
  Children: ['child'],
  Data: ['data', 'exists'],
  Any: WATCH_KINDS,
  Persistent: ['persistent'],
  PersistentRecursive: ['recursive'],
}

const REMOVED: Readonly<Record<WatchKind, string>> = {
  data: 'DataWatchRemoved /a',
  exists: 'DataWatchRemoved /a',
  child: 'ChildWatchRemoved /a',
  persistent: 'PersistentWatchRemoved /a',
  recursive: 'PersistentWatchRemoved /a',
}

/** Something for every kind of watch on `/a`. */
const CHANGES = [
  ['Created', '/a/x'],
  ['DataChanged', '/a'],
  ['Deleted', '/a/x'],
  ['Deleted', '/a'],
] as const

export const WATCH_REMOVAL = describeContract('removeWatches', (test) => {
  for (const type of ALL_TYPES) {
    for (const kind of WATCH_KINDS) {
      const isMeant = MEANT[type].includes(kind)

      test(`${type} ${isMeant ? 'takes' : 'does not take'} ${aWatch(kind)} away`, async ({ zk }) => {
        const { events, watcher } = recordEvents()
        await zk.create('/a')
        await arm(zk, kind, '/a', watcher)

        const code = await codeOf(zk.removeWatches('/a', { type }))
        const told = events.splice(0)
        const left = await codeOf(zk.checkWatches('/a'))
        await changeAll(zk)

        expect([code, left]).toEqual(isMeant ? ['OK', 'NOWATCHER'] : ['NOWATCHER', 'OK'])
        expect(told).toEqual(isMeant ? [REMOVED[kind]] : [])
        expect(events).toEqual(isMeant ? [] : expectedEvents(kind, '/a', CHANGES))
      })
    }
  }

  for (const kind of WATCH_KINDS) {
    test(`takes one watcher of ${aWatch(kind)} and leaves the other`, async ({ zk }) => {
      const [one, other] = [recordEvents(), recordEvents()]
      await zk.create('/a')
      for (const { watcher } of [one, other]) await arm(zk, kind, '/a', watcher)

      await zk.removeWatches('/a', { watcher: one.watcher })
      const left = await codeOf(zk.checkWatches('/a'))
      await changeAll(zk)

      expect(left).toBe('OK')
      expect(one.events).toEqual([REMOVED[kind]])
      expect(other.events).toEqual(expectedEvents(kind, '/a', CHANGES))
    })

    test(`of the last watcher of ${aWatch(kind)} reaches the server too [D10]`, async ({ zk }) => {
      const { events, watcher } = recordEvents()
      await zk.create('/a')
      await arm(zk, kind, '/a', watcher)

      await zk.removeWatches('/a', { watcher })

      expect(await codeOf(zk.checkWatches('/a'))).toBe('NOWATCHER')
      expect(events).toEqual([REMOVED[kind]])
    })
  }

  test('takes all kinds of a path together, each category told once', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.create('/a')
    for (const kind of WATCH_KINDS) await arm(zk, kind, '/a', watcher)

    await zk.removeWatches('/a')
    await changeAll(zk)

    expect(events).toEqual(['ChildWatchRemoved /a', 'DataWatchRemoved /a', 'PersistentWatchRemoved /a'])
  })

  test('takes the watch of a missing znode', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })

    await zk.removeWatches('/a', { watcher, type: 'Data' })
    await zk.create('/a')

    expect(events).toEqual(['DataWatchRemoved /a'])
  })

  test('is about exactly that path', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher, { recursive: true })

    const codes = [
      await codeOf(zk.removeWatches('/a/b')),
      await codeOf(zk.removeWatches('/')),
      await codeOf(zk.removeWatches('/a', { watcher: () => undefined })),
    ]
    await zk.create('/a')

    expect(codes).toEqual(['NOWATCHER', 'NOWATCHER', 'NOWATCHER'])
    expect(events).toEqual(['NodeCreated /a'])
  })

  test('is about the watches of this client', async (world) => {
    const other = await world.connect()
    const { events, watcher } = recordEvents()
    await other.addWatch('/a', watcher)

    const code = await codeOf(world.zk.removeWatches('/a'))
    await world.zk.create('/a')
    await other.sync('/')

    expect(code).toBe('NOWATCHER')
    expect(events).toEqual(['NodeCreated /a'])
  })

  test('tells the watcher before it is done', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)

    await zk.removeWatches('/a').then(() => events.push('removed'))

    expect(events).toEqual(['PersistentWatchRemoved /a', 'removed'])
  })
})

export const CHECK_WATCHES = describeContract('checkWatches', (test) => {
  for (const type of ALL_TYPES) {
    for (const kind of WATCH_KINDS) {
      const isMeant = MEANT[type].includes(kind)

      test(`${type} ${isMeant ? 'finds' : 'does not find'} ${aWatch(kind)}`, async ({ zk }) => {
        const { events, watcher } = recordEvents()
        await zk.create('/a')
        await arm(zk, kind, '/a', watcher)

        const code = await codeOf(zk.checkWatches('/a', type))
        await changeAll(zk)

        expect(code).toBe(isMeant ? 'OK' : 'NOWATCHER')
        expect(events).toEqual(expectedEvents(kind, '/a', CHANGES))
      })
    }
  }

  for (const kind of WATCH_KINDS) {
    test(`does not find ${aWatch(kind)} above or below its path`, async ({ zk }) => {
      await zk.createAll('/a/b')
      await arm(zk, kind, '/a', () => undefined)

      const codes = [await codeOf(zk.checkWatches('/')), await codeOf(zk.checkWatches('/a/b'))]

      expect(codes).toEqual(['NOWATCHER', 'NOWATCHER'])
    })

    test(`does not find ${aWatch(kind)} of another client`, async (world) => {
      const other = await world.connect()
      await world.zk.create('/a')
      await arm(other, kind, '/a', () => undefined)

      expect(await codeOf(world.zk.checkWatches('/a'))).toBe('NOWATCHER')
    })
  }

  test('does not find a watch that has fired', async ({ zk }) => {
    await zk.create('/a')
    await zk.getData('/a', { watcher: () => undefined })
    await zk.setData('/a', 'x')

    expect(await codeOf(zk.checkWatches('/a'))).toBe('NOWATCHER')
  })
})

export const WATCH_STREAM = describeContract('watch', (test) => {
  test('yields the events of its path in their order', async ({ zk }) => {
    const stream = zk.watch('/a')
    await stream.ready

    await zk.create('/a')
    await zk.setData('/a', 'x')
    await zk.create('/a/b')
    await zk.delete('/a/b')
    await zk.delete('/a')

    expect(await take(stream, 5)).toEqual([
      'NodeCreated /a',
      'NodeDataChanged /a',
      'NodeChildrenChanged /a',
      'NodeChildrenChanged /a',
      'NodeDeleted /a',
    ])
  })

  test('yields those of everything below, if it is recursive', async ({ zk }) => {
    const stream = zk.watch('/', { recursive: true })

    await zk.multi([Op.create('/a'), Op.create('/a/b'), Op.setData('/a/b', 'x')])

    expect(await take(stream, 3)).toEqual(['NodeCreated /a', 'NodeCreated /a/b', 'NodeDataChanged /a/b'])
  })

  test('leaves nothing at the server once its loop is left', async ({ zk }) => {
    const stream = zk.watch('/a')
    await stream.ready
    const before = await codeOf(zk.checkWatches('/a'))

    await zk.create('/a')
    for await (const _ of stream) break

    expect([before, await codeOf(zk.checkWatches('/a'))]).toEqual(['OK', 'NOWATCHER'])
  })

  test('ends when it is given up', async ({ zk }) => {
    const giveUp = new AbortController()
    const stream = zk.watch('/a', { signal: giveUp.signal })
    await stream.ready

    giveUp.abort()

    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(await codeOf(zk.checkWatches('/a'))).toBe('NOWATCHER')
  })

  test('fails with the end of its client', async (world) => {
    const zk = await world.connect()
    const stream = zk.watch('/a')
    await stream.ready

    await zk.close()

    expect(await failureOf(() => stream.next())).toMatchObject({ code: 'SESSIONEXPIRED' })
  })
})

function changeAll(zk: ZooKeeper): Promise<unknown> {
  return zk.multi([Op.create('/a/x'), Op.setData('/a', 'x'), Op.delete('/a/x'), Op.delete('/a')])
}

async function take(stream: WatchStream, count: number): Promise<string[]> {
  const lines: string[] = []
  for await (const item of stream) {
    lines.push(item.kind === 'gap' ? 'gap' : `${item.type} ${item.path}`)
    if (lines.length === count) break
  }
  return lines
}
