/**
 * Several watches of one connection: modes live side by side (ZooKeeper 3.9), one trigger is one event, and what is left
 * afterwards is what has not fired. The rows are those that were observed on a real server.
 */
import { describe, expect, it } from 'vitest'
import { type EmbeddedZooKeeper, Op, type ZooKeeper } from '../../../src/index.js'
import { recordEvents, startWorld } from '../fixture.js'
import { arm, type WatchKind, watchLines } from './trigger-matrix.js'

interface Row {
  readonly title: string
  /** Set in this order: kind and path. */
  readonly watches: readonly (readonly [WatchKind, string])[]
  /** Whether /p/n exists at first; if not, `exists` waits for it. */
  readonly hasNode: boolean
  readonly run: (zk: ZooKeeper) => Promise<unknown>
  readonly events: readonly string[]
  readonly left: readonly string[]
}

const N = '/p/n'

const setTwice = async (zk: ZooKeeper, path: string): Promise<void> => {
  await zk.setData(path, '1')
  await zk.setData(path, '2')
}

const onDelete: readonly Row[] = [
  {
    title: 'data N + child N, delete N: one NodeDeleted',
    watches: [
      ['data', N],
      ['child', N],
    ],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n'],
    left: [],
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
    left: [],
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
    left: ['/p/n data persistent', '/p/n child persistent', '/p data persistent', '/p child persistent'],
  },
  {
    title: 'recursive /, delete N',
    watches: [['recursive', '/']],
    hasNode: true,
    run: (zk) => zk.delete(N),
    events: ['NodeDeleted /p/n'],
    left: ['/ data recursive'],
  },
  {
    title: 'exists N + child N + persistent N + recursive N + child parent, then recursive parent; delete N',
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
    left: ['/p/n data persistent+recursive', '/p/n child persistent', '/p data recursive'],
  },
]

const onCreate: readonly Row[] = [
  {
    title: 'exists N + child parent, create N',
    watches: [
      ['exists', N],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
    left: [],
  },
  {
    title: 'recursive / + child parent, create N: the one-shot keeps its event [trap 11]',
    watches: [
      ['recursive', '/'],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
    left: ['/ data recursive'],
  },
  {
    title: 'persistent parent + recursive parent + persistent N, create N',
    watches: [
      ['persistent', '/p'],
      ['recursive', '/p'],
      ['persistent', N],
    ],
    hasNode: false,
    run: (zk) => zk.create(N),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
    left: [
      '/p data persistent+recursive',
      '/p child persistent',
      '/p/n data persistent',
      '/p/n child persistent',
    ],
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
    left: ['/p data recursive'],
  },
]

const onSetData: readonly Row[] = [
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
    left: ['/p/n data persistent+recursive', '/p/n child persistent'],
  },
  {
    title: 'persistent N then data N, two setData: the one-shot does not replace it [trap 12]',
    watches: [
      ['persistent', N],
      ['data', N],
    ],
    hasNode: true,
    run: (zk) => setTwice(zk, N),
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
    left: ['/p/n data persistent', '/p/n child persistent'],
  },
  {
    title: 'data N then persistent N, two setData',
    watches: [
      ['data', N],
      ['persistent', N],
    ],
    hasNode: true,
    run: (zk) => setTwice(zk, N),
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
    left: ['/p/n data persistent', '/p/n child persistent'],
  },
  {
    title: 'recursive N then data N, two setData',
    watches: [
      ['recursive', N],
      ['data', N],
    ],
    hasNode: true,
    run: (zk) => setTwice(zk, N),
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
    left: ['/p/n data recursive'],
  },
  {
    title: 'recursive parent then exists parent, two setData below',
    watches: [
      ['recursive', '/p'],
      ['exists', '/p'],
    ],
    hasNode: true,
    run: (zk) => setTwice(zk, N),
    events: ['NodeDataChanged /p/n', 'NodeDataChanged /p/n'],
    left: ['/p data standard+recursive'],
  },
  {
    title: 'recursive N then persistent N; setData and create below',
    watches: [
      ['recursive', '/p'],
      ['persistent', '/p'],
    ],
    hasNode: true,
    run: async (zk) => {
      await zk.setData(N, '1')
      await zk.create('/p/y')
    },
    events: ['NodeDataChanged /p/n', 'NodeCreated /p/y', 'NodeChildrenChanged /p'],
    left: ['/p data persistent+recursive', '/p child persistent'],
  },
]

const onMulti: readonly Row[] = [
  {
    title: 'recursive parent + child parent, multi(create N, create N/x, setData N, delete N/x)',
    watches: [
      ['recursive', '/p'],
      ['child', '/p'],
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
    left: ['/p data recursive'],
  },
  {
    title: 'exists N + child parent, multi(create N, delete N): both are consumed by the first operation',
    watches: [
      ['exists', N],
      ['child', '/p'],
    ],
    hasNode: false,
    run: (zk) => zk.multi([Op.create(N), Op.delete(N)]),
    events: ['NodeCreated /p/n', 'NodeChildrenChanged /p'],
    left: [],
  },
  {
    title: 'persistent parent, a failed multi: nothing',
    watches: [
      ['persistent', '/p'],
      ['exists', N],
    ],
    hasNode: false,
    run: (zk) => zk.multi([Op.create(N), Op.create(N)]).catch(() => null),
    events: [],
    left: ['/p data persistent', '/p child persistent', '/p/n data standard'],
  },
]

const rows = [...onDelete, ...onCreate, ...onSetData, ...onMulti].map((row) => [row.title, row] as const)

describe.each(rows)('%s', (_title, row) => {
  it('tells one watcher of all of them each event once', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll(row.hasNode ? N : '/p')
    const { events, watcher } = recordEvents()
    for (const [kind, path] of row.watches) await arm(zk, kind, path, watcher)

    await row.run(zk)
    await zoo.settle()

    expect(events).toEqual(row.events)
    expect(watchLines(zoo).toSorted()).toEqual(row.left.toSorted())
  })

  it('sends the connection no more events than that, whoever watches', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll(row.hasNode ? N : '/p')
    for (const [kind, path] of row.watches) await arm(zk, kind, path, () => undefined)
    const sent = recordNotifications(zoo)

    await row.run(zk)

    expect(sent).toEqual(row.events)
  })
})

