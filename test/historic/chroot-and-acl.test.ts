/**
 * Bugs that ZooKeeper, its clients and its doubles once had with chroots (86 and 87 of the bank). Each test fails if zoolet has the
 * bug.
 */
import { describe, expect, it } from 'vitest'
import { Chroot } from '../../src/client/chroot.js'
import { digestId, isKeeperException, Op, READ_ACL_UNSAFE, Stat, type ZooKeeper } from '../../src/index.js'
import type { Response } from '../../src/protocol/message.js'
import { findPathFault } from '../../src/protocol/path.js'
import { startScript } from '../client/scripted-server.js'
import { dial, type Network, startNetwork } from '../node/network.js'
import { codeOf, connectRaw, create, failureOf, recordEvents, startServer } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { arm, WATCH_KINDS, type WatchKind } from '../semantics/watches/trigger-matrix.js'

const DOORS = ['in process', 'over TCP'] as const

/** A client below a chroot, through one of the doors. */
function connectBelow({ zoo, endpoint }: Network, door: string, chroot: string): Promise<ZooKeeper> {
  return door === 'over TCP' ? dial(endpoint.connectString, { chroot }) : zoo.connect({ chroot })
}

describe('86. ZK-4565, 4742, 4601, 838: a stripped chroot leaves an illegal path, such as "keeper/config"', () => {
  const chroots: Readonly<Record<string, readonly string[]>> = {
    '/zoo': [
      'NodeCreated /keeper',
      'NodeCreated /keeper/config',
      'NodeDataChanged /',
      'NodeDeleted /keeper/config',
    ],
    '/a': ['NodeCreated /k', 'NodeDataChanged /'],
    '/zookeeper': [
      'NodeCreated /quota/zoo',
      'NodeCreated /quota/zoo/zookeeper_limits',
      'NodeDataChanged /config',
    ],
  }
  const pairs = DOORS.flatMap((door) => Object.keys(chroots).map((chroot) => [chroot, door] as const))

  it.each(pairs)(
    'a client below %s hears of what is below it, by paths that are legal, %s',
    async (chroot, door) => {
      const network = await startNetwork({ server: { superDigest: digestId('super:pw') } })
      const whole = await network.zoo.connect({ auth: [{ scheme: 'digest', auth: 'super:pw' }] })
      for (const path of ['/zoo', '/a', '/zook', '/ab']) await whole.create(path)
      const zk = await connectBelow(network, door, chroot)
      const { events, watcher } = recordEvents()
      await zk.addWatch('/', watcher, { recursive: true })

      await whole.createAll('/zookeeper/quota/zoo/zookeeper_limits', 'count=9,bytes=9')
      await whole.setData('/zookeeper/config', 'x')
      await whole.createAll('/zoo/keeper/config')
      await whole.create('/a/k')
      await whole.multi(['/zoo', '/a', '/zook', '/ab'].map((path) => Op.setData(path, 'x')))
      await whole.delete('/zoo/keeper/config')
      // Answered behind all events.
      await zk.sync('/')
      await macrotask()

      expect(events).toEqual(chroots[chroot])
      expect(events.map((line) => findPathFault(line.replace(/^\w+ /, '')))).toEqual(
        events.map(() => undefined),
      )
    },
  )

  it('the server sends no event of /zookeeper or /zooo for a recursive watch on /zoo', () => {
    const { zoo } = startServer()
    const raw = connectRaw(zoo)
    for (const path of ['/zoo', '/zooo']) raw.ask(create(path))
    raw.ask({ type: 'addWatch', path: '/zoo', mode: 'PERSISTENT_RECURSIVE' })

    for (const path of ['/zookeeper/quota/x', '/zooo/x', '/zoo/x', '/zoox']) raw.ask(create(path))

    expect(raw.notifications.map(({ type, path }) => `${type} ${path}`)).toEqual(['NodeCreated /zoo/x'])
  })

  const stat = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)
  const answers: Readonly<Partial<Record<WatchKind, Response>>> = {
    data: { type: 'data', data: null, stat },
    child: { type: 'children', children: [], stat },
  }

  it.each(WATCH_KINDS)(
    'a server that sends events from outside the chroot reaches no %s watcher below it',
    async (kind) => {
      const { zk, cnxns, started } = startScript({ chroot: new Chroot('/zoo') })
      const [server] = cnxns
      server?.accept()
      await started
      const { events, watcher } = recordEvents()
      const paths = ['/', '/keeper', '/keeper/config']
      const armed = paths.map((path) => codeOf(arm(zk, kind, path, watcher)))
      for (const { xid } of server?.requests ?? [])
        server?.reply(xid, kind === 'exists' ? 'NONODE' : 'OK', answers[kind])
      await Promise.all(armed)

      for (const path of ['/zookeeper/config', '/zookeeper', '/', '/zooo', '/zo']) server?.notify(path)
      await macrotask()

      expect(events).toEqual([])
    },
  )
})

