/**
 * The life of a client over a network: servers that are down, go, come back or fall silent; what becomes of its session, its
 * watches and its calls. Silence and pauses are on virtual time of the client's, the sockets are real.
 */
import { describe, expect, it } from 'vitest'
import { type Dump, EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import type { NetworkConnectOptions } from '../../src/node/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { dial, dialRecorded, freePort, type Network, serve, startNetwork, until } from './network.js'
import { TcpProxy } from './tcp-proxy.js'

/** The servers of a list are dialled in its order. */
const inOrder = (): Uint8Array => new Uint8Array(4).fill(255)
const SESSION_MS = 9000
const PATIENCE_MS = (SESSION_MS * 2) / 3
const PING_MS = SESSION_MS / 3

interface Held extends Network {
  readonly proxy: TcpProxy
  readonly clock: VirtualClock
  readonly zk: ZooKeeper
  readonly events: readonly string[]
}

/** A client on virtual time whose first server is behind a proxy; the second one is reached directly. */
async function startHeld(options: NetworkConnectOptions = {}): Promise<Held> {
  const network = await startNetwork({ server: { tickTimeMs: 2000 } })
  const { endpoint } = network
  const proxy = await TcpProxy.start(endpoint.port)
  const clock = new VirtualClock()
  const servers = `${proxy.connectString},${endpoint.connectString}`
  const given = { clock, sessionTimeoutMs: SESSION_MS, randomBytes: inOrder, ...options }
  const { zk, events } = await dialRecorded(servers, given)
  return { ...network, proxy, clock, zk, events }
}

describe('a list of servers', () => {
  it('of which the first is down leads to the second', async () => {
    const { endpoint } = await startNetwork()
    const port = await freePort()

    const zk = await dial(`127.0.0.1:${port},${endpoint.connectString}`, { randomBytes: inOrder })

    expect(await codeOf(zk.create('/a'))).toBe('OK')
  })

  it('of which the first goes leads to the second, with the same session', async () => {
    const { proxy, zk, events, clock } = await startHeld()
    const { sessionId } = zk

    await proxy.close()
    await until(() => zk.state === 'CONNECTING')
    await clock.advance(100)
    await until(() => zk.state === 'CONNECTED')

    expect(zk.sessionId).toBe(sessionId)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('that lives is left alone: the second server is not dialled', async () => {
    const { zoo, proxy, zk, clock } = await startHeld()

    await clock.advance(1)
    await zk.exists('/')

    expect([proxy.acceptedCount, zoo.reports.sessions().length]).toEqual([1, 1])
  })
})

/** Ends a server, which may change while it is away, and starts one with its state on the same port. */
async function restart(
  { zoo, endpoint }: Network,
  { port, missed = {} }: { readonly port: number; readonly missed?: Dump },
): Promise<EmbeddedZooKeeper> {
  await endpoint.close()
  const next = new EmbeddedZooKeeper({ snapshot: zoo.snapshot() })
  next.load(missed)
  await zoo.close()
  await serve(next, { port })
  return next
}

describe('a server that comes back on its port', () => {
  it('with its sessions gives the client its own back, ephemerals included', async () => {
    const network = await startNetwork()
    const { connectString, port = 0 } = network.endpoint
    const { zk, events } = await dialRecorded(connectString)
    const { sessionId } = zk
    await zk.create('/e', 'x', { mode: 'EPHEMERAL' })

    const next = await restart(network, { port })
    await until(() => events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
    expect([zk.sessionId, zk.state]).toEqual([sessionId, 'CONNECTED'])
    expect(next.reports.sessions()).toMatchObject([{ id: sessionId, ephemerals: ['/e'] }])
  })

  it('tells what one-shot watches have missed, and arms all others again', async () => {
    const network = await startNetwork()
    network.zoo.load({ '/d': 'x', '/c': 'x', '/p': 'x', '/same': 'x' })
    const { connectString, port = 0 } = network.endpoint
    const zk = await dial(connectString)
    const heard = await watchAll(zk)

    const missed = { '/d': 'y', '/c/1': 'x', '/e': 'x', '/p': 'y', '/r': 'x' }
    const next = await restart(network, { port, missed })
    await until(() => zk.state === 'CONNECTING')
    await zk.sync('/')
    const caughtUp = heard.splice(0)
    next.load({ '/d': 'z', '/c/2': 'x', '/e': 'z', '/p': 'z', '/r': 'z', '/same': 'z' })
    await zk.sync('/')

    expect(caughtUp).toEqual([
      'None Disconnected',
      'None SyncConnected',
      'NodeDataChanged /d',
      'NodeCreated /e',
      'NodeChildrenChanged /c',
    ])
    expect(heard.sort()).toEqual(['NodeDataChanged /p', 'NodeDataChanged /r', 'NodeDataChanged /same'])
  })

  it('but knows less than the client has seen, though it knows the session, is not taken for a server at all', async () => {
    const { zoo, endpoint } = await startNetwork()
    const zk = await dial(endpoint.connectString, { connectTimeoutMs: 200 })
    const snapshot = zoo.snapshot()
    for (let i = 0; i < 5; i++) await zk.create(`/a${i}`)
    await endpoint.close()
    await zoo.close()

    await serve(new EmbeddedZooKeeper({ snapshot }), { port: endpoint.port ?? 0 })
    await until(() => zk.state === 'CONNECTING')
    const failure = await failureOf(() => zk.exists('/a0'))

    expect(zk.state).toBe('CONNECTING')
    expect(failure).toMatchObject({ code: 'CONNECTIONLOSS' })
    expect(failure).toHaveProperty(
      'cause.message',
      `${endpoint.connectString} closed the connection before it answered the handshake`,
    )
  })

  it('but started anew tells its clients that their sessions are over, however little it knows', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    for (let i = 0; i < 5; i++) await zk.create(`/a${i}`)
    await endpoint.close()
    await zoo.close()

    await serve(new EmbeddedZooKeeper(), { port: endpoint.port ?? 0 })
    await until(() => zk.state === 'CLOSED' && events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })

  it('but without the session is told as Expired', async () => {
    const { zoo, endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const other = new EmbeddedZooKeeper()
    for (let i = 0; i < 5; i++) other.load({ [`/a${i}`]: 'x' })
    await endpoint.close()
    await zoo.close()

    await serve(other, { port: endpoint.port ?? 0 })
    await until(() => zk.state === 'CLOSED' && events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })
})

describe('a session without calls', () => {
  it('is kept alive by pings, three in its time', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const pings: bigint[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request' && event.request.type === 'ping') pings.push(event.sessionId)
    })
    const zk = await dialServer({ sessionTimeoutMs: 150 })
    const states: string[] = []
    zk.on('disconnected', ({ state }) => states.push(state))

    await until(() => pings.length >= 9)

    expect([zk.state, states, zoo.reports.sessions().length]).toEqual(['CONNECTED', [], 1])
  })

  it('expires at the server if its pings do not get through', async () => {
    const { zoo, endpoint } = await startNetwork()
    const proxy = await TcpProxy.start(endpoint.port)
    const zk = await dial(proxy.connectString, { sessionTimeoutMs: 150 })
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    proxy.hold()
    await until(() => zoo.reports.sessions().length === 0)

    expect(zoo.reports.counts().ephemerals).toBe(0)
  })

  it('pings no more often than every third of its time, and not at all while it has something to say', async () => {
    const { zoo, zk, clock } = await startHeld()
    const requests: string[] = []
    zoo.inspect((event) => event.kind === 'request' && requests.push(event.request.type))

    await clock.advance(PING_MS - 1)
    await zk.exists('/')
    await clock.advance(PING_MS - 1)
    await zk.exists('/')
    await clock.advance(PING_MS)
    await until(() => requests.length === 3)

    expect(requests).toEqual(['exists', 'exists', 'ping'])
  })
})

describe('a server that falls silent', () => {
  it('is given up after two thirds of the session, and the next one is dialled', async () => {
    const { proxy, zk, clock, events } = await startHeld()
    const { sessionId } = zk
    proxy.hold()

    await clock.advance(PATIENCE_MS - 1)
    await macrotask()
    const before = zk.state
    await clock.advance(1)
    await until(() => zk.state === 'CONNECTING')
    await clock.advance(100)
    await until(() => zk.state === 'CONNECTED')

    expect([before, zk.sessionId]).toEqual(['CONNECTED', sessionId])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('is the cause of the calls that it did not answer', async () => {
    const { proxy, zk, clock } = await startHeld()
    proxy.hold()
    const failure = failureOf(() => zk.exists('/a'))

    await clock.advance(PATIENCE_MS)

    expect(await failure).toMatchObject({ code: 'CONNECTIONLOSS' })
    expect(await failure).toHaveProperty('cause.message', `${proxy.connectString} was silent for 6000 ms`)
  })

  it('for less than that is kept', async () => {
    const { proxy, zk, clock, events } = await startHeld()
    proxy.hold()
    const call = codeOf(zk.exists('/a'))
    await clock.advance(PATIENCE_MS - 1)

    proxy.release()
    await call
    await clock.advance(PATIENCE_MS - 1)
    await macrotask()

    expect([zk.state, proxy.acceptedCount]).toEqual(['CONNECTED', 1])
    expect(events).toEqual(['None SyncConnected'])
  })

  it('is given up though calls are made all the time', async () => {
    const { proxy, zk, clock } = await startHeld()
    proxy.hold()
    const codes: Promise<string>[] = []

    for (let i = 0; i < 12; i++) {
      codes.push(codeOf(zk.exists('/a')))
      await clock.advance(PATIENCE_MS / 12)
    }

    expect(new Set(await Promise.all(codes))).toEqual(new Set(['CONNECTIONLOSS']))
  })
})

describe('a client that finds no server any more', () => {
  it('expires by itself after 4/3 of its session if it is told to', async () => {
    const { endpoint, proxy, zk, clock, events } = await startHeld({ expiresLocally: true })
    await Promise.all([proxy.close(), endpoint.close()])
    await until(() => zk.state === 'CONNECTING')

    await clock.advance((SESSION_MS * 4) / 3 - 1)
    const before = zk.state
    await clock.advance(1)
    await until(() => events.length === 3)

    expect([before, zk.state]).toEqual(['CONNECTING', 'CLOSED'])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })

  it('tries on for ever if it is not', async () => {
    const { endpoint, proxy, zk, clock } = await startHeld()
    await Promise.all([proxy.close(), endpoint.close()])
    await until(() => zk.state === 'CONNECTING')

    await clock.advance(3_600_000)

    expect(zk.state).toBe('CONNECTING')
  })
})

describe('a call', () => {
  it('that is in flight when the connection is cut has an unknown outcome: CONNECTIONLOSS, with the cause', async () => {
    const { zoo, proxy, zk } = await startHeld()
    zoo.inspect((event) => event.kind === 'txn' && proxy.cut())

    const failure = await failureOf(() => zk.create('/a'))

    expect(failure).toMatchObject({ code: 'CONNECTIONLOSS', path: '/a' })
    expect(failure).toHaveProperty('cause.message', expect.stringMatching(/closed|ECONNRESET/))
    expect(zoo.dump()).toHaveProperty(['/a'])
  })

  it('that the server did not get to says who closed the connection', async () => {
    const { zoo, proxy, zk } = await startHeld()
    proxy.hold()
    const failure = failureOf(() => zk.exists('/a'))

    zoo.disconnect(zk.sessionId)
    proxy.release()

    const message = `${proxy.connectString} closed the connection`
    expect(await failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: { message } })
  })

  it('made while there is no connection is sent with the next one', async () => {
    const { proxy, zk, clock, events } = await startHeld()
    await proxy.close()
    await until(() => zk.state === 'CONNECTING')
    const call = zk.create('/late')

    await clock.advance(100)

    expect(await call).toBe('/late')
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('that waits for longer than connectTimeoutMs fails, with what the last dial failed of', async () => {
    const { endpoint, proxy, zk, clock } = await startHeld({ connectTimeoutMs: 1000 })
    await Promise.all([proxy.close(), endpoint.close()])
    await until(() => zk.state === 'CONNECTING')
    const failure = failureOf(() => zk.create('/late'))

    for (let ms = 0; ms < 1000; ms += 100) {
      await clock.advance(100)
      await macrotask()
    }

    expect(await failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: { code: 'ECONNREFUSED' } })
  })
})

describe('two clients of one session', () => {
  it('take it from each other: the first is cut off when the second resumes it', async () => {
    const { zoo, endpoint, dial: dialServer } = await startNetwork()
    const { zk: first, events } = await dialRecorded(endpoint.connectString)
    const session = { id: first.sessionId, password: first.sessionPassword }

    const second = await dialServer({ session })
    await until(() => events.includes('None Disconnected'))

    expect(second.sessionId).toBe(first.sessionId)
    expect(zoo.reports.sessions().length).toBe(1)
  })

  it('end together: who comes back after the other has closed it is told that it is over', async () => {
    const { endpoint, dial: dialServer } = await startNetwork()
    const { zk: first, events } = await dialRecorded(endpoint.connectString)
    const second = await dialServer({ session: { id: first.sessionId, password: first.sessionPassword } })

    await second.close()
    await until(() => first.state === 'CLOSED' && events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })
})

/** Arms a watch of each kind; all write into one list. */
async function watchAll(zk: ZooKeeper): Promise<string[]> {
  const { events, watcher } = recordEvents()
  await zk.getData('/d', { watcher })
  await zk.getData('/same', { watcher })
  await zk.getChildren('/c', { watcher })
  await zk.exists('/e', { watcher })
  await zk.addWatch('/p', watcher)
  await zk.addWatch('/r', watcher, { recursive: true })
  return events
}
