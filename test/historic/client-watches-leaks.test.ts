/**
 * Historic bugs of ZooKeeper's clients, 30, 38 and 39: watches and watchers that stayed when nobody needed them any more. What a client
 * holds is seen from outside: by what it sends on a new connection, and by whether its watchers can be collected.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, Watcher, ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, recordEvents, startServer, startWorld, type World } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { arm, WATCH_KINDS } from '../semantics/watches/trigger-matrix.js'
import { WireWorld } from '../transport/fake-link.js'
import { WiredClient } from './client-watches-wire.js'
import { EMPTY_TABLES, tablesOf } from './server-watches-requests.js'

/** A queue keeps its last items a while: in the EventThread, in the turn of the event loop, in what has just ended. */
const FEW = 5

/** Watchers, and what else nobody but the client knows of. */
class Watched {
  readonly #refs: WeakRef<object>[] = []
  calls = 0

  watcher(): Watcher {
    return this.note<Watcher>(({ type }) => {
      if (type !== 'None') this.calls += 1
    })
  }

  /** Looks whether this is collected. */
  note<T extends object>(value: T): T {
    this.#refs.push(new WeakRef(value))
    return value
  }

  /** How many are still held, when all that can be collected is. */
  async countHeld(): Promise<number> {
    setFlagsFromString('--expose-gc')
    const collect: unknown = runInNewContext('gc')
    if (typeof collect !== 'function') throw new Error('there is no gc')
    for (let times = 0; times < 3; times++) {
      await macrotask()
      collect()
    }
    return this.#refs.filter((ref) => ref.deref() !== undefined).length
  }
}

/** What the client sends of its watches on a new connection. */
async function watchesOnReturn({ zoo, zk }: Pick<World, 'zoo' | 'zk'>): Promise<number> {
  let paths = 0
  const stop = zoo.inspect((event) => {
    if (event.kind !== 'request' || event.request.type !== 'setWatches') return
    const { dataWatches, existWatches, childWatches } = event.request
    const { persistentWatches, persistentRecursiveWatches } = event.request
    const lists = [dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches]
    paths += lists.flat().length
  })
  zoo.disconnect(zk)
  await zoo.settle()
  zoo.reconnect(zk)
  await zoo.settle()
  stop()
  return paths
}

describe('30. nzc #31, #33: what has fired is held by neither side, and not armed again', () => {
  const fires: Readonly<Record<string, (zk: ZooKeeper, watcher: Watcher) => Promise<unknown>>> = {
    'a data watch by setData': async (zk, watcher) => {
      await zk.getData('/a', { watcher })
      await zk.setData('/a', 'new')
    },
    'an exists watch by create': async (zk, watcher) => {
      await zk.exists('/b', { watcher })
      await zk.create('/b')
      await zk.delete('/b')
    },
    'a child watch by create': async (zk, watcher) => {
      await zk.getChildren('/a', { watcher })
      await zk.create('/a/x')
      await zk.delete('/a/x')
    },
    'data and child watches by delete': async (zk, watcher) => {
      await zk.create('/b')
      await zk.getData('/b', { watcher })
      await zk.getChildren('/b', { watcher })
      await zk.delete('/b')
    },
  }

  it.each(Object.keys(fires))('%s, a thousand times', async (name) => {
    const { zoo, zk } = await startWorld()
    const watched = new Watched()
    await zk.create('/a')

    for (let times = 0; times < 1000; times++) await fires[name]?.(zk, watched.watcher())

    expect(watched.calls).toBe(1000)
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
    expect(await watched.countHeld()).toBeLessThanOrEqual(FEW)
    expect(await watchesOnReturn({ zoo, zk })).toBe(0)
  })

  it('nor is what fired while the client was away', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    await zk.create('/a')
    await arm(zk, 'data', '/a', watcher)

    zoo.disconnect(zk)
    await other.setData('/a', 'new')
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(events).toEqual(['None Disconnected', 'None SyncConnected', 'NodeDataChanged /a'])
    expect(await watchesOnReturn({ zoo, zk })).toBe(0)
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
  })

  it('a watch that has not fired is held, and armed again', async () => {
    const { zoo, zk } = await startWorld()
    const watched = new Watched()

    for (let i = 0; i < 100; i++) await zk.exists(`/${i}`, { watcher: watched.watcher() })

    expect(await watched.countHeld()).toBe(100)
    expect(await watchesOnReturn({ zoo, zk })).toBe(100)
  })
})

