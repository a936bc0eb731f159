/**
 * Watches beyond the matrix: which calls leave one, several of them together, who hears how often, what an ACL hides, and the watch
 * to iterate over.
 */
import { expect } from 'vitest'
import { OPEN_ACL_UNSAFE, Op, type WatchedEvent, type ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, failureOf, recordEvents } from '../semantics/fixture.js'
import { arm, WATCH_KINDS, type WatchKind } from '../semantics/watches/trigger-matrix.js'
import { describeContract } from './contract.js'
import { aWatch } from './wording.js'

const N = '/p/n'

interface Combination {
  readonly title: string
  /** Set in this order by one client. */
  readonly watches: readonly (readonly [WatchKind, string])[]
  /** Whether /p/n exists at first. */
  readonly hasNode: boolean
  readonly run: (zk: ZooKeeper) => Promise<unknown>
  readonly events: readonly string[]
}

const COMBINATIONS: readonly Combination[] = [
  {
    title: 'data N + child N, delete N: one event',
    watches: [
      ['data', N],
      ['child', N],
    ],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n'],
  },
  {
    title: 'data N + child N + child parent, delete N [trap 10]',
    watches: [
      ['data', N],
      ['child', N],
      ['child', '/p'],
    ],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'persistent N + persistent parent, delete N',
    watches: [
      ['persistent', N],
      ['persistent', '/p'],
    ],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'exists N + child parent, create N',
    watches: [
      ['exists', N],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'recursive / + child parent, create N [trap 11]',
    watches: [
      ['recursive', '/'],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'recursive parent + child N, create N/x',
    watches: [
      ['recursive', '/p'],
      ['child', N],
    ],
    hasNode: true,
    run: (zk) => zk.create('/p/n/x'),
    events: ['NodeCreated /p/n/x', 'NodeChildrenChanged /p/n'],
  },
  {
    title: 'data N + exists N + persistent N + recursive N, setData N: one event',
    watches: [
      ['data', N],
      ['exists', N],
      ['persistent', N],
      ['recursive', N],
    ],
    hasNode: true,
    run: (zk) => zk.setData(N, '1'),
    events: ['NodeDataChanged /p/n'],
  },
  {
    title: 'data N, then persistent N, two setData',
    watches: [
      ['data', N],
      ['persistent', N],
    ],
    hasNode: true,
    run: setTwice,
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
  },
  {
    title: 'persistent N, then data N, two setData: the one-shot does not replace it [trap 12]',
    watches: [
      ['persistent', N],
      ['data', N],
    ],
    hasNode: true,
    run: setTwice,
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
  },
  {
    title: 'recursive N, then data N, two setData',
    watches: [
      ['recursive', N],
      ['data', N],
    ],
    hasNode: true,
    run: setTwice,
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
  },
  {
    title: 'recursive parent, then exists parent, two setData below',
    watches: [
      ['recursive', '/p'],
      ['exists', '/p'],
    ],
    hasNode: true,
    run: setTwice,
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
  },
  {
    title: 'recursive N, then persistent N: both go on',
    watches: [
      ['recursive', N],
      ['persistent', N],
    ],
    hasNode: true,
    run: (zk) => zk.multi([Op.create('/p/n/x'), Op.setData('/p/n/x', '1'), Op.setData(N, '1')]),
    events: [
      'NodeCreated /p/n/x',
      'NodeChildrenChanged /p/n',
      'NodeDataChanged /p/n/x',
      'NodeDataChanged /p/n',
    ],
  },
  {
    title: 'persistent parent, then recursive parent, and persistent N, create N',
    watches: [
      ['persistent', '/p'],
      ['recursive', '/p'],
      ['persistent', N],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'everything on N and its parent, recursive parent last, delete N',
    watches: [
      ['exists', N],
      ['child', N],
      ['persistent', N],
      ['recursive', N],
      ['child', '/p'],
      ['recursive', '/p'],
    ],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n', 'NodeChildrenChanged /p'],
  },
  {
    title: 'recursive parent + child parent, a multi: each operation tells its own',
    watches: [
      ['child', '/p'],
      ['recursive', '/p/n'],
    ],
    hasNode: false,
    run: (zk) => zk.multi([Op.create(N), Op.create('/p/n/x'), Op.setData(N, '1'), Op.delete('/p/n/x')]),
    events: [
      'NodeCreated /p/n',
      'NodeChildrenChanged /p',
      'NodeCreated /p/n/x',
      'NodeDataChanged /p/n',
      'NodeDeleted /p/n/x',
    ],
  },
  {
    title: 'exists N + child parent, a multi that creates and deletes: used up by the create',
    watches: [
      ['exists', N],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.multi([Op.create(N), Op.delete(N)]),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
  },
]

export const WATCH_COMBINATIONS = describeContract('watch combinations', (test) => {
  for (const { title, watches, hasNode, run, events } of COMBINATIONS) {
    test(title, async (world) => {
      const zk = await world.connect()
      const recorder = recordEvents()
      await world.zk.create('/p')
      if (hasNode) await world.zk.create(N)
      for (const [kind, path] of watches) await arm(zk, kind, path, recorder.watcher)

      await run(world.zk)
      await zk.sync('/')

      expect(recorder.events).toEqual(events)
    })
  }

  test('a recursive watcher does not hear the NodeChildrenChanged that a child watch below it causes', async ({
    zk,
  }) => {
    const [recursive, child] = [recordEvents(), recordEvents()]
    await zk.createAll(N)
    await zk.addWatch('/p', recursive.watcher, { recursive: true })
    await zk.getChildren(N, { watcher: child.watcher })

    await zk.create('/p/n/x')

    expect([recursive.events, child.events]).toEqual([['NodeCreated /p/n/x'], ['NodeChildrenChanged /p/n']])
  })
})

export const WATCH_REGISTRATION = describeContract('watch registration', (test) => {
  test('a failed exists leaves a watch, a failed getData or getChildren none [trap 7]', async ({ zk }) => {
    const [exists, data, child] = [recordEvents(), recordEvents(), recordEvents()]

    await zk.exists('/a', { watcher: exists.watcher })
    const codes = [
      await codeOf(zk.getData('/a', { watcher: data.watcher })),
      await codeOf(zk.getChildren('/a', { watcher: child.watcher })),
    ]
    await zk.create('/a')
    await zk.create('/a/x')
    await zk.setData('/a', 'x')

    expect(codes).toEqual(['NONODE', 'NONODE'])
    expect([exists.events, data.events, child.events]).toEqual([['NodeCreated /a'], [], []])
  })

  test('a read that is not permitted leaves none', async (world) => {
    const { zk } = world
    const { events, watcher } = recordEvents()
    await zk.create('/a', null, { acl: allBut('READ') })

    const codes = [
      await codeOf(zk.getData('/a', { watcher })),
      await codeOf(zk.getChildren('/a', { watcher })),
    ]
    await zk.setACL('/a', OPEN_ACL_UNSAFE)
    await zk.setData('/a', 'x')
    await zk.create('/a/x')

    expect(codes).toEqual(['NOAUTH', 'NOAUTH'])
    expect(events).toEqual([])
  })

  for (const kind of WATCH_KINDS) {
    test(`${aWatch(kind)} set twice for one function is one, for two functions two`, async ({ zk }) => {
      const [one, two] = [recordEvents(), recordEvents()]
      await zk.create('/a')
      for (const { watcher } of [one, one, two]) await arm(zk, kind, '/a', watcher)

      await zk.delete('/a')

      expect([one.events, two.events]).toEqual([['NodeDeleted /a'], ['NodeDeleted /a']])
    })

    test(`${aWatch(kind)} belongs to its client: each of three hears`, async (world) => {
      const clients = await Promise.all([world.connect(), world.connect(), world.connect()])
      const recorders = clients.map(() => recordEvents())
      await world.zk.create('/a')
      for (const [i, zk] of clients.entries()) await arm(zk, kind, '/a', recorders[i]?.watcher ?? fail)

      await world.zk.delete('/a')
      await Promise.all(clients.map((zk) => zk.sync('/')))

      expect(recorders.map(({ events }) => events)).toEqual(clients.map(() => ['NodeDeleted /a']))
    })

    test(`${aWatch(kind)} goes with its client`, async (world) => {
      const zk = await world.connect()
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      await arm(zk, kind, '/a', watcher)

      await zk.close()
      await world.zk.delete('/a')

      expect(events).toEqual(['None Closed'])
    })

    test(`an event for ${aWatch(kind)} says which transaction caused it`, async ({ zk }) => {
      const zxids: bigint[] = []
      await zk.create('/a')
      await arm(zk, kind, '/a', ({ zxid }) => zxids.push(zxid))

      await zk.delete('/a')

      const { stat } = await zk.create('/b', null, { withStat: true })
      expect(zxids).toEqual([stat.czxid - 1n])
    })
  }

  test('the default watcher hears of reads that ask for it, and others do not', async ({ zk, events }) => {
    await zk.create('/a')
    await zk.getData('/a', { watch: true })
    await zk.getChildren('/a', { watch: true })
    await zk.exists('/b', { watch: true })
    await zk.getData('/a')

    await zk.setData('/a', 'x')
    await zk.create('/a/x')
    await zk.create('/b')

    expect(events).toEqual([
      'None SyncConnected',
      'NodeDataChanged /a',
      'NodeChildrenChanged /a',
      'NodeCreated /b',
    ])
  })

  test('a read with a watch binds the default watcher of its time [trap 33]', async ({ zk, events }) => {
    const later = recordEvents()
    await zk.exists('/a', { watch: true })
    zk.register(later.watcher)
    await zk.exists('/b', { watch: true })

    await zk.create('/a')
    await zk.create('/b')

    expect([events, later.events]).toEqual([['None SyncConnected', 'NodeCreated /a'], ['NodeCreated /b']])
  })

  test('a read with a watch and no default watcher is a TypeError', async (world) => {
    const zk = await world.connect()

    expect(await failureOf(() => zk.exists('/a', { watch: true }))).toBeInstanceOf(TypeError)
  })

  test('addWatch takes a path where there is no znode, and stays when one comes and goes', async ({ zk }) => {
    const { events, watcher } = recordEvents()

    await zk.addWatch('/a', watcher)
    await zk.create('/a')
    await zk.delete('/a')
    await zk.create('/a')

    expect(events).toEqual(['NodeCreated /a', 'NodeDeleted /a', 'NodeCreated /a'])
  })

  test('a watcher may set its watch anew, and hears of the next change', async ({ zk }) => {
    const events: string[] = []
    await zk.create('/a')
    const watcher = ({ type }: WatchedEvent): void => {
      events.push(type)
      if (type !== 'NodeDeleted' && type !== 'None') void zk.getData('/a', { watcher })
    }
    await zk.getData('/a', { watcher })

    await zk.setData('/a', '1')
    await zk.sync('/')
    await zk.setData('/a', '2')
    await zk.sync('/')
    await zk.delete('/a')
    await zk.sync('/')

    expect(events).toEqual(['NodeDataChanged', 'NodeDataChanged', 'NodeDeleted'])
  })

  test('two changes before the next read are one event, and the read shows the latest', async (world) => {
    const { events, watcher } = recordEvents()
    const other = await world.connect()
    await world.zk.create('/a', 'old')
    await world.zk.getData('/a', { watcher })

    await other.setData('/a', 'missed')
    await other.setData('/a', 'latest')
    const { stat } = await world.zk.getData('/a', { watcher })

    expect(events).toEqual(['NodeDataChanged /a'])
    expect(stat.version).toBe(2)
  })
})

function fail(): never {
  throw new Error('There is no such recorder')
}

async function setTwice(zk: ZooKeeper): Promise<void> {
  await zk.setData(N, '1')
  await zk.setData(N, '2')
}
