/**
 * Bugs that ZooKeeper, its clients and its doubles once had with ephemeral znodes and their owners (61 to 66 of the bank). Each test
 * fails if zoolet has the bug.
 */
import { describe, expect, it } from 'vitest'
import {
  type CreateMode,
  EmbeddedZooKeeper,
  type EmbeddedZooKeeperOptions,
  Op,
  type ZooKeeper,
} from '../../src/index.js'
import { MAX_TTL_MS } from '../../src/protocol/ephemeral-owner.js'
import { dial, startNetwork } from '../node/network.js'
import { brokenInServer } from '../property/invariants.js'
import { hex, join } from '../protocol/hex.js'
import {
  codeOf,
  connectRaw,
  create,
  messageOf,
  RawCnxn,
  recordEvents,
  remove,
  START_MS,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { requestFrame, WireWorld } from '../transport/fake-link.js'

const EPHEMERAL = { mode: 'EPHEMERAL' } as const
const CLOSE = { type: 'closeSession' } as const

describe('61. ZK-1208, 3144, 2926, 2355, 1367: ephemerals outlive their session', () => {
  describe('ZK-1208: a create behind a close is accepted, and its ephemeral stays for ever', () => {
    it.each(['create', 'create2', 'multi'] as const)('not a %s in one chunk with the close', (type) => {
      const world = new WireWorld()
      const peer = world.connect()
      const late = create('/late', { ...EPHEMERAL, type: type === 'create2' ? type : 'create' })

      peer.send(
        requestFrame(1, create('/e', EPHEMERAL)),
        requestFrame(2, CLOSE),
        requestFrame(3, type === 'multi' ? { type, ops: [late] } : late),
      )

      expect([peer.takeHeard(), peer.link.log]).toEqual([['1 OK', '2 OK'], ['end']])
      expect(world.zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, znodes: 4 })
    })

    it.each(['sessionClosed', 'txn', 'reply', 'request'])(
      'not one that comes in the turn of the close, when %s is told',
      (moment) => {
        const { zoo } = startServer()
        const raw = connectRaw(zoo)
        const stop = zoo.inspect(({ kind }) => {
          if (kind !== moment) return
          stop()
          raw.ask(create('/late', EPHEMERAL))
        })

        raw.ask(CLOSE)

        expect(brokenInServer(zoo.reports)).toEqual([])
        expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0 })
      },
    )

    it('nor one that a client calls for right behind its close, or with its expiry', async () => {
      const { zoo, zk } = await startWorld()
      const other = await zoo.connect()

      const closed = zk.close()
      const late = [codeOf(zk.create('/late', null, EPHEMERAL))]
      late.push(codeOf(other.create('/early', null, EPHEMERAL)))
      zoo.expire(other)
      late.push(codeOf(other.create('/later', null, EPHEMERAL)))
      await closed

      expect(await Promise.all(late)).toEqual(['SESSIONEXPIRED', 'OK', 'SESSIONEXPIRED'])
      expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, znodes: 4 })
    })
  })

  describe('ZK-3144, 2926, 2355, 1367: ephemerals of ended sessions are there after a restart', () => {
    it('those that were closed or expired are gone, those that live are there, after one restart and after three', async () => {
      const { zoo, clock } = startServer()
      const [closed, expired, live] = ['closed', 'expired', 'live'].map((name) => {
        const raw = connectRaw(zoo)
        raw.ask(create(`/${name}`, EPHEMERAL))
        raw.ask(create(`/${name}-`, { mode: 'EPHEMERAL_SEQUENTIAL' }))
        return raw
      })
      closed?.ask(CLOSE)
      zoo.expire(expired?.sessionId ?? 0n)
      let server = zoo
      for (let restarts = 0; restarts < 3; restarts++) {
        server = new EmbeddedZooKeeper({ clock, snapshot: structuredClone(server.snapshot()) })

        expect(brokenInServer(server.reports)).toEqual([])
        expect(server.reports.sessions()).toMatchObject([{ ephemerals: ['/live', '/live-0000000005'] }])
      }

      const { sessionId: id = 0n, password = new Uint8Array(16) } = live ?? {}
      new RawCnxn(server).open({ id, password }).ask(CLOSE)

      expect(server.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, znodes: 4 })
    })

    it('those whose session does not come back go when its time is up', async () => {
      const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
      await zk.create('/e', null, EPHEMERAL)
      const restarted = new EmbeddedZooKeeper({ clock, snapshot: structuredClone(zoo.snapshot()) })

      await clock.advance(6000)

      expect(restarted.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, znodes: 4 })
    })
  })
})

