/**
 * Who may take up a session, and what becomes of it: ids and passwords, right and wrong ones, take-overs, snapshots, closes.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EmbeddedZooKeeper } from '../../../src/index.js'
import { VirtualClock } from '../../../src/testing/index.js'
import {
  codeOf,
  countingBytes,
  RawCnxn,
  recordEvents,
  START_MS,
  startServer,
  startWorld,
  text,
} from '../fixture.js'

describe('a platform without strong random bytes', () => {
  it('is told so when it connects, and not when a client has to come back', async () => {
    vi.stubGlobal('crypto', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const zoo = new EmbeddedZooKeeper()
    const errors: unknown[] = []
    zoo.on('watcherError', (error) => errors.push(error))

    const code = await codeOf(zoo.connect({ connectTimeoutMs: 100 }))

    expect([code, errors]).toEqual([
      'SYSTEMERROR',
      [new Error('This platform has no crypto.getRandomValues: pass the option randomBytes')],
    ])
  })
})

describe('ids and passwords', () => {
  it('count up by one from an id with the server and its time of start in it', async () => {
    const { zoo } = startServer()
    const first = await zoo.connect()
    const second = await zoo.connect()

    expect(first.sessionId >> 56n).toBe(1n)
    expect((first.sessionId >> 16n) & 0xff_ffff_ffffn).toBe(BigInt(START_MS) & 0xff_ffff_ffffn)
    expect(second.sessionId - first.sessionId).toBe(1n)
    expect(first.sessionId & 0xffffn).toBe(0n)
  })

  it('are not given out again after a session has ended', async () => {
    const { zoo } = startServer()
    const first = await zoo.connect()
    await first.close()

    const second = await zoo.connect()

    expect(second.sessionId).toBe(first.sessionId + 1n)
  })

  it('have 16 bytes of chance in their passwords, other ones for each session and each server', async () => {
    const zoos = [new EmbeddedZooKeeper(), new EmbeddedZooKeeper()]
    const clients = await Promise.all(zoos.flatMap((zoo) => [zoo.connect(), zoo.connect()]))

    const passwords = clients.map(({ sessionPassword }) => Buffer.from(sessionPassword).toString('hex'))

    expect(new Set(passwords).size).toBe(4)
    expect(passwords.map(({ length }) => length)).toEqual([32, 32, 32, 32])
  })
})

describe('taking up a session', () => {
  it('with the right password goes on with its ephemerals, under the same id and without a zxid', () => {
    const { zoo } = startServer()
    const first = new RawCnxn(zoo).open()
    first.hangUp()
    const before = zoo.reports.counts().zxid

    const second = new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })

    expect(second.sessionId).toBe(first.sessionId)
    expect(second.password).toEqual(first.password)
    expect(zoo.reports.counts().zxid).toBe(before)
  })

  it('from a live connection closes that one first', () => {
    const { zoo } = startServer()
    const first = new RawCnxn(zoo).open()

    const second = new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })

    expect(first.log).toEqual(['connected', 'closed'])
    expect(second.log).toEqual(['connected'])
    expect(first.code({ type: 'whoAmI' })).toBe('no reply')
  })

  it('with a wrong password is refused, and the live connection is not touched [trap 26]', () => {
    const { zoo } = startServer()
    const owner = new RawCnxn(zoo).open()
    owner.ask({ type: 'addWatch', path: '/', mode: 'PERSISTENT' })

    const stranger = new RawCnxn(zoo).open({ id: owner.sessionId, password: new Uint8Array(16) })

    expect(stranger.log).toEqual(['refused', 'closed'])
    expect([stranger.sessionId, stranger.timeoutMs]).toEqual([0n, 0])
    expect(stranger.password).toEqual(new Uint8Array(16))
    expect(owner.code({ type: 'whoAmI' })).toBe('OK')
    expect(zoo.reports.counts()).toMatchObject({ sessions: 1, watches: 2 })
  })

  it.each([
    ['shorter', (password: Uint8Array) => password.slice(0, 15)],
    ['longer', (password: Uint8Array) => new Uint8Array([...password, 0])],
    ['empty', () => new Uint8Array(0)],
    ['wrong in its last byte', (password: Uint8Array) => password.with(15, 0)],
  ] as const)('with a password that is %s is refused', (_name, spoil) => {
    const { zoo } = startServer()
    const owner = new RawCnxn(zoo).open()

    const stranger = new RawCnxn(zoo).open({ id: owner.sessionId, password: spoil(owner.password) })

    expect(stranger.log).toEqual(['refused', 'closed'])
    expect(owner.log).toEqual(['connected'])
  })

  it.each(['unknown', 'closed', 'expired'] as const)('that is %s is refused', async (why) => {
    const { zoo, zk } = await startWorld()
    const session = { id: why === 'unknown' ? 99n : zk.sessionId, password: zk.sessionPassword }
    if (why === 'closed') await zk.close()
    if (why === 'expired') zoo.expire(zk)
    const { events, watcher } = recordEvents()

    const code = await codeOf(zoo.connect({ session, watcher }))
    await zoo.settle()

    expect(code).toBe('SESSIONEXPIRED')
    expect(events).toEqual(['None Expired'])
  })

  it('by a client that has seen more than the server knows is refused without an answer', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo)
    const intake = zoo.attach(raw)

    intake.connect({ lastZxidSeen: 1, timeoutMs: 4000, sessionId: 0n, password: new Uint8Array(16) })

    expect(raw.log).toEqual(['closed'])
    expect(zoo.reports.counts()).toMatchObject({ sessions: 0, zxid: 0n })
  })

  it("of a server that was started anew is refused with an answer, also where the id is somebody else's by now", () => {
    const clock = new VirtualClock()
    const former = new RawCnxn(new EmbeddedZooKeeper({ clock })).open()
    const zoo = new EmbeddedZooKeeper({ clock })
    const owner = new RawCnxn(zoo).open()
    const raw = new RawCnxn(zoo)
    const { sessionId, password } = former

    zoo.attach(raw).connect({ lastZxidSeen: 50, timeoutMs: 4000, sessionId, password })

    expect(owner.sessionId).toBe(sessionId)
    expect([raw.log, owner.log]).toEqual([['refused', 'closed'], ['connected']])
  })

  it('by another client of this library takes over from one whose link is down', async () => {
    const { zoo, zk, events } = await startWorld()
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    zoo.disconnect(zk)

    const second = await zoo.connect({ session })

    expect(second.sessionId).toBe(session.id)
    expect(await second.exists('/')).not.toBeNull()
    await zoo.settle()
    expect(zoo.reports.counts().sessions).toBe(1)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })
})

describe('a server that is made from a snapshot', () => {
  it('lets a client go on with its session, its ephemerals and the same ids', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/e', 'mine', { mode: 'EPHEMERAL' })
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    const snapshot = structuredClone(zoo.snapshot())

    const next = new EmbeddedZooKeeper({
      clock: new VirtualClock(START_MS),
      randomBytes: countingBytes(),
      snapshot,
    })
    const resumed = await next.connect({ session })
    const another = await next.connect()

    expect(await resumed.getEphemerals()).toEqual(['/e'])
    expect(text((await resumed.getData('/e')).data)).toBe('mine')
    expect(another.sessionId).toBe(session.id + 1n)
    expect(next.reports.counts().zxid).toBe(2n + 1n)
  })

  it('gives each session its full timeout to come back in, then ends it', async () => {
    const { zoo, zk } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    const clock = new VirtualClock(START_MS + 1_000_000)
    const next = new EmbeddedZooKeeper({ clock, snapshot: zoo.snapshot() })

    await clock.advance(5999)
    const before = next.reports.counts()
    await clock.advance(1)

    expect(before).toMatchObject({ sessions: 1, ephemerals: 1 })
    expect(next.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0 })
  })

  it('has no watches: they belong to connections', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addWatch('/', () => undefined)

    const next = new EmbeddedZooKeeper({ snapshot: zoo.snapshot() })

    expect(next.reports.counts().watches).toBe(0)
    await next.close()
  })
})

describe('a close', () => {
  it('ends the session at once: its ephemerals go before it resolves', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    await zk.close()

    expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, zxid: 3n })
  })

  it('while disconnected leaves the session to its time, and the ephemerals with it', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { sessionTimeoutMs: 4000 } })
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    zoo.disconnect(zk)

    await zk.close()
    const before = zoo.reports.counts()
    await clock.advance(6000)

    expect(before).toMatchObject({ sessions: 1, ephemerals: 1 })
    expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0 })
  })

  it('that is called twice, or three times at once, is one', async () => {
    const { zoo, zk, events } = await startWorld()

    await Promise.all([zk.close(), zk.close(), zk.close()])
    await zk.close()

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(zoo.reports.counts().zxid).toBe(2n)
  })

  it('inside a watcher works', async () => {
    const { zoo, zk, events } = await startWorld()
    const closed = new Promise<void>((resolve, reject) => {
      void zk.exists('/a', { watcher: () => zk.close().then(resolve, reject) })
    })

    void zk.create('/a')
    await closed

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(zoo.reports.counts().sessions).toBe(0)
  })

  it('calls no watcher any more once it has resolved', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })

    await zk.close()
    const told = events.length
    await other.create('/a')
    await zoo.settle()

    expect(events.slice(told)).toEqual([])
    expect(events).toEqual(['None Closed'])
  })

  it('answers calls made before it, and refuses those made after it', async () => {
    const { zk } = await startWorld()

    const before = codeOf(zk.create('/a'))
    const close = zk.close()
    const after = codeOf(zk.create('/b'))
    await close

    expect([await before, await after]).toEqual(['OK', 'SESSIONEXPIRED'])
  })

  it('is what await using does at the end of its block', async () => {
    const { zoo } = startServer()
    {
      await using zk = await zoo.connect()
      await zk.create('/e', null, { mode: 'EPHEMERAL' })
    }

    expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0 })
  })

  it('is what await using does to a server, too: all its clients are closed', async () => {
    const { events, watcher } = recordEvents()
    {
      await using zoo = new EmbeddedZooKeeper()
      await zoo.connect({ watcher })
    }

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
  })
})
