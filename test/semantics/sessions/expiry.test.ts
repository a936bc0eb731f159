/**
 * Sessions and time: negotiation, expiry in buckets of one tick at exact moments, ephemerals under one zxid, and the timers
 * that an idle server does not keep.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, isSessionFatal } from '../../../src/index.js'
import { VirtualClock } from '../../../src/testing/index.js'
import { codeOf, RawCnxn, recordEvents, START_MS, startServer, startWorld } from '../fixture.js'
import { LibraryBundle } from '../ordering/child-process.js'

describe('the negotiated timeout', () => {
  it.each([
    [1, 4000],
    [3999, 4000],
    [4000, 4000],
    [4001, 4001],
    [39_999, 39_999],
    [40_000, 40_000],
    [40_001, 40_000],
    [Number.MAX_SAFE_INTEGER, 40_000],
  ])('of %d requested is %d, between two and twenty ticks', async (sessionTimeoutMs, negotiated) => {
    const { zoo, zk } = await startWorld({ client: { sessionTimeoutMs } })

    expect(zk.sessionTimeoutMs).toBe(negotiated)
    expect(zoo.reports.sessions()[0]?.timeoutMs).toBe(negotiated)
  })

  it.each([-1, 0, Number.NaN])('of %d, which no client of ours sends, is the least', (timeoutMs) => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo)
    zoo.attach(raw).connect({ lastZxidSeen: 0, timeoutMs, sessionId: 0n, password: new Uint8Array(16) })

    expect(raw.timeoutMs).toBe(4000)
  })

  it('has the bounds that the server is given', async () => {
    const { zoo } = startServer({ minSessionTimeoutMs: 10, maxSessionTimeoutMs: 20 })

    const timeouts = [1, 15, 99].map(
      async (sessionTimeoutMs) => (await zoo.connect({ sessionTimeoutMs })).sessionTimeoutMs,
    )

    expect(await Promise.all(timeouts)).toEqual([10, 15, 20])
  })

  it('is negotiated anew when a session is resumed', () => {
    const { zoo } = startServer()
    const first = new RawCnxn(zoo).open()
    const second = new RawCnxn(zoo)

    zoo.attach(second).connect({
      lastZxidSeen: 0,
      timeoutMs: 5000,
      sessionId: first.sessionId,
      password: first.password,
    })

    expect([first.timeoutMs, second.timeoutMs]).toEqual([30_000, 5000])
    expect(zoo.reports.sessions()[0]?.timeoutMs).toBe(5000)
  })
})

describe('the moment of expiry', () => {
  // The deadline is rounded up to the next tick, at which the whole bucket goes: floor((now + timeout) / tick + 1) * tick.
  it.each([
    { disconnectedAtMs: 0, timeoutMs: 4000, expiresAtMs: 6000 },
    { disconnectedAtMs: 1, timeoutMs: 4000, expiresAtMs: 6000 },
    { disconnectedAtMs: 1999, timeoutMs: 4000, expiresAtMs: 6000 },
    { disconnectedAtMs: 2000, timeoutMs: 4000, expiresAtMs: 8000 },
    { disconnectedAtMs: 0, timeoutMs: 5999, expiresAtMs: 6000 },
    { disconnectedAtMs: 0, timeoutMs: 6000, expiresAtMs: 8000 },
  ])(
    'of a session of $timeoutMs ms that is cut off at $disconnectedAtMs is $expiresAtMs',
    async ({ disconnectedAtMs, timeoutMs, expiresAtMs }) => {
      const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: timeoutMs } })
      await clock.advance(disconnectedAtMs)
      zoo.disconnect(zk)

      await clock.advance(expiresAtMs - disconnectedAtMs - 1)
      const before = zoo.reports.counts().sessions
      await clock.advance(1)

      expect(before).toBe(1)
      expect(zoo.reports.counts().sessions).toBe(0)
    },
  )

  it('is never before the timeout and at most one tick after it', async () => {
    for (const disconnectedAtMs of [0, 1, 500, 1000, 1500, 1999]) {
      const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
      await clock.advance(disconnectedAtMs)
      zoo.disconnect(zk)

      const livedMs = await lifetimeMs(zoo, clock)

      expect(livedMs).toBeGreaterThan(4000)
      expect(livedMs).toBeLessThanOrEqual(6000)
    }
  })

  it('is one for all sessions of a bucket, each under a zxid of its own', async () => {
    const { zoo, clock } = startServer()
    const clients = await Promise.all([1, 2, 3].map(() => zoo.connect({ sessionTimeoutMs: 4000 })))
    const zxids: number[] = []
    zoo.inspect((event) => {
      if (event.kind === 'txn' && event.txn.type === 'closeSession') zxids.push(event.zxid)
    })

    for (const zk of clients) {
      zoo.disconnect(zk)
      await clock.advance(100)
    }
    await clock.advance(6000)

    expect(zxids).toEqual([4, 5, 6])
  })

  it('does not come for a connected in-process client, however long it is silent', async () => {
    const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })

    await clock.advance(1_000_000)

    expect(zoo.reports.counts().sessions).toBe(1)
    expect(zk.state).toBe('CONNECTED')
  })

  it('comes for a silent client of another transport, and each request puts it off', async () => {
    const { zoo, clock } = startServer()
    const raw = new RawCnxn(zoo, { isLocal: false }).open()
    for (let times = 0; times < 10; times++) {
      await clock.advance(29_000)
      raw.ask({ type: 'sync', path: '/' })
    }
    const before = zoo.reports.counts().sessions

    await clock.advance(32_000)

    expect(before).toBe(1)
    expect(zoo.reports.counts().sessions).toBe(0)
    expect(raw.log.at(-1)).toBe('closed')
  })

  it('is put off by taking a session up, also for a client that says nothing after that', async () => {
    const { clock, zoo } = startServer()
    const first = new RawCnxn(zoo, { isLocal: false }).open()
    await clock.advance(20_000)

    new RawCnxn(zoo, { isLocal: false }).open({ id: first.sessionId, password: first.password })

    await clock.advance(29_999)
    const before = zoo.reports.counts().sessions
    await clock.advance(2001)
    expect([before, zoo.reports.counts().sessions]).toEqual([1, 0])
  })

  it('does not come for a session that was taken up again in time', async () => {
    const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    zoo.disconnect(zk)
    await clock.advance(5999)

    zoo.reconnect(zk)
    await clock.advance(100_000)

    expect(zk.state).toBe('CONNECTED')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('at expiry', () => {
  it('all ephemerals go under one zxid, with events for others, and the znodes of others stay', async () => {
    const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    const other = await zoo.connect()
    await other.create('/p')
    for (const name of ['a', 'b']) await zk.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
    await zk.create('/p/stays')
    await other.create('/p/others', null, { mode: 'EPHEMERAL' })
    const { events, watcher } = recordEvents()
    await other.addWatch('/p', watcher, { recursive: true })
    zoo.disconnect(zk)

    await clock.advance(6000)

    expect(events).toEqual(['NodeDeleted /p/a', 'NodeDeleted /p/b'])
    expect((await other.getChildren('/p')).children).toEqual(['stays', 'others'])
    expect((await other.exists('/p'))?.pzxid).toBe(zoo.reports.counts().zxid)
  })

  it('nothing is sent to the client: the connection is closed', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()
    raw.ask({ type: 'addWatch', path: '/', mode: 'PERSISTENT' })

    zoo.expire(raw.sessionId)

    expect(raw.log).toEqual(['connected', 'reply 1 OK 1', 'closed'])
  })

  it('a connection that watches the ephemerals of its own session is told of them first', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()
    raw.ask({ type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' })
    raw.ask({
      type: 'create',
      path: '/e',
      data: null,
      acl: [{ perms: 31, scheme: 'world', id: 'anyone' }],
      mode: 'EPHEMERAL',
      ttlMs: -1,
    })

    zoo.expire(raw.sessionId)

    expect(raw.log.slice(-2)).toEqual(['NodeDeleted /e 3', 'closed'])
  })

  it('calls fail for good, as an error that says so', async () => {
    const { zoo, zk } = await startWorld()
    zoo.expire(zk)
    await zoo.settle()

    const error: unknown = await zk.exists('/').catch((reason: unknown) => reason)

    expect(isSessionFatal(error)).toBe(true)
    expect(await codeOf(zk.exists('/'))).toBe('SESSIONEXPIRED')
  })
})

describe('an idle server', () => {
  it('keeps no timer, with and without connected clients', async () => {
    const { zoo, clock } = startServer()
    const before = clock.pendingTimers
    const zk = await zoo.connect()
    await zk.create('/a')
    await zk.addWatch('/a', () => undefined)
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    expect([before, clock.pendingTimers]).toEqual([0, 0])
  })

  it('keeps one timer while sessions are disconnected or something is to be swept, then none', async () => {
    const { zoo, clock, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    const other = await zoo.connect()
    await other.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
    const withTtl = clock.pendingTimers
    zoo.disconnect(zk)
    const withBoth = clock.pendingTimers
    await clock.advance(60_000)

    expect([withTtl, withBoth, clock.pendingTimers]).toEqual([1, 1, 0])
    expect(zoo.reports.counts()).toMatchObject({ sessions: 1, znodes: 4 })
  })

  it('lets its process end, connected clients and all', async () => {
    const bundle = await LibraryBundle.create()
    try {
      const { exitCode, stdout } = await bundle.run(`
        const zoo = new zoolet.EmbeddedZooKeeper()
        const zk = await zoo.connect()
        const other = await zoo.connect()
        await zk.create('/e', null, { mode: 'EPHEMERAL' })
        await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000 })
        await zk.addWatch('/', () => undefined, { recursive: true })
        zoo.disconnect(other)
        console.log('idle')`)

      expect(stdout).toBe('idle\n')
      expect(exitCode).toBe(0)
    } finally {
      bundle.remove()
    }
  })
})

it('a hundred servers in one process share nothing', async () => {
  const servers = Array.from({ length: 100 }, () => startServer())
  const clients = await Promise.all(servers.map(({ zoo }) => zoo.connect({ sessionTimeoutMs: 4000 })))
  const events = await Promise.all(
    clients.map(async (zk) => {
      const recorder = recordEvents()
      await zk.addWatch('/', recorder.watcher, { recursive: true })
      return recorder.events
    }),
  )

  await Promise.all(clients.map((zk, i) => zk.create(`/only-${i}`)))
  servers[7]?.zoo.expire(clients[7]?.sessionId ?? 0n)
  await servers[7]?.zoo.settle()

  expect(events.map((list) => list[0])).toEqual(clients.map((_zk, i) => `NodeCreated /only-${i}`))
  expect(clients.map(({ state }) => state)).toEqual(
    clients.map((_zk, i) => (i === 7 ? 'CLOSED' : 'CONNECTED')),
  )
  expect(servers.map(({ zoo }) => zoo.reports.counts().znodes)).toEqual(servers.map(() => 5))
})

/** How long until there is no session any more, on the virtual clock. */
async function lifetimeMs(zoo: EmbeddedZooKeeper, clock: VirtualClock): Promise<number> {
  const startMs = clock.nowMs()
  while (zoo.reports.counts().sessions > 0 && clock.nowMs() < START_MS + 100_000) await clock.advance(1)
  return clock.nowMs() - startMs
}

