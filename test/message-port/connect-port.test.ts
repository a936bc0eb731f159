/**
 * connectPort: clients on message ports, one on each: what a client is told of a port where nobody is, that it comes back over the
 * port that it has, and that a port has none of our listeners once its client is over.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, Op } from '../../src/index.js'
import { connectPort, servePort } from '../../src/message-port/index.js'
import { elapsedMsOf, openResources, until, untilOpen } from '../node/network.js'
import { codeOf, failureOf, messageOf, recordEvents } from '../semantics/fixture.js'
import { dialPort, listenersOf, openChannel, serveChannel, startPortNetwork } from './port-network.js'

const IN_TIME = { connectTimeoutMs: 200 }
const REASON = 'the message port did not answer the handshake within 160 ms'

describe('a client on a port', () => {
  it('is a client like any other: it shares the tree with those in process, and they watch each other', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const { zk } = await dialPort(clientPort)
    const inside = await zoo.connect()
    const [insider, outsider] = [recordEvents(), recordEvents()]
    await inside.exists('/a', { watcher: insider.watcher })
    await zk.exists('/b', { watcher: outsider.watcher })

    await zk.create('/a')
    await inside.create('/b')
    await zk.sync('/')

    expect([insider.events, outsider.events]).toEqual([['NodeCreated /a'], ['NodeCreated /b']])
  })

  it('has a port of its own; several clients have several', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const others = [serveChannel(zoo), serveChannel(zoo)]
    const ports = [clientPort, ...others.map((other) => other.clientPort)]

    const clients = await Promise.all(ports.map((port) => dialPort(port)))
    const created = clients.map(({ zk }) => zk.create('/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' }))

    expect((await Promise.all(created)).sort()).toEqual(['/n-0000000000', '/n-0000000001', '/n-0000000002'])
    expect(new Set(clients.map(({ zk }) => zk.sessionId)).size).toBe(3)
  })

  it('carries more than its window, both ways', async () => {
    const { clientPort } = startPortNetwork()
    const { zk } = await dialPort(clientPort)
    const paths = Array.from({ length: 12 }, (_, i) => `/a${i}`)

    await Promise.all(paths.map((path, i) => zk.create(path, new Uint8Array(400_000).fill(i))))
    const results = await zk.multiRead(paths.map((path) => Op.getData(path)))

    const firsts = results.map((result) => (result.type === 'getData' ? result.data?.at(-1) : undefined))
    expect(firsts).toEqual(paths.map((_, i) => i))
  })

  it('does not mind what else comes over the port', async () => {
    const { clientPort, serverPort } = startPortNetwork()
    const { zk, events } = await dialPort(clientPort)

    for (const junk of [
      'text',
      { type: 'bytes', link: 1 },
      { type: 'open', link: 1 },
      { type: 'end', link: 9 },
    ]) {
      clientPort.postMessage(junk)
      serverPort.postMessage(junk)
    }
    await zk.create('/a')

    expect([await codeOf(zk.exists('/a')), events]).toEqual(['OK', ['None SyncConnected']])
  })

  it('may come back to its session on another port', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const first = await dialPort(clientPort)
    const session = { id: first.zk.sessionId, password: first.zk.sessionPassword }

    const second = await dialPort(serveChannel(zoo).clientPort, { session })

    expect(second.zk.sessionId).toBe(first.zk.sessionId)
    await until(() => first.events.includes('None Disconnected'))
  })
})

describe('a client that loses its connection', () => {
  it('comes back over the same port, with its session and its watches', async () => {
    const { zoo, clientPort } = startPortNetwork()
    zoo.load({ '/a': 'x' })
    const { zk, events } = await dialPort(clientPort)
    const { sessionId } = zk
    const { events: seen, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)

    zoo.disconnect(sessionId)
    await until(() => events.length === 3)
    await zk.setData('/a', 'y')

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
    expect(zk.sessionId).toBe(sessionId)
    expect(seen).toEqual(['None Disconnected', 'None SyncConnected', 'NodeDataChanged /a'])
  })

  it('comes back when the port is served again', async () => {
    const { zoo, endpoint, clientPort, serverPort } = startPortNetwork()
    const { zk, events } = await dialPort(clientPort)
    const { sessionId } = zk
    endpoint.close()
    await until(() => events.length === 2)

    const again = servePort(zoo, serverPort)
    await until(() => events.length === 3)
    again.close()

    expect([zk.sessionId, events.at(-1)]).toEqual([sessionId, 'None SyncConnected'])
  })

  it('with calls in flight has them fail with the reason', async () => {
    const { endpoint, clientPort } = startPortNetwork()
    const { zk } = await dialPort(clientPort)
    const failure = failureOf(() => zk.create('/a'))

    endpoint.close()

    const message = 'the message port closed the connection'
    expect(await failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: { message } })
  })
})

describe('a port where nobody is', () => {
  it('is CONNECTIONLOSS in time, and told as such', async () => {
    const { clientPort } = openChannel()
    let message = ''

    const elapsedMs = await elapsedMsOf(async () => {
      message = await messageOf(() => connectPort(clientPort, IN_TIME))
    })

    expect(message).toBe(
      `KeeperException: CONNECTIONLOSS: no connection to the message port within 200 ms (connectTimeoutMs): ${REASON}`,
    )
    expect(elapsedMs).toBeLessThan(1700)
    expect(listenersOf(clientPort)).toBe(0)
  })

  it('since the other side was closed is told as such', async () => {
    const { clientPort, serverPort } = openChannel()
    serverPort.close()

    const message = await messageOf(() => connectPort(clientPort, IN_TIME))

    expect(message).toContain('no connection to the message port within 200 ms')
    expect(listenersOf(clientPort)).toBe(0)
  })

  it('is none if it comes to be served in time', async () => {
    const { zoo } = startPortNetwork()
    const { clientPort, serverPort } = openChannel()
    const connecting = dialPort(clientPort)

    const endpoint = servePort(zoo, serverPort)
    const { zk } = await connecting
    endpoint.close()

    expect(zk.sessionId).not.toBe(0n)
  })
})

describe('a port after its client', () => {
  it('that was closed has no listener of ours and no link, and another client may have it', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const before = listenersOf(clientPort)
    const { zk } = await dialPort(clientPort)
    const during = listenersOf(clientPort)

    await zk.close()
    const after = listenersOf(clientPort)
    const { zk: next } = await dialPort(clientPort)

    expect([before, during, after]).toEqual([0, 2, 0])
    expect(await codeOf(next.create('/a'))).toBe('OK')
    expect(zoo.reports.sessions().map(({ id }) => id)).toEqual([next.sessionId])
  })

  it.each([
    ['expired', { chroot: '/' }],
    ['was refused its session', { session: { id: 9n, password: new Uint8Array(16) } }],
    ['was refused its identity', { auth: [{ scheme: 'unknown', auth: 'x' }] }],
    ['has no root', { chroot: '/not/there' }],
  ])('that %s has no listener of ours', async (_how, options) => {
    const { zoo, clientPort } = startPortNetwork()

    const zk = await connectPort(clientPort, options).catch(() => undefined)
    if (zk !== undefined) zoo.expire(zk.sessionId)
    await until(() => listenersOf(clientPort) === 0)

    expect(zoo.reports.sessions().filter(({ isConnected }) => isConnected)).toEqual([])
  })

  it('keeps no timer', async () => {
    const { clientPort } = startPortNetwork()
    const before = openResources().filter((name) => name !== 'MessagePort')
    const { zk } = await dialPort(clientPort)

    await zk.close()

    await untilOpen([...before, ...openResources().filter((name) => name === 'MessagePort')])
  })
})

describe('an argument of connectPort is refused', () => {
  const message = 'pass one end of a MessageChannel, and give the other end to the worker'

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['port', '"port"'],
    [5, '5'],
    [{}, '{  }'],
    [new EventTarget(), '{  }'],
    [
      { postMessage: 1, addEventListener: 1, removeEventListener: 1 },
      '{ postMessage, addEventListener, removeEventListener }',
    ],
  ])('if there is no port but %s', async (port, quoted) => {
    const found = await messageOf(() => Reflect.apply(connectPort, undefined, [port]))

    expect(found).toBe(`TypeError: Invalid port ${quoted}: ${message}`)
  })

  it.each([
    [{ tls: {} }, 'TypeError: Unknown option "tls": there are sessionTimeoutMs'],
    [{ connectTimeoutMs: 0 }, 'RangeError: Invalid connectTimeoutMs 0'],
    [null, 'TypeError: Invalid options null'],
  ])('if an option is wrong: %o, and the port is left alone', async (options, beginning) => {
    const { clientPort } = openChannel()

    const found = await messageOf(() => Reflect.apply(connectPort, undefined, [clientPort, options]))

    expect([found.slice(0, beginning.length), listenersOf(clientPort)]).toEqual([beginning, 0])
  })
})

describe('a port that is closed for good', () => {
  it('closes its client, which does not look for it any more', async () => {
    const before = openResources()
    const { clientPort, serverPort } = openChannel()
    const zoo = new EmbeddedZooKeeper()
    servePort(zoo, serverPort)
    const { events, watcher } = recordEvents()
    const zk = await connectPort(clientPort, { watcher })
    const call = codeOf(zk.exists('/a'))

    serverPort.close()
    await until(() => zk.state === 'CLOSED')
    await zoo.close()

    expect([await call, await codeOf(zk.exists('/a'))]).toEqual([expect.any(String), 'SESSIONEXPIRED'])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Closed'])
    await untilOpen(before)
  })
})