describe('38. kz #542, #543, #413, 20f285b, CUR-240, CUR-167, CUR-710, yfinkelstein #34: nothing is left after a stop', () => {
  const ROUNDS = 200
  /** Ways to stop watching with a client that goes on. */
  const stops: Readonly<
    Record<string, (zk: ZooKeeper, watched: Watched, zoo: EmbeddedZooKeeper) => Promise<unknown>>
  > = {
    'removeWatches of one watcher': async (zk, watched) => {
      const watcher = watched.watcher()
      for (const kind of WATCH_KINDS) await arm(zk, kind, '/a', watcher)
      await zk.removeWatches('/a', { watcher })
    },
    'removeWatches of all': async (zk, watched) => {
      for (const kind of WATCH_KINDS) await arm(zk, kind, '/a', watched.watcher())
      await zk.removeWatches('/a')
    },
    'leaving a stream': async (zk, watched) => {
      const stream = watched.note(zk.watch('/a'))
      await Promise.all([zk.setData('/a', 'new'), stream.ready])
      for await (const { kind } of stream) if (kind === undefined) break
      await zk.sync('/')
    },
    'a call that was given up': async (zk, watched, zoo) => {
      const controller = new AbortController()
      zoo.disconnect(zk)
      const { signal } = controller
      const failure = failureOf(() => zk.exists('/none', { watcher: watched.watcher(), signal }))
      controller.abort()
      zoo.reconnect(zk)
      await Promise.all([failure, zk.sync('/')])
    },
    'a call whose reply was lost': async (zk, watched, zoo) => {
      zoo.loseNextReply(zk)
      await codeOf(zk.exists('/none', { watcher: watched.watcher() }))
      await zk.sync('/')
    },
  }

  it.each(Object.keys(stops))('%s', async (name) => {
    const { zoo, zk, clock } = await startWorld()
    await zk.create('/a')
    const watched = new Watched()

    for (let times = 0; times < ROUNDS; times++) {
      await stops[name]?.(zk, watched, zoo)
      await clock.advance(1000)
    }

    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
    expect(await watched.countHeld()).toBeLessThanOrEqual(FEW)
    expect(await watchesOnReturn({ zoo, zk })).toBe(0)
  })

  /** Ways in which a client ends, while the test holds on to it. */
  const ends: Readonly<Record<string, (zk: ZooKeeper, zoo: EmbeddedZooKeeper) => unknown>> = {
    close: (zk) => zk.close(),
    expiry: (zk, zoo) => zoo.expire(zk),
    'close while away': (zk, zoo) => {
      zoo.disconnect(zk)
      return zk.close()
    },
    'refused credentials': (zk) => codeOf(zk.addAuthInfo('none', 'x')),
  }

  it.each(Object.keys(ends))('%s', async (name) => {
    const { zoo, clock } = startServer()
    const watched = new Watched()
    const clients: ZooKeeper[] = []
    for (let times = 0; times < ROUNDS; times++) {
      const zk = await zoo.connect()
      clients.push(zk)
      for (const kind of ['persistent', 'recursive', 'child'] as const)
        await arm(zk, kind, '/', watched.watcher())
      await ends[name]?.(zk, zoo)
      await zoo.settle()
    }
    await clock.advance(60_000)

    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
    expect([zoo.pending(), zoo.reports.counts().sessions, clock.pendingTimers]).toEqual([[], 0, 0])
    // A client may keep the watcher that it called last, whom it would blame if it never came to rest; no more.
    expect(await watched.countHeld()).toBeLessThanOrEqual(clients.length + FEW)
    clients.length = 0
    expect(await watched.countHeld()).toBeLessThanOrEqual(FEW)
  })

  it('a call over bytes that was given up after it was sent', async () => {
    const world = new WireWorld()
    const client = await WiredClient.connect(world)
    const watched = new Watched()
    for (let times = 0; times < ROUNDS; times++) {
      const controller = new AbortController()
      const { signal } = controller
      const failure = failureOf(() => client.zk.exists('/none', { watcher: watched.watcher(), signal }))
      if (times % 2 === 0) await client.serve()
      controller.abort()
      await Promise.all([failure, client.settle()])
    }

    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
    expect(await watched.countHeld()).toBeLessThanOrEqual(FEW)
  })
})

describe('39. kz 9b0a793: waiting for what has vanished leaves no watch for ever', () => {
  it('getData on a znode that is gone leaves nothing, exists does until it is removed', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()

    const codes = [
      await codeOf(zk.getData('/gone', { watcher })),
      await codeOf(zk.getChildren('/gone', { watcher })),
    ]
    const ofReads = tablesOf(zoo)
    await zk.exists('/gone', { watcher })
    const ofExists = tablesOf(zoo).lines
    await zk.removeWatches('/gone', { watcher, type: 'Data' })

    expect(codes).toEqual(['NONODE', 'NONODE'])
    expect([ofReads, ofExists]).toEqual([EMPTY_TABLES, ['/gone data standard']])
    expect([tablesOf(zoo), events]).toEqual([EMPTY_TABLES, ['DataWatchRemoved /gone']])
    expect(await watchesOnReturn({ zoo, zk })).toBe(0)
  })

  it('twenty who wait for a lock, each for the one before: as many watches as waiters, and none in the end', async () => {
    const { zoo, zk: owner } = await startWorld()
    await owner.create('/lock')
    const contenders = await Promise.all(Array.from({ length: 20 }, () => zoo.connect()))
    const places = new Map<string, ZooKeeper>()
    for (const zk of contenders)
      places.set(await zk.create('/lock/n-', null, { mode: 'EPHEMERAL_SEQUENTIAL' }), zk)
    const names = [...places.keys()].sort()
    // The seventh gives up between the moment at which the eighth looks for it and its read.
    await places.get(names[6] ?? '')?.delete(names[6] ?? '')

    const codes = await Promise.all(
      names
        .slice(1)
        .map((name, i) =>
          codeOf(Promise.resolve(places.get(name)?.getData(names[i] ?? '', { watcher: () => undefined }))),
        ),
    )
    const waiting = tablesOf(zoo).count
    for (const name of names) await codeOf(places.get(name)?.close() ?? Promise.reject(new Error(name)))
    await zoo.settle()

    expect(codes.filter((code) => code === 'NONODE').length).toBe(1)
    expect(waiting).toBe(codes.length - 1)
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
  })
})
