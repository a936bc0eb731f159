/** The suffix of sequential znodes (reference 2.3): where the number comes from, how it is written, who may take one. */
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../../src/index.js'
import { sequenceSuffix } from '../../../src/protocol/path.js'
import { codeOf, connectRaw, create, startServer, startWorld } from '../fixture.js'

const SEQUENTIAL = { mode: 'PERSISTENT_SEQUENTIAL' } as const

describe('a sequence number', () => {
  it('counts the children that were ever created, whatever was deleted [trap 2]', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/a')
    await zk.create('/p/b')
    await zk.delete('/p/a')

    const path = await zk.create('/p/n', null, SEQUENTIAL)

    expect(path).toBe('/p/n0000000002')
    expect((await zk.exists('/p'))?.cversion).toBe(4)
  })

  it('does not come from the returned cversion, which was 3 [trap 2]', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/a')
    await zk.create('/p/b')
    await zk.delete('/p/a')

    expect((await zk.exists('/p'))?.cversion).toBe(3)
  })

  it('is one per parent, whatever the prefix or the mode', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')

    const paths = [
      await zk.create('/p/a', null, SEQUENTIAL),
      await zk.create('/p/b', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
      await zk.create('/p/', null, SEQUENTIAL),
      await zk.create('/p/c', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 1 }),
    ]

    expect(paths).toEqual(['/p/a0000000000', '/p/b0000000001', '/p/0000000002', '/p/c0000000003'])
  })

  it('is given back by a create that fails', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')

    await codeOf(zk.create('/p/n', null, { ...SEQUENTIAL, acl: [{ perms: 1, scheme: 'x', id: 'y' }] }))

    expect(await zk.create('/p/n', null, SEQUENTIAL)).toBe('/p/n0000000000')
  })

  it('starts at 0 again when the parent is made again', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/n', null, SEQUENTIAL)
    await zk.deleteAll('/p')
    await zk.create('/p')

    expect(await zk.create('/p/n', null, SEQUENTIAL)).toBe('/p/n0000000000')
  })

  it('is given to one of many that ask at once', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/p')

    const paths = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? zk : other).create('/p/', null, SEQUENTIAL)),
    )

    expect(new Set(paths).size).toBe(20)
  })

  it('that is taken by a plain name gives NODEEXISTS, and the next one is free', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    await zk.create('/p/n0000000001')

    const code = await codeOf(zk.create('/p/n', null, SEQUENTIAL))
    await zk.create('/p/other')

    expect([code, await zk.create('/p/n', null, SEQUENTIAL)]).toEqual(['NODEEXISTS', '/p/n0000000002'])
  })

  it.each([
    [9_999_999_999, '9999999999'],
    [2_147_483_647, '2147483647'],
    [123, '0000000123'],
    [0, '0000000000'],
    [-1, '-000000001'],
    [-2_147_483_648, '-2147483648'],
  ])('%d is written as %s', (counter, suffix) => {
    expect(sequenceSuffix(counter)).toBe(suffix)
  })

  it.each([
    [41, '/n0000000041', '/n0000000042'],
    [2_147_483_647, '/n2147483647', '/n2147483648'],
    [2_147_483_648, '/n2147483648', '/n2147483649'],
  ])('goes on where a snapshot stopped, at %d, and again', (createdCount, path, next) => {
    const first = startServer().zoo
    const snapshot = first.snapshot()
    const znodes = snapshot.znodes.map((node) => (node.path === '/' ? { ...node, createdCount } : node))
    const restored: Snapshot = { ...snapshot, znodes }
    const { zoo } = startServer({ snapshot: restored })
    const reply = connectRaw(zoo).ask(create('/n', SEQUENTIAL))
    const second = startServer({ snapshot: zoo.snapshot() }).zoo
    const later = connectRaw(second).ask(create('/n', SEQUENTIAL))

    expect([reply?.response, later?.response]).toMatchObject([{ path }, { path: next }])
  })
})
