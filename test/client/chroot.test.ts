/**
 * A client below a chroot: every call goes there, and whatever comes back is told by the client's own paths. Asserted from
 * both sides, with a client of the whole tree.
 */
import { describe, expect, it } from 'vitest'
import { CreateMode, Op, type ZooKeeper } from '../../src/index.js'
import {
  codeOf,
  failureOf,
  messageOf,
  recordEvents,
  startServer,
  startWorld,
  text,
  type World,
} from '../semantics/fixture.js'
import { arm, type WatchKind, watchLines } from '../semantics/watches/trigger-matrix.js'

interface Below extends World {
  /** Sees the whole tree. */
  readonly whole: ZooKeeper
}

describe('what goes out', () => {
  it('has the chroot before it, in every call with a path', async () => {
    const { zoo, zk } = await startBelow()
    const paths: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request' && 'path' in event.request)
        paths.push(`${event.request.type} ${event.request.path}`)
    })

    await callEverything(zk)

    expect([...new Set(paths)]).toEqual([
      'create /base/a',
      'create2 /base/b',
      'createContainer /base/c',
      'createTTL /base/t',
      'exists /base/a',
      'getData /base/a',
      'setData /base/a',
      'getACL /base/a',
      'setACL /base/a',
      'getChildren2 /base/a',
      'getAllChildrenNumber /base/a',
      'getEphemerals /base/a',
      'sync /base/a',
      'addWatch /base/a',
      'checkWatches /base/a',
      'removeWatches /base/a',
      'delete /base/a',
    ])
  })

  it('is the chroot itself for /', async () => {
    const { zk, whole } = await startBelow()

    await zk.setData('/', 'of the root')

    expect(text((await whole.getData('/base')).data)).toBe('of the root')
    expect(text((await zk.getData('/')).data)).toBe('of the root')
  })

  it('in a multi and a multiRead has it before each operation', async () => {
    const { zk, whole } = await startBelow()

    await zk.multi([
      Op.create('/a', '1'),
      Op.check('/'),
      Op.setData('/a', '2'),
      Op.create('/b'),
      Op.delete('/b'),
    ])
    const [data, children] = await zk.multiRead([Op.getData('/a'), Op.getChildren('/')])

    expect((await whole.getChildren('/base')).children).toEqual(['a'])
    expect(data).toMatchObject({ type: 'getData', data: new TextEncoder().encode('2') })
    expect(children).toEqual({ type: 'getChildren', children: ['a'] })
  })

  it('cannot delete the chroot, in a delete or in a multi', async () => {
    const { zk, whole } = await startBelow()

    const codes = [await codeOf(zk.delete('/')), await codeOf(zk.multi([Op.delete('/')]))]

    expect(codes).toEqual(['BADARGUMENTS', 'BADARGUMENTS'])
    expect(await whole.exists('/base')).not.toBeNull()
  })

  it('with createAll and deleteAll stays below the chroot', async () => {
    const { zk, whole } = await startBelow()

    await zk.createAll('/x/y/z')
    const { children } = await whole.getChildren('/base/x/y')
    await zk.deleteAll('/x')

    expect(children).toEqual(['z'])
    expect((await whole.getChildren('/base')).children).toEqual([])
  })
})

