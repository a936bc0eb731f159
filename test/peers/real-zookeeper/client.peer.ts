/**
 * zoolet's client and a real Apache ZooKeeper: sessions are resumed, expired and moved, watches catch up after a cut in however
 * many batches, identities are claimed again, and large things pass whole.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CREATOR_ALL_ACL, Op, type Watcher, type ZooKeeper } from '../../../src/index.js'
import { connect, type NetworkConnectOptions } from '../../../src/node/index.js'
import { dial, dialRecorded, openResources, until, untilOpen } from '../../node/network.js'
import { TcpProxy } from '../../node/tcp-proxy.js'
import { codeOf, failureOf, recordEvents, text } from '../../semantics/fixture.js'
import { describePeer } from '../peer.js'
import { REAL_SERVER_NEED, RestartableServer } from './restartable-server.js'

const SHORT_MS = 1000
const LONG_MS = 20_000
const PATIENCE_MS = 30_000
/** So many watches on such paths are over a server's largest frame, all told. */
const WATCH_COUNT = 3000
const NAME_CHARACTERS = 400

describePeer('zoolet’s client and a real Apache ZooKeeper', REAL_SERVER_NEED, () => {
  const running: { server?: RestartableServer } = {}

  beforeAll(async () => {
    running.server = await RestartableServer.start()
  })
  afterAll(() => running.server?.remove())

  const place = (): string => running.server?.connectString ?? ''
  const direct = (options?: NetworkConnectOptions): Promise<ZooKeeper> => dial(place(), options)

  /** A client behind a proxy, and one that reaches the server directly. */
  async function startProxied(options: NetworkConnectOptions = {}, chroot = ''): Promise<Proxied> {
    const proxy = await TcpProxy.start(running.server?.port)
    const other = await direct({ sessionTimeoutMs: LONG_MS })
    const given = { sessionTimeoutMs: LONG_MS, ...options }
    return { proxy, other, ...(await dialRecorded(`${proxy.connectString}${chroot}`, given)) }
  }

  describe('a session', () => {
    it('is resumed after a cut, with its ephemerals', async () => {
      const { proxy, zk, events } = await startProxied()
      const { sessionId } = zk
      await zk.create('/resumed', null, { mode: 'EPHEMERAL' })

      proxy.cut()
      await until(() => events.length === 3, PATIENCE_MS)

      expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
      expect([zk.sessionId, (await zk.exists('/resumed'))?.ephemeralOwner]).toEqual([sessionId, sessionId])
    })

    it('expires while nothing gets through, which its client hears when it comes back', async () => {
      const { proxy, other, zk, events } = await startProxied({ sessionTimeoutMs: SHORT_MS })
      await zk.create('/expired', null, { mode: 'EPHEMERAL' })

      proxy.hold()
      await until(async () => (await other.exists('/expired')) === null, PATIENCE_MS)
      proxy.release()
      await until(() => events.length === 3, PATIENCE_MS)

      expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
      expect(await codeOf(zk.exists('/'))).toBe('SESSIONEXPIRED')
    })

    it('does not expire while it pings', async () => {
      const { zk, events, other } = await startProxied({ sessionTimeoutMs: SHORT_MS })
      await zk.create('/pinging', null, { mode: 'EPHEMERAL' })

      for (let i = 0; i < 3; i++) await outliveSession(running.server, other, i)

      expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
      expect(await other.exists('/pinging')).not.toBeNull()
    })

    it('is moved to a second client that resumes it: the first is cut off, and ends with it', async () => {
      const { zk: first, events } = await startProxied()
      const session = { id: first.sessionId, password: first.sessionPassword }

      const second = await direct({ session })
      const { sessionId } = second
      await until(() => events.includes('None Disconnected'), PATIENCE_MS)
      await second.close()
      await until(() => first.state === 'CLOSED', PATIENCE_MS)

      expect(sessionId).toBe(session.id)
      expect(events.at(-1)).toBe('None Expired')
    })

    it('with a wrong password is SESSIONEXPIRED; its owner, whom the server cuts off, comes back', async () => {
      const { zk: owner, events } = await startProxied()
      const session = { id: owner.sessionId, password: new Uint8Array(16).fill(1) }

      const code = await codeOf(connect(place(), { session }))
      await until(() => events.length === 3, PATIENCE_MS)

      expect(code).toBe('SESSIONEXPIRED')
      expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
      expect(await codeOf(owner.exists('/'))).toBe('OK')
    })

    it('is over with its close, and nothing is left open here', async () => {
      const other = await direct()
      const before = openResources()
      const zk = await direct()
      await zk.create('/closing', null, { mode: 'EPHEMERAL' })

      await zk.close()

      expect(await other.exists('/closing')).toBeNull()
      await untilOpen(before)
    })
  })

  describe('watches', () => {
    it('catch up after a cut, and the lasting ones are armed again', async () => {
      const { proxy, other, zk } = await startProxied()
      const { events, watcher } = recordEvents()
      await other.createAll('/up/d', '1')
      for (const name of ['c', 'p', 'same', 'gone']) await other.create(`/up/${name}`, '1')
      await zk.getData('/up/d', { watcher })
      await zk.getData('/up/same', { watcher })
      await zk.getData('/up/gone', { watcher })
      await zk.getChildren('/up/c', { watcher })
      await zk.exists('/up/e', { watcher })
      await zk.addWatch('/up/p', watcher)
      await zk.addWatch('/up/r', watcher, { recursive: true })

      await cutDuring(proxy, zk, async () => {
        await other.setData('/up/d', '2')
        await other.delete('/up/gone')
        await other.create('/up/c/1')
        await other.create('/up/e')
        await other.setData('/up/p', '2')
      })
      const caughtUp = events.splice(0)
      await other.setData('/up/p', '3')
      await other.create('/up/r')
      await other.setData('/up/same', '2')
      await zk.sync('/up')

      expect(caughtUp.filter((event) => !event.startsWith('None')).sort()).toEqual([
        'NodeChildrenChanged /up/c',
        'NodeCreated /up/e',
        'NodeDataChanged /up/d',
        'NodeDeleted /up/gone',
      ])
      expect(events).toEqual(['NodeDataChanged /up/p', 'NodeCreated /up/r', 'NodeDataChanged /up/same'])
    })

    it('of a stream tell where something may be missing', async () => {
      const { proxy, other, zk } = await startProxied()
      await other.create('/stream', '1')
      const stream = zk.watch('/stream')
      await stream.ready
      const items = stream[Symbol.asyncIterator]()

      await other.setData('/stream', '2')
      const first = await items.next()
      await cutDuring(proxy, zk, () => other.setData('/stream', '3'))
      const second = await items.next()
      await other.setData('/stream', '4')
      const third = await items.next()

      expect([first.value, second.value, third.value]).toMatchObject([
        { type: 'NodeDataChanged' },
        { kind: 'gap' },
        { type: 'NodeDataChanged' },
      ])
      await items.return?.()
    })

    it(`that are ${WATCH_COUNT}, over a server's largest frame, are armed again in batches`, async () => {
      const { proxy, other, zk } = await startProxied()
      const { events, watcher } = recordEvents()
      const paths = Array.from(
        { length: WATCH_COUNT },
        (_, i) => `/many/${`${i}-`.padEnd(NAME_CHARACTERS, 'x')}`,
      )
      await other.create('/many')
      await createAll(other, paths)
      await Promise.all(paths.map((path, i) => WATCHING[i % WATCHING.length]?.(zk, path, watcher)))
      const changed = paths.filter((_, i) => i % 101 === 0)

      await cutDuring(proxy, zk, () => changeAll(other, changed))
      const caughtUp = events.splice(0).filter((event) => !event.startsWith('None'))
      const rest = paths.filter((_, i) => i % 101 !== 0 && i % 7 === 0)
      await changeAll(other, rest)
      await zk.sync('/')

      expect([caughtUp.length, new Set(caughtUp).size]).toEqual([changed.length, changed.length])
      expect(events.length).toBe(rest.length)
      expect(zk.state).toBe('CONNECTED')
    })
  })

  describe('a chroot', () => {
    it('is the root of all paths, those of events after a cut included', async () => {
      await (await direct()).createAll('/tenant/app')
      const { proxy, other, zk } = await startProxied({}, '/tenant/app')
      const { events, watcher } = recordEvents()
      await zk.exists('/a', { watcher })

      await cutDuring(proxy, zk, () => other.create('/tenant/app/a', 'x'))

      expect(events).toEqual(['None Disconnected', 'None SyncConnected', 'NodeCreated /a'])
      expect(text((await zk.getData('/a')).data)).toBe('x')
      expect(await zk.create('/s-', null, { mode: 'PERSISTENT_SEQUENTIAL' })).toBe('/s-0000000001')
    })

    it('that does not exist is NONODE, and nothing is left open', async () => {
      const before = openResources()

      const failure = await failureOf(() => connect(`${place()}/no/such`))

      expect(failure).toMatchObject({ code: 'NONODE', path: '/no/such' })
      await untilOpen(before)
    })
  })

  describe('identities', () => {
    it('are claimed again after a cut, before watches and calls need them', async () => {
      const auth = [{ scheme: 'digest', auth: 'alice:secret' }]
      const { proxy, other, zk } = await startProxied({ auth })
      const { events, watcher } = recordEvents()
      await zk.create('/private', 'mine', { acl: CREATOR_ALL_ACL })
      await zk.getData('/private', { watcher })

      await cutDuring(proxy, zk, async () => undefined)
      await zk.setData('/private', 'still mine')

      expect(await codeOf(other.getData('/private'))).toBe('NOAUTH')
      expect(events.at(-1)).toBe('NodeDataChanged /private')
    })

    it('that are refused are AUTHFAILED at connect', async () => {
      const auth = [{ scheme: 'unknown', auth: 'x' }]

      expect(await codeOf(connect(place(), { auth }))).toBe('AUTHFAILED')
    })
  })

  describe('large things', () => {
    it('pass up to the last byte that the server takes; one more is refused here, and the connection lives', async () => {
      const { zk, events } = await startProxied()
      await zk.create('/big')
      const most = 1_048_575 - (4 + 4 + (4 + 4) + 4 + 4)
      const data = new Uint8Array(most).fill(7)

      await zk.setData('/big', data)
      const failure = await failureOf(() => zk.setData('/big', new Uint8Array(most + 1)))

      expect(failure).toBeInstanceOf(RangeError)
      expect(Buffer.compare((await zk.getData('/big')).data ?? new Uint8Array(0), data)).toBe(0)
      expect(events).toEqual(['None SyncConnected'])
    })

    it('such as a list of 10,000 children come whole', async () => {
      const zk = await direct({ sessionTimeoutMs: LONG_MS })
      const names = Array.from({ length: 10_000 }, (_, i) => `child-${i}`)
      await zk.create('/parent')
      await createAll(
        zk,
        names.map((name) => `/parent/${name}`),
      )

      const { children, stat } = await zk.getChildren('/parent')

      expect(children.sort()).toEqual(names.sort())
      expect(stat.numChildren).toBe(10_000)
    })
  })
})

