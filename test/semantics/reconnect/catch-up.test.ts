/**
 * What a client hears of the time it was away: the decision table of setWatches, every state of the znode against every list,
 * with the whole list of events and with what is armed afterwards. Persistent watches are armed and told nothing.
 */
import { describe, expect, it } from 'vitest'
import { CREATOR_ALL_ACL, Op, type ZooKeeper } from '../../../src/index.js'
import { allBut, RawCnxn, recordEvents, startServer, startWorld, type World } from '../fixture.js'
import { arm, type WatchKind, watchLines } from '../watches/trigger-matrix.js'

const AWAY = ['None Disconnected', 'None SyncConnected']

interface Row {
  readonly kind: WatchKind
  readonly existed: boolean
  /** What happened to /a meanwhile. */
  readonly meanwhile: string
  readonly event: string | undefined
}

/** What others do to /a while the client is away. */
const DEEDS: Readonly<Record<string, (other: ZooKeeper) => Promise<unknown>>> = {
  nothing: async () => undefined,
  setData: (other) => other.setData('/a', 'new'),
  setACL: (other) => other.setACL('/a', allBut('DELETE')),
  delete: (other) => other.delete('/a'),
  'delete and create': (other) => other.multi([Op.delete('/a'), Op.create('/a')]),
  create: (other) => other.create('/a'),
  'create and delete': (other) => other.multi([Op.create('/a'), Op.delete('/a')]),
  'a child created': (other) => other.create('/a/x'),
  'a child created and deleted': (other) => other.multi([Op.create('/a/x'), Op.delete('/a/x')]),
  'a change elsewhere': (other) => other.create('/elsewhere'),
}

const existing = [
  'nothing',
  'setData',
  'setACL',
  'delete',
  'delete and create',
  'a child created',
  'a child created and deleted',
  'a change elsewhere',
] as const
const missing = ['nothing', 'create', 'create and delete', 'a change elsewhere'] as const

/** The event of each list for what happened to a znode that existed; nothing where it is not named. */
const EXISTING: Readonly<Record<WatchKind, Partial<Record<(typeof existing)[number], string>>>> = {
  data: {
    setData: 'NodeDataChanged /a',
    delete: 'NodeDeleted /a',
    'delete and create': 'NodeDataChanged /a',
  },
  // A watch of exists on what exists is in the data list.
  exists: {
    setData: 'NodeDataChanged /a',
    delete: 'NodeDeleted /a',
    'delete and create': 'NodeDataChanged /a',
  },
  child: {
    delete: 'NodeDeleted /a',
    'delete and create': 'NodeChildrenChanged /a',
    'a child created': 'NodeChildrenChanged /a',
    'a child created and deleted': 'NodeChildrenChanged /a',
  },
  persistent: {},
  recursive: {},
}

/** The same for a znode that was missing. */
const MISSING: Readonly<
  Record<'exists' | 'persistent' | 'recursive', Partial<Record<(typeof missing)[number], string>>>
> = {
  exists: { create: 'NodeCreated /a' },
  persistent: {},
  recursive: {},
}

const rows: readonly Row[] = [
  ...(['data', 'exists', 'child', 'persistent', 'recursive'] as const).flatMap((kind) =>
    existing.map((meanwhile) => ({ kind, existed: true, meanwhile, event: EXISTING[kind][meanwhile] })),
  ),
  ...(['exists', 'persistent', 'recursive'] as const).flatMap((kind) =>
    missing.map((meanwhile) => ({ kind, existed: false, meanwhile, event: MISSING[kind][meanwhile] })),
  ),
]

describe.each(rows.map((row) => [titleOf(row), row] as const))(
  '%s',
  (_title, { kind, existed, meanwhile, event }) => {
    it('tells what was missed after SyncConnected, and arms what told nothing', async () => {
      const { world, other, events } = await startWith(kind, existed)
      const { zoo, zk } = world
      const before = watchLines(zoo)

      await whileAway(world, () => DEEDS[meanwhile]?.(other) ?? Promise.reject(new Error(meanwhile)))
      await zk.sync('/')

      expect(events).toEqual(event === undefined ? AWAY : [...AWAY, event])
      expect(watchLines(zoo)).toEqual(event === undefined ? before : [])
    })
  },
)

