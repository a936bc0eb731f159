/** Lists that callers hand in: holes are not passed over, an empty ACL is refused, and later changes change nothing. */
import { describe, expect, it } from 'vitest'
import { Op, type ZooKeeper } from '../../src/index.js'
import { failureOf, messageOf, startWorld } from '../semantics/fixture.js'

describe('a list with a hole', () => {
  it('is refused by multi, multiRead and as an ACL', async () => {
    const { zk } = await startWorld()

    const messages = [
      await messageOf(() => zk.multi(new Array(1))),
      await messageOf(() => zk.multiRead(new Array(1))),
      await messageOf(() => zk.create('/a', null, { acl: new Array(1) })),
    ]

    expect(messages).toEqual([
      expect.stringMatching(/^TypeError: Invalid operation undefined at 0/),
      expect.stringMatching(/^TypeError: Invalid operation undefined at 0/),
      expect.stringMatching(/^TypeError: Invalid ACL entry undefined/),
    ])
    expect(zk.state).toBe('CONNECTED')
  })
})

describe('an empty ACL', () => {
  it.each<[string, string, (zk: ZooKeeper) => unknown]>([
    ['create', '/a', (zk) => zk.create('/a', null, { acl: [] })],
    [
      'a sequential create',
      '/a-',
      (zk) => zk.create('/a-', null, { acl: [], mode: 'PERSISTENT_SEQUENTIAL' }),
    ],
    ['setACL', '/', (zk) => zk.setACL('/', [])],
    ['createAll', '/a/b', (zk) => zk.createAll('/a/b', null, { acl: [] })],
    ['Op.create', '/a', () => Op.create('/a', null, { acl: [] })],
  ])('of %s is INVALIDACL for %s, the path of the client', async (_name, path, use) => {
    const { zk } = await startWorld({ client: { chroot: '/app' } })

    const error = await failureOf(() => use(zk))

    const message = `INVALIDACL for ${path}: the ACL is empty, has a bad scheme or id, or needs addAuthInfo() first`
    expect(error).toMatchObject({ code: 'INVALIDACL', path, message })
  })
})

describe('a list that is changed after the call', () => {
  it('does not change the path that an error names', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const ops = [Op.delete('/gone')]
    const call = failureOf(() => zk.multi(ops))

    ops[0] = Op.delete('/other')
    zoo.reconnect(zk)

    expect(await call).toMatchObject({ code: 'NONODE', path: '/gone' })
  })
})

describe('data', () => {
  it('that is undefined is refused by setData, which says what to pass', async () => {
    const { zk } = await startWorld()

    const message = await messageOf(() => Reflect.apply(zk.setData, zk, ['/', undefined]))

    expect(message).toBe('TypeError: Invalid data undefined: pass a string, a Uint8Array or null')
  })
})

describe('an operation without a mode', () => {
  it('creates a persistent znode', async () => {
    const { zk } = await startWorld()
    const op = { ...Op.create('/a'), mode: undefined }

    await zk.multi([op])

    expect((await zk.exists('/a'))?.ephemeralOwner).toBe(0n)
  })
})

describe('deleteAll with a limit of no operation', () => {
  it('says so instead of trying for ever', async () => {
    const { zk } = await startWorld({ server: { limits: { maxMultiOps: 0 } } })

    expect(await messageOf(() => zk.deleteAll('/a'))).toMatch(/maxMultiOps/)
  })
})
