/**
 * Historic bugs of ZooKeeper's clients, 28, 29 and 31 to 34: who is told of a change of state, how often one watcher is called, and
 * what a client does whose watches cannot be restored.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Watcher, ZooKeeper } from '../../src/index.js'
import { type Script, startConnected, startScript } from '../client/scripted-server.js'
import { runParameters } from '../property/run-parameters.js'
import {
  codeOf,
  connectRaw,
  read,
  recordEvents,
  setData,
  startServer,
  startWorld,
  type World,
} from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { arm, LASTING, serverWatches, WATCH_KINDS, watchLines } from '../semantics/watches/trigger-matrix.js'
import { WireWorld } from '../transport/fake-link.js'
import { WiredClient } from './client-watches-wire.js'
import { EMPTY_TABLES, setWatches, tablesOf } from './server-watches-requests.js'

const AWAY = ['None Disconnected', 'None SyncConnected']

describe('28. kz #391, ZK-2368: every watcher that waits is told of each change of state, once', () => {
  const ends: Readonly<Record<string, { readonly told: readonly string[]; run(world: World): unknown }>> = {
    'a close': { told: ['None Closed'], run: ({ zk }) => zk.close() },
    'a close of the server': { told: ['None Closed'], run: ({ zoo }) => zoo.close() },
    'an expiry': { told: ['None Disconnected', 'None Expired'], run: ({ zoo, zk }) => zoo.expire(zk) },
    'refused credentials': {
      told: ['None AuthFailed'],
      run: ({ zk }) => codeOf(zk.addAuthInfo('none', 'x')),
    },
    'a close while away': {
      told: ['None Disconnected', 'None Closed'],
      run: ({ zoo, zk }) => {
        zoo.disconnect(zk)
        return zk.close()
      },
    },
  }

  it.each(Object.keys(ends))('in process, up to %s', async (name) => {
    const world = await startWorld()
    const { zoo, zk } = world
    await zk.create('/a')
    const recorders = WATCH_KINDS.map((kind) => ({ kind, ...recordEvents() }))
    const [everywhere, fired, removed] = [recordEvents(), recordEvents(), recordEvents()]
    await zk.exists('/fires', { watcher: fired.watcher })
    await zk.addWatch('/goes', removed.watcher)
    for (const { kind, watcher } of recorders)
      for (const one of [watcher, everywhere.watcher]) await arm(zk, kind, '/a', one)
    await zk.create('/fires')
    await zk.removeWatches('/goes')

    for (let times = 0; times < 2; times++) {
      zoo.disconnect(zk)
      await zoo.settle()
      zoo.reconnect(zk)
      await zoo.settle()
    }
    await ends[name]?.run(world)
    await zoo.settle()

    const told = [...AWAY, ...AWAY, ...(ends[name]?.told ?? [])]
    for (const { events } of [...recorders, everywhere]) expect(events).toEqual(told)
    expect(world.events).toEqual(['None SyncConnected', ...told])
    expect([fired.events, removed.events]).toEqual([['NodeCreated /fires'], ['PersistentWatchRemoved /goes']])
  })

  it('over bytes too, and a one-shot watch is not used up by it', async () => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const client = await WiredClient.connect(world)
    const recorders = WATCH_KINDS.map((kind) => ({ kind, ...recordEvents() }))
    const arming = recorders.map(({ kind, watcher }) => arm(client.zk, kind, '/a', watcher))
    await Promise.all([...arming, client.settle()])

    await client.reconnect()
    world.zoo.load({ '/a': 'y', '/a/x': 'x' })
    await client.settle()
    await Promise.all([client.zk.close(), client.settle()])

    for (const { events } of recorders) {
      expect(events.slice(0, 2)).toEqual(AWAY)
      expect(events.length).toBeGreaterThan(2)
    }
    const ofLasting = recorders.filter(({ kind }) => LASTING.has(kind)).map(({ events }) => events.at(-1))
    expect(ofLasting).toEqual(['None Closed', 'None Closed'])
  })
})

describe('29. nzc #19 (5814a14): one watcher that is added twice is called once', () => {
  const changes = ['data', 'exists', 'child', 'persistent', 'recursive'] as const

  it.each(changes)('as a %s watch, and once more after it was set again', async (kind) => {
    const { zoo, zk } = await startWorld()
    const [twice, other] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    const change = async (n: number): Promise<void> => {
      await (kind === 'child' ? zk.create(`/a/${n}`) : zk.setData('/a', `${n}`))
      await zoo.settle()
    }

    for (const { watcher } of [twice, twice, other]) await arm(zk, kind, '/a', watcher)
    await change(1)
    const first = [twice.events.length, other.events.length]
    await change(2)
    const second = [twice.events.length, other.events.length]
    if (!LASTING.has(kind)) for (let i = 0; i < 2; i++) await arm(zk, kind, '/a', twice.watcher)
    await change(3)

    expect(first).toEqual([1, 1])
    expect(second).toEqual(LASTING.has(kind) ? [2, 2] : [1, 1])
    expect(twice.events.length).toBe(LASTING.has(kind) ? 3 : 2)
  })

  it('in all tables at once, and for each path by itself', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    for (const path of ['/a', '/b']) {
      await zk.create(path)
      for (const kind of WATCH_KINDS) await arm(zk, kind, path, watcher)
    }

    for (const path of ['/a', '/b']) await zk.delete(path)
    await zoo.settle()

    expect(events).toEqual(['NodeDeleted /a', 'NodeDeleted /b'])
  })
})

describe('31. mcavage/node-zkplus #20: watches do not double with each reconnection', () => {
  it.each(WATCH_KINDS)('a %s watch after ten: one entry, one event, one call', async (kind) => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const client = await WiredClient.connect(world)
    const { events, watcher } = recordEvents()
    await Promise.all([arm(client.zk, kind, '/a', watcher), client.settle()])
    const sent: string[] = []
    world.zoo.inspect((event) => event.kind === 'notification' && sent.push(event.path))
    for (let times = 0; times < 10; times++) await client.reconnect()
    const lines = watchLines(world.zoo)
    events.splice(0)

    if (kind === 'child') world.zoo.load({ '/a/x': 'x' })
    else world.zoo.load({ '/a': 'y' })
    await client.settle()

    expect(lines).toEqual(serverWatches(kind, '/a'))
    expect([sent, events]).toEqual([
      ['/a'],
      [kind === 'child' ? 'NodeChildrenChanged /a' : 'NodeDataChanged /a'],
    ])
    expect(client.dials).toBe(11)
  })
})

describe('32. nzc #20, ZK-4508: a client that is cut off learns of its expiry, if it is told to', () => {
  const SESSION_MS = 30_000

  async function loseServer(
    expiresLocally: boolean,
  ): Promise<Script & { readonly heard: readonly string[] }> {
    const script = startScript({ expiresLocally })
    const [first] = script.cnxns
    first?.accept(SESSION_MS)
    await script.started
    const { events: heard, watcher } = recordEvents()
    const call = script.zk.exists('/a', { watcher })
    first?.reply(1, 'NONODE')
    await call
    first?.drop({ heardMs: script.clock.monotonicMs() })
    await macrotask()
    return { ...script, heard }
  }

  it('after 4/3 of its session, and not before: every watcher is told, every call ends', async () => {
    const { zk, clock, cnxns, heard } = await loseServer(true)
    await clock.advance((SESSION_MS * 4) / 3 - 1)
    const waiting = codeOf(zk.sync('/'))
    const before = [...heard]

    await clock.advance(1)

    expect([before, heard]).toEqual([['None Disconnected'], ['None Disconnected', 'None Expired']])
    expect([await waiting, await codeOf(zk.sync('/')), zk.state]).toEqual([
      'SESSIONEXPIRED',
      'SESSIONEXPIRED',
      'CLOSED',
    ])
    expect([cnxns.at(-1)?.log.at(-1), clock.pendingTimers]).toEqual(['closed', 0])
  })

  it('else it goes on trying', async () => {
    const { zk, clock, heard } = await loseServer(false)

    await clock.advance(SESSION_MS * 100)

    expect([heard, zk.state]).toEqual([['None Disconnected'], 'CONNECTING'])
  })
})

describe('33. go #83, go 8499ec2: watches that cannot be restored break the connection, they are never half there', () => {
  /** Paths so long that each needs a batch of its own. */
  const PATHS = ['a', 'b', 'c'].map((letter) => `/${letter.repeat(100_000)}`)

  async function startWatched(): Promise<Script & { readonly events: string[] }> {
    const script = await startConnected()
    const { watcher } = recordEvents()
    const calls = PATHS.map((path) => script.zk.exists(path, { watcher }))
    for (const xid of [1, 2, 3]) script.first.reply(xid, 'NONODE', undefined, 5)
    await Promise.all(calls)
    script.first.drop()
    return script
  }

  it.each([1, 2, 3])(
    'batch %i of 3 is refused: all of them are sent again, since the same zxid',
    async (refused) => {
      const { zk, cnxns } = await startWatched()
      cnxns[1]?.accept()
      const waiting = codeOf(zk.sync('/'))
      for (let i = 1; i < refused; i++) cnxns[1]?.reply(3 + i, 'OK', { type: 'done' }, 90)
      cnxns[1]?.reply(3 + refused, 'MARSHALLINGERROR', undefined, 91)
      cnxns[2]?.accept()

      expect(cnxns[1]?.log.at(-1)).toBe('closed')
      expect(await waiting).toBe('CONNECTIONLOSS')
      const restored = cnxns[2]?.requests.map(({ request }) =>
        request.type === 'setWatches' ? [request.relativeZxid, request.existWatches] : request.type,
      )
      expect(restored).toEqual(PATHS.map((path) => [5, [path]]))
      expect(zk.state).toBe('CONNECTED')
    },
  )

  it('nor does a server arm a part of what is over its limit', () => {
    const { zoo } = startServer({ limits: { maxWatchesPerSession: 3 } })
    const cnxn = connectRaw(zoo)

    cnxn.ask(setWatches({ existWatches: ['/1', '/2'], persistentWatches: ['/3'] }))

    expect(cnxn.log).toEqual(['connected', 'closed'])
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
  })

  it('nor is a list with a bad path in it', () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.ask(1, setWatches({ existWatches: ['/1', '/2'] }))
    const good = tablesOf(world.zoo).count
    const frame = Uint8Array.of(0, 0, 0, 36, 0, 0, 0, 2, 0, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, 0)
    const lists = Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 2, 47, 51, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0)
    peer.send(frame.with(3, 16 + lists.length), lists)

    expect([good, tablesOf(world.zoo).lines]).toEqual([2, ['/1 data standard', '/2 data standard']])
    expect(peer.takeHeard()).toEqual(['1 OK', '2 MARSHALLINGERROR'])
  })
})

