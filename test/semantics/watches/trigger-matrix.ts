/**
 * The trigger matrix as tables: what each kind of watch says of each change of a znode, and what each operation changes.
 * N is /g/p/n, its child /g/p/n/x, its grandchild /g/p/n/x/y.
 */
import { type EmbeddedZooKeeper, Op, Perms, type Watcher, type ZooKeeper } from '../../../src/index.js'
import type { VirtualClock } from '../../../src/testing/index.js'
import { codeOf, worldACL } from '../fixture.js'

/** Where a watch can be set, seen from N. */
export const PLACES = { self: '/g/p/n', parent: '/g/p', grandparent: '/g', root: '/' } as const
/** Znodes that no operation here touches. */
export const NEIGHBOURS = ['/g/p/m', '/g/p/nn', '/g/pp', '/gg', '/g/p/n0'] as const

const N = PLACES.self
const CHILD = '/g/p/n/x'
const GRANDCHILD = '/g/p/n/x/y'

/** The kinds of watch. */
export const WATCH_KINDS = ['data', 'exists', 'child', 'persistent', 'recursive'] as const

/** A kind of watch. */
export type WatchKind = (typeof WATCH_KINDS)[number]

/** The kinds that stay when they have fired. */
export const LASTING: ReadonlySet<WatchKind> = new Set<WatchKind>(['persistent', 'recursive'])

/** What happened to a znode. */
export type Change = readonly [what: 'Created' | 'DataChanged' | 'Deleted', path: string]

/** Where a watch is, seen from the znode that changed. */
type Relation = 'self' | 'parent' | 'above' | 'elsewhere'

const NODE = 'the changed znode'
const CHILDREN = 'NodeChildrenChanged of the watched znode'

/** What a watch of each kind says: nothing, the change itself, or that the children of its znode changed. */
const SAYS: Readonly<
  Record<Change[0], Readonly<Record<Relation, Partial<Record<WatchKind, typeof NODE | typeof CHILDREN>>>>>
> = {
  Created: {
    self: { exists: NODE, persistent: NODE, recursive: NODE },
    parent: { child: CHILDREN, persistent: CHILDREN, recursive: NODE },
    above: { recursive: NODE },
    elsewhere: {},
  },
  DataChanged: {
    self: { data: NODE, exists: NODE, persistent: NODE, recursive: NODE },
    parent: { recursive: NODE },
    above: { recursive: NODE },
    elsewhere: {},
  },
  Deleted: {
    self: { data: NODE, exists: NODE, child: NODE, persistent: NODE, recursive: NODE },
    parent: { child: CHILDREN, persistent: CHILDREN, recursive: NODE },
    above: { recursive: NODE },
    elsewhere: {},
  },
}

/** The whole list of events that a watch says of some changes, the first only if it is one-shot. */
export function expectedEvents(kind: WatchKind, place: string, changes: readonly Change[]): string[] {
  const events = changes.flatMap(([what, path]) => {
    const says = SAYS[what][relationOf(place, path)][kind]
    if (says === undefined) return []
    return [says === NODE ? `Node${what} ${path}` : `NodeChildrenChanged ${place}`]
  })
  return LASTING.has(kind) ? events : events.slice(0, 1)
}

function relationOf(place: string, path: string): Relation {
  if (place === path) return 'self'
  const parent = path.slice(0, path.lastIndexOf('/')) || '/'
  if (place === parent) return 'parent'
  return path.startsWith(place === '/' ? '/' : `${place}/`) ? 'above' : 'elsewhere'
}

/** What operations run on. */
export interface Scene {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: VirtualClock
  readonly writer: ZooKeeper
}

/** An operation: what it changes, and how to bring the scene to where it can run. */
export interface Operation {
  readonly name: string
  readonly changes: readonly Change[]
  /** False if N is missing before the operation, so that some watches cannot be set on it. */
  readonly hasNode: boolean
  /** Can be called again after the operation; returns the operation. */
  readonly prepare: (scene: Scene) => Promise<() => Promise<unknown>>
}

