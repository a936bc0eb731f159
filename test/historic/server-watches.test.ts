/**
 * Historic bugs of ZooKeeper and its kin, 1 to 3: connections that were gone and stayed in the watch tables. ZK-n is ZOOKEEPER-n;
 * the numbers are those of the list of 91 bugs, which goes on in the files beside this one.
 */
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../src/testing/index.js'
import { dialPort, startPortNetwork } from '../message-port/port-network.js'
import { dial, startNetwork, until } from '../node/network.js'
import { TcpProxy } from '../node/tcp-proxy.js'
import { join } from '../protocol/hex.js'
import { auth, connectRaw, create, read, setData, startServer } from '../semantics/fixture.js'
import { arm, LASTING, serverWatches, WATCH_KINDS } from '../semantics/watches/trigger-matrix.js'
import { frame, type Peer, requestFrame, WireWorld, type WireWorldOptions } from '../transport/fake-link.js'
import { armRequest, EMPTY_TABLES, sessionOf, setWatches, tablesOf } from './server-watches-requests.js'

const ARMING = [
  ...WATCH_KINDS.map((kind) => armRequest(kind, '/a')),
  armRequest('exists', '/none'),
  setWatches({ relativeZxid: 9999, dataWatches: ['/a'], persistentWatches: ['/p'] }),
]
const FRAMES = ARMING.map((request, xid) => requestFrame(xid, request))
const ARMED = ['/a data standard+persistent+recursive', '/none data standard', '/p data persistent']
const ARMED_LINES = [...ARMED, '/a child standard+persistent', '/p child persistent']

describe('1. ZK-1382: a connection that closes with reads in flight leaves no watch', () => {
  const closings: readonly ((world: WireWorld, peer: Peer) => void)[] = [
    // Served, and nothing answered yet.
    (_world, peer) => {
      peer.end.received(join(...FRAMES))
      peer.end.closed()
    },
    // Answered, and nothing read.
    (_world, peer) => {
      peer.isReading = false
      peer.send(...FRAMES)
      peer.end.closed()
    },
    // In the middle of a request, whose rest comes too late.
    (_world, peer) => {
      const whole = join(...FRAMES)
      peer.end.received(whole.subarray(0, -5))
      peer.end.closed()
      peer.end.received(whole.subarray(-5))
    },
    // The session is taken over while the old connection has more to say.
    (world, peer) => {
      peer.send(...FRAMES.slice(0, 3))
      const next = world.dial()
      next.shakeHands(sessionOf(peer))
      peer.send(...FRAMES)
      next.end.closed()
    },
    // The server hangs up first.
    (world, peer) => {
      world.zoo.disconnect(sessionOf(peer).sessionId)
      peer.send(...FRAMES)
    },
  ]

  it('ten thousand times, wherever the close falls', async () => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })

    for (let i = 0; i < 10_000; i++) {
      const peer = world.connect()
      closings[i % closings.length]?.(world, peer)
      world.peers.length = 0
    }
    world.settle()

    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
    await world.pass(20_000)
    expect(world.zoo.reports.counts()).toMatchObject({ sessions: 0, watches: 0 })
  })

  it('while the rest of a long burst waits for its turn', () => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const peer = world.connect()
    const burst = Array.from({ length: 100 }, () => FRAMES).flat()
    peer.end.received(join(...burst))
    const half = tablesOf(world.zoo).count

    peer.end.closed()
    world.settle()

    expect(half).toBe(ARMED_LINES.length)
    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
  })

  it('while they wait for the end of somebody else’s turn', () => {
    const { zoo } = startServer()
    const [victim, actor] = [connectRaw(zoo), connectRaw(zoo)]
    const stop = zoo.inspect(({ kind }) => {
      if (kind !== 'txn') return
      for (const request of ARMING) victim.ask(request)
      victim.hangUp()
    })

    actor.ask(create('/a'))
    stop()

    expect(victim.replies).toEqual([])
    expect(tablesOf(zoo)).toEqual(EMPTY_TABLES)
  })
})

describe('1. again: a connection that closes in the middle of its setWatches leaves no watch', () => {
  it('because its events are more than it may be behind', () => {
    const world = new WireWorld({ limits: { maxUnsentBytes: 500 } })
    const peer = world.connect()
    peer.isReading = false
    const dataWatches = Array.from({ length: 100 }, (_, i) => `/missing${i}`)

    peer.ask(1, setWatches({ dataWatches, existWatches: ['/later'], persistentWatches: ['/p'] }))
    world.settle()

    expect(peer.meter.isSlow).toBe(true)
    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
  })
})

