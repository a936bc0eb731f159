/**
 * The states of a client and the event of each change: what the default watcher, the watchers of every table and the emitter
 * hear, each once, and no state twice in a row. CLOSED and AUTH_FAILED are final.
 */
import { describe, expect, it } from 'vitest'
import type { ClientState, ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents, startServer, startWorld, type World } from '../semantics/fixture.js'
import { arm, WATCH_KINDS } from '../semantics/watches/trigger-matrix.js'

interface Row {
  readonly title: string
  readonly happens: (world: World) => Promise<unknown>
  readonly states: readonly string[]
  readonly end: ClientState
}

const rows: readonly Row[] = [
  {
    title: 'a connection that is cut and comes back',
    happens: async ({ zoo, zk }) => {
      zoo.disconnect(zk)
      zoo.reconnect(zk)
    },
    states: ['Disconnected', 'SyncConnected'],
    end: 'CONNECTED',
  },
  {
    title: 'a connection that is held down',
    happens: async ({ zoo, zk, clock }) => {
      zoo.disconnect(zk)
      await clock.advance(5000)
    },
    states: ['Disconnected'],
    end: 'CONNECTING',
  },
  {
    title: 'a session that expires while the client is connected',
    happens: async ({ zoo, zk }) => zoo.expire(zk),
    states: ['Disconnected', 'Expired'],
    end: 'CLOSED',
  },
  {
    title: 'a session that expires while the client is away: it hears of it when it comes back [trap 28]',
    happens: async ({ zoo, zk, clock }) => {
      zoo.disconnect(zk)
      await clock.advance(60_000)
      zoo.reconnect(zk)
    },
    states: ['Disconnected', 'Expired'],
    end: 'CLOSED',
  },
  {
    title: 'credentials that are refused',
    happens: ({ zk }) => codeOf(zk.addAuthInfo('unknown', 'x')),
    states: ['AuthFailed'],
    end: 'AUTH_FAILED',
  },
  {
    title: 'a close: no Disconnected before it [trap 32]',
    happens: ({ zk }) => zk.close(),
    states: ['Closed'],
    end: 'CLOSED',
  },
  {
    title: 'a close while disconnected',
    happens: async ({ zoo, zk }) => {
      zoo.disconnect(zk)
      await zk.close()
    },
    states: ['Disconnected', 'Closed'],
    end: 'CLOSED',
  },
  {
    title: 'a close of the server',
    happens: ({ zoo }) => zoo.close(),
    states: ['Closed'],
    end: 'CLOSED',
  },
  {
    title: 'a connection that is cut three times while it is down',
    happens: async ({ zoo, zk, clock }) => {
      for (let times = 0; times < 3; times++) {
        zoo.disconnect(zk)
        await clock.advance(2000)
      }
      zoo.reconnect(zk)
    },
    states: ['Disconnected', 'SyncConnected'],
    end: 'CONNECTED',
  },
]

const EMITTED = {
  SyncConnected: 'connected',
  Disconnected: 'disconnected',
  Expired: 'expired',
  AuthFailed: 'authFailed',
  Closed: 'closed',
} as const

describe.each(rows.map((row) => [row.title, row] as const))('%s', (_title, { happens, states, end }) => {
  it('is told to the default watcher, state by state', async () => {
    const world = await startWorld()

    await happens(world)
    await world.zoo.settle()

    expect(world.events).toEqual(['SyncConnected', ...states].map((state) => `None ${state}`))
    expect(world.zk.state).toBe(end)
  })

  it('is told to a watcher of each table once [trap 31]', async () => {
    const world = await startWorld()
    const recorders = await watchEverything(world.zk)

    await happens(world)
    await world.zoo.settle()

    const expected = states.map((state) => `None ${state}`)
    for (const events of recorders) expect(events).toEqual(expected)
  })

  it('is told once to a watcher that is the default one and in every table', async () => {
    const { events, watcher } = recordEvents()
    const world = await startWorld({ client: { watcher } })
    await world.zk.create('/a')
    for (const kind of WATCH_KINDS) await arm(world.zk, kind, '/a', watcher)

    await happens(world)
    await world.zoo.settle()

    expect(events).toEqual(['SyncConnected', ...states].map((state) => `None ${state}`))
  })

  it('is emitted by the client in the same order', async () => {
    const world = await startWorld()
    const emitted: string[] = []
    for (const name of Object.values(EMITTED)) world.zk.on(name, () => emitted.push(name))

    await happens(world)
    await world.zoo.settle()

    const names = new Map<string, string>(Object.entries(EMITTED))
    expect(emitted).toEqual(states.map((state) => names.get(state)))
  })

  it('is not told to another client', async () => {
    const world = await startWorld()
    const { events, watcher } = recordEvents()
    await world.zoo.connect({ watcher })

    await happens(world)
    await world.zoo.settle()

    const isServerClosed = events.at(-1) === 'None Closed'
    expect(events).toEqual(isServerClosed ? ['None SyncConnected', 'None Closed'] : ['None SyncConnected'])
  })
})

