/**
 * Bugs that ZooKeeper, its clients and its doubles once had with sessions (43 to 47 of the bank): races of ends, mass expiry, moves,
 * unknown sessions, signs of life. Each test fails if zoolet has the bug.
 */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import { dialRecorded, startNetwork, until } from '../node/network.js'
import { brokenInServer } from '../property/invariants.js'
import { toHex } from '../protocol/hex.js'
import {
  check,
  codeOf,
  connectRaw,
  create,
  RawCnxn,
  read,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { WireWorld } from '../transport/fake-link.js'

const PING: Request = { type: 'ping' }

describe('43. ZK-1496: an expiry and a close race, and ephemerals stay', () => {
  type Act = (zoo: EmbeddedZooKeeper, raw: RawCnxn) => void
  const acts: Readonly<Record<string, Act>> = {
    expire: (zoo, { sessionId }) => {
      if (zoo.reports.sessions().some(({ id }) => id === sessionId)) zoo.expire(sessionId)
    },
    close: (_zoo, raw) => void raw.ask({ type: 'closeSession' }),
    createEphemeral: (_zoo, raw) => void raw.ask(create('/e', { mode: 'EPHEMERAL' })),
    touch: (_zoo, raw) => void raw.ask(PING),
  }
  const names = Object.keys(acts)
  const pairs = names.flatMap((first) => names.map((second) => [first, second]))

  it.each(pairs)('not for %s and then %s, one after the other or in one turn', async (...pair) => {
    for (const isInOneTurn of [false, true]) {
      const { zoo, clock } = startServer()
      const raw = startOwner(zoo)

      if (isInOneTurn) runInOneTurn(zoo, raw, pair)
      else for (const name of pair) acts[name]?.(zoo, raw)

      expectEphemeralsOfLiveSessions(zoo, pair)
      await clock.advance(60_000)
      expect(zoo.reports.counts()).toMatchObject({ sessions: 0, ephemerals: 0, znodes: 4 })
    }
  })

  it('not for any order of all four', () => {
    for (const order of ordersOf(names)) {
      const { zoo } = startServer()
      const raw = startOwner(zoo)

      for (const name of order) acts[name]?.(zoo, raw)

      expectEphemeralsOfLiveSessions(zoo, order)
    }
  })

  it('not for an expiry by time in whose turn the client closes and creates', async () => {
    const { zoo, clock } = startServer()
    const raw = startOwner(zoo)
    zoo.inspect(({ kind }) => {
      if (kind !== 'sessionExpired') return
      acts.createEphemeral?.(zoo, raw)
      acts.close?.(zoo, raw)
    })

    await clock.advance(60_000)

    expectEphemeralsOfLiveSessions(zoo, ['expire'])
    expect(raw.log.at(-1)).toBe('closed')
  })

  function startOwner(zoo: EmbeddedZooKeeper): RawCnxn {
    const raw = new RawCnxn(zoo, { isLocal: false }).open()
    raw.ask(create('/held', { mode: 'EPHEMERAL' }))
    return raw
  }

  /** The second waits for the end of the turn in which the first is applied. */
  function runInOneTurn(zoo: EmbeddedZooKeeper, raw: RawCnxn, [first = '', second = '']: string[]): void {
    const stop = zoo.inspect(() => {
      stop()
      acts[second]?.(zoo, raw)
    })
    acts[first]?.(zoo, raw)
  }

  function expectEphemeralsOfLiveSessions(zoo: EmbeddedZooKeeper, done: readonly string[]): void {
    const isOver = done.includes('expire') || done.includes('close')
    expect(brokenInServer(zoo.reports)).toEqual([])
    expect(zoo.reports.counts().sessions).toBe(isOver ? 0 : 1)
    if (isOver) expect(zoo.reports.counts().ephemerals).toBe(0)
  }

  function ordersOf(list: readonly string[]): string[][] {
    if (list.length === 0) return [[]]
    return list.flatMap((one) =>
      ordersOf(list.filter((other) => other !== one)).map((rest) => [one, ...rest]),
    )
  }
})

describe('44. ZK-1049: a mass close keeps the pings of others waiting', () => {
  it('10,000 sessions expire at one tick, and a ping that comes meanwhile is answered before the next of them', async () => {
    const { zoo, clock } = startServer()
    const dying = Array.from({ length: 10_000 }, () => new RawCnxn(zoo, { isLocal: false }).open())
    for (const [i, raw] of dying.entries()) {
      raw.ask(create(`/e-${i}`, { mode: 'EPHEMERAL' }))
      raw.ask(read('getData', `/e-${i}`, true))
    }
    await clock.advance(20_000)
    const living = new RawCnxn(zoo, { isLocal: false }).open()
    let expired = 0
    const answeredAfter: number[] = []
    zoo.inspect((event) => {
      if (event.kind === 'reply' && event.sessionId === living.sessionId) answeredAfter.push(expired)
      if (event.kind !== 'sessionExpired') return
      expired += 1
      if ([1, 5_000, 9_999].includes(expired)) living.ask(PING)
    })

    await clock.advance(12_000)

    expect(answeredAfter).toEqual([1, 5_000, 9_999])
    expect(zoo.reports.counts()).toMatchObject({ sessions: 1, ephemerals: 0, watches: 0 })
  })
})

describe('45. ZK-907, 710, 2886, 484: SESSIONMOVED without need, or for ever', () => {
  const MOVES = 100

  it.each([
    ['multi only', (i: number): Request => ({ type: 'multi', ops: [create(`/n-${i}`), check('/')] })],
    ['writes only', (i: number): Request => create(`/n-${i}`, { mode: 'EPHEMERAL' })],
    ['reads only', (): Request => read('getData', '/', true)],
  ] as const)(
    'a session moves 100 times, with %s, and is served at its new place alone',
    (_traffic, request) => {
      const { zoo } = startServer()
      let cnxn = connectRaw(zoo)
      const { sessionId, password } = cnxn
      const codes = [cnxn.code(request(0))]
      const stale: string[] = []
      for (let i = 1; i <= MOVES; i++) {
        const left = cnxn
        cnxn = new RawCnxn(zoo).open({ id: sessionId, password })
        codes.push(cnxn.code(request(i)))
        stale.push(left.code({ type: 'multi', ops: [create(`/stale-${i}`)] }))
        codes.push(cnxn.code({ type: 'multi', ops: [setData('/')] }))
      }

      expect(new Set(codes)).toEqual(new Set(['OK']))
      expect(new Set(stale)).toEqual(new Set(['no reply']))
      expect([cnxn.sessionId, zoo.reports.counts().sessions]).toEqual([sessionId, 1])
    },
  )

  it('over the wire, each move with its multi right behind the handshake', () => {
    const world = new WireWorld()
    const first = world.connect()
    const { sessionId, password } = first.session ?? { sessionId: 0n, password: new Uint8Array(0) }
    const heard: string[] = []
    for (let i = 1; i <= MOVES; i++) {
      const peer = world.dial()
      peer.shakeHands({ sessionId, password })
      peer.ask(i, { type: 'multi', ops: [create(`/n-${i}`)] })
      heard.push(...peer.takeHeard())
    }

    expect(heard).toEqual(Array.from({ length: MOVES }, (_, i) => ['connected 10000', `${i + 1} OK`]).flat())
    expect(world.zoo.reports.counts()).toMatchObject({ sessions: 1, znodes: 4 + MOVES })
  })

  it('a client goes 100 times and comes back with multis in its queue', async () => {
    const { zoo, zk, clock } = await startWorld()
    const { sessionId } = zk
    const codes: string[] = []
    for (let i = 0; i < MOVES; i++) {
      zoo.disconnect(zk)
      const call = codeOf(zk.transaction().create(`/n-${i}`).commit())
      zoo.reconnect(zk)
      await clock.advance(1000)
      codes.push(await call)
    }

    expect(new Set(codes)).toEqual(new Set(['OK']))
    expect([zk.sessionId, zoo.reports.counts().sessions]).toEqual([sessionId, 1])
  })
})

describe('46. CK-116690: an unknown session is replaced by a new one', () => {
  const NOTHING = '00'.repeat(16)

  it.each(['unknown', 'closed', 'expired'] as const)(
    'a server answers one that is %s with timeout 0 and id 0, and opens none',
    async (why) => {
      const world = new WireWorld()
      const owner = world.connect({ timeoutMs: 4000 })
      const { sessionId = 0n, password = new Uint8Array(16) } = owner.session ?? {}
      if (why === 'closed') owner.ask(1, { type: 'closeSession' })
      if (why === 'expired') await world.pass(10_000)
      const before = world.zoo.reports.counts()
      const peer = world.dial()

      peer.shakeHands({ sessionId: why === 'unknown' ? 99n : sessionId, password })

      const answer = `00000000${'00000000'}${'00'.repeat(8)}00000010${NOTHING}00`
      expect(peer.takeFrames().map(toHex)).toEqual([answer])
      expect(peer.link.log).toEqual(['end'])
      expect(world.zoo.reports.counts()).toEqual(before)
    },
  )

  it('an in-process client whose session is over hears Expired, and gets no other', async () => {
    const { zoo, zk, events } = await startWorld()
    const { sessionId } = zk
    zoo.disconnect(zk)
    zoo.expire(sessionId)

    zoo.reconnect(zk)
    await zoo.settle()

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
    expect([zk.state, zk.sessionId, zoo.reports.sessions()]).toEqual(['CLOSED', sessionId, []])
  })

  it('a client over TCP does the same', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const { sessionId } = zk

    zoo.expire(sessionId)
    await until(() => zk.state === 'CLOSED')
    await macrotask()

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
    expect([zk.sessionId, zoo.reports.sessions()]).toEqual([sessionId, []])
  })
})