/** Every operation of the matrix. */
export const OPERATIONS: readonly Operation[] = [
  {
    name: 'create N',
    changes: [['Created', N]],
    hasNode: false,
    prepare: async ({ writer }) => {
      await writer.deleteAll(N)
      return () => writer.create(N)
    },
  },
  onNode('setData N', [['DataChanged', N]], (writer) => writer.setData(N, 'new')),
  onNode('setData N with the same data', [['DataChanged', N]], (writer) => writer.setData(N, null)),
  {
    name: 'delete N',
    changes: [['Deleted', N]],
    hasNode: true,
    prepare: async ({ writer }) => {
      await writer.deleteAll(N)
      await writer.create(N)
      return () => writer.delete(N)
    },
  },
  withChildAbsent('create child', [['Created', CHILD]], (writer) => writer.create(CHILD)),
  withChildAbsent('create an ephemeral child', [['Created', CHILD]], (writer) =>
    writer.create(CHILD, null, { mode: 'EPHEMERAL' }),
  ),
  withChild('setData child', [['DataChanged', CHILD]], (writer) => writer.setData(CHILD, 'new')),
  withChild('delete child', [['Deleted', CHILD]], (writer) => writer.delete(CHILD)),
  withChild('create grandchild', [['Created', GRANDCHILD]], (writer) => writer.create(GRANDCHILD)),
  withChild('setACL N', [], (writer) => writer.setACL(N, worldACL(Perms.ALL))),
  withChild('getData N', [], (writer) => writer.getData(N)),
  withChild('sync N', [], (writer) => writer.sync(N)),
  failing('create N, NODEEXISTS', 'NODEEXISTS', (writer) => writer.create(N)),
  failing('setData N, BADVERSION', 'BADVERSION', (writer) => writer.setData(N, 'new', 99)),
  failing('delete N, NOTEMPTY', 'NOTEMPTY', (writer) => writer.delete(N)),
  failing('delete N, BADVERSION', 'BADVERSION', (writer) => writer.delete(N, 99)),
  failing('setACL N, BADVERSION', 'BADVERSION', (writer) => writer.setACL(N, worldACL(Perms.ALL), 99)),
  failing('delete another child, NONODE', 'NONODE', (writer) => writer.delete('/g/p/n/none')),
  failing('create below another child, NONODE', 'NONODE', (writer) => writer.create('/g/p/n/none/y')),
  failing('a multi that fails at its end', 'BADVERSION', (writer) =>
    writer.multi([Op.setData(N, 'new'), Op.create('/g/p/n/z'), Op.check(N, 99)]),
  ),
  {
    name: 'multi(create N, create child, setData N, delete child)',
    changes: [
      ['Created', N],
      ['Created', CHILD],
      ['DataChanged', N],
      ['Deleted', CHILD],
    ],
    hasNode: false,
    prepare: async ({ writer }) => {
      await writer.deleteAll(N)
      const ops = [Op.create(N), Op.create(CHILD), Op.setData(N, 'new'), Op.delete(CHILD)]
      return () => writer.multi(ops)
    },
  },
  withChild(
    'multi(delete child, delete N, create N)',
    [
      ['Deleted', CHILD],
      ['Deleted', N],
      ['Created', N],
    ],
    (writer) => writer.multi([Op.delete(CHILD), Op.delete(N), Op.create(N)]),
  ),
  sessionEnd('close of the session that owns N', ({ close }) => close()),
  sessionEnd('expiry of the session that owns N', ({ expire }) => expire()),
  sessionEnd('expiry in its time', ({ fallSilent }) => fallSilent()),
  {
    name: 'sweep of the container N',
    changes: [['Deleted', N]],
    hasNode: true,
    prepare: async ({ writer, clock }) => {
      await writer.deleteAll(N)
      await writer.create(N, null, { mode: 'CONTAINER' })
      await writer.create(CHILD)
      await writer.delete(CHILD)
      return () => clock.advance(60_000)
    },
  },
  {
    name: 'sweep of N, whose TTL is over',
    changes: [['Deleted', N]],
    hasNode: true,
    prepare: async ({ writer, clock }) => {
      await writer.deleteAll(N)
      await writer.create(N, null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 })
      return () => clock.advance(60_000)
    },
  },
]