describe('several watchers and several connections', () => {
  it('two watchers of one path, one of them given twice, are each called once by one notification', async () => {
    const { zoo, zk } = await startWorld()
    const { events, watcher } = recordEvents()
    const another = recordEvents()
    const sent = recordNotifications(zoo)
    for (const each of [watcher, another.watcher, watcher]) await zk.exists('/a', { watcher: each })

    await zk.create('/a')

    expect(sent).toEqual(['NodeCreated /a'])
    expect(events).toEqual(['NodeCreated /a'])
    expect(another.events).toEqual(['NodeCreated /a'])
    expect(watchLines(zoo)).toEqual([])
  })

  it('one watcher that is registered twice, also by another read, is called once', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    for (const kind of ['data', 'data', 'exists', 'child', 'child'] as const)
      await arm(zk, kind, '/a', watcher)

    await zk.delete('/a')

    expect(events).toEqual(['NodeDeleted /a'])
  })

  it('each of several connections hears once', async () => {
    const { zoo, zk } = await startWorld()
    const others = [await zoo.connect(), await zoo.connect()]
    const recorders = others.map(() => recordEvents())
    for (const [i, other] of others.entries())
      await other.exists('/a', { watcher: recorders[i]?.watcher ?? fail })

    await zk.create('/a')
    await zoo.settle()

    expect(recorders.map(({ events }) => events)).toEqual([['NodeCreated /a'], ['NodeCreated /a']])
  })

  it('a watcher that fires is not called for what its own registration did not see', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.setData('/a', 'before')
    const { events, watcher } = recordEvents()

    await zk.getData('/a', { watcher })
    await zk.getData('/a')

    expect(events).toEqual([])
  })
})

/** What the server sends to connections that watch, from now on. */
function recordNotifications(zoo: EmbeddedZooKeeper): string[] {
  const sent: string[] = []
  zoo.inspect((event) => {
    if (event.kind === 'notification') sent.push(`${event.type} ${event.path}`)
  })
  return sent
}

function fail(): never {
  throw new Error('nobody is to be called here')
}
