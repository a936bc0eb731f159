/**
 * connect() and what can be wrong: the string, the options, the place, the one who answers there, the chroot, the session and the
 * identity. Each says what it is, in time, and nothing is left of it; and its twin that is right connects.
 */
import { createServer as createHttpServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect } from '../../src/node/index.js'
import { codeOf, failureOf, messageOf, text } from '../semantics/fixture.js'
import {
  dial,
  elapsedMsOf,
  freePort,
  handshakeAnswer,
  listening,
  openResources,
  serve,
  startNetwork,
  startPeer,
  untilOpen,
} from './network.js'

const CONNECT_MS = 300
/** What the event loop may be late. */
const SLACK_MS = 1500
const IN_TIME = { connectTimeoutMs: CONNECT_MS }

/** How a loss is told. */
function lossOf(servers: string, why: string): string {
  return `KeeperException: CONNECTIONLOSS: no connection to ${servers} within ${CONNECT_MS} ms (connectTimeoutMs): ${why}`
}

describe('an argument of connect is refused', () => {
  it.each([
    ['', {}, 'TypeError: Invalid connect string "": it names no server'],
    ['h1:0', {}, 'TypeError: Invalid connect string "h1:0": "0" is no port from 1 to 65535'],
    ['h1:1/a', { chroot: '/a' }, 'TypeError: There are two chroots: name one, in the connect string or in'],
    ['h1:1/', { chroot: '/' }, 'TypeError: There are two chroots'],
    ['h1:1', { chroot: 'a' }, 'TypeError: Invalid path "a"'],
    ['h1:1', { timeout: 1 }, 'TypeError: Unknown option "timeout": there are sessionTimeoutMs, '],
    ['h1:1', { path: '/x' }, 'TypeError: Unknown option "path"'],
    ['h1:1', null, 'TypeError: Invalid options null: pass an object with any of sessionTimeoutMs, '],
    ['h1:1', 'tls', 'TypeError: Invalid options "tls": pass an object with any of'],
    [
      'h1:1',
      { tls: false },
      'TypeError: Invalid tls false: pass the options of tls.connect, or leave it out',
    ],
    ['h1:1', { tls: true }, 'TypeError: Invalid tls true: pass the options of tls.connect'],
    ['h1:1', { connectTimeoutMs: 0 }, 'RangeError: Invalid connectTimeoutMs 0'],
    ['h1:1', { sessionTimeoutMs: -1 }, 'RangeError: Invalid sessionTimeoutMs -1'],
    ['h1:1', { session: null }, 'TypeError: Invalid session: pass { id, password }'],
    [`unix:/${'x'.repeat(120)}`, {}, 'RangeError: The path of a Unix socket has at most 10'],
  ])('%j with %o', async (connectString, options, message) => {
    const before = openResources()

    const found = await messageOf(() => Reflect.apply(connect, undefined, [connectString, options]))

    expect(found.slice(0, message.length)).toBe(message)
    await untilOpen(before)
  })

  it('by a promise that rejects, not by a throw', async () => {
    const promise = connect('')

    await expect(promise).rejects.toThrow(TypeError)
  })
})

describe('nothing there', () => {
  it('is CONNECTIONLOSS in time, with the server, the time, and the reason as cause', async () => {
    const port = await freePort()
    let failure: unknown

    const elapsedMs = await elapsedMsOf(async () => {
      failure = await failureOf(() => connect(`127.0.0.1:${port}`, IN_TIME))
    })

    expect(`${failure}`).toBe(lossOf(`127.0.0.1:${port}`, `connect ECONNREFUSED 127.0.0.1:${port}`))
    expect(failure).toMatchObject({ code: 'CONNECTIONLOSS', cause: { code: 'ECONNREFUSED', port } })
    expect(elapsedMs).toBeGreaterThanOrEqual(CONNECT_MS - 1)
    expect(elapsedMs).toBeLessThan(CONNECT_MS + SLACK_MS)
  })

  it('is told with all servers of the list', async () => {
    const port = await freePort()
    const servers = `127.0.0.1:${port}, 127.0.0.2:${port}`

    const message = await messageOf(() => connect(servers, IN_TIME))

    expect(message).toContain(`no connection to ${servers} within 300 ms`)
    expect(message).toContain('ECONNREFUSED')
  })

  it('is no loss if something comes to be there in time', async () => {
    const port = await freePort()
    const connecting = dial(`127.0.0.1:${port}`)

    const { zoo } = await startNetwork({ listen: { port } })
    const zk = await connecting

    expect(zoo.reports.sessions()).toMatchObject([{ id: zk.sessionId, isConnected: true }])
  })

  it('for a host that does not exist says so', async () => {
    const message = await messageOf(() => connect('nowhere.invalid:2181', IN_TIME))

    expect(message).toMatch(/no connection to nowhere\.invalid:2181 within 300 ms.*(ENOTFOUND|EAI_AGAIN)/)
  })
})