describe('62. ZK-3471, 2725: an ephemeral that was made inside a multi is not deleted with its session', () => {
  it.each(['close', 'expiry', 'silence'])('all of them are, at a %s, and nothing else is', async (end) => {
    const { zoo, clock } = startServer()
    const [raw, other] = [new RawCnxn(zoo, { isLocal: false }).open(), connectRaw(zoo)]
    other.ask({ type: 'multi', ops: [create('/theirs', EPHEMERAL)] })
    raw.ask({
      type: 'multi',
      ops: [
        create('/dir'),
        create('/dir/e', EPHEMERAL),
        create('/dir/s-', { mode: 'EPHEMERAL_SEQUENTIAL' }),
        create('/again', EPHEMERAL),
        remove('/again'),
        create('/again', { ...EPHEMERAL, type: 'create2' }),
      ],
    })
    const before = zoo.reports.sessions()[0]?.ephemerals

    if (end === 'close') raw.ask(CLOSE)
    if (end === 'expiry') zoo.expire(raw.sessionId)
    if (end === 'silence') await clock.advance(60_000)

    expect(before).toEqual(['/dir/e', '/dir/s-0000000001', '/again'])
    expect(Object.keys(zoo.dump())).toEqual(['/theirs', '/dir'])
    expect(zoo.reports.counts().ephemerals).toBe(1)
  })

  it('none is left of a multi that failed', () => {
    const { zoo } = startServer()
    const raw = connectRaw(zoo)

    raw.ask({ type: 'multi', ops: [create('/e', EPHEMERAL), create('/zookeeper')] })

    expect(zoo.reports.sessions()[0]?.ephemerals).toEqual([])
    expect(raw.code(create('/e', EPHEMERAL))).toBe('OK')
  })
})

describe('63. ZK-2901, 3113, 2797: TTLs in the owner', () => {
  const TTL = { mode: 'PERSISTENT_WITH_TTL' } as const

  it.each([-1, 0, -5, MAX_TTL_MS + 1, Number.MAX_SAFE_INTEGER])(
    'a TTL of %d is refused by the client and by the server, which lives',
    async (ttlMs) => {
      const { zoo, clock, zk } = await startWorld()
      const raw = connectRaw(zoo)

      const message = await messageOf(() => zk.create('/t', null, { ...TTL, ttlMs }))
      const codes = [
        raw.code(create('/t', { ...TTL, ttlMs })),
        raw.code({ type: 'multi', ops: [create('/t', { ...TTL, ttlMs })] }),
      ]
      await clock.advance(600_000)

      expect(message).toMatch(/^RangeError: /)
      expect(codes[0]).toBe('BADARGUMENTS')
      expect(raw.code(create('/alive'))).toBe('OK')
      expect(Object.keys(zoo.dump())).toEqual(['/alive'])
    },
  )

  it.each([
    'ff ff ff ff ff ff ff ff',
    '80 00 00 00 00 00 00 00',
    '7f ff ff ff ff ff ff ff',
    '00 00 01 00 00 00 00 00',
    '00 00 00 00 00 00 00 00',
  ])('64 bits of %s in their place are refused, too', async (ttl) => {
    const world = new WireWorld()
    const [peer, other] = [world.connect({ timeoutMs: 40_000 }), world.connect({ timeoutMs: 40_000 })]
    const whole = requestFrame(1, create('/t', { ...TTL, ttlMs: 1 }))

    peer.send(join(whole.slice(0, -8), hex(ttl)))
    other.ask(1, create('/alive'))

    expect(peer.takeHeard()).not.toContain('1 OK')
    expect(other.takeHeard()).toEqual(['1 OK'])
    await world.pass(600_000)
    expect(Object.keys(world.zoo.dump())).toEqual(['/alive'])
  })

  it('the least and the greatest are taken: one goes with the next sweep, one stays', async () => {
    const { zoo, clock, zk } = await startWorld()
    await zk.create('/least', null, { ...TTL, ttlMs: 1 })
    await zk.create('/greatest', null, { ...TTL, ttlMs: MAX_TTL_MS })

    await clock.advance(600_000)

    expect(Object.keys(zoo.dump())).toEqual(['/greatest'])
    expect((await zk.exists('/greatest'))?.ephemeralOwner).toBe(0n)
  })

  it('with each server id from 0 to 254 on top, a session owns ephemerals, which go with it', () => {
    const snapshot = startServer().zoo.snapshot()
    const wrong: string[] = []
    for (let serverId = 0n; serverId <= 254n; serverId++) {
      const nextSessionId = BigInt.asIntN(64, (serverId << 56n) | 1n)
      const { zoo } = startServer({ snapshot: { ...snapshot, nextSessionId } })
      const raw = connectRaw(zoo)
      raw.ask(create('/e', EPHEMERAL))
      const node = zoo.reports.znodes().find(({ path }) => path === '/e')
      if (node?.kind !== 'ephemeral' || node.stat.ephemeralOwner !== nextSessionId)
        wrong.push(`${serverId}: ${node?.kind} of ${node?.stat.ephemeralOwner}`)
      raw.ask(CLOSE)
      if (zoo.reports.counts().znodes !== 4) wrong.push(`${serverId}: it stays`)
    }

    expect(wrong).toEqual([])
  })
})

