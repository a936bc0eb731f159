/** delete: which version, whose permission, which check comes first. */
import { expect } from 'vitest'
import type { Code, ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, worldACL } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

/** Each with both reasons to fail, the second of which is not told. */
const CHECK_ORDER: readonly (readonly [string, Code, (zk: ZooKeeper) => Promise<unknown>])[] = [
  [
    'a missing permission comes before a missing znode',
    'NOAUTH',
    async (zk) => {
      await zk.create('/p', null, { acl: allBut('DELETE') })
      await zk.delete('/p/gone')
    },
  ],
  [
    'a wrong version comes before children',
    'BADVERSION',
    async (zk) => {
      await zk.createAll('/p/x')
      await zk.delete('/p', 7)
    },
  ],
  [
    'a missing permission comes before a wrong version',
    'NOAUTH',
    async (zk) => {
      await zk.createAll('/p/x')
      await zk.setACL('/p', allBut('DELETE'))
      await zk.delete('/p/x', 7)
    },
  ],
]

export const DELETE = describeContract('delete', (test) => {
  test('takes a znode away', async ({ zk }) => {
    await zk.create('/a')

    await zk.delete('/a')

    expect(await zk.exists('/a')).toBeNull()
    expect((await zk.getChildren('/')).children).toEqual([])
  })

  for (const [version, code] of [
    [-1, 'OK'],
    [2, 'OK'],
    [0, 'BADVERSION'],
    [1, 'BADVERSION'],
    [3, 'BADVERSION'],
    [-2, 'BADVERSION'],
    [-2147483648, 'BADVERSION'],
  ] as const) {
    test(`of version 2 as version ${version} is ${code}`, async ({ zk }) => {
      await zk.create('/a')
      await zk.setData('/a', '1')
      await zk.setData('/a', '2')

      expect(await codeOf(zk.delete('/a', version))).toBe(code)
      expect((await zk.exists('/a')) === null).toBe(code === 'OK')
    })
  }

  test('of a missing znode and below a missing one is NONODE', async ({ zk }) => {
    expect([await codeOf(zk.delete('/gone')), await codeOf(zk.delete('/gone/x'))]).toEqual([
      'NONODE',
      'NONODE',
    ])
  })

  test('of a znode with children is NOTEMPTY, and leaves all', async ({ zk }) => {
    await zk.createAll('/p/x')

    expect(await codeOf(zk.delete('/p'))).toBe('NOTEMPTY')
    expect(await zk.exists('/p/x')).not.toBeNull()
  })

  for (const [title, code, provoke] of CHECK_ORDER) {
    test(title, async ({ zk }) => {
      expect(await codeOf(provoke(zk))).toBe(code)
    })
  }

  test('needs no permission on the znode itself [trap 16]', async ({ zk }) => {
    await zk.create('/a', null, { acl: worldACL(0) })

    expect(await codeOf(zk.delete('/a'))).toBe('OK')
  })

  test('of the ephemeral of another session is as good as of any', async (world) => {
    const owner = await world.connect()
    await owner.create('/e', null, { mode: 'EPHEMERAL' })

    await world.zk.delete('/e')

    expect(await owner.getEphemerals()).toEqual([])
  })

  test('makes room for a new znode, which begins at version 0', async ({ zk }) => {
    await zk.create('/a')
    await zk.setData('/a', 'x')
    await zk.delete('/a')

    const { stat } = await zk.create('/a', null, { withStat: true })

    expect(stat.version).toBe(0)
  })

  test('of everything below a znode, in one call, leaves what is beside it', async ({ zk }) => {
    await zk.createAll('/p/a/b')
    await zk.createAll('/p/c')
    await zk.create('/pp')

    await zk.deleteAll('/p')
    await zk.deleteAll('/p')

    expect((await zk.getChildren('/')).children).toEqual(['pp'])
  })
})
