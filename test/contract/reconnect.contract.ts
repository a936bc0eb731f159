/**
 * What a client hears of the time it was away, and what becomes of calls when the connection breaks: every kind of watch against
 * everything that can happen meanwhile, with the whole list of events and once more afterwards.
 */
import { expect } from 'vitest'
import { type Code, CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Op, type ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, recordEvents, text } from '../semantics/fixture.js'
import { arm, LASTING, type WatchKind } from '../semantics/watches/trigger-matrix.js'
import { describeContract } from './contract.js'
import type { ClientOptions, LinkedClient } from './target.js'
import { aWatch } from './wording.js'
import type { World } from './world.js'

const AWAY = ['None Disconnected', 'None SyncConnected']

/** What others do to /a while the client is away. */
const DEEDS: Readonly<Record<string, (other: ZooKeeper) => Promise<unknown>>> = {
  nothing: async () => undefined,
  setData: (other) => other.setData('/a', 'new'),
  setACL: (other) => other.setACL('/a', OPEN_ACL_UNSAFE),
  delete: (other) => other.delete('/a'),
  'delete and create': (other) => other.multi([Op.delete('/a'), Op.create('/a')]),
  create: (other) => other.create('/a'),
  'create and delete': (other) => other.multi([Op.create('/a'), Op.delete('/a')]),
  'create of a child': (other) => other.create('/a/x'),
  'create and delete of a child': (other) => other.multi([Op.create('/a/x'), Op.delete('/a/x')]),
  'a change elsewhere': (other) => other.create('/elsewhere'),
}

const EXISTING = [
  'nothing',
  'setData',
  'setACL',
  'delete',
  'delete and create',
  'create of a child',
  'create and delete of a child',
  'a change elsewhere',
] as const
const MISSING = ['nothing', 'create', 'create and delete', 'a change elsewhere'] as const

const DATA_EVENTS = {
  setData: 'NodeDataChanged /a',
  delete: 'NodeDeleted /a',
  'delete and create': 'NodeDataChanged /a',
} as const

/** The event of each kind for what happened to a znode that existed; nothing where it is not named. */
const EXISTING_EVENTS: Readonly<Record<WatchKind, Partial<Record<(typeof EXISTING)[number], string>>>> = {
  data: DATA_EVENTS,
  exists: DATA_EVENTS,
  child: {
    delete: 'NodeDeleted /a',
    'delete and create': 'NodeChildrenChanged /a',
    'create of a child': 'NodeChildrenChanged /a',
    'create and delete of a child': 'NodeChildrenChanged /a',
  },
  persistent: {},
  recursive: {},
}

/** The same for a znode that was missing. */
const MISSING_EVENTS: Readonly<
  Record<'exists' | 'persistent' | 'recursive', Partial<Record<(typeof MISSING)[number], string>>>
> = { exists: { create: 'NodeCreated /a' }, persistent: {}, recursive: {} }

interface Row {
  readonly kind: WatchKind
  readonly hasNode: boolean
  readonly meanwhile: string
  readonly event: string | undefined
}

const ROWS: readonly Row[] = [
  ...(['data', 'exists', 'child', 'persistent', 'recursive'] as const).flatMap((kind) =>
    EXISTING.map((meanwhile) => ({
      kind,
      hasNode: true,
      meanwhile,
      event: EXISTING_EVENTS[kind][meanwhile],
    })),
  ),
  ...(['exists', 'persistent', 'recursive'] as const).flatMap((kind) =>
    MISSING.map((meanwhile) => ({ kind, hasNode: false, meanwhile, event: MISSING_EVENTS[kind][meanwhile] })),
  ),
]

