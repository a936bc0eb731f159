/**
 * Bugs that clients once had with their connections (48 to 54 of the bank): endless redials, lost sessions, ids of some years,
 * states told twice, leaks at the end, floods of pings, calls without an end. Each test fails if zoolet has the bug.
 */
import { describe, expect, it } from 'vitest'
import { BackOff } from '../../src/client/back-off.js'
import type { ClientOptions } from '../../src/client/create-client.js'
import type { Watcher, ZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { type ScriptedCnxn, startConnected, startScript } from '../client/scripted-server.js'
import {
  dial,
  dialRecorded,
  handshakeAnswer,
  openResources,
  serve,
  startNetwork,
  startPeer,
  until,
  untilOpen,
} from '../node/network.js'
import { TcpProxy } from '../node/tcp-proxy.js'
import { codeOf, connectRaw, create, recordEvents, startServer, startWorld } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import {
  type Client,
  connect,
  dial as dialLink,
  expectOver,
  notificationFrame,
  SYNC,
  synced,
} from '../transport/dialled-client.js'
import { WireWorld } from '../transport/fake-link.js'

describe('48. go 969553d, go d0e0d8e: the client dials in an endless loop', () => {
  const STEP_MS = 10
  const MINUTE_MS = 60_000
  const MOST_DIALS = 1000
  const meetings: Readonly<Record<string, (cnxn: ScriptedCnxn) => void>> = {
    'drops it at once': (cnxn) => cnxn.drop(),
    'drops it with an error': (cnxn) => cnxn.drop({ cause: new Error('ECONNREFUSED') }),
    'drops it after the handshake': (cnxn) => {
      cnxn.accept()
      cnxn.drop()
    },
    'drops it in the middle of the claim of an identity': (cnxn) => {
      cnxn.accept()
      expect(cnxn.log).toContain('-4 auth')
      cnxn.drop()
    },
    'answers what was not asked': (cnxn) => {
      cnxn.accept()
      cnxn.reply(99)
    },
  }

  it.each(Object.keys(meetings))('over a network the pauses grow when the server %s', async (name) => {
    const clock = new VirtualClock()
    const redial = new BackOff({ clock, random: () => 0, serverCount: 1, sessionTimeoutMs: 30_000 })

    const dialsMs = await dialsInAMinute(clock, { redial }, meetings[name])

    const pauses = dialsMs.slice(1).map((ms, i) => ms - (dialsMs[i] ?? 0))
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, ...new Array(10).fill(5000)])
  })

  it.each(Object.keys(meetings))('in process it is ten at once and two a second when it %s', async (name) => {
    const clock = new VirtualClock()

    const dialsMs = await dialsInAMinute(clock, {}, meetings[name])

    expect(dialsMs.filter((ms) => ms === 0).length).toBeLessThanOrEqual(11)
    expect(dialsMs.length).toBeLessThanOrEqual(11 + 2 * 60)
    expect(dialsMs.length).toBeGreaterThan(50)
  })

  /** When the client dialled, while each connection ends in the same way; a loop shows as very many dials. */
  async function dialsInAMinute(
    clock: VirtualClock,
    options: Partial<ClientOptions>,
    meet: ((cnxn: ScriptedCnxn) => void) | undefined,
  ): Promise<number[]> {
    const { zk, clock: own, cnxns } = startScript({ clock, ...options })
    void codeOf(zk.addAuthInfo('digest', 'a:b'))
    const dialsMs: number[] = []
    for (let ms = 0; ms <= MINUTE_MS; ms += STEP_MS) {
      for (let met = dialsMs.length; met < cnxns.length && met < MOST_DIALS; met++) {
        dialsMs.push(ms)
        const cnxn = cnxns[met]
        if (cnxn !== undefined) meet?.(cnxn)
      }
      await clock.advance(STEP_MS)
      await own.advance(STEP_MS)
    }
    return dialsMs
  }
})

