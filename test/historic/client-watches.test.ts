/**
 * Historic bugs of ZooKeeper's clients, 21 to 27 (24 stands by itself): watches that were lost between the read and its registration, and watches that were
 * not restored, or badly, when the connection came back.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Stat, type ZooKeeper } from '../../src/index.js'
import type { Response, SetWatchesRequest } from '../../src/protocol/message.js'
import { startConnected, startScript } from '../client/scripted-server.js'
import { runParameters } from '../property/run-parameters.js'
import { codeOf, connectRaw, recordEvents, setData, startWorld } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import {
  arm,
  LASTING,
  serverWatches,
  WATCH_KINDS,
  type WatchKind,
  watchLines,
} from '../semantics/watches/trigger-matrix.js'
import { WireWorld } from '../transport/fake-link.js'
import { WiredClient } from './client-watches-wire.js'

const AWAY = ['None Disconnected', 'None SyncConnected']
/** Changes /a or its children, so that a watch of this kind on /a fires, once. */
const CHANGES: Readonly<Record<WatchKind, (zk: ZooKeeper, n: number) => Promise<unknown>>> = {
  data: (zk, n) => zk.setData('/a', `${n}`),
  exists: (zk, n) => zk.setData('/a', `${n}`),
  child: (zk, n) => (n % 2 === 1 ? zk.create('/a/x') : zk.delete('/a/x')),
  persistent: (zk, n) => zk.setData('/a', `${n}`),
  recursive: (zk, n) => zk.setData('/a', `${n}`),
}
/** What such a watch says of it. */
const TYPE_OF: Readonly<Record<WatchKind, string>> = {
  data: 'NodeDataChanged',
  exists: 'NodeDataChanged',
  child: 'NodeChildrenChanged',
  persistent: 'NodeDataChanged',
  recursive: 'NodeDataChanged',
}

async function startWired(
  chroot = '',
): Promise<{ world: WireWorld; client: WiredClient; writer: ZooKeeper }> {
  const world = new WireWorld()
  world.zoo.load({ [`${chroot}/a`]: 'x' })
  const client = await WiredClient.connect(world, chroot)
  return { world, client, writer: await world.zoo.connect() }
}

/** The setWatches requests that a server gets from now on. */
function recordRestores({ zoo }: Pick<WireWorld, 'zoo'>): SetWatchesRequest[] {
  const requests: SetWatchesRequest[] = []
  zoo.inspect((event) => {
    if (event.kind === 'request' && event.request.type === 'setWatches') requests.push(event.request)
  })
  return requests
}

describe('21. ZK-137: no event is lost between a read and the registration of its watcher', () => {
  const stat = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)
  const answers: Readonly<Record<'data' | 'exists' | 'persistent' | 'recursive', Response>> = {
    data: { type: 'data', data: null, stat },
    exists: { type: 'stat', stat },
    persistent: { type: 'watchAdded' },
    recursive: { type: 'watchAdded' },
  }
  const gaps: Readonly<Record<string, () => unknown>> = {
    'with the reply': () => undefined,
    'a microtask after the reply': () => Promise.resolve(),
    'a macrotask after the reply': macrotask,
  }
  const cases = Object.keys(gaps).flatMap((gap) =>
    (['data', 'exists', 'persistent', 'recursive'] as const).map((kind) => ({ gap, kind })),
  )

  it.each(cases)('the event of a $kind watch that comes $gap', async ({ gap, kind }) => {
    const { zk, first } = await startConnected()
    const log: string[] = []
    const call = arm(zk, kind, '/a', ({ type }) => log.push(type)).then(() => log.push('read'))

    first.reply(1, 'OK', answers[kind])
    const pause = gaps[gap]?.()
    if (pause !== undefined) await pause
    first.notify('/a', 2)
    await call
    await macrotask()

    expect(log).toEqual(['read', 'NodeDataChanged'])
  })

  it.each(WATCH_KINDS)('reply and event of a %s watch, however their bytes arrive', async (kind) => {
    const { world, client, writer } = await startWired()
    for (let at = 1, length = 2; at < length; at++) {
      const log: string[] = []
      const call = arm(client.zk, kind, '/a', ({ type }) => log.push(type)).then(() => log.push('read'))
      await client.serve()
      await CHANGES[kind](writer, at)
      world.settle()
      length = client.waiting

      client.hear(at)
      if (at % 2 === 0) await macrotask()
      client.hear()
      await call
      await client.settle()

      expect(log).toEqual(['read', TYPE_OF[kind]])
      if (LASTING.has(kind)) await Promise.all([client.zk.removeWatches('/a'), client.settle()])
    }
  })

  it.each(WATCH_KINDS)('a change in the same task as the read of a %s watch, in process', async (kind) => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    const { events, watcher } = recordEvents()

    await Promise.all([arm(zk, kind, '/a', watcher), CHANGES[kind](other, 1)])
    await zoo.settle()

    expect(events).toEqual([`${TYPE_OF[kind]} /a`])
  })
})