/** Sets a watch of a kind. */
export function arm(zk: ZooKeeper, kind: WatchKind, path: string, watcher: Watcher): Promise<unknown> {
  switch (kind) {
    case 'data':
      return zk.getData(path, { watcher })
    case 'exists':
      return zk.exists(path, { watcher })
    case 'child':
      return zk.getChildren(path, { watcher })
    default:
      return zk.addWatch(path, watcher, { recursive: kind === 'recursive' })
  }
}

/** The watches that a server has for a kind. */
export function serverWatches(kind: WatchKind, path: string): string[] {
  switch (kind) {
    case 'data':
    case 'exists':
      return [`${path} data standard`]
    case 'child':
      return [`${path} child standard`]
    case 'persistent':
      return [`${path} data persistent`, `${path} child persistent`]
    case 'recursive':
      return [`${path} data recursive`]
  }
}

/** Every watch that a server has, as `/a data standard+persistent`. */
export function watchLines(zoo: EmbeddedZooKeeper): string[] {
  return [...zoo.reports.watchesByPath()].flatMap(([path, watches]) =>
    watches.map(({ table, modes }) => `${path} ${table} ${modes.join('+')}`),
  )
}

function onNode(
  name: string,
  changes: readonly Change[],
  run: (writer: ZooKeeper) => Promise<unknown>,
): Operation {
  const prepare: Operation['prepare'] = async ({ writer }) => {
    await writer.createAll(N)
    return () => run(writer)
  }
  return { name, changes, hasNode: true, prepare }
}

function withChild(
  name: string,
  changes: readonly Change[],
  run: (writer: ZooKeeper) => Promise<unknown>,
): Operation {
  const prepare: Operation['prepare'] = async ({ writer }) => {
    await writer.createAll(CHILD)
    await writer.deleteAll(GRANDCHILD)
    return () => run(writer)
  }
  return { name, changes, hasNode: true, prepare }
}

function withChildAbsent(
  name: string,
  changes: readonly Change[],
  run: (writer: ZooKeeper) => Promise<unknown>,
): Operation {
  const prepare: Operation['prepare'] = async ({ writer }) => {
    await writer.createAll(N)
    await writer.deleteAll(CHILD)
    return () => run(writer)
  }
  return { name, changes, hasNode: true, prepare }
}

function failing(name: string, code: string, run: (writer: ZooKeeper) => Promise<unknown>): Operation {
  return withChild(name, [], async (writer) => {
    const actual = await codeOf(run(writer))
    if (actual !== code) throw new Error(`${name}: ${actual}`)
  })
}

interface Ending {
  close(): Promise<unknown>
  expire(): Promise<unknown>
  fallSilent(): Promise<unknown>
}

function sessionEnd(name: string, end: (ending: Ending) => Promise<unknown>): Operation {
  const prepare: Operation['prepare'] = async ({ zoo, clock, writer }) => {
    await writer.deleteAll(N)
    const owner = await zoo.connect({ sessionTimeoutMs: 4000 })
    await owner.create(N, null, { mode: 'EPHEMERAL' })
    const ending: Ending = {
      close: () => owner.close(),
      expire: async () => zoo.expire(owner),
      fallSilent: async () => {
        zoo.disconnect(owner)
        await clock.advance(6000)
      },
    }
    return () => end(ending)
  }
  return { name, changes: [['Deleted', N]], hasNode: true, prepare }
}

/** True if a watch of the kind can be set on N although it is missing. */
export function canWatchMissing(kind: WatchKind): boolean {
  return kind !== 'data' && kind !== 'child'
}
