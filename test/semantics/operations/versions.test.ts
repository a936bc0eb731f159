/** Version arguments and the wrap of the counters (reference 2.2). */
import { describe, expect, it } from 'vitest'
import { Op, type Snapshot, type SnapshotNode } from '../../../src/index.js'
import { codeOf, startServer, startWorld } from '../fixture.js'

function withNode(fields: Partial<SnapshotNode>): Snapshot {
  const snapshot = startServer().zoo.snapshot()
  const root = snapshot.znodes.find(({ path }) => path === '/')
  if (root === undefined) throw new Error('a snapshot has a root')
  return { ...snapshot, znodes: [...snapshot.znodes, { ...root, ...fields, path: '/a' }] }
}

describe('a version argument', () => {
  const writes = ['setData', 'setACL', 'delete', 'check', 'delete in a multi', 'setData in a multi'] as const
  const cells = writes.flatMap((write) =>
    [
      { version: -1, code: 'OK' },
      { version: 3, code: 'OK' },
      { version: 2, code: 'BADVERSION' },
      { version: 4, code: 'BADVERSION' },
      { version: 0, code: 'BADVERSION' },
      { version: -2, code: 'BADVERSION' },
      { version: -5, code: 'BADVERSION' },
      { version: -2147483648, code: 'BADVERSION' },
      { version: 2147483647, code: 'BADVERSION' },
    ].map((cell) => ({ write, ...cell })),
  )

  it.each(cells)('of $version for $write of version 3 gives $code', async ({ write, version, code }) => {
    const { zk } = await startWorld({ server: { snapshot: withNode({ version: 3, aversion: 3 }) } })

    const call = {
      setData: () => zk.setData('/a', 'x', version),
      setACL: async () => zk.setACL('/a', (await zk.getACL('/a')).acl, version),
      delete: () => zk.delete('/a', version),
      check: () => zk.multi([Op.check('/a', version)]),
      'delete in a multi': () => zk.multi([Op.delete('/a', version)]),
      'setData in a multi': () => zk.multi([Op.setData('/a', 'x', version)]),
    }[write]

    expect(await codeOf(call())).toBe(code)
  })
})

describe('the counters of a Stat', () => {
  it.each([
    [2147483647, -2147483648],
    [-2147483648, -2147483647],
    [-3, -2],
    [-2, 0],
    [0, 1],
  ])('go from %d to %d and leave out -1, which means any', async (before, after) => {
    const { zk } = await startWorld({ server: { snapshot: withNode({ version: before, aversion: before }) } })

    const { version } = await zk.setData('/a', 'x', before)
    const { aversion } = await zk.setACL('/a', (await zk.getACL('/a')).acl, before)

    expect([version, aversion]).toEqual([after, after])
  })

  it('go on within one multi', async () => {
    const { zk } = await startWorld({ server: { snapshot: withNode({ version: -2 }) } })

    const results = await zk.multi([Op.setData('/a', 'x', -2), Op.setData('/a', 'y', 0)])

    expect(results.map((result) => (result.type === 'setData' ? result.stat.version : 0))).toEqual([0, 1])
  })
})