describe('47. CK-111102, 121361: reads do not extend the session', () => {
  const TIMEOUT_MS = 4000
  const reads: readonly Request[] = [
    read('exists', '/'),
    read('getData', '/'),
    read('getChildren', '/'),
    read('getChildren2', '/'),
    { type: 'getACL', path: '/' },
    { type: 'getAllChildrenNumber', path: '/' },
    { type: 'getEphemerals', path: '/' },
    { type: 'sync', path: '/' },
    { type: 'multiRead', ops: [{ type: 'getData', path: '/' }] },
    { type: 'whoAmI' },
    { type: 'checkWatches', path: '/', watcherType: 'Any' },
    PING,
  ]

  it.each(reads)('a client that only sends $type lives for 10 timeouts and more', async (request) => {
    const world = new WireWorld()
    const peer = world.connect({ timeoutMs: TIMEOUT_MS })

    for (let ms = 0; ms < 11 * TIMEOUT_MS; ms += TIMEOUT_MS * 0.75) {
      await world.pass(TIMEOUT_MS * 0.75)
      peer.ask(1, request)
    }

    expect(world.zoo.reports.counts().sessions).toBe(1)
    expect(peer.link.log).toEqual([])
  })

  it('a client that sends nothing does not', async () => {
    const world = new WireWorld()
    world.connect({ timeoutMs: TIMEOUT_MS })

    await world.pass(TIMEOUT_MS + 2000)

    expect(world.zoo.reports.counts().sessions).toBe(0)
  })
})