describe('64. zetcd #11: ephemeralOwner is not the id of the session', () => {
  it.each(['in process', 'over TCP'])('it is, in every answer that has a Stat, %s', async (where) => {
    const { zoo, endpoint } = await startNetwork({ server: { tickTimeMs: 2000 } })
    const zk = where === 'over TCP' ? await dial(endpoint.connectString) : await zoo.connect()
    const other = await zoo.connect()
    const made = await zk.create('/e', 'x', { ...EPHEMERAL, withStat: true })
    const [inMulti] = await zk.multi([Op.create('/m', null, { ...EPHEMERAL, withStat: true })])
    const [set] = await zk.multi([Op.setData('/m', 'y')])
    const [readAtOnce] = await other.multiRead([Op.getData('/m')])

    const stats = [
      made.stat,
      (await other.exists('/e')) ?? undefined,
      (await other.getData('/e')).stat,
      (await other.getChildren('/e')).stat,
      (await other.getACL('/e')).stat,
      await other.setData('/e', 'y'),
      ...[inMulti, set, readAtOnce].map((result) =>
        result !== undefined && 'stat' in result ? result.stat : undefined,
      ),
    ]

    expect(stats.map((stat) => stat?.ephemeralOwner)).toEqual(stats.map(() => zk.sessionId))
    expect(zk.sessionId).not.toBe(0n)
  })

  it('it is 0 for every other sort of znode, and stays the same over a cut and a restart', async () => {
    const { zoo, zk, clock } = await startWorld()
    const modes: CreateMode[] = ['PERSISTENT', 'PERSISTENT_SEQUENTIAL', 'CONTAINER']
    const owners: unknown[] = []
    for (const [i, mode] of modes.entries())
      owners.push((await zk.create(`/n-${i}`, null, { mode, withStat: true })).stat.ephemeralOwner)
    const ttl = await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 9, withStat: true })
    await zk.create('/e', null, EPHEMERAL)
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    const restarted = new EmbeddedZooKeeper({ clock, snapshot: zoo.snapshot() })
    const after = [zoo, restarted].map(
      ({ reports }) => reports.znodes().find(({ path }) => path === '/e')?.stat.ephemeralOwner,
    )

    expect([...owners, ttl.stat.ephemeralOwner]).toEqual([0n, 0n, 0n, 0n])
    expect(after).toEqual([zk.sessionId, zk.sessionId])
  })
})