describe('49. go e37691e: the session is thrown away on any drop', () => {
  it.each(['a plain end', 'an error', 'a reply to nothing', 'a failed setWatches'])(
    'the client asks for its own session after %s',
    async (why) => {
      const { zk, cnxns, started } = startScript()
      const [first] = cnxns
      first?.accept()
      await started
      const armed = codeOf(zk.exists('/a', { watcher: () => undefined }))
      first?.reply(1, 'NONODE')
      await armed

      if (why === 'a reply to nothing') first?.reply(99)
      else first?.drop(why === 'an error' ? { cause: new Error('ECONNRESET') } : undefined)
      if (why === 'a failed setWatches') {
        cnxns[1]?.accept()
        cnxns[1]?.reply(cnxns[1].requests[0]?.xid ?? 0, 'QUOTAEXCEEDED')
      }

      const { sessionId, password } = cnxns.at(-1)?.handshake ?? {}
      expect(cnxns.length).toBeGreaterThan(1)
      expect([sessionId, password]).toEqual([7n, new Uint8Array(16).fill(7)])
    },
  )

  it('it is the same after ten cuts in process, ephemerals and all', async () => {
    const { zoo, zk, clock } = await startWorld()
    const { sessionId } = zk
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    for (let cut = 0; cut < 10; cut++) {
      zoo.disconnect(zk)
      zoo.reconnect(zk)
      await clock.advance(1000)
    }

    expect([zk.sessionId, zk.state]).toEqual([sessionId, 'CONNECTED'])
    expect(await zk.getEphemerals()).toEqual(['/e'])
  })

  it('it is the same over TCP after a cut on the way, one by the server, and a door that closed', async () => {
    const { zoo, endpoint } = await startNetwork({ server: { tickTimeMs: 2000 } })
    const { port = 0 } = endpoint
    const proxy = await TcpProxy.start(port)
    const { zk, events } = await dialRecorded(proxy.connectString)
    const { sessionId } = zk
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    proxy.cut()
    await until(() => events.length === 3)
    zoo.disconnect(sessionId)
    await until(() => events.length === 5)
    await endpoint.close()
    await until(() => events.length === 6)
    await serve(zoo, { port })
    await until(() => events.length === 7)

    expect([zk.sessionId, await zk.getEphemerals()]).toEqual([sessionId, ['/e']])
    expect(zoo.reports.sessions().map(({ id }) => id)).toEqual([sessionId])
  })
})

describe('50. ZK-1622: session ids are negative from 2022 on', () => {
  const years = Array.from({ length: 2200 - 1970 + 1 }, (_, i) => 1970 + i)

  it('in no year from 1970 to 2200: they are positive, and ephemerals of theirs are ephemerals', () => {
    const found = years.map((year) => {
      const { zoo } = startServer({ clock: new VirtualClock(Date.UTC(year, 3, 7)) })
      const raw = connectRaw(zoo)
      raw.ask(create('/e', { mode: 'EPHEMERAL' }))
      const node = zoo.reports.znodes().find(({ path }) => path === '/e')
      const isOwner = node?.stat.ephemeralOwner === raw.sessionId
      return { year, sign: raw.sessionId > 0n, top: raw.sessionId >> 56n, kind: node?.kind, isOwner }
    })

    expect(found).toEqual(
      years.map((year) => ({ year, sign: true, top: 1n, kind: 'ephemeral', isOwner: true })),
    )
  })

  it('nor do two servers of different years give one id, or a client over the wire another', () => {
    const ids = years.map((year) => {
      const world = new WireWorld({ startMs: Date.UTC(year, 0, 1) })
      const peer = world.dial()
      peer.shakeHands()
      peer.takeHeard()
      expect(peer.session?.sessionId).toBe(world.zoo.reports.sessions()[0]?.id)
      return peer.session?.sessionId
    })

    expect(new Set(ids).size).toBe(years.length)
  })

  it('and a client of the year 2100 comes back to its session', async () => {
    const clock = new VirtualClock(Date.UTC(2100, 0, 1))
    const { zoo } = startServer({ clock })
    const endpoint = await serve(zoo)
    const first = await dial(endpoint.connectString)
    const session = { id: first.sessionId, password: first.sessionPassword }
    await first.create('/e', null, { mode: 'EPHEMERAL' })

    const second = await dial(endpoint.connectString, { session })

    expect(second.sessionId).toBe(session.id)
    expect(await second.getEphemerals()).toEqual(['/e'])
  })
})