interface Proxied {
  readonly proxy: TcpProxy
  readonly other: ZooKeeper
  readonly zk: ZooKeeper
  readonly events: readonly string[]
}

type Watching = (zk: ZooKeeper, path: string, watcher: Watcher) => Promise<unknown>

/** A change of the data fires each of them. */
const WATCHING: readonly Watching[] = [
  (zk, path, watcher) => zk.getData(path, { watcher }),
  (zk, path, watcher) => zk.exists(path, { watcher }),
]

/** Cuts the way of a client, and lets it come back when the work is done; resolves when it has caught up. */
async function cutDuring(proxy: TcpProxy, zk: ZooKeeper, work: () => Promise<unknown>): Promise<void> {
  proxy.hold()
  proxy.cut()
  await until(() => zk.state === 'CONNECTING', PATIENCE_MS)
  await work()
  proxy.release()
  await until(() => zk.state === 'CONNECTED', PATIENCE_MS)
  await zk.sync('/')
}

async function createAll(zk: ZooKeeper, paths: readonly string[]): Promise<void> {
  for (let i = 0; i < paths.length; i += 500)
    await zk.multi(paths.slice(i, i + 500).map((path) => Op.create(path, 'x')))
}

async function changeAll(zk: ZooKeeper, paths: readonly string[]): Promise<void> {
  await zk.multi(paths.map((path) => Op.setData(path, 'y')))
}

/** Waits as long as a short session would live without a word: until one that is held has expired. */
async function outliveSession(
  server: RestartableServer | undefined,
  other: ZooKeeper,
  i: number,
): Promise<void> {
  const proxy = await TcpProxy.start(server?.port)
  const held = await dial(proxy.connectString, { sessionTimeoutMs: SHORT_MS })
  await held.create(`/held-${i}`, null, { mode: 'EPHEMERAL' })
  proxy.hold()
  await until(async () => (await other.exists(`/held-${i}`)) === null, PATIENCE_MS)
  await proxy.close()
}
