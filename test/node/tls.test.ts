/**
 * TLS at both doors: who is trusted and who is not, what is said of it, and that a handshake that leads nowhere costs neither the
 * server nor the client anything that lasts.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { connect, listen } from '../../src/node/index.js'
import type { WireLimits } from '../../src/transport/wire-limits.js'
import { A_CLIENT, LOCALHOST } from '../cli/certificates.js'
import { codeOf, failureOf, messageOf } from '../semantics/fixture.js'
import {
  dial,
  dialRecorded,
  elapsedMsOf,
  type Network,
  openResources,
  startNetwork,
  until,
  untilOpen,
} from './network.js'
import { TcpProxy } from './tcp-proxy.js'

const SERVER = LOCALHOST
const CLIENT = A_CLIENT
const TRUSTING = { ca: SERVER.cert }
const IN_TIME = { connectTimeoutMs: 300 }

/** A server that speaks TLS as localhost. */
function startTls(
  options: { readonly limits?: Partial<WireLimits>; readonly tls?: object } = {},
): Promise<Network> {
  const { limits, tls } = options
  return startNetwork({ listen: { port: 0, tls: { ...SERVER, ...tls }, limits } })
}

/** A connection that says nothing. */
async function call(port = 0): Promise<Socket> {
  const socket = createConnection({ host: '127.0.0.1', port })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => socket.destroy()).resume()
  await once(socket, 'connect')
  return socket
}