describe('34. go #34: watches that are sent anew do not get in the way of what is received', () => {
  const PATHS = [0, 1, 2].map((i) => `/n${i}`)
  const n = fc.nat({ max: PATHS.length - 1 })
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('change', 'read'), n }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('hear'), n: fc.integer({ min: 1, max: 200 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('serve', 'settle'), n }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('reconnect'), n }) },
  )

  it('whatever is on its way while the client comes back, each watch tells once of what its read did not show', async () => {
    const property = fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const world = new WireWorld()
      for (const path of PATHS) world.zoo.load({ [path]: 'x' })
      const writer = connectRaw(world.zoo)
      const client = await WiredClient.connect(world)
      const reads = PATHS.map((path) => new OnceRead(world, client.zk, path))
      await client.settle()
      client.cut()
      client.redial()

      for (const { do: what, n: number } of acts) {
        const path = `/n${number}`
        if (what === 'change') writer.ask(setData(path))
        else if (what === 'read') reads.push(new OnceRead(world, client.zk, path))
        else if (what === 'hear') client.hear(number)
        else if (what === 'serve') await client.serve()
        else if (what === 'settle') await client.settle()
        else {
          client.cut()
          client.redial()
        }
      }
      await client.settle()
      for (const path of PATHS) writer.ask(setData(path))
      await client.settle()

      for (const read of reads)
        expect(await read.outcome).toMatch(/^(told of news|CONNECTIONLOSS, told nothing)$/)
      expect(client.zk.state).toBe('CONNECTED')
      expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
    })
    await fc.assert(property, runParameters(300))
  })

  it('nor does a watcher that reads while the client is told that it is back', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    const seen: string[] = []
    const watcher = async ({
      type,
      state,
    }: {
      readonly type: string
      readonly state: string
    }): Promise<void> => {
      if (state === 'Disconnected') return
      const { stat } = await zk.getData('/a', { watcher })
      seen.push(`${type} ${stat.version}`)
    }
    await zk.getData('/a', { watcher })

    zoo.disconnect(zk)
    await other.setData('/a', 'while away')
    zoo.reconnect(zk)
    await zoo.settle()
    await other.setData('/a', 'afterwards')
    await zoo.settle()

    expect(seen).toEqual(['None 1', 'NodeDataChanged 1', 'NodeDataChanged 2'])
    expect(connectRaw(zoo).ask(read('getData', '/a'))?.code).toBe('OK')
  })
})

/** A read with a watcher of its own, and what became of both. */
class OnceRead {
  readonly #told: string[] = []
  #seen: number | undefined
  readonly #code: Promise<string>

  constructor(world: WireWorld, zk: ZooKeeper, path: string) {
    const version = (): number | undefined =>
      world.zoo.reports.znodes().find((znode) => znode.path === path)?.stat.version
    const watcher: Watcher = ({ type }) =>
      type !== 'None' && this.#told.push(version() === this.#seen ? 'of nothing new' : 'of news')
    this.#code = codeOf(
      zk.getData(path, { watcher }).then(({ stat }) => {
        this.#seen = stat.version
      }),
    )
  }

  get outcome(): Promise<string> {
    const told = `told ${this.#told.join(', ') || 'nothing'}`
    return this.#code.then((code) => (code === 'OK' ? told : `${code}, ${told}`))
  }
}