describe('51. ZK-267: a state is told again while it lasts', () => {
  type Step = (script: ScriptedCnxn) => void
  const steps: readonly Step[] = [
    (cnxn) => cnxn.accept(),
    (cnxn) => cnxn.acceptReadOnly(),
    (cnxn) => cnxn.drop(),
    (cnxn) => cnxn.reply(99),
  ]

  it('not in any sequence of five answers, drops and nonsense', async () => {
    const told = programs(5).map((program) => {
      const { zk, cnxns, events } = startScript({ canBeReadOnly: true })
      const emitted: string[] = []
      zk.on('connected', () => emitted.push('connected'))
      zk.on('disconnected', () => emitted.push('disconnected'))
      for (const step of program) {
        const cnxn = cnxns.at(-1)
        const isAnswer = step < 2
        if (cnxn !== undefined && !(isAnswer && zk.state.startsWith('CONNECTED'))) steps[step]?.(cnxn)
      }
      return { program, events, emitted }
    })
    for (let turns = 0; turns < 10; turns++) await macrotask()

    const repeated = told.filter(({ events, emitted }) => repeats(events) || repeats(emitted))
    expect(repeated).toEqual([])
    expect(told.map(({ events }) => events.length)).toContain(5)
  })

  it('nor to a watcher of a znode, whose server goes again and again before it answers', async () => {
    const { zk, first, cnxns } = await startConnected()
    const { events, watcher } = recordEvents()
    const armed = zk.addWatch('/a', watcher)
    first.reply(1)
    await armed

    for (let drops = 0; drops < 5; drops++) cnxns.at(-1)?.drop()
    cnxns.at(-1)?.accept()
    await macrotask()

    expect(events).toEqual(['None Disconnected', 'None SyncConnected'])
  })

  function programs(length: number): number[][] {
    if (length === 0) return [[]]
    return programs(length - 1).flatMap((program) => steps.map((_step, i) => [...program, i]))
  }

  function repeats(list: readonly string[]): boolean {
    return list.some((one, i) => one === list[i - 1])
  }
})

describe('52. ZK-795, 3059, 3706, 846, 794; go 7f9aac4: something is left over when a client ends', () => {
  const ends: Readonly<Record<string, (zk: ZooKeeper, cnxns: readonly ScriptedCnxn[]) => void>> = {
    'an expiry': (_zk, cnxns) => {
      cnxns[0]?.drop()
      cnxns[1]?.accept(0)
    },
    'a refused identity': (_zk, cnxns) => cnxns[0]?.reply(-4, 'AUTHFAILED', undefined, 0),
    'a close that gets no answer but the end of the link': (zk, cnxns) => {
      void zk.close()
      cnxns[0]?.drop()
    },
    'a close while it is cut off': (zk, cnxns) => {
      cnxns[0]?.drop()
      void zk.close()
    },
  }

  it.each(Object.keys(ends))(
    'after %s each call is settled, no timer runs and nobody is called',
    async (name) => {
      const { zk, first, cnxn, cnxns, clock } = await startConnected()
      const { events, watcher } = recordEvents()
      const calls = inFlight(zk, watcher)
      let settled = 0
      for (const call of calls) void call.then(() => (settled += 1))

      ends[name]?.(zk, cnxns)
      for (let turns = 0; turns < 5; turns++) await macrotask()
      const told = [...events]
      first.notify('/a')
      await macrotask()

      expect(settled).toBe(calls.length)
      expect([cnxn.pendingCount, clock.pendingTimers]).toEqual([0, 0])
      expect(events).toEqual(told)
      expect(cnxns.at(-1)?.log.filter((line) => line.startsWith('connect')).length).toBe(1)
    },
  )

  it.each([
    ['a close', (zk: ZooKeeper) => zk.close()],
    ['a refused identity', (zk: ZooKeeper) => codeOf(zk.addAuthInfo('unknown', 'x'))],
  ] as const)('over TCP nothing is left open after %s', async (_name, end) => {
    const { endpoint } = await startNetwork()
    const before = openResources()
    const zk = await dial(endpoint.connectString)
    const calls = inFlight(zk, () => undefined)

    await end(zk)
    await Promise.all(calls)

    await untilOpen(before)
  })

  it('over TCP nothing is left open after an expiry', async () => {
    const { zoo, endpoint } = await startNetwork()
    const before = openResources()
    const zk = await dial(endpoint.connectString)

    zoo.expire(zk.sessionId)
    await until(() => zk.state === 'CLOSED')

    await untilOpen(before)
  })

  it.each([
    ['closed by the client', (client: Client) => client.end.close()],
    ['broken', (client: Client) => client.end.closed()],
    ['full of nonsense', (client: Client) => client.end.received(Uint8Array.of(255, 255, 255, 255))],
  ] as const)('a link that is %s is let go at once, and so are its timers', (_how, end) => {
    for (const client of [dialLink(), connect()]) {
      end(client)

      expectOver(client)
    }
  })

  it('in process an ended server keeps neither clients nor timers', async () => {
    const { zoo, zk, clock } = await startWorld()
    zoo.disconnect(zk)
    const calls = inFlight(zk, () => undefined)

    await zoo.close()
    await Promise.all(calls)

    expect([zoo.pending(), clock.pendingTimers]).toEqual([[], 0])
  })

  /** A call of each sort; none of them rejects. */
  function inFlight(zk: ZooKeeper, watcher: Watcher): readonly Promise<unknown>[] {
    const stream = zk.watch('/s')
    return [
      zk.exists('/a', { watcher }),
      zk.getChildren('/', { watcher }),
      zk.create('/a'),
      zk.transaction().create('/b').commit(),
      zk.multiRead([]),
      zk.sync('/'),
      zk.addWatch('/a', watcher, { recursive: true }),
      zk.removeWatches('/a'),
      zk.addAuthInfo('digest', 'a:b'),
      zk.createAll('/x/y'),
      zk.deleteAll('/x'),
      stream.ready,
      stream.next(),
    ].map((call: Promise<unknown>) => call.catch((error: unknown) => error))
  }
})