describe('the order of what is told', () => {
  it('is SyncConnected to everybody first, then the lists: data, exist, child [trap 30]', async () => {
    const world = await startWorld()
    const { zoo, zk } = world
    const other = await zoo.connect()
    await zk.multi([Op.create('/data'), Op.create('/child')])
    const { events, watcher } = recordEvents()
    await zk.getChildren('/child', { watcher })
    await zk.exists('/exist', { watcher })
    await zk.getData('/data', { watcher })

    await whileAway(world, () =>
      other.multi([Op.create('/child/x'), Op.create('/exist'), Op.setData('/data', 'new')]),
    )
    await zk.sync('/')

    expect(events).toEqual([
      ...AWAY,
      'NodeDataChanged /data',
      'NodeCreated /exist',
      'NodeChildrenChanged /child',
    ])
  })

  it('puts all of it before the completion of a call that was queued meanwhile', async () => {
    const { world, other, events } = await startWith('data', true)
    const { zoo, zk } = world
    zoo.disconnect(zk)
    await other.setData('/a', 'new')

    const read = zk.getData('/a').then(() => events.push('read'))
    zoo.reconnect(zk)
    await read

    expect(events).toEqual([...AWAY, 'NodeDataChanged /a', 'read'])
  })

  it('sends two deletions of one znode in two lists, of which one reaches each one-shot watcher', async () => {
    const world = await startWorld()
    const { zoo, zk } = world
    const other = await zoo.connect()
    await zk.create('/a')
    const [data, child, lasting] = [recordEvents(), recordEvents(), recordEvents()]
    await zk.getData('/a', { watcher: data.watcher })
    await zk.getChildren('/a', { watcher: child.watcher })
    await zk.addWatch('/a', lasting.watcher)

    await whileAway(world, () => other.delete('/a'))
    await zk.sync('/')

    expect(data.events).toEqual([...AWAY, 'NodeDeleted /a'])
    expect(child.events).toEqual([...AWAY, 'NodeDeleted /a'])
    expect(lasting.events).toEqual([...AWAY, 'NodeDeleted /a', 'NodeDeleted /a'])
  })
})

describe('a lasting watch', () => {
  it('hears the catch-up event that a one-shot watch of the same path causes', async () => {
    const world = await startWorld()
    const { zk, zoo } = world
    const other = await zoo.connect()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)
    await zk.getData('/a', { watcher: () => undefined })

    await whileAway(world, () => other.setData('/a', 'new'))
    await zk.sync('/')

    expect(events).toEqual([...AWAY, 'NodeDataChanged /a'])
  })

  it('is told nothing of what it missed, persistent or recursive, and is armed all the same', async () => {
    const world = await startWorld()
    const { zk, zoo } = world
    const other = await zoo.connect()
    const [persistent, recursive] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    await zk.addWatch('/a', persistent.watcher)
    await zk.addWatch('/a', recursive.watcher, { recursive: true })

    await whileAway(world, () => other.multi([Op.setData('/a', 'new'), Op.create('/a/x'), Op.delete('/a/x')]))
    await zk.sync('/')

    expect([persistent.events, recursive.events]).toEqual([AWAY, AWAY])
    expect(watchLines(zoo)).toEqual(['/a data persistent+recursive', '/a child persistent'])
  })

  it.each([false, true])('goes on after it was away, recursive: %s', async (recursive) => {
    const world = await startWorld()
    const { zk, zoo } = world
    const other = await zoo.connect()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher, { recursive })

    await whileAway(world, () => other.setData('/a', 'missed'))
    await other.setData('/a', 'seen')
    await zoo.settle()

    expect(events).toEqual([...AWAY, 'NodeDataChanged /a'])
  })
})

