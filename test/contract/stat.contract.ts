/**
 * What each operation does to the Stat of a znode and of its parent, and which operations take a zxid. A field that is not named
 * has to stay as it was. Nothing else may write meanwhile, since zxids are compared with the one before.
 */
import { expect } from 'vitest'
import { Op, type Stat, type ZooKeeper } from '../../src/index.js'
import { codeOf, worldACL } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import type { World } from './world.js'

/** How a field changes: by so much, or to the zxid of the operation. */
type Changes = Partial<Record<keyof Stat, number | 'zxid'>>

interface Row {
  readonly title: string
  /** `/p` exists with version 0, `/p/n` with 3 bytes of data, and below it `/p/n/x`. */
  readonly run: (zk: ZooKeeper) => Promise<unknown>
  /** Of `/p/n`. */
  readonly node: Changes
  /** Of `/p`. */
  readonly parent: Changes
}

const NOTHING = { node: {}, parent: {} }
const CHILD_CREATED = { cversion: 1, numChildren: 1, pzxid: 'zxid' } as const
const CHILD_DELETED = { cversion: 1, numChildren: -1, pzxid: 'zxid' } as const

const ROWS: readonly Row[] = [
  {
    title: 'setData',
    run: (zk) => zk.setData('/p/n', 'longer'),
    node: { version: 1, mzxid: 'zxid', dataLength: 3 },
    parent: {},
  },
  {
    title: 'setData of the same bytes',
    run: (zk) => zk.setData('/p/n', 'abc'),
    node: { version: 1, mzxid: 'zxid' },
    parent: {},
  },
  {
    title: 'setData to null',
    run: (zk) => zk.setData('/p/n', null),
    node: { version: 1, mzxid: 'zxid', dataLength: -3 },
    parent: {},
  },
  { title: 'setACL', run: (zk) => zk.setACL('/p/n', worldACL(31)), node: { aversion: 1 }, parent: {} },
  { title: 'create of a child', run: (zk) => zk.create('/p/n/y'), node: CHILD_CREATED, parent: {} },
  {
    title: 'create of an ephemeral child',
    run: (zk) => zk.create('/p/n/e', null, { mode: 'EPHEMERAL' }),
    node: CHILD_CREATED,
    parent: {},
  },
  {
    title: 'create of a sequential child',
    run: (zk) => zk.create('/p/n/s-', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
    node: CHILD_CREATED,
    parent: {},
  },
  {
    title: 'create of a container',
    run: (zk) => zk.create('/p/n/c', null, { mode: 'CONTAINER' }),
    node: CHILD_CREATED,
    parent: {},
  },
  {
    title: 'create of a sibling',
    run: (zk) => zk.create('/p/m'),
    node: {},
    parent: CHILD_CREATED,
  },
  { title: 'delete of a child', run: (zk) => zk.delete('/p/n/x'), node: CHILD_DELETED, parent: {} },
  { title: 'setData of a child', run: (zk) => zk.setData('/p/n/x', 'x'), ...NOTHING },
  { title: 'setACL of a child', run: (zk) => zk.setACL('/p/n/x', worldACL(31)), ...NOTHING },
  { title: 'create of a grandchild', run: (zk) => zk.create('/p/n/x/y'), ...NOTHING },
  {
    title: 'a multi of two setData',
    run: (zk) => zk.multi([Op.setData('/p/n', 'a'), Op.setData('/p/n', 'ab')]),
    node: { version: 2, mzxid: 'zxid', dataLength: -1 },
    parent: {},
  },
  {
    title: 'a multi that creates and deletes a child',
    run: (zk) => zk.multi([Op.create('/p/n/y'), Op.delete('/p/n/y'), Op.check('/p')]),
    node: { cversion: 2, pzxid: 'zxid' },
    parent: {},
  },
  {
    title: 'a multi that fails',
    run: (zk) => codeOf(zk.multi([Op.setData('/p/n', 'x'), Op.create('/p/n/y'), Op.check('/gone')])),
    ...NOTHING,
  },
  { title: 'a failed create', run: (zk) => codeOf(zk.create('/p/n')), ...NOTHING },
  { title: 'a failed delete', run: (zk) => codeOf(zk.delete('/p/n')), ...NOTHING },
  { title: 'a failed setData', run: (zk) => codeOf(zk.setData('/p/n', 'x', 7)), ...NOTHING },
  { title: 'a failed setACL', run: (zk) => codeOf(zk.setACL('/p/n', worldACL(31), 7)), ...NOTHING },
  {
    title: 'reads',
    run: async (zk) => {
      await zk.getData('/p/n')
      await zk.getChildren('/p/n')
      await zk.getACL('/p/n')
      await zk.sync('/p/n')
    },
    ...NOTHING,
  },
]

/** How many zxids something takes. */
const ZXIDS: readonly (readonly [string, number, (zk: ZooKeeper, world: World) => Promise<unknown>])[] = [
  ['create', 1, (zk) => zk.create('/b')],
  ['create with the Stat', 1, (zk) => zk.create('/b', null, { withStat: true })],
  ['a failed create', 1, (zk) => codeOf(zk.create('/a'))],
  ['delete', 1, (zk) => zk.delete('/a')],
  ['a failed delete', 1, (zk) => codeOf(zk.delete('/gone'))],
  ['setData', 1, (zk) => zk.setData('/a', 'x')],
  ['a failed setData', 1, (zk) => codeOf(zk.setData('/a', 'x', 7))],
  ['setACL', 1, (zk) => zk.setACL('/a', worldACL(31))],
  ['a failed setACL', 1, (zk) => codeOf(zk.setACL('/a', worldACL(31), 7))],
  ['a multi', 1, (zk) => zk.multi([Op.create('/b'), Op.create('/c'), Op.delete('/a')])],
  ['a failed multi', 1, (zk) => codeOf(zk.multi([Op.create('/b'), Op.create('/a')]))],
  ['an empty multi', 1, (zk) => zk.multi([])],
  ['getData', 0, (zk) => zk.getData('/a', { watcher: () => undefined })],
  ['a failed getData', 0, (zk) => codeOf(zk.getData('/gone'))],
  ['exists', 0, (zk) => zk.exists('/gone', { watcher: () => undefined })],
  ['getChildren', 0, (zk) => zk.getChildren('/', { watcher: () => undefined })],
  ['getACL', 0, (zk) => zk.getACL('/a')],
  ['getAllChildrenNumber', 0, (zk) => zk.getAllChildrenNumber('/')],
  ['getEphemerals', 0, (zk) => zk.getEphemerals()],
  ['sync', 0, (zk) => zk.sync('/a')],
  ['whoAmI', 0, (zk) => zk.whoAmI()],
  ['multiRead', 0, (zk) => zk.multiRead([Op.getData('/a'), Op.getData('/gone')])],
  ['addWatch', 0, (zk) => zk.addWatch('/a', () => undefined)],
  ['checkWatches', 0, (zk) => codeOf(zk.checkWatches('/a'))],
  ['removeWatches', 0, (zk) => codeOf(zk.removeWatches('/a'))],
  ['addAuthInfo', 0, (zk) => zk.addAuthInfo('digest', 'u:p')],
  ['a new session', 1, (_zk, world) => world.connectAnywhere()],
  [
    'a session that comes and goes',
    2,
    async (_zk, world) => (await world.connectAnywhere({ sessionTimeoutMs: 10_000 })).close(),
  ],
]

export const STAT = describeContract('Stat', (test) => {
  for (const { title, run, node, parent } of ROWS) {
    test(`after ${title}`, async ({ zk }) => {
      await zk.multi([Op.create('/p'), Op.create('/p/n', 'abc'), Op.create('/p/n/x')])
      const before = await statsOf(zk)
      const zxid = (await nextZxid(zk)) + 1n

      await run(zk)

      const after = await statsOf(zk)
      expect(changesOf(before.node, after.node, zxid)).toEqual(node)
      expect(changesOf(before.parent, after.parent, zxid)).toEqual(parent)
    })
  }

  test('times are those of the zxids: mtime moves with mzxid alone', async ({ zk }) => {
    const { stat: created } = await zk.create('/a', null, { withStat: true })
    const acl = await zk.setACL('/a', worldACL(31))
    await zk.create('/a/x')
    const set = await zk.setData('/a', 'x')

    expect([created.mtime, acl.mtime]).toEqual([created.ctime, created.ctime])
    expect(set.ctime).toBe(created.ctime)
    expect(set.mtime).toBeGreaterThanOrEqual(created.ctime)
  })

  test('all operations of a multi have one zxid and one time', async ({ zk }) => {
    const results = await zk.multi([Op.create('/a'), Op.create('/b'), Op.setData('/a', 'x')])

    const [a, b] = [await zk.exists('/a'), await zk.exists('/b')]
    expect([a?.mzxid, b?.czxid, b?.mzxid]).toEqual([a?.czxid, a?.czxid, a?.czxid])
    expect([a?.mtime, b?.ctime]).toEqual([a?.ctime, a?.ctime])
    expect(results.at(-1)).toMatchObject({ type: 'setData', stat: { ...a } })
  })

  test('that setData, setACL and create give is the one that exists gives', async ({ zk }) => {
    const { stat } = await zk.create('/a', 'x', { withStat: true })
    const created = await zk.exists('/a')
    const set = await zk.setData('/a', 'y')
    const afterSet = await zk.exists('/a')
    const acl = await zk.setACL('/a', worldACL(31))

    expect([{ ...stat }, { ...set }, { ...acl }]).toEqual([
      { ...created },
      { ...afterSet },
      { ...(await zk.exists('/a')) },
    ])
  })

  test('of a znode whose ephemerals go with their session has one zxid for all of them [trap 24]', async (world) => {
    const owner = await world.connect()
    await world.zk.create('/p')
    for (const name of ['a', 'b', 'c']) await owner.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
    const zxid = (await nextZxid(world.zk)) + 1n

    await owner.close()

    expect(await world.zk.exists('/p')).toMatchObject({ pzxid: zxid, cversion: 6, numChildren: 0 })
  })
})

export const ZXID = describeContract('zxids', (test) => {
  for (const [title, count, run] of ZXIDS) {
    test(`${title} takes ${count}`, async (world) => {
      const { zk } = world
      await zk.create('/a')
      const before = await nextZxid(zk)

      await run(zk, world)

      expect(await nextZxid(zk)).toBe(before + BigInt(count) + 1n)
    })
  }
})

/** Takes the next zxid and tells it. */
async function nextZxid(zk: ZooKeeper): Promise<bigint> {
  const { stat } = await zk.create('/zxid-', null, { mode: 'EPHEMERAL_SEQUENTIAL', withStat: true })
  return stat.czxid
}

async function statsOf(zk: ZooKeeper): Promise<{ node: Stat | null; parent: Stat | null }> {
  return { node: await zk.exists('/p/n'), parent: await zk.exists('/p') }
}

/** Times apart, which may or may not move within a millisecond. */
function changesOf(before: Stat | null, after: Stat | null, zxid: bigint): Changes {
  if (before === null || after === null) throw new Error('There is a znode missing')
  const fields = [
    'czxid',
    'mzxid',
    'pzxid',
    'version',
    'cversion',
    'aversion',
    'ephemeralOwner',
    'dataLength',
    'numChildren',
  ] as const
  const entries = fields.flatMap((field) => {
    const [from, to] = [before[field], after[field]]
    if (from === to) return []
    return [[field, to === zxid ? 'zxid' : Number(to) - Number(from)] as const]
  })
  return Object.fromEntries(entries)
}