export const CATCH_UP = describeContract(
  'catching up',
  (test) => {
    for (const { kind, hasNode, meanwhile, event } of ROWS) {
      const where = hasNode ? 'a znode' : 'a missing znode'
      test(`${aWatch(kind)} on ${where} after ${meanwhile}: ${event ?? 'no event'}`, async (world) => {
        const { events, watcher } = recordEvents()
        if (hasNode) await world.zk.create('/a')
        const client = await startTraveller(world)
        await arm(client.zk, kind, '/a', watcher)

        await whileAway(client, () => DEEDS[meanwhile]?.(world.zk) ?? Promise.reject(new Error(meanwhile)))
        const told = events.splice(0)
        await changeOnce(world.zk)
        await client.zk.sync('/')

        expect(told).toEqual(event === undefined ? AWAY : [...AWAY, event])
        expect(events.length > 0).toBe(LASTING.has(kind) || event === undefined)
      })
    }

    test('tells what was missed after SyncConnected, in the order data, exist, child', async (world) => {
      const { events, watcher } = recordEvents()
      await world.zk.multi([Op.create('/data'), Op.create('/child')])
      const client = await startTraveller(world)
      await client.zk.getChildren('/child', { watcher })
      await client.zk.exists('/exist', { watcher })
      await client.zk.getData('/data', { watcher })

      await whileAway(client, () =>
        world.zk.multi([Op.create('/child/x'), Op.create('/exist'), Op.setData('/data', 'new')]),
      )

      expect(events).toEqual([
        ...AWAY,
        'NodeDataChanged /data',
        'NodeCreated /exist',
        'NodeChildrenChanged /child',
      ])
    })

    test('tells it before the outcome of a call that waited', async (world) => {
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      const client = await startTraveller(world)
      await client.zk.getData('/a', { watcher })
      await goAway(client)
      await world.zk.setData('/a', 'new')

      const read = client.zk.getData('/a').then(({ data }) => events.push(`read ${text(data)}`))
      client.link.restore()
      await read

      expect(events).toEqual([...AWAY, 'NodeDataChanged /a', 'read new'])
    })

    test('tells a deletion to the data watch and the child watch, and to a lasting one twice', async (world) => {
      const [data, child, lasting] = [recordEvents(), recordEvents(), recordEvents()]
      await world.zk.create('/a')
      const client = await startTraveller(world)
      await client.zk.getData('/a', { watcher: data.watcher })
      await client.zk.getChildren('/a', { watcher: child.watcher })
      await client.zk.addWatch('/a', lasting.watcher)

      await whileAway(client, () => world.zk.delete('/a'))

      expect(data.events).toEqual([...AWAY, 'NodeDeleted /a'])
      expect(child.events).toEqual([...AWAY, 'NodeDeleted /a'])
      expect(lasting.events).toEqual([...AWAY, 'NodeDeleted /a', 'NodeDeleted /a'])
    })

    test('takes up the identities before the watches and everything else', async (world) => {
      const { events, watcher } = recordEvents()
      const client = await startTraveller(world, { auth: [{ scheme: 'digest', auth: 'alice:pw' }] })
      await client.zk.create('/a', 'mine', { acl: CREATOR_ALL_ACL })
      await client.zk.getData('/a', { watcher })

      await whileAway(client, async () => undefined)
      const { data } = await client.zk.getData('/a')
      await client.zk.setData('/a', 'new')

      expect(text(data)).toBe('mine')
      expect(events).toEqual([...AWAY, 'NodeDataChanged /a'])
    })

    test('withholds what the client may not read any more [D7]', async (world) => {
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      const client = await startTraveller(world)
      await client.zk.getData('/a', { watcher })

      await whileAway(client, () =>
        world.zk.setData('/a', 'new').then(() => world.zk.setACL('/a', allBut('READ'))),
      )

      expect(events).toEqual(AWAY)
    })

    test('takes up 5,000 watches, in several batches', async (world) => {
      const paths = Array.from({ length: 5000 }, (_, i) => `/${'x'.repeat(50)}-${i}`)
      const { events, watcher } = recordEvents()
      const client = await startTraveller(world)
      await Promise.all(paths.map((path) => client.zk.exists(path, { watcher })))

      await whileAway(client, () => world.zk.create(paths[7] ?? ''))
      for (const path of [paths[0], paths[4999]]) await world.zk.create(path ?? '')
      await client.zk.sync('/')

      expect(events).toEqual([
        ...AWAY,
        ...[paths[7], paths[0], paths[4999]].map((path) => `NodeCreated ${path}`),
      ])
    })

    test('shows a stream of events one gap, and goes on after it', async (world) => {
      const client = await startTraveller(world)
      const stream = client.zk.watch('/a')
      await stream.ready

      await whileAway(client, () => world.zk.create('/a'))
      await world.zk.setData('/a', 'new')

      expect((await stream.next()).value).toMatchObject({ kind: 'gap' })
      expect((await stream.next()).value).toMatchObject({ type: 'NodeDataChanged', path: '/a' })
    })
  },
  { isSideBySide: true },
)

