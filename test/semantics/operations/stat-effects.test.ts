/** What every operation does to the Stat of a znode, of its parent and of its grandparent (reference 2.1), as one table. */
import { describe, expect, it } from 'vitest'
import { Op, type Stat, type ZooKeeper } from '../../../src/index.js'
import { codeOf, recordEvents, START_MS, startWorld, type World, worldACL } from '../fixture.js'

type Change = Partial<Record<keyof Stat, number | bigint>>

/** One operation and what it changes; all other fields of all three Stats stay. `n` is the next zxid, `t` the time. */
interface Effect {
  readonly name: string
  readonly run: (zk: ZooKeeper, world: World) => Promise<unknown>
  /** Null if the znode is gone. */
  readonly node?: (n: bigint, t: number) => Change | null
  readonly parent?: (n: bigint, t: number) => Change
}

const gone = (): null => null
const childCame = (n: bigint): Change => ({ pzxid: n, cversion: 2, numChildren: 2 })
const childWent = (n: bigint): Change => ({ pzxid: n, cversion: 2, numChildren: 0 })
const childOfNode = (n: bigint): Change => ({ pzxid: n, cversion: 1, numChildren: 1 })
const dataSet = (n: bigint, t: number): Change => ({ mzxid: n, mtime: t, version: 1 })

/** On /g/p/n, where n has two bytes and p has n alone. */
const effects: readonly Effect[] = [
  { name: 'create of a sibling', run: (zk) => zk.create('/g/p/m'), parent: childCame },
  {
    name: 'create of an ephemeral sibling',
    run: (zk) => zk.create('/g/p/m', null, { mode: 'EPHEMERAL' }),
    parent: childCame,
  },
  {
    name: 'create of a container sibling',
    run: (zk) => zk.create('/g/p/m', null, { mode: 'CONTAINER' }),
    parent: childCame,
  },
  {
    name: 'create of a TTL sibling',
    run: (zk) => zk.create('/g/p/m', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5 }),
    parent: childCame,
  },
  {
    name: 'create of a sequential sibling',
    run: (zk) => zk.create('/g/p/m', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
    parent: childCame,
  },
  { name: 'create of a child', run: (zk) => zk.create('/g/p/n/x'), node: childOfNode },
  { name: 'delete', run: (zk) => zk.delete('/g/p/n'), node: gone, parent: childWent },
  {
    name: 'setData to more bytes',
    run: (zk) => zk.setData('/g/p/n', 'xyz'),
    node: (n, t) => ({ ...dataSet(n, t), dataLength: 3 }),
  },
  { name: 'setData to the same bytes', run: (zk) => zk.setData('/g/p/n', 'xy'), node: dataSet },
  {
    name: 'setData to null',
    run: (zk) => zk.setData('/g/p/n', null),
    node: (n, t) => ({ ...dataSet(n, t), dataLength: 0 }),
  },
  { name: 'setACL', run: (zk) => zk.setACL('/g/p/n', worldACL(31)), node: () => ({ aversion: 1 }) },
  {
    name: 'a multi of setData twice and a child',
    run: (zk) => zk.multi([Op.setData('/g/p/n', 'a'), Op.create('/g/p/n/x'), Op.setData('/g/p/n', 'b')]),
    node: (n, t) => ({ ...dataSet(n, t), ...childOfNode(n), version: 2, dataLength: 1 }),
  },
  {
    name: 'a multi that deletes and recreates',
    run: (zk) => zk.multi([Op.delete('/g/p/n'), Op.create('/g/p/n')]),
    node: (n, t) => ({ czxid: n, mzxid: n, pzxid: n, ctime: t, mtime: t, dataLength: 0 }),
    parent: (n) => ({ pzxid: n, cversion: 3 }),
  },
  { name: 'a multi that only checks', run: (zk) => zk.multi([Op.check('/g/p/n', 0)]) },
  { name: 'a failed create', run: (zk) => codeOf(zk.create('/g/p/n')) },
  { name: 'a failed delete', run: (zk) => codeOf(zk.delete('/g/p/n', 5)) },
  { name: 'a failed setData', run: (zk) => codeOf(zk.setData('/g/p/n', 'abc', 5)) },
  { name: 'a failed setACL', run: (zk) => codeOf(zk.setACL('/g/p/n', worldACL(1), 5)) },
  {
    name: 'a failed multi',
    run: (zk) => codeOf(zk.multi([Op.setData('/g/p/n', 'abc'), Op.create('/g/p/m'), Op.check('/gone')])),
  },
  { name: 'getData', run: (zk) => zk.getData('/g/p/n', { watcher: () => undefined }) },
  { name: 'exists', run: (zk) => zk.exists('/g/p/n', { watcher: () => undefined }) },
  { name: 'getChildren', run: (zk) => zk.getChildren('/g/p/n', { watcher: () => undefined }) },
  { name: 'getACL', run: (zk) => zk.getACL('/g/p/n') },
  { name: 'sync', run: (zk) => zk.sync('/g/p/n') },
  { name: 'addWatch', run: (zk) => zk.addWatch('/g/p/n', () => undefined) },
  { name: 'a sweep that finds nothing', run: (_, { clock }) => clock.advance(60_000) },
]

