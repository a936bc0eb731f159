/** Sessions: what they are given, who may take one up, how they end, and who hears of it. Most of these wait for real time to pass. */
import { expect } from 'vitest'
import type { WatchedEvent, ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import type { LinkedClient } from './target.js'
import type { World } from './world.js'

/** As short as the servers of the contract grant. */
const SHORT_MS = 400

export const SESSION = describeContract('sessions', (test) => {
  for (const [asked, granted] of [
    [1, 400],
    [399, 400],
    [400, 400],
    [5000, 5000],
    [60_000, 60_000],
    [60_001, 60_000],
    [2 ** 31 - 1, 60_000],
  ] as const) {
    test(`that ask for ${asked} ms get ${granted}`, async (world) => {
      const zk = await world.connect({ sessionTimeoutMs: asked })

      expect(zk.sessionTimeoutMs).toBe(granted)
    })
  }

  test('have an id and a password of 16 bytes, different ones each', async (world) => {
    const clients = await Promise.all([world.connect(), world.connect(), world.connect()])

    expect(new Set(clients.map(({ sessionId }) => sessionId)).size).toBe(3)
    expect(clients.every(({ sessionId }) => sessionId !== 0n)).toBe(true)
    expect(new Set(clients.map(({ sessionPassword }) => String(sessionPassword))).size).toBe(3)
    expect(clients.map(({ sessionPassword }) => sessionPassword.length)).toEqual([16, 16, 16])
  })

  test('tell their default watcher first of all that they are connected', async ({ zk, events }) => {
    expect([zk.state, events]).toEqual(['CONNECTED', ['None SyncConnected']])
  })

  test('that are closed take their ephemerals along, and other clients hear of each', async (world) => {
    const owner = await world.connect()
    const { events, watcher } = recordEvents()
    await world.zk.create('/p')
    await owner.create('/p/e', null, { mode: 'EPHEMERAL' })
    await owner.create('/p/kept')
    await world.zk.addWatch('/p', watcher)
    await world.zk.exists('/p/e', { watcher })

    await owner.close()
    await world.zk.sync('/')

    expect(events).toEqual(['NodeDeleted /p/e', 'NodeChildrenChanged /p'])
    expect((await world.zk.getChildren('/p')).children).toEqual(['kept'])
  })

  test('that are closed hear of their own ephemerals before the end [trap 25]', async (world) => {
    const zk = await world.connect()
    const { events, watcher } = recordEvents()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    await zk.exists('/e', { watcher })
    await zk.addWatch('/e', watcher)

    await zk.close().then(() => events.push('closed'))

    expect(events).toEqual(['NodeDeleted /e', 'None Closed', 'closed'])
  })

  test('that are closed are over: Closed without Disconnected, and SESSIONEXPIRED from then on', async (world) => {
    const { events, watcher } = recordEvents()
    const zk = await world.connect({ watcher })

    await zk.close()
    await zk.close()

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect([zk.state, await codeOf(zk.exists('/'))]).toEqual(['CLOSED', 'SESSIONEXPIRED'])
  })

  test('let all calls end that were made before the close', async (world) => {
    const zk = await world.connect()

    const calls = Array.from({ length: 50 }, (_, i) => codeOf(zk.create(`/n-${i}`)))
    await zk.close()

    expect(await Promise.all(calls)).toEqual(calls.map(() => 'OK'))
  })

  for (const why of ['unknown', 'closed'] as const) {
    test(`that are ${why} cannot be taken up`, async (world) => {
      const other = await world.connect()
      const session = { id: why === 'unknown' ? 99n : other.sessionId, password: other.sessionPassword }
      await other.close()
      const { events, watcher } = recordEvents()

      const code = await codeOf(world.connectAnywhere({ session, watcher }))

      expect(code).toBe('SESSIONEXPIRED')
      expect(events).toEqual(['None Expired'])
    })
  }

  test('cannot be taken up with another password, and their owner does not notice [D1]', async (world) => {
    const { zk, events } = world
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    const session = { id: zk.sessionId, password: new Uint8Array(16) }

    const code = await codeOf(world.connectAnywhere({ session }))
    await zk.sync('/')

    expect(code).toBe('SESSIONEXPIRED')
    expect(events).toEqual(['None SyncConnected'])
    expect(await zk.getEphemerals()).toEqual(['/e'])
  })
})

export const RESUMPTION = describeContract(
  'taking up a session',
  (test) => {
    test('with id and password goes on with its ephemerals', async (world) => {
      const first = await startOwner(world)
      first.link.cut()

      const second = await resume(world, first.zk)

      expect(second.sessionId).toBe(first.zk.sessionId)
      expect(second.sessionPassword).toEqual(first.zk.sessionPassword)
      expect(await second.getEphemerals()).toEqual(['/e'])
      expect(await world.zk.exists('/e')).toMatchObject({ ephemeralOwner: second.sessionId })
    })

    test('does not go on with its watches and identities [trap 27]', async (world) => {
      const first = await startOwner(world)
      await first.zk.addAuthInfo('digest', 'alice:pw')
      await first.zk.addWatch('/e', () => undefined)
      first.link.cut()

      const second = await resume(world, first.zk)

      expect(await second.whoAmI()).toEqual([{ scheme: 'ip', user: '127.0.0.1' }])
      expect(await codeOf(second.removeWatches('/e'))).toBe('NOWATCHER')
    })

    test('takes the timeout that is asked for now', async (world) => {
      const first = await startOwner(world)
      first.link.cut()
      const session = { id: first.zk.sessionId, password: first.zk.sessionPassword }

      const second = await world.connect({ session, sessionTimeoutMs: 7000 })

      expect([first.zk.sessionTimeoutMs, second.sessionTimeoutMs]).toEqual([20_000, 7000])
    })

    test('and closing it there ends it for the first client too', async (world) => {
      const first = await startOwner(world)
      first.link.cut()
      const second = await resume(world, first.zk)
      await second.close()
      const ended = nextEvent(first.zk, 'expired')

      first.link.restore()
      await ended

      expect(first.events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
      expect(await codeOf(first.zk.exists('/'))).toBe('SESSIONEXPIRED')
      expect(await world.zk.exists('/e')).toBeNull()
    })

    test('fires nothing at others', async (world) => {
      const first = await startOwner(world)
      const { events, watcher } = recordEvents()
      await world.zk.addWatch('/', watcher, { recursive: true })
      first.link.cut()

      await resume(world, first.zk)
      await world.zk.sync('/')

      expect(events).toEqual([])
    })

    test('with another password is refused while its owner is away, and leaves it to the owner', async (world) => {
      const first = await startOwner(world)
      first.link.cut()
      const session = { id: first.zk.sessionId, password: first.zk.sessionPassword.fill(0) }

      const code = await codeOf(world.connect({ session }))
      const back = nextEvent(first.zk, 'connected')
      first.link.restore()
      await back

      expect(code).toBe('SESSIONEXPIRED')
      expect(await first.zk.getEphemerals()).toEqual(['/e'])
    })
  },
  { isSideBySide: true },
)

export const EXPIRY = describeContract(
  'expiry',
  (test) => {
    test('takes the ephemerals of a client that is gone, and others hear of each', async (world) => {
      const { link } = await startOwner(world, SHORT_MS)
      const { events, watcher } = recordEvents()
      await world.zk.addWatch('/', watcher)
      const gone = deletionOf(world.zk, '/e')

      link.cut()
      await gone
      await world.zk.sync('/')

      expect(events).toEqual(['NodeChildrenChanged /'])
      expect(await world.zk.exists('/e')).toBeNull()
    })

    test('takes all of them under one zxid [trap 24]', async (world) => {
      const { zk, link } = await startOwner(world, SHORT_MS)
      await world.zk.create('/p')
      for (const name of ['a', 'b', 'c']) await zk.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
      const { events, watcher } = recordEvents()
      await world.zk.addWatch('/p', watcher)
      const gone = Promise.all(['a', 'b', 'c'].map((name) => deletionOf(world.zk, `/p/${name}`)))

      link.cut()
      await gone
      await world.zk.sync('/')

      expect(events).toEqual(['NodeChildrenChanged /p', 'NodeChildrenChanged /p', 'NodeChildrenChanged /p'])
      expect(await world.zk.exists('/p')).toMatchObject({ cversion: 6, numChildren: 0 })
    })

    test('is told to the client when it comes back, and to each of its watchers once', async (world) => {
      const { zk, link, events } = await startOwner(world, SHORT_MS)
      const { events: told, watcher } = recordEvents()
      await zk.addWatch('/a', watcher)
      await zk.getData('/', { watcher })
      const [gone, ended] = [deletionOf(world.zk, '/e'), nextEvent(zk, 'expired')]
      link.cut()
      await gone

      link.restore()
      await ended

      expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
      expect(told).toEqual(['None Disconnected', 'None Expired'])
      expect([zk.state, await codeOf(zk.exists('/'))]).toEqual(['CLOSED', 'SESSIONEXPIRED'])
    })

    test('fails the calls that wait for the client to come back', async (world) => {
      const { zk, link } = await startOwner(world, SHORT_MS)
      const [gone, lost] = [deletionOf(world.zk, '/e'), nextEvent(zk, 'disconnected')]
      link.cut()
      await Promise.all([gone, lost])

      const calls = [codeOf(zk.create('/a')), codeOf(zk.exists('/')), codeOf(zk.sync('/'))]
      link.restore()

      expect(await Promise.all(calls)).toEqual(['SESSIONEXPIRED', 'SESSIONEXPIRED', 'SESSIONEXPIRED'])
      expect(await world.zk.exists('/a')).toBeNull()
    })

    test('makes the session one that cannot be taken up', async (world) => {
      const { zk, link } = await startOwner(world, SHORT_MS)
      const gone = deletionOf(world.zk, '/e')
      link.cut()
      await gone

      const failure = await failureOf(() => resume(world, zk))

      expect(failure).toMatchObject({ code: 'SESSIONEXPIRED' })
    })

    test('comes for a client that was closed while it was away, and not before', async (world) => {
      const { zk, link } = await startOwner(world, SHORT_MS)
      const [gone, lost] = [deletionOf(world.zk, '/e'), nextEvent(zk, 'disconnected')]
      link.cut()
      await lost

      await zk.close()
      const right = await world.zk.exists('/e')
      await gone

      expect(right).not.toBeNull()
      expect(zk.state).toBe('CLOSED')
    })

    test('does not come for a client that is there, however idle', async (world) => {
      const idle = await startOwner(world, SHORT_MS)
      const { zk, link } = await world.connectByLink({ sessionTimeoutMs: 3 * SHORT_MS })
      await zk.create('/other', null, { mode: 'EPHEMERAL' })
      const gone = deletionOf(world.zk, '/other')

      link.cut()
      await gone

      expect(idle.events).toEqual(['None SyncConnected'])
      expect(await idle.zk.getEphemerals()).toEqual(['/e'])
    })

    test('does not come for a client that is back in time', async (world) => {
      const owner = await startOwner(world, 2 * SHORT_MS)
      const other = await world.connectByLink({ sessionTimeoutMs: 2 * SHORT_MS })
      await other.zk.create('/other', null, { mode: 'EPHEMERAL' })
      const [gone, back] = [deletionOf(world.zk, '/other'), nextEvent(owner.zk, 'connected')]

      owner.link.cut()
      other.link.cut()
      owner.link.restore()
      await Promise.all([gone, back])

      expect(owner.events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
      expect(await owner.zk.getEphemerals()).toEqual(['/e'])
    })

    test('frees a name for the next', async (world) => {
      const { link } = await startOwner(world, SHORT_MS)
      const next = await world.connect()
      const before = await codeOf(next.create('/e', null, { mode: 'EPHEMERAL' }))
      const gone = deletionOf(next, '/e')

      link.cut()
      await gone
      await next.create('/e', null, { mode: 'EPHEMERAL' })

      expect(before).toBe('NODEEXISTS')
      expect(await world.zk.exists('/e')).toMatchObject({ ephemeralOwner: next.sessionId })
    })
  },
  { isSideBySide: true },
)

/** A client whose link can be cut, and what its default watcher heard. It owns the ephemeral `/e`. */
async function startOwner(
  world: World,
  sessionTimeoutMs = 20_000,
): Promise<LinkedClient & { readonly events: string[] }> {
  const { events, watcher } = recordEvents()
  const client = await world.connectByLink({ sessionTimeoutMs, watcher })
  await client.zk.create('/e', null, { mode: 'EPHEMERAL' })
  return { ...client, events }
}

function resume(world: World, { sessionId, sessionPassword }: ZooKeeper): Promise<ZooKeeper> {
  return world.connect({ session: { id: sessionId, password: sessionPassword } })
}

/** Resolves when the znode, which has to exist now, is deleted. */
async function deletionOf(zk: ZooKeeper, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const watcher = ({ type }: WatchedEvent): void => {
      if (type === 'NodeDeleted') resolve()
    }
    zk.exists(path, { watcher }).catch(reject)
  })
}

/** Resolves at the next change of this kind. */
function nextEvent(zk: ZooKeeper, name: 'connected' | 'disconnected' | 'expired'): Promise<void> {
  return new Promise((resolve) => void zk.once(name, () => resolve()))
}
