/** Unix sockets: the same server and the same client without a port; what is on the file system before, meanwhile and after. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, listen } from '../../src/node/index.js'
import { LOCALHOST } from '../cli/certificates.js'
import { codeOf, failureOf, messageOf, recordEvents } from '../semantics/fixture.js'
import { dial, dialRecorded, type Network, openResources, startNetwork, until, untilOpen } from './network.js'

/** A path that nobody has, in a folder that is gone after the test. */
function freshPath(name = 'zk.sock'): string {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

async function startUnix(): Promise<Network & { readonly path: string }> {
  const path = freshPath()
  return { path, ...(await startNetwork({ listen: { path } })) }
}

describe('a Unix socket', () => {
  it('is named by its path, and has neither host nor port', async () => {
    const { endpoint, path } = await startUnix()

    expect([endpoint.path, endpoint.host, endpoint.port]).toEqual([path, undefined, undefined])
    expect(endpoint.connectString).toBe(`unix:${path}`)
  })

  it('serves clients in the same tree as those in process', async () => {
    const { zoo, dial: dialServer } = await startUnix()
    const inside = await zoo.connect()
    const { events, watcher } = recordEvents()
    await inside.exists('/a', { watcher })

    await (await dialServer()).create('/a')

    expect(events).toEqual(['NodeCreated /a'])
  })

  it('shows its clients as this machine', async () => {
    const { dial: dialServer } = await startUnix()

    expect(await (await dialServer()).whoAmI()).toMatchObject([{ scheme: 'ip', user: '127.0.0.1' }])
  })

  it('is one address: its clients count together', async () => {
    const path = freshPath()
    const { endpoint } = await startNetwork({ listen: { path, limits: { maxClientCnxns: 1 } } })
    await dial(endpoint.connectString)

    const code = await codeOf(connect(endpoint.connectString, { connectTimeoutMs: 100 }))

    expect([code, endpoint.served.refusedConnections > 0]).toEqual(['CONNECTIONLOSS', true])
  })

  it('takes a chroot from the options, since its path has no end', async () => {
    const { zoo, endpoint } = await startUnix()
    zoo.load({ '/app/a': 'x' })

    const zk = await dial(endpoint.connectString, { chroot: '/app' })

    expect((await zk.getChildren('/')).children).toEqual(['a'])
  })

  it('is gone with its endpoint, and the path is free again', async () => {
    const { zoo, endpoint, path } = await startUnix()
    const during = existsSync(path)

    await endpoint.close()
    const after = existsSync(path)
    const again = await listen(zoo, { path })
    await again.close()

    expect([during, after]).toEqual([true, false])
  })

  it('leaves nothing open when its client is closed', async () => {
    const { dial: dialServer } = await startUnix()
    const before = openResources()
    const zk = await dialServer()

    await zk.close()

    await untilOpen(before)
  })

  it('that comes back gives its clients their sessions back', async () => {
    const { zoo, endpoint, path } = await startUnix()
    const { zk, events } = await dialRecorded(endpoint.connectString)
    const { sessionId } = zk

    await endpoint.close()
    await until(() => events.length === 2)
    const again = await listen(zoo, { path })
    onTestFinished(() => again.close())
    await until(() => events.length === 3)

    expect([zk.sessionId, events.at(-1)]).toEqual([sessionId, 'None SyncConnected'])
  })

  it('speaks TLS if it is told to', async () => {
    const certificate = LOCALHOST
    const { endpoint } = await startNetwork({ listen: { path: freshPath(), tls: certificate } })

    const zk = await dial(endpoint.connectString, { tls: { ca: certificate.cert } })

    expect(await codeOf(zk.create('/a'))).toBe('OK')
  })
})

describe('a path', () => {
  it('that somebody listens on is in use, and he is not concerned', async () => {
    const { zoo, path, dial: dialServer } = await startUnix()

    const failure = await failureOf(() => listen(zoo, { path }))

    expect(failure).toMatchObject({ code: 'EADDRINUSE', address: path })
    expect((await dialServer()).state).toBe('CONNECTED')
  })

  it('of a file is in use, and the file stays', async () => {
    const { zoo } = await startNetwork()
    const path = freshPath()
    writeFileSync(path, 'data')

    expect(await failureOf(() => listen(zoo, { path }))).toMatchObject({ code: 'EADDRINUSE' })
    expect(existsSync(path)).toBe(true)
  })

  it('in a folder that does not exist fails with the words of the system', async () => {
    const { zoo } = await startNetwork()

    const failure = await failureOf(() => listen(zoo, { path: join(freshPath(), 'a', 'b') }))

    expect(failure).toHaveProperty('code', expect.stringMatching(/^(ENOENT|EACCES)$/))
  })

  it.each([
    ['that does not exist', () => undefined, 'ENOENT'],
    ['of a file', (path: string) => writeFileSync(path, ''), 'ECONNREFUSED|ENOTSOCK'],
  ] as const)('%s connects to nobody, and the message says so', async (_what, make, code) => {
    const path = freshPath()
    make(path)

    const message = await messageOf(() => connect(`unix:${path}`, { connectTimeoutMs: 100 }))

    expect(message).toContain(`no connection to unix:${path} within 100 ms (connectTimeoutMs): connect `)
    expect(message).toMatch(new RegExp(code))
  })

  it('of somebody else who listens there is told as such', async () => {
    const path = freshPath()
    const server = createServer((socket) => socket.end('hello, who is there?')).listen(path)
    onTestFinished(() => void server.close())

    const message = await messageOf(() => connect(`unix:${path}`, { connectTimeoutMs: 100 }))

    expect(message).toContain(`unix:${path} does not speak the ZooKeeper protocol`)
  })
})
