/**
 * servePort: the server's side of a port: what its close leaves, what its limits hold off, and what becomes of a client that does
 * not say anything any more.
 */
import type { MessagePort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { servePort } from '../../src/message-port/index.js'
import { until } from '../node/network.js'
import { codeOf, failureOf, messageOf } from '../semantics/fixture.js'
import { connectFrame } from '../transport/fake-link.js'
import { dialPort, listenersOf, openChannel, startPortNetwork } from './port-network.js'

/** Keeps what arrives at a port, as `open 1`, `bytes 1`, `end 1`. */
function listenTo(port: MessagePort): string[] {
  const log: string[] = []
  port.on('message', ({ type, link }) => log.push(`${type} ${link}`))
  return log
}

describe('a served port that is closed', () => {
  it('ends its clients, and the server knows: the sessions live on without a connection or a watch', async () => {
    const { zoo, endpoint, clientPort } = startPortNetwork()
    const { zk, events } = await dialPort(clientPort)
    await zk.exists('/a', { watcher: () => undefined })

    endpoint.close()
    const [session] = zoo.reports.sessions()
    await until(() => events.length === 2)

    expect(session).toMatchObject({ id: zk.sessionId, isConnected: false })
    expect(zoo.reports.counts().watches).toBe(0)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })

  it('is left to its owner: no listener, and nobody is served any more', async () => {
    const { endpoint, serverPort, clientPort } = startPortNetwork()

    endpoint.close()
    endpoint.close()

    expect(listenersOf(serverPort)).toBe(0)
    expect(await codeOf(dialPort(clientPort, { connectTimeoutMs: 100 }))).toBe('CONNECTIONLOSS')
  })
})

describe('a server that is closed', () => {
  it('ends its clients on ports with an end of stream', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const { zk, events } = await dialPort(clientPort)

    await zoo.close()
    await until(() => events.length === 2)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
    expect(zk.state).toBe('CONNECTING')
  })
})

describe('a limit', () => {
  it('of the time for a handshake ends a link that says nothing', async () => {
    const { clientPort } = startPortNetwork({ limits: { handshakeTimeoutMs: 40 } })
    const log = listenTo(clientPort)

    clientPort.postMessage({ type: 'open', link: 5 })
    await until(() => log.length > 0)

    expect(log).toEqual(['end 5'])
  })

  it('of the time for a handshake does not end a client that has shaken hands', async () => {
    const { clientPort } = startPortNetwork({ limits: { handshakeTimeoutMs: 40 } })
    const { zk, events } = await dialPort(clientPort)
    const log = listenTo(clientPort)

    clientPort.postMessage({ type: 'open', link: 5 })
    await until(() => log.includes('end 5'))

    expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
  })

  it('of bytes of a frame ends who sends more, and its session lives on', async () => {
    const { zoo, clientPort } = startPortNetwork({ limits: { maxFrameBytes: 1000 } })
    const { zk } = await dialPort(clientPort)
    const fits = await codeOf(zk.create('/a', new Uint8Array(900)))

    const failure = await failureOf(() => zk.create('/b', new Uint8Array(1000)))

    expect([fits, failure]).toMatchObject(['OK', { code: 'CONNECTIONLOSS' }])
    expect(zoo.reports.sessions().length).toBe(1)
  })

  it('that does not exist or is none is refused', async () => {
    const { serverPort } = openChannel()
    const zoo = new EmbeddedZooKeeper()

    const unknown = await messageOf(() =>
      Reflect.apply(servePort, undefined, [zoo, serverPort, { limits: { max: 1 } }]),
    )
    const bad = await messageOf(() => servePort(zoo, serverPort, { limits: { maxFrameBytes: 0 } }))

    expect([unknown.slice(0, 32), bad.slice(0, 41)]).toEqual([
      'TypeError: Unknown limit "max"; ',
      'RangeError: Invalid limit maxFrameBytes: ',
    ])
    expect(listenersOf(serverPort)).toBe(0)
  })
})

describe('a client that says nothing any more', () => {
  it('without a word of its port loses its session in time, and its connection with it', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const log = listenTo(clientPort)
    clientPort.postMessage({ type: 'open', link: 1 })
    clientPort.postMessage({ type: 'bytes', link: 1, bytes: connectFrame({ timeoutMs: 150 }) })
    await until(() => zoo.reports.sessions().length === 1)

    await until(() => zoo.reports.sessions().length === 0)
    await until(() => log.includes('end 1'))

    // A word that the bytes of the handshake were taken, the answer, and the end.
    expect(log.toSorted()).toEqual(['bytes 1', 'end 1', 'taken 1'])
  })

  it('since its port is closed is disconnected at once, and loses its session in time', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const { zk } = await dialPort(clientPort, { sessionTimeoutMs: 300 })
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    clientPort.close()
    await until(() => zoo.reports.sessions()[0]?.isConnected === false)
    const during = zoo.reports.counts().ephemerals
    await until(() => zoo.reports.sessions().length === 0)

    expect([during, zoo.reports.counts().ephemerals]).toEqual([1, 0])
  })

  it('but pings keeps its session', async () => {
    const { zoo, clientPort } = startPortNetwork()
    const pings: bigint[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request' && event.request.type === 'ping') pings.push(event.sessionId)
    })
    const { zk, events } = await dialPort(clientPort, { sessionTimeoutMs: 150 })

    await until(() => pings.length >= 9)

    expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
  })
})

describe('an argument of servePort is refused', () => {
  it.each([[undefined], [{}], ['port']])('if there is no port but %j', async (port) => {
    const zoo = new EmbeddedZooKeeper()

    const message = await messageOf(() => Reflect.apply(servePort, undefined, [zoo, port]))

    expect(message).toMatch(/^TypeError: Invalid port .*: pass one end of a MessageChannel/)
  })
})