describe('a znode that may not be read', () => {
  it.each(['data', 'child'] as const)(
    'is not told of by its %s watch, which is not armed either',
    async (kind) => {
      const { world, other, events } = await startWith(kind, true)
      const { zoo, zk } = world

      await whileAway(world, async () => {
        await other.multi([Op.setData('/a', 'hidden'), Op.create('/a/x')])
        await other.setACL('/a', allBut('READ'))
      })
      await zk.sync('/')

      expect(events).toEqual(AWAY)
      expect(watchLines(zoo)).toEqual([])
    },
  )

  it('is not told of by the exists watch that waited for it', async () => {
    const { world, other, events } = await startWith('exists', false)
    const { zoo, zk } = world

    await whileAway(world, () => other.create('/a', null, { acl: allBut('READ') }))
    await zk.sync('/')

    expect(events).toEqual(AWAY)
    expect(watchLines(zoo)).toEqual([])
  })

  it('is told of to a client that may read it, since its identities come first', async () => {
    const world = await startWorld()
    const { zoo, zk } = world
    const other = await zoo.connect({ auth: [{ scheme: 'digest', auth: 'alice:pw' }] })
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.create('/a', null, { acl: CREATOR_ALL_ACL })
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })

    await whileAway(world, () => other.setData('/a', 'new'))
    await zk.sync('/')

    expect(events).toEqual([...AWAY, 'NodeDataChanged /a'])
  })
})

describe('on the wire', () => {
  it('catch-up events have no zxid and come before the reply', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()
    const reply = raw.ask({
      type: 'setWatches',
      relativeZxid: 0,
      dataWatches: ['/none', '/', '/none'],
      existWatches: ['/', '/missing'],
      childWatches: ['/none', '/zookeeper'],
      persistentWatches: ['/p'],
      persistentRecursiveWatches: ['/r'],
    })

    expect(reply?.code).toBe('OK')
    expect(raw.log.slice(1)).toEqual([
      'NodeDeleted /none -1',
      'NodeDeleted /none -1',
      'NodeCreated / -1',
      'NodeDeleted /none -1',
      'reply 1 OK 1',
    ])
    expect(watchLines(zoo).toSorted()).toEqual([
      '/ data standard',
      '/missing data standard',
      '/p child persistent',
      '/p data persistent',
      '/r data recursive',
      '/zookeeper child standard',
    ])
  })

  it('a list that goes over the limit of watches closes the connection', () => {
    const { zoo } = startServer({ limits: { maxWatchesPerSession: 1 } })
    const raw = new RawCnxn(zoo).open()
    raw.ask({
      type: 'setWatches',
      relativeZxid: 0,
      dataWatches: [],
      existWatches: ['/one', '/two'],
      childWatches: [],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    })

    expect(raw.log).toEqual(['connected', 'closed'])
    expect(watchLines(zoo)).toEqual([])
  })
})

function titleOf({ kind, existed, meanwhile, event }: Row): string {
  return `a ${kind} watch of ${existed ? 'a znode' : 'a missing znode'}; meanwhile ${meanwhile}: ${event ?? 'no event'}`
}

async function startWith(
  kind: WatchKind,
  existed: boolean,
): Promise<{ world: World; other: ZooKeeper; events: string[] }> {
  const world = await startWorld()
  const other = await world.zoo.connect()
  if (existed) await world.zk.create('/a')
  const { events, watcher } = recordEvents()
  await arm(world.zk, kind, '/a', watcher)
  return { world, other, events }
}

/** Cuts the link, lets others work, and lets the client come back. */
async function whileAway({ zoo, zk }: World, work: () => Promise<unknown>): Promise<void> {
  zoo.disconnect(zk)
  await zoo.settle()
  await work()
  zoo.reconnect(zk)
  await zoo.settle()
}