describe('somebody else there', () => {
  it('who is silent is CONNECTIONLOSS in time, and told as such', async () => {
    const peer = await startPeer()
    let message = ''

    const elapsedMs = await elapsedMsOf(async () => {
      message = await messageOf(() => connect(peer.connectString, IN_TIME))
    })

    const why = `${peer.connectString} did not answer the handshake within 240 ms`
    expect(message).toBe(lossOf(peer.connectString, why))
    expect(elapsedMs).toBeLessThan(CONNECT_MS + SLACK_MS)
  })

  it('who closes at once is told as such', async () => {
    const peer = await startPeer((socket) => socket.end())

    const message = await messageOf(() => connect(peer.connectString, IN_TIME))

    const why = `${peer.connectString} closed the connection before it answered the handshake`
    expect(message).toBe(lossOf(peer.connectString, why))
  })

  it('who closes at once is not dialled in a loop without pauses', async () => {
    const peer = await startPeer((socket) => socket.end())

    await failureOf(() => connect(peer.connectString, IN_TIME))

    expect(peer.sockets.length).toBeLessThanOrEqual(4)
  })

  it('who resets the connection is told as such', async () => {
    const peer = await startPeer((socket) => socket.resetAndDestroy())

    const message = await messageOf(() => connect(peer.connectString, IN_TIME))

    expect(message).toMatch(/: (connect ECONNRESET|read ECONNRESET|write EPIPE)/)
  })

  it('who speaks HTTP does not speak the protocol, and the message says so', async () => {
    const server = createHttpServer()
    const port = await listening(server)
    onTestFinished(() => void server.close())

    const message = await messageOf(() => connect(`127.0.0.1:${port}`, IN_TIME))

    const why = `127.0.0.1:${port} does not speak the ZooKeeper protocol: a frame of 1213486160 bytes`
    expect(message.startsWith(lossOf(`127.0.0.1:${port}`, why))).toBe(true)
  })

  it.each([
    ['an empty frame', [0, 0, 0, 0]],
    ['half an answer', [0, 0, 0, 4, 0, 0, 0, 0]],
    ['a length below zero', [255, 255, 255, 255]],
  ])('who sends %s does not speak the protocol', async (_what, bytes) => {
    const peer = await startPeer((socket) => socket.write(Uint8Array.from(bytes)))

    const message = await messageOf(() => connect(peer.connectString, IN_TIME))

    expect(message).toContain(`${peer.connectString} does not speak the ZooKeeper protocol: `)
  })

  it('who echoes does not speak the protocol: our own words are no refusal of a session', async () => {
    const peer = await startPeer((socket) => void socket.pipe(socket))

    const message = await messageOf(() => connect(peer.connectString, IN_TIME))

    const why = `${peer.connectString} does not speak the ZooKeeper protocol: it refuses to resume a new session`
    expect(message).toBe(lossOf(peer.connectString, why))
  })

  it('who answers byte by byte does', async () => {
    const peer = await startPeer((socket) => {
      socket.setNoDelay(true)
      for (const byte of handshakeAnswer({ timeoutMs: 200 })) socket.write(Uint8Array.of(byte))
    })

    const zk = await dial(peer.connectString, IN_TIME)

    expect([zk.state, zk.sessionId, zk.sessionTimeoutMs]).toEqual(['CONNECTED', 7n, 200])
  })

  it('leaves no socket and no timer behind, not even one who never closes his side', async () => {
    const peer = await startPeer()
    const before = openResources()

    await failureOf(() => connect(peer.connectString, IN_TIME))

    await untilOpen([...before, ...peer.sockets.map(() => 'TCPSocketWrap')])
  })
})

