/**
 * EmbeddedZooKeeper: what it lets tests do to their clients, by client and by session id, and how it comes to rest and ends.
 */
import { describe, expect, it } from 'vitest'
import { EventLoopScheduler } from '../src/base/scheduler.js'
import { EmbeddedZooKeeper, type Scheduler, type ZooKeeper } from '../src/index.js'
import {
  codeOf,
  connectRaw,
  messageOf,
  RawCnxn,
  read,
  recordEvents,
  startServer,
  startWorld,
} from './semantics/fixture.js'

describe('disconnect', () => {
  it.each(['client', 'id'] as const)('by %s holds the link down until reconnect', async (by) => {
    const { zoo, zk, events, clock } = await startWorld()
    const who = by === 'client' ? zk : zk.sessionId

    zoo.disconnect(who)
    await clock.advance(1000)
    const during = zk.state
    zoo.reconnect(who)
    await zoo.settle()

    expect([during, zk.state]).toEqual(['CONNECTING', 'CONNECTED'])
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('by id cuts a client of another transport once', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()

    zoo.disconnect(raw.sessionId)
    const again = new RawCnxn(zoo).open({ id: raw.sessionId, password: raw.password })

    expect(raw.log).toEqual(['connected', 'closed'])
    expect(again.log).toEqual(['connected'])
  })

  it('of a session without a connection, or an unknown one, does nothing', async () => {
    const { zoo } = await startWorld()
    const raw = new RawCnxn(zoo).open()
    raw.hangUp()

    zoo.disconnect(raw.sessionId)
    zoo.disconnect(99n)

    expect(raw.log).toEqual(['connected'])
  })

  it('twice is once', async () => {
    const { zoo, zk, events } = await startWorld()

    zoo.disconnect(zk)
    zoo.disconnect(zk)
    await zoo.settle()

    expect(events).toEqual(['None SyncConnected', 'None Disconnected'])
  })

  it('and reconnect touch no other client', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    const other = await zoo.connect({ watcher })

    zoo.disconnect(zk)
    await other.create('/a')
    zoo.reconnect(zk)
    await zoo.settle()

    expect(events).toEqual(['None SyncConnected'])
  })
})

describe('reconnect', () => {
  it('of a client that is connected does nothing', async () => {
    const { zoo, zk, events } = await startWorld()

    zoo.reconnect(zk)
    await zoo.settle()

    expect(events).toEqual(['None SyncConnected'])
    expect(await zk.exists('/')).not.toBeNull()
  })
})

describe('expire', () => {
  it.each(['client', 'id'] as const)('by %s ends the session as if its time were up', async (by) => {
    const { zoo, zk, events } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })

    zoo.expire(by === 'client' ? zk : zk.sessionId)
    await zoo.settle()

    expect(await other.exists('/e')).toBeNull()
    expect(events).toEqual(['None SyncConnected', 'None Disconnected', 'None Expired'])
  })

  it('of a disconnected client takes its ephemerals; it hears of it when it is back', async () => {
    const { zoo, zk, events } = await startWorld()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    zoo.disconnect(zk)

    zoo.expire(zk)
    await zoo.settle()
    const before = [...events]
    zoo.reconnect(zk)
    await zoo.settle()

    expect(before).toEqual(['None SyncConnected', 'None Disconnected'])
    expect(events).toEqual([...before, 'None Expired'])
    expect(zoo.reports.counts().ephemerals).toBe(0)
  })

  it('of an unknown or ended session is misuse', async () => {
    const { zoo, zk } = await startWorld()
    await zk.close()

    expect(() => zoo.expire(99n)).toThrow(new TypeError('There is no session 99 on this server'))
    expect(() => zoo.expire(zk)).toThrow(TypeError)
  })
})

describe('a client of another server', () => {
  it.each(['disconnect', 'reconnect', 'loseNextReply'] as const)('is refused by %s', async (verb) => {
    const { zoo } = startServer()
    const { zk } = await startWorld()

    expect(() => zoo[verb](zk)).toThrow(
      new TypeError('That client is not one of this server, or it is closed'),
    )
    expect(zk.state).toBe('CONNECTED')
  })
})