describe('a server that stood still', () => {
  /** Virtual time, and jumps of it that no timer sees coming. */
  class StoppedClock extends VirtualClock {
    #lostMs = 0
    override monotonicMs(): number {
      return super.monotonicMs() + this.#lostMs
    }
    /** The process stands still; its timers are late by so much from now on. */
    stop(ms: number): void {
      this.#lostMs += ms
    }
  }

  function startStopped(): { clock: StoppedClock; raw: RawCnxn; isAlive: () => boolean } {
    const clock = new StoppedClock(START_MS)
    const zoo = new EmbeddedZooKeeper({ clock })
    const raw = new RawCnxn(zoo, { isLocal: false }).open()
    return { clock, raw, isAlive: () => zoo.reports.counts().sessions === 1 }
  }

  it('gives back the time by which it is late, and hears the pings that came meanwhile', async () => {
    const { clock, raw, isAlive } = startStopped()
    await clock.advance(9_000)
    clock.stop(30_000)
    await clock.advance(23_000)
    const wasAlive = isAlive()

    raw.ask({ type: 'ping' })
    await clock.advance(30_000)

    expect([wasAlive, isAlive()]).toEqual([true, true])
  })

  it('gives it back once', async () => {
    const { clock, isAlive } = startStopped()
    clock.stop(1_000)
    await clock.advance(32_000)
    const wasAlive = isAlive()
    clock.stop(1_000)

    await clock.advance(1_000)

    expect([wasAlive, isAlive()]).toEqual([true, false])
  })

  it('gives a second time back to whom it has heard since the first', async () => {
    const { clock, raw, isAlive } = startStopped()
    clock.stop(60_000)
    await clock.advance(32_000)
    raw.ask({ type: 'ping' })
    await clock.advance(20_000)
    raw.ask({ type: 'ping' })

    clock.stop(40_000)
    await clock.advance(40_000)
    const wasAlive = isAlive()
    raw.ask({ type: 'ping' })
    await clock.advance(30_000)

    expect([wasAlive, isAlive()]).toEqual([true, true])
  })

  it('is not one whose timer is a little late', async () => {
    const { clock, isAlive } = startStopped()
    clock.stop(100)

    await clock.advance(32_000)

    expect(isAlive()).toBe(false)
  })
})