describe('the chroot', () => {
  it('that does not exist is NONODE with a message, and nothing is left open', async () => {
    const { zoo, endpoint } = await startNetwork()

    const failure = await failureOf(() => connect(`${endpoint.connectString}/not/there`))

    expect(failure).toMatchObject({ code: 'NONODE', path: '/not/there' })
    expect(`${failure}`).toBe(
      'KeeperException: NONODE for /not/there: the chroot does not exist on the server: create it with a client that has none',
    )
    expect(zoo.reports.sessions()).toEqual([])
  })

  it.each([['connect string'], ['options']])('that exists, from the %s, is the root', async (place) => {
    const { zoo, endpoint } = await startNetwork()
    zoo.load({ '/app/a': 'x' })
    const inString = place === 'connect string'

    const zk = await dial(
      `${endpoint.connectString}${inString ? '/app' : ''}`,
      inString ? {} : { chroot: '/app' },
    )

    expect(zk.chroot).toBe('/app')
    expect(text((await zk.getData('/a')).data)).toBe('x')
  })

  it('/ is none, and is not looked for', async () => {
    const { zoo, endpoint } = await startNetwork()
    const requests: string[] = []
    zoo.inspect((event) => event.kind === 'request' && requests.push(event.request.type))

    const zk = await dial(`${endpoint.connectString}/`)

    expect([zk.chroot, requests]).toEqual(['', []])
  })

  it('that may not be read is found all the same', async () => {
    const { zoo, endpoint } = await startNetwork()
    const owner = await zoo.connect()
    await owner.create('/app', null, { acl: [{ perms: 0, scheme: 'world', id: 'anyone' }] })

    const zk = await dial(`${endpoint.connectString}/app`)

    expect(await codeOf(zk.getData('/'))).toBe('NOAUTH')
  })
})

describe('identities at connect', () => {
  it('that are refused are AUTHFAILED, and the session is not left to anybody', async () => {
    const { endpoint } = await startNetwork()
    const auth = [{ scheme: 'unknown', auth: 'x' }]
    const before = openResources()

    const failure = await failureOf(() => connect(endpoint.connectString, { auth, ...IN_TIME }))

    expect(failure).toMatchObject({ code: 'AUTHFAILED' })
    await untilOpen(before)
  })

  it('that are taken are claimed before anything else', async () => {
    const { endpoint } = await startNetwork()

    const zk = await dial(endpoint.connectString, { auth: [{ scheme: 'digest', auth: 'a:b' }] })

    expect((await zk.whoAmI()).map(({ scheme }) => scheme)).toEqual(['ip', 'digest'])
  })
})

describe('a session to come back to', () => {
  it('is resumed with its id and its password, ephemerals included', async () => {
    const { zoo, endpoint, dial: dialServer } = await startNetwork()
    const first = await dialServer({ sessionTimeoutMs: 5000 })
    await first.create('/e', null, { mode: 'EPHEMERAL' })
    const session = { id: first.sessionId, password: first.sessionPassword }
    await endpoint.close()
    const { connectString } = await serve(zoo)

    const second = await dial(connectString, { session, sessionTimeoutMs: 5000 })

    expect(second.sessionId).toBe(first.sessionId)
    expect(zoo.reports.sessions()).toMatchObject([{ id: first.sessionId, ephemerals: ['/e'] }])
  })

  it('with a wrong password is SESSIONEXPIRED, and the one who holds it is left alone', async () => {
    const { endpoint, dial: dialServer } = await startNetwork()
    const owner = await dialServer()
    const states: string[] = []
    owner.on('disconnected', ({ state }) => states.push(state))
    const session = { id: owner.sessionId, password: new Uint8Array(16).fill(1) }

    const code = await codeOf(connect(endpoint.connectString, { session }))

    expect(code).toBe('SESSIONEXPIRED')
    expect(await codeOf(owner.create('/still'))).toBe('OK')
    expect(states).toEqual([])
  })

  it('that the server does not know is SESSIONEXPIRED at once, with nothing left', async () => {
    const { endpoint } = await startNetwork()
    const before = openResources()
    const session = { id: 77n, password: new Uint8Array(16) }

    const elapsedMs = await elapsedMsOf(() => failureOf(() => connect(endpoint.connectString, { session })))

    expect(elapsedMs).toBeLessThan(SLACK_MS)
    await untilOpen(before)
  })
})

describe('the session timeout', () => {
  it.each([
    [1, 100],
    [100, 100],
    [500.7, 500],
    [1000, 1000],
    [60_000, 1000],
    [3_000_000_000, 1000],
    [Number.MAX_SAFE_INTEGER, 1000],
  ])('of %d ms is granted within the bounds of the server: %d', async (asked, granted) => {
    const { dial: dialServer } = await startNetwork()

    const zk = await dialServer({ sessionTimeoutMs: asked })

    expect(zk.sessionTimeoutMs).toBe(granted)
  })
})
