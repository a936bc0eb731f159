/**
 * Historic bugs of ZooKeeper's clients, 35 to 37 and 40 to 42: which zxid a client believes it has seen, events that cross removals and
 * cuts, callbacks that register anew, and znodes that were replaced while the client was away.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Op, type WatchedEvent, type Watcher, type ZooKeeper } from '../../src/index.js'
import { startConnected } from '../client/scripted-server.js'
import { runParameters } from '../property/run-parameters.js'
import { codeOf, connectRaw, failureOf, recordEvents, setData, startWorld } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { arm, WATCH_KINDS, watchLines } from '../semantics/watches/trigger-matrix.js'
import { WireWorld } from '../transport/fake-link.js'
import { WiredClient } from './client-watches-wire.js'
import { EMPTY_TABLES, tablesOf } from './server-watches-requests.js'

const AWAY = ['None Disconnected', 'None SyncConnected']

async function startWired(compatibility: '3.8' | '3.9' = '3.9'): Promise<{
  readonly world: WireWorld
  readonly client: WiredClient
}> {
  const world = new WireWorld({ server: { compatibility } })
  world.zoo.load({ '/a': 'x' })
  return { world, client: await WiredClient.connect(world) }
}

describe('35. rust #50: the zxid that a client has seen is that of replies, never of events', () => {
  const step = fc.record({ what: fc.constantFrom('event', 'late event', 'auth', 'reply', 'failure') })

  it('and it never goes back, whatever comes in between', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const { zk, first, cnxns } = await startConnected()
      const calls: Promise<unknown>[] = [zk.addWatch('/a', () => undefined)]
      first.reply(1, 'OK', { type: 'watchAdded' }, 10)
      let [xid, seen] = [1, 10]
      for (const { what } of steps) {
        if (what === 'event') first.notify('/a', -1)
        else if (what === 'late event') first.notify('/a', seen + 5)
        else if (what === 'auth') {
          calls.push(zk.addAuthInfo('digest', 'a:b'))
          first.reply(-4, 'OK', { type: 'done' }, 0)
        } else {
          calls.push(codeOf(zk.sync('/')))
          xid += 1
          // A failure has the zxid of its time, or none at all where the server did not get so far.
          if (what === 'failure') first.reply(xid, 'SYSTEMERROR', undefined, xid % 2 === 0 ? 0 : -1)
          else first.reply(xid, 'OK', { type: 'synced', path: '/' }, ++seen)
        }
      }
      await Promise.all(calls)
      first.drop()
      cnxns[1]?.accept()

      expect(cnxns[1]?.handshake?.lastZxidSeen).toBe(seen)
      expect(cnxns[1]?.requests.at(-1)?.request).toMatchObject({ relativeZxid: seen })
    })
    await fc.assert(property, runParameters(100))
  })

  it.each(['3.8', '3.9'] as const)(
    'so that a %s server takes it back after an event',
    async (compatibility) => {
      const { world, client } = await startWired(compatibility)
      const { events, watcher } = recordEvents()
      await Promise.all([arm(client.zk, 'data', '/a', watcher), client.settle()])
      world.zoo.load({ '/a': 'y' })
      await client.settle()

      await client.reconnect()

      expect(events).toEqual(['NodeDataChanged /a'])
      expect([client.zk.state, client.dials]).toEqual(['CONNECTED', 2])
      expect(client.events).toEqual(['None SyncConnected', ...AWAY])
    },
  )
})

describe('36. kezhuw #22, #24: a watch that is removed while its event is on the way', () => {
  it.each([true, false])(
    'gives the event or the removal, never both or none; one watcher: %s',
    async (isOne) => {
      const { world, client } = await startWired()
      const writer = connectRaw(world.zoo)
      const outcomes = new Set<string>()
      for (let at = 0; at <= 140; at++) {
        const { events, watcher } = recordEvents()
        await Promise.all([arm(client.zk, 'data', '/a', watcher), client.settle()])

        if (at % 3 === 0) writer.ask(setData('/a'))
        const call = codeOf(
          client.zk.removeWatches('/a', isOne ? { watcher, type: 'Data' } : { type: 'Data' }),
        )
        if (at % 3 === 1) await client.serve()
        writer.ask(setData('/a'))
        client.hear(at)
        await client.settle()

        const outcome = `${await call} ${events.join()}`
        expect(['OK DataWatchRemoved /a', 'NOWATCHER NodeDataChanged /a']).toContain(outcome)
        outcomes.add(outcome)
      }
      expect(outcomes.size).toBe(2)
      expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
    },
  )

  it.each([
    ['event first', 'NodeDataChanged /a', 'NOWATCHER'],
    ['reply first', 'DataWatchRemoved /a', 'OK'],
  ])('%s, before either was delivered', async (order, event, code) => {
    const { zk, first } = await startConnected()
    const { events, watcher } = recordEvents()
    const armed = zk.exists('/a', { watcher })
    first.reply(1, 'NONODE')
    await armed

    const removal = codeOf(zk.removeWatches('/a', { watcher }))
    if (order === 'event first') first.notify('/a', 2)
    first.reply(2, 'OK', { type: 'done' })
    if (order === 'reply first') first.notify('/a', 2)

    expect(await removal).toBe(code)
    await macrotask()
    expect(events).toEqual([event])
  })

  it('of a lasting watch: nothing comes after the removal', async () => {
    const { zk, first } = await startConnected()
    const { events, watcher } = recordEvents()
    const armed = zk.addWatch('/a', watcher)
    first.reply(1, 'OK', { type: 'watchAdded' })
    await armed

    const removal = zk.removeWatches('/a', { watcher })
    first.notify('/a', 2)
    first.reply(2, 'OK', { type: 'done' })
    first.notify('/a', 3)
    await removal
    await macrotask()

    expect(events).toEqual(['NodeDataChanged /a', 'PersistentWatchRemoved /a'])
  })
})

describe('37. ZK-3992: a watcher that is none is refused before anything is sent', () => {
  const calls: Readonly<Record<string, (zk: ZooKeeper, watcher: unknown) => unknown>> = {
    addWatch: (zk, watcher) => Reflect.apply(zk.addWatch, zk, ['/a', watcher]),
    'addWatch, recursive': (zk, watcher) =>
      Reflect.apply(zk.addWatch, zk, ['/a', watcher, { recursive: true }]),
    getData: (zk, watcher) => Reflect.apply(zk.getData, zk, ['/a', { watcher }]),
    exists: (zk, watcher) => Reflect.apply(zk.exists, zk, ['/a', { watcher }]),
    getChildren: (zk, watcher) => Reflect.apply(zk.getChildren, zk, ['/a', { watcher }]),
    removeWatches: (zk, watcher) => Reflect.apply(zk.removeWatches, zk, ['/a', { watcher }]),
  }
  const bad = ['watcher', 7, false, {}, { process: (): undefined => undefined }]

  it.each(Object.keys(calls))('%s', async (name) => {
    const { zk, first } = await startConnected()

    const failures = await Promise.all(bad.map((watcher) => failureOf(() => calls[name]?.(zk, watcher))))

    for (const failure of failures) expect(failure).toBeInstanceOf(TypeError)
    expect(first.log).toEqual(['connect 0'])
  })

  it.each(['addWatch', 'addWatch, recursive', 'getData', 'exists', 'getChildren', 'removeWatches'])(
    'null is none for %s, where there is no default watcher',
    async (name) => {
      const { zoo } = await startWorld()
      const zk = await zoo.connect()

      const failure = await failureOf(() => calls[name]?.(zk, null))

      expect(failure).toBeInstanceOf(TypeError)
      expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
    },
  )
})

describe('40. zookeeper-cluster-client #13: callbacks that register anew do not keep a reconnection going', () => {
  it.each(WATCH_KINDS)('%s watches, by themselves and by new ones, at every event', async (kind) => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    const heard: string[] = []
    const fresh = (): Watcher => (event) => again(event, fresh())
    const same: Watcher = (event) => again(event, same)
    const again = ({ type, state }: WatchedEvent, next: Watcher): void => {
      heard.push(type === 'None' ? state : type)
      if (state !== 'Closed') void codeOf(arm(zk, kind, '/a', next))
    }
    for (const watcher of [same, fresh()]) await arm(zk, kind, '/a', watcher)

    for (let times = 0; times < 3; times++) {
      zoo.disconnect(zk)
      await zoo.settle()
      zoo.reconnect(zk)
      await zoo.settle()
    }
    const states = heard.splice(0)
    await (kind === 'child' ? other.create('/a/x') : other.setData('/a', 'new'))
    await zoo.settle()

    // Each that is not the same leaves a new one at every change of state, for which that change is no news.
    const told = 1 + 1 + (1 + 3) + (1 + 9)
    expect(states.filter((state) => state === 'Disconnected').length).toBe(told)
    expect(states.filter((state) => state === 'SyncConnected').length).toBe(told)
    expect(heard.length).toBe(1 + 27)
    expect(tablesOf(zoo).broken).toEqual([])
  })

  it('nor does one that is on a znode of its own each time', async () => {
    const { zoo, zk } = await startWorld()
    const paths: string[] = []
    const watcher: Watcher = ({ type }) => {
      if (type !== 'None') return
      paths.push(`/new${paths.length}`)
      void codeOf(zk.exists(`/new${paths.length}`, { watcher }))
    }
    await zk.exists('/first', { watcher })

    for (let times = 0; times < 5; times++) {
      zoo.disconnect(zk)
      zoo.reconnect(zk)
      await zoo.settle()
    }

    expect(paths.length).toBe(10)
    expect(watchLines(zoo).length).toBe(11)
  })
})

describe('41. ZK-4655, PR 1950: what a client has seen does not cover an event that it has not got', () => {
  it('an event is told once, at whatever byte the connection is cut', async () => {
    const { world, client } = await startWired()
    const writer = connectRaw(world.zoo)
    for (let at = 0, length = 1; at <= length; at++) {
      const { events, watcher } = recordEvents()
      const armed = client.zk.getData('/a', { watcher })
      await client.settle()
      const { stat } = await armed
      writer.ask(setData('/a'))
      const later = codeOf(client.zk.sync('/'))
      await client.serve()
      length = client.waiting

      client.hear(at)
      await client.reconnect()

      expect(events.filter((event) => !event.startsWith('None'))).toEqual(['NodeDataChanged /a'])
      expect(['OK', 'CONNECTIONLOSS']).toContain(await later)
      const again = client.zk.getData('/a')
      await client.settle()
      expect((await again).stat.version).toBe(stat.version + 1)
      expect(watchLines(world.zoo)).toEqual([])
    }
  })

  it('an event that waits for the EventThread is not asked for again, and comes before the reconnection', async () => {
    const { world, client } = await startWired()
    const { events, watcher } = recordEvents()
    await Promise.all([arm(client.zk, 'data', '/a', watcher), client.settle()])
    const restores: string[] = []
    world.zoo.inspect((event) => event.kind === 'request' && restores.push(event.request.type))
    world.zoo.load({ '/a': 'y' })

    client.hear()
    await client.reconnect()

    expect(events).toEqual(['NodeDataChanged /a'])
    expect(client.events).toEqual(['None SyncConnected', ...AWAY])
    expect(restores).toEqual([])
  })

  it('a change that only the reply to the first of two batches covers is still told by the second', async () => {
    const { zk, first, cnxns } = await startConnected()
    const paths = ['a', 'b'].map((letter) => `/${letter.repeat(100_000)}`)
    const calls = paths.map((path) => zk.exists(path, { watcher: () => undefined }))
    for (const xid of [1, 2]) first.reply(xid, 'NONODE', undefined, 5)
    await Promise.all(calls)

    first.drop()
    cnxns[1]?.accept()
    cnxns[1]?.reply(3, 'OK', { type: 'done' }, 50)
    cnxns[1]?.drop()
    cnxns[2]?.accept()
    for (const xid of [5, 6]) cnxns[2]?.reply(xid, 'OK', { type: 'done' }, 60)
    cnxns[2]?.drop()
    cnxns[3]?.accept()

    const since = cnxns.map(({ requests }) =>
      requests.flatMap(({ request }) => (request.type === 'setWatches' ? request.relativeZxid : [])),
    )
    expect(since).toEqual([[], [5, 5], [5, 5], [60, 60]])
    expect(cnxns.map(({ handshake }) => handshake?.lastZxidSeen)).toEqual([0, 5, 50, 60])
  })
})

describe('42. CUR-391 (#911), CUR-388, CUR-182, CUR-183: a znode that was replaced does not look unchanged', () => {
  it.each(['data', 'exists', 'child'] as const)(
    'to a %s watch, though its versions are the same',
    async (kind) => {
      const { zoo, zk } = await startWorld()
      const other = await zoo.connect()
      const { events, watcher } = recordEvents()
      await zk.create('/a', 'x')
      const before = await zk.exists('/a')
      await arm(zk, kind, '/a', watcher)

      zoo.disconnect(zk)
      await other.multi([Op.delete('/a'), Op.create('/a', 'x')])
      zoo.reconnect(zk)
      const after = await zk.exists('/a')

      const event = kind === 'child' ? 'NodeChildrenChanged /a' : 'NodeDataChanged /a'
      expect(events).toEqual([...AWAY, event])
      expect([after?.version, after?.cversion]).toEqual([before?.version, before?.cversion])
      expect([after?.czxid === before?.czxid, after?.mzxid === before?.mzxid]).toEqual([false, false])
    },
  )

  it('to a lasting watch, which says that it has a gap', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a', 'x')
    const stream = zk.watch('/a', { recursive: true })
    await stream.ready

    zoo.disconnect(zk)
    await other.multi([Op.delete('/a'), Op.create('/a', 'x')])
    const { zxid: toZxid } = zoo.reports.counts()
    zoo.reconnect(zk)

    expect(await stream.next()).toMatchObject({ done: false, value: { kind: 'gap', toZxid } })
    await stream.return()
  })

  it.each(WATCH_KINDS)('a container that was swept is told to a %s watch as a delete', async (kind) => {
    const { zk, clock } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.create('/box', null, { mode: 'CONTAINER' })
    await zk.multi([Op.create('/box/x'), Op.delete('/box/x')])
    await arm(zk, kind, '/box', watcher)

    await clock.advance(60_000)

    expect(events).toEqual(['NodeDeleted /box'])
  })

  it.each(['data', 'child'] as const)('so is a root that went while away, to a %s watch', async (kind) => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    await zk.create('/root')
    await arm(zk, kind, '/root', watcher)

    zoo.disconnect(zk)
    await other.deleteAll('/root')
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(events).toEqual([...AWAY, 'NodeDeleted /root'])
  })
})