describe('connect', () => {
  it('to a server that is closed is SESSIONEXPIRED', async () => {
    const { zoo } = startServer()
    await zoo.close()

    expect(await codeOf(zoo.connect())).toBe('SESSIONEXPIRED')
  })

  it('beyond the limit of sessions is QUOTAEXCEEDED, and room is made by a close', async () => {
    const { zoo } = startServer({ limits: { maxSessions: 1 } })
    const zk = await zoo.connect()

    const full = await codeOf(zoo.connect())
    await zk.close()

    expect(full).toBe('QUOTAEXCEEDED')
    expect((await zoo.connect()).state).toBe('CONNECTED')
  })

  it('comes back to its session even where no other has room', async () => {
    const { zoo } = startServer({ limits: { maxSessions: 1 } })
    const zk = await zoo.connect()
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    zoo.disconnect(zk)

    const resumed = await zoo.connect({ session })

    expect(resumed.sessionId).toBe(session.id)
  })

  it('is told the address that the ip scheme sees', async () => {
    const { zoo } = startServer()
    const here = await zoo.connect()
    const there = await zoo.connect({ remoteAddress: '10.1.2.3' })

    const seen = await Promise.all(
      [here, there].map(async (zk) => (await zk.whoAmI()).map(({ user }) => user)),
    )

    expect(seen).toEqual([['127.0.0.1'], ['10.1.2.3']])
  })

  it('claims identities before anything else, in their order', async () => {
    const { zoo } = startServer()
    const auth = [
      { scheme: 'digest', auth: 'alice:pw' },
      { scheme: 'digest', auth: new TextEncoder().encode('bob:pw') },
    ]

    const zk = await zoo.connect({ auth })

    expect((await zk.whoAmI()).map(({ user }) => user)).toEqual(['127.0.0.1', 'alice', 'bob'])
  })
})

describe('close', () => {
  it('closes in-process clients and ends other connections', async () => {
    const { zoo, zk, events } = await startWorld()
    const raw = new RawCnxn(zoo).open()

    await zoo.close()

    expect(zk.state).toBe('CLOSED')
    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(raw.log).toEqual(['connected', 'closed'])
  })

  it('twice does nothing more, and later connections are ended at once', async () => {
    const { zoo, events } = await startWorld()

    await Promise.all([zoo.close(), zoo.close()])
    const raw = new RawCnxn(zoo).open()

    expect(events).toEqual(['None SyncConnected', 'None Closed'])
    expect(raw.log).toEqual(['closed'])
  })

  it('leaves no timer, whatever was due', async () => {
    const { zoo, zk, clock } = await startWorld()
    const raw = new RawCnxn(zoo, { isLocal: false }).open()
    raw.hangUp()
    await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000 })

    await zoo.close()

    expect(clock.pendingTimers).toBe(0)
  })

  it('closes clients that are disconnected too', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const call = codeOf(zk.create('/a'))

    await zoo.close()

    expect(zk.state).toBe('CLOSED')
    expect(await call).toBe('SESSIONEXPIRED')
  })
})

describe('settle', () => {
  it('resolves when everything is delivered, also what watchers call in turn', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.exists('/b', { watcher })
    await zk.exists('/a', { watcher: () => zk.create('/b') })

    void zk.create('/a')
    await zoo.settle()

    expect(events).toEqual(['NodeCreated /b'])
  })

  it('resolves for a server without clients, and for one that is at rest', async () => {
    const { zoo } = startServer()
    await zoo.settle()
    await zoo.connect()

    expect(await zoo.settle()).toBeUndefined()
  })

  it('resolves when the server has answered all that a listener asks for, however many turns that takes', async () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    const stop = zoo.inspect(() => {
      stop()
      for (let i = 0; i < 5_000; i++) cnxn.ask(read('exists', '/'))
    })

    cnxn.ask(read('exists', '/'))
    await zoo.settle()

    expect(cnxn.replies).toHaveLength(5_001)
  })

  it('rejects, naming the watcher that was called last, if they never rest', async () => {
    const { zoo, zk } = await startWorld()
    const loop = { isOver: false }
    await zk.create('/a')
    async function restless(): Promise<void> {
      if (loop.isOver) return
      await zk.exists('/a', { watcher: restless })
      await zk.setData('/a', null)
    }

    void restless()
    const message = await messageOf(() => zoo.settle())
    loop.isOver = true

    expect(message).toBe(
      'Error: The clients do not come to rest in 2000 turns: look at restless, which was called last',
    )
  })

  it('speaks of an anonymous watcher, or of a loop of calls, where there is no name', async () => {
    const anonymous = await restlessMessage((zk, again) =>
      zk.exists('/a', {
        watcher: (
          () => () =>
            again()
        )(),
      }),
    )
    const polling = await restlessMessage((zk, again) => zk.exists('/a').then(again))

    expect(anonymous).toContain('look at an anonymous watcher,')
    expect(polling).toContain('look at a loop of calls,')
  })
})

