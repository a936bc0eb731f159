/**
 * close() of a client over a network, whatever it was doing: it resolves, nothing is heard after it, and neither a socket nor a
 * timer is left, not even where the server never closes its side. The same for clients that end without being closed.
 */
import { describe, expect, it } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { codeOf } from '../semantics/fixture.js'
import {
  dial,
  dialRecorded,
  elapsedMsOf,
  handshakeAnswer,
  openResources,
  startNetwork,
  startPeer,
  until,
  untilOpen,
} from './network.js'
import { TcpProxy } from './tcp-proxy.js'

/** A third of it is a ping, two thirds are the patience with a silent server. */
const SESSION_MS = 300

/** A client behind a proxy, and what was open before there was either of its sockets. */
async function startProxied(): Promise<{
  readonly zk: ZooKeeper
  readonly events: readonly string[]
  readonly proxy: TcpProxy
  readonly before: readonly string[]
}> {
  const { endpoint } = await startNetwork()
  const proxy = await TcpProxy.start(endpoint.port)
  const before = openResources()
  const { zk, events } = await dialRecorded(proxy.connectString, { sessionTimeoutMs: SESSION_MS })
  return { zk, events, proxy, before }
}

describe('a close', () => {
  it('while connected leaves nothing open, and the session is over', async () => {
    const { zoo, dial: dialServer } = await startNetwork()
    const before = openResources()
    const zk = await dialServer()

    await zk.close()

    await untilOpen(before)
    expect([zk.state, zoo.reports.sessions()]).toEqual(['CLOSED', []])
  })

  it('comes after the calls that were made before it', async () => {
    const { dial: dialServer } = await startNetwork()
    const zk = await dialServer()
    const calls = [codeOf(zk.create('/a')), codeOf(zk.exists('/b'))]

    const close = zk.close()
    const late = codeOf(zk.exists('/c'))
    await close

    expect(await Promise.all([...calls, late])).toEqual(['OK', 'OK', 'SESSIONEXPIRED'])
  })

  it('twice is one close, and the second resolves with it', async () => {
    const { dial: dialServer } = await startNetwork()
    const zk = await dialServer()

    const both = [zk.close(), zk.close()]
    await Promise.all(both)
    await zk.close()

    expect(zk.state).toBe('CLOSED')
  })

  it('is told as Closed, once, without a Disconnected', async () => {
    const { endpoint } = await startNetwork()
    const { zk, events } = await dialRecorded(endpoint.connectString)

    await zk.close()
    await zk.close()

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
  })

  it('while the server is silent waits as long as it would for any reply, and no longer', async () => {
    const { zk, proxy, before } = await startProxied()
    proxy.hold()

    const elapsedMs = await elapsedMsOf(() => zk.close())

    expect(elapsedMs).toBeLessThan(1500)
    await untilOpen([...before, 'TCPSocketWrap', 'TCPSocketWrap'])
    await proxy.close()
    await untilOpen(before)
  })

  it('between two dials ends at once, and no dial comes after it', async () => {
    const { zk, events, proxy, before } = await startProxied()
    await proxy.close()
    await until(() => events.length === 2)

    const elapsedMs = await elapsedMsOf(() => zk.close())

    expect(elapsedMs).toBeLessThan(1500)
    await untilOpen(before)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Closed'])
  })

  it('during a handshake ends at once, though the server says nothing and closes nothing', async () => {
    const answers = [handshakeAnswer({ timeoutMs: SESSION_MS })]
    const peer = await startPeer((socket) => socket.write(answers.pop() ?? ''))
    const before = openResources()
    const zk = await dial(peer.connectString, { sessionTimeoutMs: SESSION_MS })
    peer.sockets[0]?.destroy()
    await until(() => peer.sockets.length === 2)

    await zk.close()

    await untilOpen([...before, 'TCPSocketWrap'])
    expect([zk.state, peer.sockets[1]?.destroyed]).toEqual(['CLOSED', false])
  })

  it('during a handshake reaches the server as an end of stream', async () => {
    const answers = [handshakeAnswer({ timeoutMs: SESSION_MS })]
    const ended: unknown[] = []
    const peer = await startPeer((socket) => {
      socket.on('end', () => ended.push(socket)).resume()
      socket.write(answers.pop() ?? '')
    })
    const zk = await dial(peer.connectString, { sessionTimeoutMs: SESSION_MS })
    peer.sockets[0]?.destroy()
    await until(() => peer.sockets.length === 2)

    await zk.close()

    await until(() => ended.length > 0)
    expect(ended).toEqual([peer.sockets[1]])
  })

  it('ends a wait of calls for a connection', async () => {
    const { zk, proxy, before } = await startProxied()
    await proxy.close()
    await until(() => zk.state === 'CONNECTING')
    const waiting = codeOf(zk.exists('/a'))

    await zk.close()

    expect(await waiting).toBe('SESSIONEXPIRED')
    await untilOpen(before)
  })
})

describe('an end that nobody asked for', () => {
  it('by expiry leaves nothing open', async () => {
    const { zoo, endpoint } = await startNetwork()
    const before = openResources()
    const { zk, events } = await dialRecorded(endpoint.connectString)

    zoo.expire(zk.sessionId)

    await until(() => zk.state === 'CLOSED')
    await untilOpen(before)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })

  it('by failed authentication leaves nothing open', async () => {
    const { endpoint } = await startNetwork()
    const before = openResources()
    const { zk, events } = await dialRecorded(endpoint.connectString)

    const code = await codeOf(zk.addAuthInfo('unknown', 'x'))

    await untilOpen(before)
    expect([code, zk.state]).toEqual(['AUTHFAILED', 'AUTH_FAILED'])
    await until(() => events.length === 2)
    expect(events).toEqual(['None SyncConnected', 'None AuthFailed'])
  })

  it('by itself, after 4/3 of the session, leaves nothing open', async () => {
    const { endpoint } = await startNetwork()
    const proxy = await TcpProxy.start(endpoint.port)
    const before = openResources()
    const { zk, events } = await dialRecorded(proxy.connectString, {
      sessionTimeoutMs: SESSION_MS,
      expiresLocally: true,
    })

    await proxy.close()

    await until(() => zk.state === 'CLOSED')
    await untilOpen(before)
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })
})