describe('22. go f86b881, ZK-1505: reads under way and events that cross them', () => {
  const plan = fc.array(fc.constantFrom('read', 'set', 'hear some', 'hear all'), {
    minLength: 6,
    maxLength: 24,
  })

  it('each of many pipelined reads gets the first change after it, once', async () => {
    const { world, client } = await startWired()
    const writer = connectRaw(world.zoo)
    // From here on each zxid is a change of /a.
    writer.ask(setData('/a'))
    const property = fc.asyncProperty(plan, fc.integer({ min: 1, max: 90 }), async (acts, bytes) => {
      const reads: Promise<{ readonly read: bigint; readonly heard: readonly bigint[] }>[] = []
      for (const act of [...acts, 'set', 'hear all']) {
        if (act === 'read') reads.push(readWatched(client.zk))
        if (act === 'set') writer.ask(setData('/a'))
        if (act === 'hear some') client.hear(bytes)
        else if (act === 'hear all') client.hear()
        await client.serve()
      }
      await client.settle()
      for (const { read, heard } of await Promise.all(reads))
        expect([heard.length, heard[0]]).toEqual([1, read + 1n])
    })
    await fc.assert(property, runParameters(300))
  })

  /** Reads with a watcher; what was read, and the zxids of what was heard, which goes on growing. */
  async function readWatched(
    zk: ZooKeeper,
  ): Promise<{ readonly read: bigint; readonly heard: readonly bigint[] }> {
    const heard: bigint[] = []
    const { stat } = await zk.getData('/a', { watcher: ({ zxid }) => heard.push(zxid) })
    return { read: stat.mzxid, heard }
  }
})

describe('23. ZK-961: watches come back below a chroot', () => {
  it.each(['', '/base', '/base/app'])('"%s"', async (chroot) => {
    const { world, client, writer } = await startWired(chroot)
    const recorders = WATCH_KINDS.map((kind) => ({ kind, ...recordEvents() }))
    const arming = recorders.map(({ kind, watcher }) => arm(client.zk, kind, '/a', watcher))
    arming.push(client.zk.exists('/none', { watcher: () => undefined }))
    await Promise.all([...arming, client.settle()])
    const restores = recordRestores(world)

    await client.reconnect()
    const lines = watchLines(world.zoo)
    await writer.setData(`${chroot}/a`, 'new')
    await writer.create(`${chroot}/a/x`)
    await client.settle()

    expect(restores).toMatchObject([
      {
        dataWatches: [`${chroot}/a`],
        existWatches: [`${chroot}/none`],
        childWatches: [`${chroot}/a`],
        persistentWatches: [`${chroot}/a`],
        persistentRecursiveWatches: [`${chroot}/a`],
      },
    ])
    expect(lines.every((line) => line.startsWith(`${chroot}/`))).toBe(true)
    const [changed, children, created] = ['NodeDataChanged /a', 'NodeChildrenChanged /a', 'NodeCreated /a/x']
    expect(recorders.map(({ events }) => events.slice(AWAY.length))).toEqual([
      [changed],
      [changed],
      [children],
      [changed, children],
      [changed, created],
    ])
  })
})

describe('25. ZK-204, ZK-551: the watches come right after the identities, and never on a new session', () => {
  it('before anything that waited, on each new connection', async () => {
    const { zk, first, cnxns } = await startConnected()
    for (const auth of ['alice:pw', 'bob:pw']) {
      const claim = zk.addAuthInfo('digest', auth)
      first.reply(-4, 'OK', { type: 'done' })
      await claim
    }
    const call = zk.exists('/a', { watcher: () => undefined })
    first.reply(1, 'NONODE')
    await call

    first.drop()
    const waiting = codeOf(zk.sync('/'))
    cnxns[1]?.accept()
    cnxns[1]?.drop()
    cnxns[2]?.accept()

    const restoring = ['connect 7', '-4 auth', '-4 auth']
    expect(cnxns[1]?.log).toEqual([...restoring, '2 setWatches', '3 sync'])
    expect(cnxns[2]?.log).toEqual([...restoring, '4 setWatches'])
    expect(await waiting).toBe('CONNECTIONLOSS')
  })

  it('a new session gets none, even if watchers were waiting for it', async () => {
    const { zk, cnxns, started } = startScript()
    const call = zk.exists('/a', { watcher: () => undefined })
    cnxns[0]?.accept()
    await started
    cnxns[0]?.reply(1, 'NONODE')
    await call

    expect(cnxns[0]?.log).toEqual(['connect 0', '1 exists'])
  })

  it('a session without watches gets none when it comes back', async () => {
    const { first, cnxns } = await startConnected()

    first.drop()
    cnxns[1]?.accept()

    expect(cnxns[1]?.log).toEqual(['connect 7'])
  })
})