async function statsOf(zk: ZooKeeper): Promise<(object | null)[]> {
  const stats = await Promise.all(['/g/p/n', '/g/p', '/g'].map((path) => zk.exists(path)))
  return stats.map((stat) => (stat === null ? null : { ...stat }))
}

describe('the Stats of a znode, its parent and its grandparent [trap 9]', () => {
  it.each(effects)('after $name', async ({ run, node, parent }) => {
    const world = await startWorld()
    const { clock, zk } = world
    await zk.createAll('/g/p/n', 'xy')
    const [nodeBefore, parentBefore, grandparent] = await statsOf(zk)
    await clock.advance(1000)

    await run(zk, world)

    const t = START_MS + 1000
    const nodeChange = node === undefined ? {} : node(3n, t)
    expect(await statsOf(zk)).toEqual([
      nodeChange === null ? null : { ...nodeBefore, ...nodeChange },
      { ...parentBefore, ...parent?.(3n, t) },
      grandparent,
    ])
  })
})

describe('the parent of a child that comes and goes', () => {
  it('gets another cversion, pzxid and numChildren and nothing else, and its child watch alone fires', async () => {
    const { clock, zk } = await startWorld()
    await zk.create('/p', 'x')
    const before = await zk.exists('/p')
    const [data, child] = [recordEvents(), recordEvents()]
    await zk.getData('/p', { watcher: data.watcher })
    await zk.getChildren('/p', { watcher: child.watcher })
    await clock.advance(1000)

    await zk.create('/p/a')
    const { stat: after } = await zk.getChildren('/p', { watcher: child.watcher })
    await zk.delete('/p/a')

    expect({ ...after }).toEqual({ ...before, pzxid: 3n, cversion: 1, numChildren: 1 })
    expect({ ...(await zk.exists('/p')) }).toEqual({ ...before, pzxid: 4n, cversion: 2 })
    expect(data.events).toEqual([])
    expect(child.events).toEqual(['NodeChildrenChanged /p', 'NodeChildrenChanged /p'])
  })
})

describe('the end of a session', () => {
  it('gives the parent one pzxid, and a cversion for each ephemeral that goes [trap 24]', async () => {
    const { zoo, clock, zk } = await startWorld()
    const owner = await zoo.connect()
    await zk.create('/p')
    for (const name of ['a', 'b', 'c']) await owner.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
    const before = await zk.exists('/p')
    await clock.advance(1000)

    await owner.close()

    const { zxid } = zoo.reports.counts()
    expect({ ...(await zk.exists('/p')) }).toEqual({ ...before, pzxid: zxid, cversion: 6, numChildren: 0 })
  })

  it('is one transaction, of which a persistent watch on the parent hears for each ephemeral [trap 24]', async () => {
    const { zoo, zk } = await startWorld()
    const owner = await zoo.connect()
    await zk.create('/p')
    for (const name of ['a', 'b', 'c']) await owner.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
    const heard: string[] = []
    await zk.addWatch('/p', ({ type, zxid }) => void heard.push(`${type} ${zxid}`))
    const { zxid } = zoo.reports.counts()

    await owner.close()
    await zoo.settle()

    expect(zoo.reports.counts().zxid).toBe(zxid + 1n)
    expect(heard).toEqual(Array.from({ length: 3 }, () => `NodeChildrenChanged ${zxid + 1n}`))
  })
})

describe('the returned cversion', () => {
  it('grows with each creation and each deletion of a child, the stored counter with creations only [trap 1]', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/p')
    const seen: (readonly [number | undefined, number | undefined])[] = []
    const look = async (): Promise<void> => {
      const stored = zoo.snapshot().znodes.find(({ path }) => path === '/p')?.createdCount
      seen.push([(await zk.exists('/p'))?.cversion, stored])
    }

    await zk.create('/p/a')
    await look()
    await zk.create('/p/b')
    await look()
    await zk.delete('/p/a')
    await look()
    await zk.delete('/p/b')
    await look()

    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 2],
      [4, 2],
    ])
  })
})
