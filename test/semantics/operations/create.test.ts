/** create in its seven modes: what comes of it, what it answers, whom it tells, and how long the znode lives. */
import { describe, expect, it } from 'vitest'
import { CreateMode, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import {
  codeOf,
  connectRaw,
  create,
  freshStat,
  recordEvents,
  startServer,
  startWorld,
  text,
} from '../fixture.js'

const SWEEP_MS = 60_000

const modes = [
  { mode: CreateMode.PERSISTENT, path: '/p/n', isEphemeral: false, kind: 'persistent' },
  { mode: CreateMode.EPHEMERAL, path: '/p/n', isEphemeral: true, kind: 'ephemeral' },
  { mode: CreateMode.PERSISTENT_SEQUENTIAL, path: '/p/n0000000000', isEphemeral: false, kind: 'persistent' },
  { mode: CreateMode.EPHEMERAL_SEQUENTIAL, path: '/p/n0000000000', isEphemeral: true, kind: 'ephemeral' },
  { mode: CreateMode.CONTAINER, path: '/p/n', isEphemeral: false, kind: 'container' },
  { mode: CreateMode.PERSISTENT_WITH_TTL, path: '/p/n', isEphemeral: false, kind: 'ttl', ttlMs: 10_000 },
  {
    mode: CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL,
    path: '/p/n0000000000',
    isEphemeral: false,
    kind: 'ttl',
    ttlMs: 10_000,
  },
] as const

type Row = (typeof modes)[number]

function optionsOf(row: Row): { mode: CreateMode; ttlMs?: number } {
  return 'ttlMs' in row ? { mode: row.mode, ttlMs: row.ttlMs } : { mode: row.mode }
}

describe.each(modes)('create $mode', (row) => {
  it('resolves to the path of the new znode', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')

    expect(await zk.create('/p/n', 'x', optionsOf(row))).toBe(row.path)
  })

  it('gives the Stat too if it is asked to', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')

    const { path, stat } = await zk.create('/p/n', 'x', { ...optionsOf(row), withStat: true })

    const ephemeralOwner = row.isEphemeral ? zk.sessionId : 0n
    expect({ path, stat: { ...stat } }).toEqual({
      path: row.path,
      stat: freshStat(3n, { dataLength: 1, ephemeralOwner }),
    })
  })

  it('stores the data and the ACL', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')

    await zk.create('/p/n', 'x', optionsOf(row))

    expect(text((await zk.getData(row.path)).data)).toBe('x')
    expect((await zk.getACL(row.path)).acl).toEqual(OPEN_ACL_UNSAFE)
  })

  it('makes a znode of this kind', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/p')

    await zk.create('/p/n', 'x', optionsOf(row))

    expect(zoo.reports.znodes().find(({ path }) => path === row.path)?.kind).toBe(row.kind)
  })

  it('tells those who wait for the znode, then those who watch the parent', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    const { events, watcher } = recordEvents()
    await zk.exists(row.path, { watcher })
    await zk.getChildren('/p', { watcher })

    await zk.create('/p/n', 'x', optionsOf(row))

    expect(events).toEqual([`NodeCreated ${row.path}`, 'NodeChildrenChanged /p'])
  })

  it(`makes a znode that ${row.isEphemeral ? 'cannot' : 'can'} have children`, async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/n', 'x', optionsOf(row))

    const codes = [
      await codeOf(zk.create(`${row.path}/x`)),
      await codeOf(zk.create(`${row.path}/y`, null, { mode: 'EPHEMERAL' })),
    ]

    const code = row.isEphemeral ? 'NOCHILDRENFOREPHEMERALS' : 'OK'
    expect(codes).toEqual([code, code])
  })

  it(`makes a znode that ${row.isEphemeral ? 'goes with' : 'outlives'} its session`, async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/p')
    await zk.create('/p/n', 'x', optionsOf(row))

    await zk.close()

    expect((await other.exists(row.path)) === null).toBe(row.isEphemeral)
  })

  it(`makes a znode that ${row.kind === 'ttl' ? 'goes' : 'stays'} when a minute has passed`, async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/n', 'x', optionsOf(row))

    await clock.advance(2 * SWEEP_MS)

    expect((await zk.exists(row.path)) === null).toBe(row.kind === 'ttl')
  })
})

describe('create', () => {
  it('changes nothing if it fails', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/p', 'x')
    const before = zoo.reports.znodes()

    await codeOf(zk.create('/p', 'y'))
    await codeOf(zk.create('/gone/x'))

    expect(zoo.reports.znodes()).toEqual(before)
  })

  it('shows neither a container nor a TTL znode to its clients as such [trap 19]', async () => {
    const { zk } = await startWorld()

    const container = await zk.create('/c', null, { mode: 'CONTAINER', withStat: true })
    const ttl = await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1, withStat: true })

    expect([container.stat.ephemeralOwner, ttl.stat.ephemeralOwner]).toEqual([0n, 0n])
    expect(await zk.getEphemerals()).toEqual([])
  })

  it('is refused under an ephemeral of another session too', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await other.create('/e', null, { mode: 'EPHEMERAL' })

    expect(await codeOf(zk.create('/e/x'))).toBe('NOCHILDRENFOREPHEMERALS')
  })

  it('answers the plain operation with a path and the others with path and Stat', () => {
    const cnxn = connectRaw(startServer().zoo)

    const answers = [
      create('/a'),
      create('/b', { type: 'create2' }),
      create('/c', { mode: 'CONTAINER' }),
      create('/d', { mode: 'PERSISTENT_WITH_TTL' }),
    ].map((request) => Object.keys(cnxn.ask(request)?.response ?? {}).sort())

    const both = ['path', 'stat', 'type']
    expect(answers).toEqual([['path', 'type'], both, both, both])
  })

  it('refuses TTL znodes where they are switched off, and nothing else', async () => {
    const { zk } = await startWorld({ server: { ttlNodes: false } })

    const codes = [
      await codeOf(zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })),
      await codeOf(zk.create('/s', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 1 })),
      await codeOf(zk.create('/c', null, { mode: 'CONTAINER' })),
    ]

    expect(codes).toEqual(['UNIMPLEMENTED', 'UNIMPLEMENTED', 'OK'])
  })
})