describe('2. ZK-4907: frames that are processed after the close have no effect', () => {
  const late = [create('/late'), setData('/a', 'late'), ...ARMING]
  const frames = late.map((request, xid) => requestFrame(xid, request))
  const closes: Readonly<Record<string, (world: WireWorld, peer: Peer) => void>> = {
    'the client closed its link': (_world, peer) => peer.end.closed(),
    'the server cut it off': (world, peer) => world.zoo.disconnect(sessionOf(peer).sessionId),
    'the session expired': (world, peer) => world.zoo.expire(sessionOf(peer).sessionId),
    'the client closed its session': (_world, peer) => peer.ask(1, { type: 'closeSession' }),
    'a frame was no request': (_world, peer) => peer.send(Uint8Array.of(0, 0, 0, 1, 7)),
    'a frame was too long': (_world, peer) => peer.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)),
  }

  it.each(Object.keys(closes))('when %s', (name) => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const peer = world.connect()
    closes[name]?.(world, peer)
    world.settle()
    peer.takeHeard()
    const before = { ...world.zoo.dump() }
    const { zxid } = world.zoo.reports.counts()

    peer.send(...frames)
    world.settle()

    expect({ ...world.zoo.dump() }).toEqual(before)
    expect([world.zoo.reports.counts().zxid, peer.takeHeard()]).toEqual([zxid, []])
    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
  })

  it('when they come in the same chunk as the close of the session', () => {
    const world = new WireWorld()
    world.zoo.load({ '/a': 'x' })
    const peer = world.connect()

    peer.send(requestFrame(1, { type: 'closeSession' }), ...frames)
    world.settle()

    expect(peer.takeHeard()).toEqual(['1 OK'])
    expect({ ...world.zoo.dump() }).toEqual({ '/a': 'x' })
    expect(tablesOf(world.zoo)).toEqual(EMPTY_TABLES)
  })

  it('when another transport hands them in', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.hangUp()

    for (const request of late) cnxn.ask(request)

    expect(cnxn.replies).toEqual([])
    expect([zoo.reports.counts().zxid, tablesOf(zoo)]).toEqual([1n, EMPTY_TABLES])
  })
})

interface Disconnect {
  readonly name: string
  readonly options?: WireWorldOptions
  readonly end: (world: WireWorld, peer: Peer) => unknown
}

describe('3. ZK-3131: every way in which a connection ends takes its watches with it', () => {
  const stalled = requestFrame(9, read('getData', '/a')).subarray(0, 6)
  const unknown = frame((out) => {
    out.int(9)
    out.int(999)
  })
  const disconnects: readonly Disconnect[] = [
    { name: 'a closed link', end: (_world, peer) => peer.end.closed() },
    { name: 'closeSession', end: (_world, peer) => peer.ask(9, { type: 'closeSession' }) },
    { name: 'an expiry', end: (world, peer) => world.zoo.expire(sessionOf(peer).sessionId) },
    { name: 'a cut by the server', end: (world, peer) => world.zoo.disconnect(sessionOf(peer).sessionId) },
    { name: 'a take-over', end: (world, peer) => world.dial().shakeHands(sessionOf(peer)) },
    { name: 'an unknown operation', end: (_world, peer) => peer.send(unknown) },
    { name: 'a bad frame', end: (_world, peer) => peer.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff)) },
    { name: 'refused credentials', end: (_world, peer) => peer.ask(-4, auth('nobody', 'x')) },
    { name: 'a second handshake', end: (_world, peer) => peer.shakeHands() },
    {
      name: 'a frame that stalls',
      options: { limits: { frameTimeoutMs: 3000 } },
      end: (world, peer) => {
        peer.send(stalled)
        return world.pass(6000)
      },
    },
    { name: 'silence', end: (world) => world.pass(20_000) },
    {
      name: 'a client that does not read',
      options: { limits: { maxUnsentBytes: 1000 } },
      end: (world, peer) => {
        peer.isReading = false
        for (let i = 0; i < 100; i++) world.zoo.load({ '/a': `${i}` })
      },
    },
    {
      name: 'too many watches at once',
      options: { server: { limits: { maxWatchesPerSession: 5 } } },
      end: (_world, peer) => peer.ask(9, setWatches({ existWatches: ['/1', '/2', '/3', '/4'] })),
    },
  ]

  it.each(disconnects)('$name', async ({ options, end }) => {
    const world = new WireWorld(options)
    world.zoo.load({ '/a': 'x' })
    const bystander = connectRaw(world.zoo)
    bystander.ask(armRequest('persistent', '/stays'))
    const peer = world.connect()
    peer.send(...FRAMES.slice(0, 5))
    const armed = tablesOf(world.zoo).count

    await end(world, peer)
    world.settle()

    expect(armed).toBe(2 + 2)
    expect(tablesOf(world.zoo)).toEqual({
      lines: serverWatches('persistent', '/stays'),
      count: 2,
      broken: [],
    })
  })

  it('a socket that is gone without a word', async () => {
    const { zoo, endpoint } = await startNetwork()
    const proxy = await TcpProxy.start(endpoint.port)
    const zk = await dial(proxy.connectString, { clock: new VirtualClock() })
    for (const kind of LASTING) await arm(zk, kind, '/a', () => undefined)
    const armed = tablesOf(zoo).count

    proxy.cut()
    await until(() => tablesOf(zoo).count === 0)

    expect([armed, tablesOf(zoo)]).toEqual([2, EMPTY_TABLES])
  })

  it('a message port that is closed', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const { zk } = await dialPort(clientPort, { clock: new VirtualClock() })
    for (const kind of LASTING) await arm(zk, kind, '/a', () => undefined)
    const armed = tablesOf(zoo).count

    clientPort.close()
    await until(() => tablesOf(zoo).count === 0)

    expect([armed, tablesOf(zoo)]).toEqual([2, EMPTY_TABLES])
  })
})