describe('26. kz #29, #63, #151, #257, rust #97, synapse #287, yfinkelstein #40: watches live on after a cut', () => {
  it.each(WATCH_KINDS)('a %s watch, over bytes', async (kind) => {
    const { world, client, writer } = await startWired()
    const { events, watcher } = recordEvents()
    await Promise.all([arm(client.zk, kind, '/a', watcher), client.settle()])
    const { sessionId } = client.zk

    await client.reconnect()
    await CHANGES[kind](writer, 1)
    await CHANGES[kind](writer, 2)
    await client.settle()

    const event = `${TYPE_OF[kind]} /a`
    expect(client.zk.sessionId).toBe(sessionId)
    expect(events).toEqual([...AWAY, ...(LASTING.has(kind) ? [event, event] : [event])])
    expect(watchLines(world.zoo)).toEqual(LASTING.has(kind) ? serverWatches(kind, '/a') : [])
  })

  it.each(WATCH_KINDS)('a %s watch, in process, also one that was asked for while away', async (kind) => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    const [before, meanwhile] = [recordEvents(), recordEvents()]
    await arm(zk, kind, '/a', before.watcher)

    zoo.disconnect(zk)
    const call = arm(zk, kind, '/a', meanwhile.watcher)
    zoo.reconnect(zk)
    await call
    await CHANGES[kind](other, 1)
    await zoo.settle()

    const event = `${TYPE_OF[kind]} /a`
    expect([before.events, meanwhile.events]).toEqual([[...AWAY, event], [event]])
  })

  it('an exists watch on a znode that is missing', async () => {
    const { client, writer } = await startWired()
    const { events, watcher } = recordEvents()
    await Promise.all([client.zk.exists('/none', { watcher }), client.settle()])

    await client.reconnect()
    await writer.create('/none')
    await client.settle()

    expect(events).toEqual([...AWAY, 'NodeCreated /none'])
  })
})

describe('27. kz #305, #450: a setWatches with every kind of watch does not break the connection', () => {
  it.each(['3.8', '3.9'] as const)(
    'of a server like %s, with catch-up events of each kind',
    async (compatibility) => {
      const world = new WireWorld({ server: { compatibility } })
      world.zoo.load({ '/d': 'x', '/gone': 'x', '/c/x': 'x', '/p': 'x', '/r': 'x' })
      const client = await WiredClient.connect(world)
      const { events, watcher } = recordEvents()
      const paths = { data: '/d', exists: '/none', child: '/c', persistent: '/p', recursive: '/r' } as const
      const calls = WATCH_KINDS.map((kind) => arm(client.zk, kind, paths[kind], watcher))
      await Promise.all([...calls, client.zk.getData('/gone', { watcher }), client.settle()])
      const restores = recordRestores(world)

      client.cut()
      world.zoo.load({ '/d': 'y', '/c/y': 'y', '/none': 'y', '/p': 'y', '/r': 'y' })
      await (await world.zoo.connect()).delete('/gone')
      client.redial()
      await client.settle()
      const caughtUp = events.splice(0)
      world.zoo.load({ '/p': 'z', '/r': 'z' })
      const [stat] = await Promise.all([client.zk.exists('/d'), client.settle()])

      const missed = [
        'NodeDataChanged /d',
        'NodeDeleted /gone',
        'NodeCreated /none',
        'NodeChildrenChanged /c',
      ]
      expect(caughtUp).toEqual([...AWAY, ...missed])
      expect(events).toEqual(['NodeDataChanged /p', 'NodeDataChanged /r'])
      expect(restores.map(listCounts)).toEqual([[2, 1, 1, 1, 1]])
      expect([client.dials, client.zk.state, stat?.version]).toEqual([2, 'CONNECTED', 1])
    },
  )

  function listCounts(request: SetWatchesRequest): number[] {
    const { dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches } = request
    const lists = [dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches]
    return lists.map(({ length }) => length)
  }
})