describe('65. pulsar #23988: what a double of ZooKeeper gets wrong', () => {
  it('ephemerals go with their session, all under one zxid, and whoever watches hears of each', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    for (const path of ['/b', '/a', '/c']) await zk.create(path, null, EPHEMERAL)
    for (const path of ['/a', '/b', '/c']) await other.exists(path, { watcher })
    await other.getChildren('/', { watcher })
    const before = zoo.reports.counts().zxid

    await zk.close()
    await zoo.settle()

    expect(events).toEqual(['NodeDeleted /b', 'NodeChildrenChanged /', 'NodeDeleted /a', 'NodeDeleted /c'])
    expect(zoo.reports.counts()).toMatchObject({ zxid: before + 1n, ephemerals: 0 })
  })

  it('ctime is that of the creation, mtime that of the last change of the data, of nothing else', async () => {
    const { zk, clock } = await startWorld()
    await clock.advance(1000)
    await zk.create('/a')
    await clock.advance(1000)
    await zk.setData('/a', 'x')
    await clock.advance(1000)
    await zk.create('/a/b')
    await zk.setACL('/a', [{ perms: 31, scheme: 'world', id: 'anyone' }])

    const stat = await zk.exists('/a')

    expect([stat?.ctime, stat?.mtime]).toEqual([START_MS + 1000, START_MS + 2000])
  })

  it('a persistent watch is gone at the server after its removal, after a cut and after a close', async () => {
    const { zoo, zk } = await startWorld()
    const counts: number[] = []
    const count = (): number => counts.push(zoo.reports.counts().watches)
    await zk.addWatch('/a', () => undefined)
    await zk.addWatch('/b', () => undefined, { recursive: true })
    count()
    await zk.removeWatches('/a')
    count()
    zoo.disconnect(zk)
    count()
    zoo.reconnect(zk)
    count()
    await zk.close()
    count()

    expect(counts).toEqual([3, 1, 0, 1, 0])
  })

  it('events and outcomes come in one order: nobody reads what it was not told of', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const log: string[] = []
    await zk.create('/a', '0')
    const { watcher } = recordEvents(log)
    await zk.addWatch('/a', watcher)
    for (let i = 1; i <= 5; i++) {
      void other.setData('/a', `${i}`)
      void zk.getData('/a').then(({ data }) => log.push(new TextDecoder().decode(data ?? undefined)))
    }
    await zoo.settle()

    expect(log).toEqual(Array.from({ length: 5 }, (_, i) => ['NodeDataChanged /a', `${i + 1}`]).flat())
  })
})

describe('66. KAFKA-1387, 7165: NODEEXISTS against the former ephemeral of the same client', () => {
  const options: EmbeddedZooKeeperOptions = { tickTimeMs: 2000 }

  it.each(['expires', 'closes'])('not for one that %s and comes back at once', async (how) => {
    const { zoo, zk } = await startWorld({ server: options })
    for (let i = 0; i < 20; i++) {
      const one: ZooKeeper = i === 0 ? zk : await zoo.connect()
      await one.create('/broker', null, EPHEMERAL)
      if (how === 'expires') zoo.expire(one)
      else void one.close()
    }
    const next = await zoo.connect()

    expect(await codeOf(next.create('/broker', null, EPHEMERAL))).toBe('OK')
    expect(brokenInServer(zoo.reports)).toEqual([])
  })

  it.each(['expires', 'closes'])('nor for one that %s with very many of them', async (how) => {
    const { zoo, zk } = await startWorld({ server: options })
    const many = 5000
    for (let i = 0; i < many; i += 1000)
      await zk.multi(Array.from({ length: 1000 }, (_, k) => Op.create(`/broker-${i + k}`, null, EPHEMERAL)))
    const before = zoo.reports.counts().ephemerals

    if (how === 'expires') zoo.expire(zk)
    else await zk.close()

    expect([before, zoo.reports.counts().ephemerals]).toEqual([many, 0])
    expect(brokenInServer(zoo.reports)).toEqual([])
  })

  it('nor over TCP, where its successor connects as soon as it hears Expired', async () => {
    const { zoo, endpoint } = await startNetwork({ server: options })
    const zk = await dial(endpoint.connectString)
    await zk.create('/broker', null, EPHEMERAL)
    const expired = new Promise((resolve) => zk.once('expired', resolve))

    zoo.expire(zk.sessionId)
    await expired
    const next = await dial(endpoint.connectString)

    expect(await codeOf(next.create('/broker', null, EPHEMERAL))).toBe('OK')
  })

  it('nor for one that was cut off until the very tick of its expiry', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    await zk.create('/broker', null, EPHEMERAL)
    zoo.disconnect(zk)
    await clock.advance(6000)

    zoo.reconnect(zk)
    const next = await zoo.connect()

    expect(await codeOf(next.create('/broker', null, EPHEMERAL))).toBe('OK')
    expect(zk.state).toBe('CLOSED')
  })

  it('but for one that came back to its session: there it is its own, as its owner shows', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/broker', null, EPHEMERAL)
    zoo.disconnect(zk)
    zoo.reconnect(zk)

    const code = await codeOf(zk.create('/broker', null, EPHEMERAL))

    expect(code).toBe('NODEEXISTS')
    expect((await zk.exists('/broker'))?.ephemeralOwner).toBe(zk.sessionId)
  })
})