describe('53. ZK-562: a flood of pings while the queue is full', () => {
  const PING = '00000008fffffffe0000000b'
  const SECONDS = 300

  it('a client that sends a request each second sends no ping', async () => {
    const client = connect()
    const sent: string[] = []
    for (let second = 0; second < SECONDS; second++) {
      client.end.send(second, SYNC)
      client.scheduler.endTask()
      sent.push(...client.takeSent())
      client.end.received(synced(second))
      await client.clock.advance(1000)
    }

    expect(sent.length).toBe(SECONDS)
    expect(sent).not.toContain(PING)
  })

  it('a client whose link takes nothing adds one ping each third of the session, however long it lasts', async () => {
    const client = connect()
    client.end.send(1, SYNC)
    client.scheduler.endTask()
    for (let second = 0; second < SECONDS; second++) {
      await client.clock.advance(1000)
      client.end.received(notificationFrame({ type: 'NodeDataChanged', path: '/a', zxid: 1 }))
    }

    expect(client.takeSent().filter((frame) => frame === PING).length).toBe(SECONDS / 10)
    expect(client.clock.pendingTimers).toBe(1)
  })
})

describe('54. ZK-2251: a call waits for ever for its answer', () => {
  const SESSION_MS = 9000

  it('not for one that a silent server never gives: the link is given up after two thirds of the session', async () => {
    const clock = new VirtualClock()
    const peer = await startPeer((socket) => {
      socket.once('data', () => socket.write(handshakeAnswer({ timeoutMs: SESSION_MS })))
    })
    const zk = await dial(peer.connectString, { clock, sessionTimeoutMs: SESSION_MS })
    const call = codeOf(zk.exists('/'))

    await clock.advance((SESSION_MS * 2) / 3)
    const code = await call

    expect(code).toBe('CONNECTIONLOSS')
    expect(zk.state).toBe('CONNECTING')
  })

  it('nor for a connection: those that wait for one fail after connectTimeoutMs', async () => {
    const { zoo, zk, clock } = await startWorld({ client: { connectTimeoutMs: 500 } })
    zoo.disconnect(zk)
    const codes: string[] = []
    void codeOf(zk.exists('/')).then((code) => codes.push(code))

    await clock.advance(499)
    const before = [...codes]
    await clock.advance(1)

    expect([before, codes]).toEqual([[], ['CONNECTIONLOSS']])
  })

  it('nor for more than its caller has patience', async () => {
    const { zk, first } = await startConnected()
    const reason = new Error('too long')
    const patience = new AbortController()
    const call = zk.exists('/', { signal: patience.signal }).catch((error: unknown) => error)

    patience.abort(reason)

    expect(await call).toMatchObject({ cause: reason })
    expect(first.log).toContain('1 exists')
  })
})
