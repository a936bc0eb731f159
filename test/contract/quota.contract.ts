/** Quotas: what they count, what they refuse, and that nobody hears of their bookkeeping. */
import { expect } from 'vitest'
import { type Code, Op, type ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import type { World } from './world.js'

const NO_LIMIT = hard(-1, -1)

const COUNTS: readonly (readonly [string, (zk: ZooKeeper) => Promise<unknown>, string])[] = [
  ['nothing', async () => undefined, 'count=2,bytes=3'],
  ['a create', (zk) => zk.create('/q/n', 'xy'), 'count=3,bytes=5'],
  ['a create of an ephemeral', (zk) => zk.create('/q/n', 'x', { mode: 'EPHEMERAL' }), 'count=3,bytes=4'],
  ['a delete', (zk) => zk.delete('/q/a'), 'count=1,bytes=0'],
  ['a setData to more', (zk) => zk.setData('/q/a', 'abcd'), 'count=2,bytes=4'],
  ['a setData to less', (zk) => zk.setData('/q/a', 'a'), 'count=2,bytes=1'],
  ['a setData of the top itself', (zk) => zk.setData('/q', 'x'), 'count=2,bytes=4'],
  [
    'a multi',
    (zk) => zk.multi([Op.create('/q/b', 'x'), Op.delete('/q/a'), Op.setData('/q', 'yy')]),
    'count=2,bytes=3',
  ],
  [
    'a failed multi',
    (zk) => codeOf(zk.multi([Op.create('/q/b', 'x'), Op.check('/gone')])),
    'count=2,bytes=3',
  ],
  ['a change beside it', (zk) => zk.create('/qq', 'x'), 'count=2,bytes=3'],
]

/** `/q` has a child `/q/a` of 3 bytes. */
const REFUSALS: readonly (readonly [string, string, Code, (zk: ZooKeeper) => Promise<unknown>])[] = [
  ['a create up to the count', hard(3, -1), 'OK', (zk) => zk.create('/q/b')],
  ['a create over the count', hard(2, -1), 'QUOTAEXCEEDED', (zk) => zk.create('/q/b')],
  ['a create up to the bytes', hard(-1, 5), 'OK', (zk) => zk.create('/q/b', 'xy')],
  ['a create over the bytes', hard(-1, 4), 'QUOTAEXCEEDED', (zk) => zk.create('/q/b', 'xy')],
  [
    'an ephemeral over the count',
    hard(2, -1),
    'QUOTAEXCEEDED',
    (zk) => zk.create('/q/b', null, { mode: 'EPHEMERAL' }),
  ],
  ['a setData up to the bytes', hard(-1, 4), 'OK', (zk) => zk.setData('/q/a', 'abcd')],
  ['a setData over the bytes', hard(-1, 3), 'QUOTAEXCEEDED', (zk) => zk.setData('/q/a', 'abcd')],
  ['a setData of as many bytes', hard(0, 0), 'OK', (zk) => zk.setData('/q/a', 'xyz')],
  ['a delete', hard(0, 0), 'OK', (zk) => zk.delete('/q/a')],
  ['a multi over the count', hard(2, -1), 'QUOTAEXCEEDED', (zk) => zk.multi([Op.create('/q/b')])],
  ['a change elsewhere', hard(0, 0), 'OK', (zk) => zk.create('/r', 'abc')],
  ['a soft limit', 'count=0,bytes=0', 'OK', (zk) => zk.create('/q/b', 'x')],
  ['an existing znode over the count', hard(2, -1), 'NODEEXISTS', (zk) => zk.create('/q/a')],
  ['another version over the bytes', hard(-1, 0), 'QUOTAEXCEEDED', (zk) => zk.setData('/q/a', 'abcd', 7)],
  [
    'a multi whose operations are over the count together [D6]',
    hard(3, -1),
    'QUOTAEXCEEDED',
    (zk) => zk.multi([Op.create('/q/b'), Op.create('/q/c')]),
  ],
]

export const QUOTA = describeContract('quotas', (test) => {
  for (const [deed, run, expected] of COUNTS) {
    test(`after ${deed} count what there is`, async (world) => {
      const quota = await startQuota(world, 'count=100,bytes=100')

      await run(world.zk)

      expect(await quota.stats()).toBe(expected)
    })
  }

  for (const [deed, limits, code, run] of REFUSALS) {
    test(`answer ${deed} with ${code}`, async (world) => {
      await startQuota(world, limits)

      expect(await codeOf(run(world.zk))).toBe(code)
    })
  }

  test('shrink with the ephemerals of a session that ends', async (world) => {
    const quota = await startQuota(world, NO_LIMIT)
    const other = await world.connect()
    await other.create('/q/e', 'abc', { mode: 'EPHEMERAL' })

    await other.close()

    expect(await quota.stats()).toBe('count=2,bytes=3')
  })

  test('are kept without version, zxid or event [trap 42]', async (world) => {
    const quota = await startQuota(world, NO_LIMIT)
    const before = await quota.zk.exists(quota.statsPath)
    const { events, watcher } = recordEvents()
    await quota.zk.getData(quota.statsPath, { watcher })

    await world.zk.create('/q/n', '1234567')
    const after = await quota.zk.exists(quota.statsPath)

    expect(events).toEqual([])
    expect({ ...after }).toEqual({ ...before, dataLength: 'count=3,bytes=10'.length })
  })

  test('that cannot be read refuse writes below with MARSHALLINGERROR', async (world) => {
    const quota = await startQuota(world, NO_LIMIT)
    await quota.zk.setData(quota.limitsPath, 'nonsense')

    const codes = [
      await codeOf(world.zk.create('/q/b')),
      await codeOf(world.zk.setData('/q/a', 'longer')),
      await codeOf(world.zk.create('/r')),
    ]

    expect(codes).toEqual(['MARSHALLINGERROR', 'MARSHALLINGERROR', 'OK'])
  })

  test('hold no longer once their limits are deleted', async (world) => {
    const quota = await startQuota(world, hard(2, -1))

    await quota.zk.delete(quota.limitsPath)

    expect(await codeOf(world.zk.create('/q/b'))).toBe('OK')
  })

  test('look at the nearest one alone', async (world) => {
    await world.zk.createAll('/q/in')
    const [outer, inner] = [await startQuota(world, hard(3, -1)), await setQuota(world, '/q/in', NO_LIMIT)]

    const codes = [await codeOf(world.zk.create('/q/in/x')), await codeOf(world.zk.create('/q/b'))]

    expect(codes).toEqual(['OK', 'QUOTAEXCEEDED'])
    expect([await outer.stats(), await inner.stats()]).toEqual(['count=3,bytes=3', 'count=2,bytes=0'])
  })
})

/** A quota that is set. */
export interface SetQuota {
  /** A client that sees the whole tree. */
  readonly zk: ZooKeeper
  readonly limitsPath: string
  readonly statsPath: string
  stats(): Promise<string | null>
}

/** Makes `/q` with a child of 3 bytes, and sets a quota on it. */
export async function startQuota(world: World, limits: string): Promise<SetQuota> {
  await world.zk.createAll('/q')
  await world.zk.create('/q/a', 'abc')
  return setQuota(world, '/q', limits)
}

async function setQuota(world: World, path: string, limits: string): Promise<SetQuota> {
  const zk = await world.connectAnywhere()
  const folder = `/zookeeper/quota${world.top}${path}`
  const [limitsPath, statsPath] = [`${folder}/zookeeper_limits`, `${folder}/zookeeper_stats`]
  await zk.createAll(limitsPath, limits)
  await zk.create(statsPath)
  return { zk, limitsPath, statsPath, stats: async () => text((await zk.getData(statsPath)).data) }
}

/** The limits of a quota with hard bounds; -1 is none. */
export function hard(count: number, bytes: number): string {
  return `count=-1,bytes=-1=;byteHardLimit=${bytes};countHardLimit=${count}`
}