interface LostCall {
  readonly name: string
  readonly call: (zk: ZooKeeper) => Promise<unknown>
  /** What shows afterwards that the server did it. */
  readonly isDone: (zk: ZooKeeper) => Promise<boolean>
}

const LOST_CALLS: readonly LostCall[] = [
  {
    name: 'create',
    call: (zk) => zk.create('/n'),
    isDone: async (zk) => (await zk.exists('/n')) !== null,
  },
  {
    name: 'delete',
    call: (zk) => zk.delete('/a'),
    isDone: async (zk) => (await zk.exists('/a')) === null,
  },
  {
    name: 'setData',
    call: (zk) => zk.setData('/a', 'new'),
    isDone: async (zk) => text((await zk.getData('/a')).data) === 'new',
  },
  {
    name: 'setACL',
    call: (zk) => zk.setACL('/a', allBut('DELETE')),
    isDone: async (zk) => (await zk.getACL('/a')).stat.aversion === 1,
  },
  {
    name: 'multi',
    call: (zk) => zk.multi([Op.create('/n'), Op.delete('/a')]),
    isDone: async (zk) => (await zk.getChildren('/')).children.includes('n'),
  },
]

export const LOST_CONNECTION = describeContract(
  'a lost connection',
  (test) => {
    for (const { name, call, isDone } of LOST_CALLS) {
      test(`before the reply to ${name} is CONNECTIONLOSS although it was done`, async (world) => {
        await world.zk.create('/a', 'old')
        const client = await startTraveller(world)
        const back = stateOf(client.zk, 'connected')
        client.link.loseNextReply()

        const code = await codeOf(call(client.zk))
        await back

        expect(code).toBe('CONNECTIONLOSS')
        expect(await isDone(client.zk)).toBe(true)
        expect(client.events).toEqual(['None SyncConnected', ...AWAY])
      })
    }

    for (const [name, code] of [
      ['/n', 'NODEEXISTS'],
      ['/m', 'OK'],
    ] as const satisfies readonly (readonly [string, Code])[]) {
      test(`lets the create of ${name} be tried again with ${code}`, async (world) => {
        const client = await startTraveller(world)
        client.link.loseNextReply()
        await codeOf(client.zk.create('/n'))

        expect(await codeOf(client.zk.create(name))).toBe(code)
      })
    }

    test('before the reply to a read leaves no watch', async (world) => {
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      const client = await startTraveller(world)
      const back = stateOf(client.zk, 'connected')
      client.link.loseNextReply()

      const code = await codeOf(client.zk.getData('/a', { watcher }))
      await back
      await world.zk.setData('/a', 'new')
      await client.zk.sync('/')

      expect(code).toBe('CONNECTIONLOSS')
      expect(events).toEqual([])
    })

    test('lets calls wait and be made in their order once it is back', async (world) => {
      const client = await startTraveller(world)
      await goAway(client)

      const calls = [
        client.zk.create('/a'),
        client.zk.create('/a/x'),
        client.zk.getChildren('/a').then(({ children }) => children),
        codeOf(client.zk.create('/a')),
      ]
      client.link.restore()

      expect(await Promise.all(calls)).toEqual(['/a', '/a/x', ['x'], 'NODEEXISTS'])
    })

    test('lets calls wait no longer than the client was told', async (world) => {
      const client = await startTraveller(world, { connectTimeoutMs: 100 })
      await goAway(client)

      const codes = await Promise.all([client.zk.create('/a'), client.zk.exists('/')].map(codeOf))
      const back = stateOf(client.zk, 'connected')
      client.link.restore()
      await back

      expect(codes).toEqual(['CONNECTIONLOSS', 'CONNECTIONLOSS'])
      expect(await world.zk.exists('/a')).toBeNull()
      expect(await client.zk.exists('/')).not.toBeNull()
    })

    test('is told to the default watcher and to each watcher once [trap 31]', async (world) => {
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      const client = await startTraveller(world)
      await client.zk.getData('/a', { watcher })
      await client.zk.getChildren('/a', { watcher })
      await client.zk.addWatch('/b', watcher)

      await whileAway(client, async () => undefined)

      expect(events).toEqual(AWAY)
      expect(client.events).toEqual(['None SyncConnected', ...AWAY])
    })

    test('keeps the session: its id, its password and its ephemerals', async (world) => {
      const client = await startTraveller(world)
      const { sessionId, sessionPassword } = client.zk
      await client.zk.create('/e', null, { mode: 'EPHEMERAL' })

      await whileAway(client, async () => undefined)

      expect([client.zk.sessionId, client.zk.sessionPassword]).toEqual([sessionId, sessionPassword])
      expect(await client.zk.getEphemerals()).toEqual(['/e'])
      expect(await world.zk.exists('/e')).toMatchObject({ ephemeralOwner: sessionId })
    })

    test('may come three times in a row', async (world) => {
      const { events, watcher } = recordEvents()
      const client = await startTraveller(world)
      await client.zk.exists('/a', { watcher })

      for (let i = 0; i < 3; i++) await whileAway(client, async () => undefined)
      await world.zk.create('/a')
      await client.zk.sync('/')

      expect(events).toEqual([...AWAY, ...AWAY, ...AWAY, 'NodeCreated /a'])
    })

    for (const local of [false, true]) {
      test(`${local ? 'does not keep' : 'keeps'} a watcher from being removed ${local ? 'locally' : 'at the server'}`, async (world) => {
        const { events, watcher } = recordEvents()
        const client = await startTraveller(world, { connectTimeoutMs: 100 })
        await client.zk.addWatch('/a', watcher)
        await goAway(client)

        const code = await codeOf(client.zk.removeWatches('/a', { watcher, local }))
        const back = stateOf(client.zk, 'connected')
        client.link.restore()
        await back
        await client.zk.sync('/')
        await world.zk.create('/a')
        await client.zk.sync('/')

        expect(code).toBe(local ? 'OK' : 'CONNECTIONLOSS')
        expect(events).toEqual(
          local
            ? ['None Disconnected', 'PersistentWatchRemoved /a (Disconnected)']
            : [...AWAY, 'NodeCreated /a'],
        )
      })
    }

    test('lets a client be closed meanwhile', async (world) => {
      const client = await startTraveller(world)
      await goAway(client)

      await client.zk.close()

      expect(client.events).toEqual(['None SyncConnected', 'None Disconnected', 'None Closed'])
      expect(client.zk.state).toBe('CLOSED')
    })
  },
  { isSideBySide: true },
)

type Traveller = LinkedClient & { readonly events: string[] }

async function startTraveller(world: World, options: ClientOptions = {}): Promise<Traveller> {
  const { events, watcher } = recordEvents()
  return { ...(await world.connectByLink({ watcher, ...options })), events }
}

/** Breaks the connection; the client knows it when this resolves. */
async function goAway({ zk, link }: LinkedClient): Promise<void> {
  const lost = stateOf(zk, 'disconnected')
  link.cut()
  await lost
}

/** Everything that the client hears of it is heard when this resolves. */
async function whileAway(client: LinkedClient, deed: () => Promise<unknown>): Promise<void> {
  await goAway(client)
  await deed()
  client.link.restore()
  await client.zk.sync('/')
}

function stateOf(zk: ZooKeeper, name: 'connected' | 'disconnected'): Promise<void> {
  return new Promise((resolve) => void zk.once(name, () => resolve()))
}

/** Something for every kind of watch on `/a`, whatever there is. */
async function changeOnce(zk: ZooKeeper): Promise<void> {
  await zk.createAll('/a')
  await zk.createAll('/a/x')
  await zk.setData('/a', 'once more')
  await zk.deleteAll('/a')
}