describe('a state event', () => {
  it('has no path and no zxid', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect()
    const seen: unknown[] = []
    zk.on('closed', (event) => seen.push(event))

    await zk.close()

    expect(seen).toEqual([{ type: 'None', state: 'Closed', path: null, zxid: -1n }])
  })

  it('takes no watch away: a one-shot watch fires after the client was away', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })
    zoo.disconnect(zk)
    zoo.reconnect(zk)

    await zk.create('/a')

    expect(events).toEqual(['None Disconnected', 'None SyncConnected', 'NodeCreated /a'])
  })

  it('comes to the default watcher before connect() resolves', async () => {
    const { zoo } = startServer()
    const { events, watcher } = recordEvents()

    await zoo.connect({ watcher })

    expect(events).toEqual(['None SyncConnected'])
  })
})

describe('a client that is finished', () => {
  it.each([
    ['closed', 'SESSIONEXPIRED', ({ zk }: World) => zk.close()],
    ['expired', 'SESSIONEXPIRED', async ({ zoo, zk }: World) => zoo.expire(zk)],
    ['refused', 'AUTHFAILED', ({ zk }: World) => codeOf(zk.addAuthInfo('unknown', 'x'))],
  ] as const)(
    'because it was %s answers every call with %s and hears nothing more',
    async (_name, code, finish) => {
      const world = await startWorld()
      const { zoo, zk, events } = world
      await finish(world)
      await zoo.settle()
      const told = events.length

      const codes = [
        await codeOf(zk.exists('/')),
        await codeOf(zk.create('/a')),
        await codeOf(zk.addAuthInfo('digest', 'a:b')),
        await codeOf(zk.multi([])),
      ]
      await zk.close()
      await zoo.settle()

      expect(codes).toEqual([code, code, code, code])
      expect(events.length).toBe(told)
      expect(() => zoo.reconnect(zk)).toThrow('not one of this server')
    },
  )
})

describe('the session that a client shows', () => {
  it('is that of the server, with the negotiated timeout and a password of 16 bytes', async () => {
    const { zoo, zk } = await startWorld({ client: { sessionTimeoutMs: 1 } })

    expect(zoo.reports.sessions().map(({ id, timeoutMs }) => ({ id, timeoutMs }))).toEqual([
      { id: zk.sessionId, timeoutMs: zk.sessionTimeoutMs },
    ])
    expect(zk.sessionPassword.length).toBe(16)
    expect(zk.state).toBe('CONNECTED')
    expect(zk.chroot).toBe('')
  })

  it('hands out copies of its password', async () => {
    const { zk } = await startWorld()
    const before = zk.sessionPassword

    before.fill(0)

    expect(zk.sessionPassword).not.toEqual(before)
  })
})

/** One watcher for each table: data, exist, child, persistent and recursive. */
async function watchEverything(zk: ZooKeeper): Promise<string[][]> {
  await zk.create('/a')
  const recorders = WATCH_KINDS.map(() => recordEvents())
  for (const [i, kind] of WATCH_KINDS.entries()) {
    const watcher = recorders[i]?.watcher ?? (() => undefined)
    await arm(zk, kind, kind === 'exists' ? '/missing' : '/a', watcher)
  }
  return recorders.map(({ events }) => events)
}