describe('an error that nobody listens for', () => {
  it.each(['watcher', 'client listener', 'server listener', 'inspection listener'] as const)(
    'of a %s is thrown in a task of its own',
    async (who) => {
      const { scheduler, surfaced } = surfacingScheduler()
      const zoo = new EmbeddedZooKeeper({ scheduler })
      const zk = await zoo.connect()
      const fail = (): never => {
        throw new Error(who)
      }
      if (who === 'client listener') zk.on('watcherError', fail)
      if (who === 'server listener') zoo.on('watcherError', fail)
      await zk.exists('/a', { watcher: () => (who === 'inspection listener' ? undefined : fail()) })
      if (who === 'inspection listener') zoo.inspect(({ kind }) => kind === 'txn' && fail())

      await zk.create('/a')
      await zoo.settle()

      expect(surfaced.map(String)).toEqual([`Error: ${who}`])
    },
  )

  it('is not thrown if somebody does', async () => {
    const { scheduler, surfaced } = surfacingScheduler()
    const zoo = new EmbeddedZooKeeper({ scheduler })
    const zk = await zoo.connect()
    const heard: string[] = []
    zoo.on('watcherError', (error) => heard.push(String(error)))
    await zk.exists('/a', {
      watcher: () => {
        throw new Error('broken')
      },
    })

    await zk.create('/a')
    await zoo.settle()

    expect(surfaced).toEqual([])
    expect(heard).toEqual(['Error: broken'])
  })
})

describe('pending', () => {
  it('shows what each in-process client still has to do', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    zoo.disconnect(zk)
    await zoo.settle()

    const calls = [codeOf(zk.create('/a')), codeOf(zk.create('/b'))]
    const pending = zoo.pending()
    zoo.reconnect(zk)
    await Promise.all(calls)

    expect(pending).toEqual([
      { sessionId: zk.sessionId, requests: 2, deliveries: 0 },
      { sessionId: other.sessionId, requests: 0, deliveries: 0 },
    ])
    expect(zoo.pending().map(({ requests }) => requests)).toEqual([0, 0])
  })

  it('shows deliveries that wait, and no client that is finished', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.addWatch('/a', () => undefined)
    void other.create('/a')

    const { sessionId } = zk
    const deliveries = zoo.pending().find((report) => report.sessionId === sessionId)?.deliveries
    await zk.close()

    expect(deliveries).toBe(1)
    expect(zoo.pending().map((report) => report.sessionId)).toEqual([other.sessionId])
  })
})

it('a server of its own needs no options, and goes by real time', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()

  await zk.create('/a')
  const stat = await zk.exists('/a')

  expect(stat?.ctime).toBeLessThanOrEqual(zoo.clock.nowMs())
  expect(zk.clock).toBe(zoo.clock)
})

/** What settle says of a client that calls itself again and again; each turn is cut short, so that this takes no time. */
async function restlessMessage(
  call: (zk: ZooKeeper, again: () => unknown) => Promise<unknown>,
): Promise<string> {
  let elapsedMs = 0
  const loop = new EventLoopScheduler()
  const scheduler: Scheduler = {
    microtask: (callback) => loop.microtask(callback),
    macrotask: (callback) => loop.macrotask(callback),
    elapsedMs: () => (elapsedMs += 10),
  }
  const zoo = new EmbeddedZooKeeper({ scheduler })
  const zk = await zoo.connect()
  await zk.create('/a')
  const state = { isOver: false }
  const again = async (): Promise<void> => {
    if (state.isOver) return
    await call(zk, again)
    void zk.setData('/a', null).catch(() => null)
  }
  again().catch(() => null)
  const message = await messageOf(() => zoo.settle())
  state.isOver = true
  return message
}

/** The event loop, but that what a macrotask throws is kept instead of ending the process. */
function surfacingScheduler(): { scheduler: Scheduler; surfaced: unknown[] } {
  const surfaced: unknown[] = []
  const loop = new EventLoopScheduler()
  const scheduler: Scheduler = {
    microtask: (callback) => loop.microtask(callback),
    macrotask: (callback) =>
      loop.macrotask(() => {
        try {
          callback()
        } catch (error) {
          surfaced.push(error)
        }
      }),
    elapsedMs: () => loop.elapsedMs(),
  }
  return { scheduler, surfaced }
}