describe('87. ZK-2282, 1027, kz cbde70a, kz 8010233: the chroot is not stripped from every result', () => {
  const cases = DOORS.flatMap((door) => ['/a', '/zoo/deep/er'].map((chroot) => [chroot, door] as const))

  it.each(cases)('no path that a client below %s gets has it, %s', async (chroot, door) => {
    const network = await startNetwork()
    await (await network.zoo.connect()).createAll(chroot)
    const zk = await connectBelow(network, door, chroot)
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })

    const paths = [
      await zk.create('/n'),
      await zk.create('/s-', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
      (await zk.create('/stat', null, { withStat: true })).path,
      (await zk.create('/c', null, { mode: 'CONTAINER', withStat: true })).path,
      (await zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 9, withStat: true })).path,
      await zk.createAll('/x/y'),
      await zk.sync('/'),
      await zk.sync('/n'),
      ...(await zk.getEphemerals()),
      ...(await zk.getEphemerals('/s')),
    ]
    const results = [
      ...(await zk.multi([Op.create('/m'), Op.create('/m/q-', null, { mode: 'PERSISTENT_SEQUENTIAL' })])),
      ...(await zk.transaction().create('/tx', null, { withStat: true }).commit()),
    ]

    const s = '/s-0000000001'
    const made = results.map((result) => ('path' in result ? result.path : result.type))
    expect(paths).toEqual(['/n', s, '/stat', '/c', '/t', '/x/y', '/', '/n', s, s])
    expect(made).toEqual(['/m', '/m/q-0000000000', '/tx'])
    await zk.removeWatches('/', { watcher })
    const created = ['/n', s, '/stat', '/c', '/t', '/x', '/x/y', '/m', '/m/q-0000000000', '/tx']
    expect(events).toEqual([...created.map((path) => `NodeCreated ${path}`), 'PersistentWatchRemoved /'])
  })

  it.each(cases)('nor does any error, below %s, %s', async (chroot, door) => {
    const network = await startNetwork()
    await (await network.zoo.connect()).createAll(chroot)
    const zk = await connectBelow(network, door, chroot)
    const failing = [
      () => zk.getData('/none'),
      () => zk.setData('/none', 'x'),
      () => zk.delete('/none'),
      () => zk.create('/none/x'),
      () => zk.getChildren('/none'),
      () => zk.getACL('/none'),
      () => zk.setACL('/none', READ_ACL_UNSAFE),
      () => zk.getAllChildrenNumber('/none'),
      () => zk.removeWatches('/none'),
      () => zk.checkWatches('/none'),
      () => zk.multi([Op.check('/'), Op.delete('/none')]),
    ]

    for (const call of failing) {
      const error = await failureOf(call)
      expect(isKeeperException(error) && error.path).toMatch(/^\/none/)
      expect(`${error}`).not.toContain(chroot)
    }
  })
})
