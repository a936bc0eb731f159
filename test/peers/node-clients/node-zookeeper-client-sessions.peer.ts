/** node-zookeeper-client, unmodified: its sessions, over connections that break, are held up, and come back. */
import { expect, it } from 'vitest'
import { TcpProxy } from '../../node/tcp-proxy.js'
import { describeWithEachServer, type Given } from './each-server.js'
import { installClients, NODE_ZOOKEEPER_CLIENT } from './npm-clients.js'
import { type ClientOptions, PromisedClient } from './promised-client.js'

const CREATOR = { permission: 31, scheme: 'auth', id: '' }
/** Short for sessions that are to expire, and long enough for a busy machine. */
const SHORT_MS = 2_000
/** A port of nobody. */
const NOWHERE = 0

await installClients()

const SUITE = { title: 'sessions of node-zookeeper-client', client: NODE_ZOOKEEPER_CLIENT, testCount: 15 }

describeWithEachServer(SUITE, (given) => {
  it('is given an id, a password and the timeout that it asked for', async () => {
    const client = await PromisedClient.to(given.server(), { sessionTimeout: 5_000 })

    expect(client.sessionTimeoutMs).toBe(5_000)
    expect(client.sessionId).not.toEqual(Buffer.alloc(8))
    expect(client.sessionPassword).not.toEqual(Buffer.alloc(16))
    expect(client.states).toEqual(['SYNC_CONNECTED'])
  })

  it.each([
    [100, 400],
    [9_000_000, 600_000],
  ])('that asks for a timeout of %i ms is given %i', async (askedMs, givenMs) => {
    const client = await PromisedClient.to(given.server(), { sessionTimeout: askedMs })

    expect(client.sessionTimeoutMs).toBe(givenMs)
  })

  it('takes its ephemeral znodes with it', async () => {
    const client = await PromisedClient.to(given.server())
    const other = await PromisedClient.to(given.server())
    const path = await client.create(given.newPath(), { mode: 'EPHEMERAL' })
    await other.exists(path, other.watcher)

    await client.close()
    await other.settle()

    expect(client.states).toEqual(['SYNC_CONNECTED', 'DISCONNECTED'])
    expect(other.events).toEqual([`NODE_DELETED ${path}`])
  })

  it('goes on after its connection broke, as the same session', async () => {
    const { client, proxy } = await behindProxy(given)
    const path = await client.create(given.newPath(), { mode: 'EPHEMERAL' })
    const id = client.sessionId

    await reconnect(client, { proxy, given })

    expect(client.sessionId).toEqual(id)
    expect(await client.exists(path)).toMatchObject({ ephemeralOwner: id })
    expect(client.states).toEqual(['SYNC_CONNECTED', 'DISCONNECTED', 'SYNC_CONNECTED'])
  })

  it('has its watches back after its connection broke', async () => {
    const { client, proxy } = await behindProxy(given)
    const other = await PromisedClient.to(given.server())
    const path = await other.create(given.newPath())
    await client.getData(path, client.watcher)
    await client.exists(`${path}/late`, client.watcher)
    await client.getChildren(path, client.watcher)

    await reconnect(client, { proxy, given })
    await client.settle()
    const caughtUp = [...client.events]
    await other.setData(path, 'new')
    await other.create(`${path}/late`)
    await client.settle()

    expect(caughtUp).toEqual([])
    expect(client.events).toEqual([
      `NODE_DATA_CHANGED ${path}`,
      `NODE_CREATED ${path}/late`,
      `NODE_CHILDREN_CHANGED ${path}`,
    ])
  })

  it('catches up with what happened while it was away', async () => {
    const { client, proxy } = await behindProxy(given)
    const other = await PromisedClient.to(given.server())
    const path = await other.create(given.newPath())
    await other.create(`${path}/gone`)
    await client.getData(path, client.watcher)
    await client.getData(`${path}/gone`, client.watcher)
    await client.exists(`${path}/late`, client.watcher)
    await client.getChildren(path, client.watcher)

    await reconnect(client, { proxy, given }, async () => {
      await other.setData(path, 'new')
      await other.remove(`${path}/gone`)
      await other.create(`${path}/late`)
    })
    await client.settle()

    expect(client.events).toEqual([
      `NODE_DATA_CHANGED ${path}`,
      `NODE_DELETED ${path}/gone`,
      `NODE_CREATED ${path}/late`,
      `NODE_CHILDREN_CHANGED ${path}`,
    ])
  })

  it('claims its identity again', async () => {
    const { client, proxy } = await behindProxy(given)
    client.claim('digest', 'alice:pw')
    const path = await client.create(given.newPath(), { data: 'secret', acl: [CREATOR] })

    await reconnect(client, { proxy, given })

    expect((await client.getData(path)).data).toBe('secret')
  })

  it('fails what was on its way when its connection broke', async () => {
    const { client, proxy } = await behindProxy(given)
    proxy.hold()
    const call = expect(client.exists('/')).rejects.toMatchObject({ name: 'CONNECTION_LOSS' })

    proxy.cut()
    proxy.release()

    await call
    // It cannot be closed while it dials: it would take the answer to its handshake for another.
    await client.reached('SYNC_CONNECTED')
  })

  it('tries again what was on its way, if it is told to', async () => {
    const { client, proxy } = await behindProxy(given, { retries: 5 })
    const path = given.newPath()
    proxy.hold()
    const call = client.create(path)

    proxy.cut()
    proxy.release()

    expect(await call).toBe(path)
  })

  it('is resumed by another client that knows its password', async () => {
    const { client, proxy } = await behindProxy(given)
    const path = await client.create(given.newPath(), { mode: 'EPHEMERAL' })
    const { sessionId, sessionPassword } = client
    proxy.retarget(NOWHERE)
    proxy.cut()

    const next = await PromisedClient.to(given.server(), { sessionId, sessionPassword })

    expect(next.sessionId).toEqual(sessionId)
    expect(await next.exists(path)).toMatchObject({ ephemeralOwner: sessionId })
  })

  it('is not resumed with a wrong password', async () => {
    const { client, proxy } = await behindProxy(given)
    proxy.retarget(NOWHERE)
    proxy.cut()
    const { sessionId } = client
    const stranger = PromisedClient.dialing(given.server(), {
      sessionId,
      sessionPassword: Buffer.alloc(16, 7),
    })

    await stranger.reached('EXPIRED')

    await expect(stranger.exists('/')).rejects.toMatchObject({ name: 'SESSION_EXPIRED' })
  })

  it('stays while it pings', async () => {
    const client = await PromisedClient.to(given.server(), { sessionTimeout: SHORT_MS })
    const other = await PromisedClient.to(given.server())
    const path = await client.create(given.newPath(), { mode: 'EPHEMERAL' })

    await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_MS))

    expect(client.states).toEqual(['SYNC_CONNECTED'])
    expect(await other.exists(path)).not.toBeNull()
  })

  it('expires when it is not heard of', async () => {
    const { client, proxy } = await behindProxy(given, { sessionTimeout: SHORT_MS })
    const other = await PromisedClient.to(given.server())
    const path = await client.create(given.newPath(), { mode: 'EPHEMERAL' })
    proxy.retarget(NOWHERE)
    proxy.cut()

    await gone(other, path)
    proxy.retarget(given.server().port)
    await client.reached('EXPIRED')

    await expect(client.exists('/')).rejects.toMatchObject({ name: 'SESSION_EXPIRED' })
  })

  it('ends with a scheme that nobody knows', async () => {
    const client = await PromisedClient.to(given.server())
    client.claim('unheard', 'of')

    await client.reached('AUTH_FAILED')

    await expect(client.exists('/')).rejects.toMatchObject({ name: 'AUTH_FAILED' })
  })
})

/** A client whose connection can be broken. */
async function behindProxy(
  given: Given,
  options: ClientOptions = {},
): Promise<{ client: PromisedClient; proxy: TcpProxy }> {
  const proxy = await TcpProxy.start(given.server().port)
  return { client: await PromisedClient.to(proxy, options), proxy }
}

/** Breaks the connection, lets things happen, and lets the client in again. */
async function reconnect(
  client: PromisedClient,
  { proxy, given }: { proxy: TcpProxy; given: Given },
  whileAway: () => Promise<void> = async () => undefined,
): Promise<void> {
  proxy.retarget(NOWHERE)
  proxy.cut()
  await client.reached('DISCONNECTED')
  await whileAway()
  proxy.retarget(given.server().port)
  await client.reached('SYNC_CONNECTED')
}

/** Resolves when the znode is not there any more. */
function gone(client: PromisedClient, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exists(path, () => resolve()).then((stat) => stat === null && resolve(), reject)
  })
}