describe('a client that trusts the certificate', () => {
  it('connects by the name in it, and is served like any other', async () => {
    const { endpoint } = await startTls()
    const data = new Uint8Array(900_000).fill(7)

    const zk = await dial(`localhost:${endpoint.port}`, { tls: TRUSTING })
    await zk.create('/a', data)

    expect(Buffer.compare((await zk.getData('/a')).data ?? data.subarray(1), data)).toBe(0)
    expect(await zk.whoAmI()).toMatchObject([{ scheme: 'ip' }])
  })

  it('is refused by another name, which it says', async () => {
    const { endpoint } = await startTls()

    const failure = await failureOf(() => connect(endpoint.connectString, { tls: TRUSTING, ...IN_TIME }))

    expect(failure).toMatchObject({
      code: 'CONNECTIONLOSS',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    expect(`${failure}`).toContain("Hostname/IP does not match certificate's altnames")
  })

  it('may say which name it expects', async () => {
    const { endpoint } = await startTls()

    const zk = await dial(endpoint.connectString, { tls: { ...TRUSTING, servername: 'localhost' } })

    expect(zk.state).toBe('CONNECTED')
  })

  it('comes back over TLS when it was cut off, with its session', async () => {
    const { zoo, endpoint } = await startTls()
    const { zk, events } = await dialRecorded(`localhost:${endpoint.port}`, { tls: TRUSTING })
    const { sessionId } = zk

    zoo.disconnect(sessionId)
    await until(() => events.length === 3)

    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
    expect(zk.sessionId).toBe(sessionId)
  })

  it('leaves nothing open when it is closed', async () => {
    const { endpoint } = await startTls()
    const before = openResources()
    const zk = await dial(`localhost:${endpoint.port}`, { tls: TRUSTING })

    await zk.close()

    await untilOpen(before)
  })
})

describe('a client that does not trust the certificate', () => {
  it('does not connect, and says why', async () => {
    const { zoo, endpoint } = await startTls()

    const failure = await failureOf(() => connect(`localhost:${endpoint.port}`, { tls: {}, ...IN_TIME }))

    expect(failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
    expect(zoo.reports.sessions()).toEqual([])
  })

  it('connects if it is told to trust anybody', async () => {
    const { endpoint } = await startTls()

    const zk = await dial(endpoint.connectString, { tls: { rejectUnauthorized: false } })

    expect(zk.state).toBe('CONNECTED')
  })
})

describe('a server that asks for a certificate', () => {
  const strict = { requestCert: true, rejectUnauthorized: true, ca: CLIENT.cert }

  it('takes a client that has the right one', async () => {
    const { endpoint } = await startTls({ tls: strict })

    const zk = await dial(`localhost:${endpoint.port}`, { tls: { ...TRUSTING, ...CLIENT } })

    expect(await codeOf(zk.create('/a'))).toBe('OK')
  })

  it.each([
    ['none', {}],
    ['another', SERVER],
  ])('refuses a client that has %s, before it has a session', async (_which, own) => {
    const { zoo, endpoint } = await startTls({ tls: strict })

    const code = await codeOf(
      connect(`localhost:${endpoint.port}`, { tls: { ...TRUSTING, ...own }, ...IN_TIME }),
    )

    expect([code, zoo.reports.sessions()]).toEqual(['CONNECTIONLOSS', []])
  })
})

describe('two who do not speak the same', () => {
  it('a client with TLS at a plain port is told', async () => {
    const { endpoint } = await startNetwork()

    const message = await messageOf(() => connect(endpoint.connectString, { tls: {}, ...IN_TIME }))

    expect(message).toContain('before secure TLS connection was established')
    expect(endpoint.served.badConnections).toBeGreaterThan(0)
  })

  it('a plain client at a port with TLS is told, and the others are not concerned', async () => {
    const { zoo, endpoint } = await startTls()
    const { zk, events } = await dialRecorded(`localhost:${endpoint.port}`, { tls: TRUSTING })

    const message = await messageOf(() => connect(endpoint.connectString, IN_TIME))

    expect(message).toMatch(/closed the connection before it answered|does not speak the ZooKeeper protocol/)
    expect([zk.state, events, zoo.reports.sessions().length]).toEqual([
      'CONNECTED',
      ['None SyncConnected'],
      1,
    ])
  })

  it('a four-letter word is answered over TLS, and a plain one is not', async () => {
    const { endpoint } = await startTls()
    const heard: string[] = []
    const secure = connectTls({ host: 'localhost', port: endpoint.port ?? 0, ...TRUSTING })
    const plain = createConnection({ host: '127.0.0.1', port: endpoint.port ?? 0 })
    const closed = [once(secure, 'close'), once(plain, 'close')]
    secure.on('data', (chunk) => heard.push(`${chunk}`)).end('ruok')
    plain.on('data', (chunk) => heard.push(`plain ${chunk}`)).end('ruok')

    await Promise.all(closed)

    expect([heard.includes('imok'), heard.includes('plain imok')]).toEqual([true, false])
  })
})

describe('a connection that never shakes hands in TLS', () => {
  it('is closed after the time for a handshake, and counted', async () => {
    const { endpoint } = await startTls({ limits: { handshakeTimeoutMs: 60 } })
    const socket = await call(endpoint.port)

    const elapsedMs = await elapsedMsOf(() => once(socket, 'close'))

    expect(elapsedMs).toBeGreaterThan(40)
    expect(elapsedMs).toBeLessThan(3000)
    expect(endpoint.served).toMatchObject({ connections: 1, requests: 0 })
  })

  it('counts against the limit of its address as long as it is there', async () => {
    const { endpoint } = await startTls({ limits: { maxClientCnxns: 1, handshakeTimeoutMs: 100 } })
    const [first, second] = [await call(endpoint.port), await call(endpoint.port)]

    await once(second, 'close')
    const { refusedConnections } = endpoint.served
    await once(first, 'close')

    expect(refusedConnections).toBe(1)
    // It comes from where they came from.
    const zk = await dial(`localhost:${endpoint.port}`, { tls: TRUSTING })
    expect(zk.state).toBe('CONNECTED')
  })

  it('does not hold up the close of the endpoint', async () => {
    const before = openResources()
    const { endpoint } = await startTls()
    const socket = await call(endpoint.port)
    const closed = once(socket, 'close')

    const elapsedMs = await elapsedMsOf(() => endpoint.close())
    await closed

    expect(elapsedMs).toBeLessThan(3000)
    await untilOpen(before)
  })

  it('may take as long as it likes if there is no limit, and others connect meanwhile', async () => {
    const { endpoint } = await startTls({ limits: { handshakeTimeoutMs: Number.POSITIVE_INFINITY } })
    const socket = await call(endpoint.port)

    const zk = await dial(`localhost:${endpoint.port}`, { tls: TRUSTING })

    expect([zk.state, socket.closed]).toEqual(['CONNECTED', false])
  })
})

describe('a handshake that the server does not answer', () => {
  it('is CONNECTIONLOSS in time, and nothing is left of it', async () => {
    const { endpoint } = await startTls()
    const proxy = await TcpProxy.start(endpoint.port)
    const before = openResources()
    proxy.hold()

    const message = await messageOf(() => connect(proxy.connectString, { tls: TRUSTING, ...IN_TIME }))
    await proxy.close()

    expect(message).toContain(`${proxy.connectString} did not accept a connection within 240 ms`)
    await untilOpen(before)
  })

  it('does not hold up the close of a client that was connected before', async () => {
    const { endpoint } = await startTls()
    const proxy = await TcpProxy.start(endpoint.port)
    const zk = await dial(`localhost:${proxy.port}`, { tls: TRUSTING })
    proxy.hold()
    proxy.cut()
    await until(() => proxy.acceptedCount === 2)

    const elapsedMs = await elapsedMsOf(() => zk.close())

    expect([elapsedMs < 1500, zk.state]).toEqual([true, 'CLOSED'])
  })
})

describe('keys and certificates that are none', () => {
  const garbage = '-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----\n'

  it.each([
    ['cert', { ...SERVER, cert: garbage }],
    ['key', { ...SERVER, key: garbage }],
    ['key of another', { ...SERVER, key: CLIENT.key }],
  ])('fail listen with the words of OpenSSL: %s', async (_what, tls) => {
    const before = openResources()

    const failure = await failureOf(() => listen(new EmbeddedZooKeeper(), { port: 0, tls }))

    expect(failure).toHaveProperty('code', expect.stringMatching(/^ERR_OSSL/))
    await untilOpen(before)
  })

  it('fail connect at once with the words of OpenSSL, and nothing is left of it', async () => {
    const before = openResources()
    let failure: unknown

    const elapsedMs = await elapsedMsOf(async () => {
      failure = await failureOf(() => connect('127.0.0.1:1', { tls: { cert: garbage, key: CLIENT.key } }))
    })

    expect(failure).toHaveProperty('code', expect.stringMatching(/^ERR_OSSL/))
    expect(elapsedMs).toBeLessThan(1500)
    await untilOpen(before)
  })
})