describe('what comes back', () => {
  it('has no chroot: paths of creates, results of a multi, ephemerals, sync', async () => {
    const { zk } = await startBelow()

    const created = await zk.create('/a', null, { mode: 'EPHEMERAL' })
    const { path } = await zk.create('/b', null, { withStat: true })
    const numbered = await zk.create('/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' })
    const [result] = await zk.multi([Op.create('/c', null, { mode: 'EPHEMERAL' })])

    expect([created, path, numbered]).toEqual(['/a', '/b', '/n-0000000002'])
    expect(result).toEqual({ type: 'create', path: '/c' })
    expect(await zk.getEphemerals()).toEqual(['/a', '/c'])
    expect(await zk.getEphemerals('/c')).toEqual(['/c'])
    expect(await zk.sync('/a')).toBe('/a')
  })

  it('are only ephemerals below the chroot, not those beside it with the same beginning', async () => {
    const { zoo, whole } = await startBelow()
    await whole.createAll('/base-2')
    await whole.create('/base/mine', null, { mode: 'EPHEMERAL' })
    await whole.create('/base-2/other', null, { mode: 'EPHEMERAL' })
    await whole.create('/outside', null, { mode: 'EPHEMERAL' })
    const session = { id: whole.sessionId, password: whole.sessionPassword }
    zoo.disconnect(whole)

    const zk = await zoo.connect({ session, chroot: '/base' })

    expect(await zk.getEphemerals()).toEqual(['/mine'])
  })

  it('are errors about the path that the caller gave', async () => {
    const { zk } = await startBelow()

    expect(await failureOf(() => zk.getData('/none'))).toMatchObject({ code: 'NONODE', path: '/none' })
    expect(await messageOf(() => zk.getData('a'))).toContain('"a"')
  })

  it.each([
    ['data', 'setData', 'NodeDataChanged /a'],
    ['exists', 'setData', 'NodeDataChanged /a'],
    ['child', 'delete', 'NodeDeleted /a'],
    ['persistent', 'setData', 'NodeDataChanged /a'],
    ['recursive', 'setData', 'NodeDataChanged /a'],
  ] as const satisfies readonly (readonly [WatchKind, string, string])[])(
    'are events of a %s watch by the path of the client',
    async (kind, operation, event) => {
      const { zoo, zk, whole } = await startBelow()
      const { events, watcher } = recordEvents()
      await zk.create('/a')
      await arm(zk, kind, '/a', watcher)

      if (operation === 'delete') await whole.delete('/base/a')
      else await whole.setData('/base/a', 'new')
      await zoo.settle()

      expect(events).toEqual([event])
      expect(watchLines(zoo).every((line) => line.startsWith('/base/a '))).toBe(true)
    },
  )

  it('are events of / for the chroot itself, and of what is below a recursive watch of it', async () => {
    const { zoo, zk, whole } = await startBelow()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })
    await zk.getChildren('/', { watcher })

    await whole.setData('/base', 'new')
    await whole.create('/base/a')
    await zoo.settle()

    expect(events).toEqual(['NodeDataChanged /', 'NodeCreated /a', 'NodeChildrenChanged /'])
  })

  it('are removed watches by the path of the client, and catch-up events too', async () => {
    const { zoo, zk, whole } = await startBelow()
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })
    await zk.addWatch('/b', watcher)

    zoo.disconnect(zk)
    await whole.create('/base/a')
    zoo.reconnect(zk)
    await zk.removeWatches('/b', { watcher })

    expect(events).toEqual([
      'None Disconnected',
      'None SyncConnected',
      'NodeCreated /a',
      'PersistentWatchRemoved /b',
    ])
  })

  it('are not events of znodes beside the chroot', async () => {
    const { zoo, zk, whole } = await startBelow()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })

    await whole.create('/base-2')
    await whole.create('/other')
    await whole.setData('/', 'x')
    await zoo.settle()

    expect(events).toEqual([])
  })
})

describe('a chroot', () => {
  it('that is missing is not created: the tree below it is empty', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect({ chroot: '/nowhere' })

    expect(await zk.exists('/')).toBeNull()
    expect(await codeOf(zk.create('/a'))).toBe('NONODE')
  })

  it('that is missing can be created by its client, as /', async () => {
    const { zoo } = startServer()
    const zk = await zoo.connect({ chroot: '/nowhere' })

    expect(await zk.create('/')).toBe('/')
    expect(await zk.create('/a')).toBe('/a')
    expect(zoo.reports.znodes().map(({ path }) => path)).toContain('/nowhere/a')
  })

  it.each(['/', ''])('of %j is none', async (chroot) => {
    const { zk } = await startWorld({ client: { chroot } })

    await zk.create('/a')

    expect(zk.chroot).toBe('')
    expect((await zk.getChildren('/')).children).toContain('a')
  })

  it.each(['root', '/base/', '/a//b', '/a/../b'])('of %j cannot name a znode', async (chroot) => {
    const { zoo } = startServer()

    expect(await messageOf(() => zoo.connect({ chroot }))).toContain(JSON.stringify(chroot))
    expect(zoo.reports.sessions()).toEqual([])
  })

  it('can be several names deep, and is shown by its client', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/x/y')
    const below = await zoo.connect({ chroot: '/x/y' })

    await below.create('/z')

    expect(below.chroot).toBe('/x/y')
    expect((await zk.getChildren('/x/y')).children).toEqual(['z'])
  })
})

async function startBelow(): Promise<Below> {
  const world = await startWorld({ client: { chroot: '/base' } })
  const whole = await world.zoo.connect()
  await whole.create('/base')
  return { ...world, whole }
}

/** Every call that has a path, once. */
async function callEverything(zk: ZooKeeper): Promise<void> {
  await zk.create('/a')
  await zk.create('/b', null, { withStat: true })
  await zk.create('/c', null, { mode: CreateMode.CONTAINER })
  await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1000 })
  await zk.exists('/a')
  await zk.getData('/a')
  await zk.setData('/a', 'x')
  const { acl } = await zk.getACL('/a')
  await zk.setACL('/a', acl)
  await zk.getChildren('/a')
  await zk.getAllChildrenNumber('/a')
  await zk.getEphemerals('/a')
  await zk.sync('/a')
  await zk.addWatch('/a', () => undefined)
  await zk.checkWatches('/a')
  await zk.removeWatches('/a')
  await zk.delete('/a')
}
