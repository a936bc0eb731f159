/** Who may do what (reference 9.2, 9.3, 9.4): every operation with and without its permission, and every scheme. */
import { describe, expect, it } from 'vitest'
import { type ACL, digestId, Op, Perms, type ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, startWorld, worldACL } from './fixture.js'

type Permission = 'READ' | 'WRITE' | 'CREATE' | 'DELETE' | 'ADMIN'
const PERMISSIONS = ['READ', 'WRITE', 'CREATE', 'DELETE', 'ADMIN'] as const

/** Each operation on /p/n and the permissions of which it needs one: of the parent, or of the znode itself. */
const operations: readonly {
  readonly name: string
  readonly run: (zk: ZooKeeper) => Promise<unknown>
  readonly ofParent?: readonly Permission[]
  readonly ofNode?: readonly Permission[]
}[] = [
  { name: 'create', run: (zk) => zk.create('/p/x'), ofParent: ['CREATE'] },
  { name: 'create in a multi', run: (zk) => zk.multi([Op.create('/p/x')]), ofParent: ['CREATE'] },
  {
    name: 'createContainer',
    run: (zk) => zk.create('/p/x', null, { mode: 'CONTAINER' }),
    ofParent: ['CREATE'],
  },
  { name: 'delete', run: (zk) => zk.delete('/p/n'), ofParent: ['DELETE'] },
  { name: 'delete in a multi', run: (zk) => zk.multi([Op.delete('/p/n')]), ofParent: ['DELETE'] },
  { name: 'setData', run: (zk) => zk.setData('/p/n', 'x'), ofNode: ['WRITE'] },
  { name: 'setData in a multi', run: (zk) => zk.multi([Op.setData('/p/n', 'x')]), ofNode: ['WRITE'] },
  { name: 'check', run: (zk) => zk.multi([Op.check('/p/n')]), ofNode: ['READ'] },
  { name: 'getData', run: (zk) => zk.getData('/p/n'), ofNode: ['READ'] },
  { name: 'getChildren', run: (zk) => zk.getChildren('/p/n'), ofNode: ['READ'] },
  { name: 'getAllChildrenNumber', run: (zk) => zk.getAllChildrenNumber('/p/n'), ofNode: ['READ'] },
  { name: 'exists', run: (zk) => zk.exists('/p/n'), ofNode: ['READ'] },
  { name: 'getACL', run: (zk) => zk.getACL('/p/n'), ofNode: ['READ', 'ADMIN'] },
  { name: 'setACL', run: (zk) => zk.setACL('/p/n', worldACL(31)), ofNode: ['ADMIN'] },
  { name: 'sync', run: (zk) => zk.sync('/p/n') },
  { name: 'getEphemerals', run: (zk) => zk.getEphemerals('/p/n') },
  { name: 'addWatch', run: (zk) => zk.addWatch('/p/n', () => undefined) },
  { name: 'whoAmI', run: (zk) => zk.whoAmI() },
]

async function codeWith(
  run: (zk: ZooKeeper) => Promise<unknown>,
  parent: ACL[],
  node: ACL[],
): Promise<string> {
  const { zk } = await startWorld()
  await zk.create('/p')
  await zk.create('/p/n', null, { acl: node })
  await zk.setACL('/p', parent)
  return codeOf(run(zk))
}

describe.each(operations)('$name', ({ run, ofParent, ofNode }) => {
  const needed = ofParent ?? ofNode ?? []

  it.each(PERMISSIONS)('is judged rightly where only %s is granted', async (perm) => {
    const grant = worldACL(Perms[perm])
    const all = worldACL(31)

    const code = await codeWith(run, ofParent ? grant : all, ofNode ? grant : all)

    expect(code).toBe(needed.length === 0 || needed.includes(perm) ? 'OK' : 'NOAUTH')
  })

  it.each(PERMISSIONS)('is judged rightly where only %s is missing', async (perm) => {
    const grant = allBut(perm)
    const all = worldACL(31)

    const code = await codeWith(run, ofParent ? grant : all, ofNode ? grant : all)

    expect(code).toBe(needed.length === 1 && needed[0] === perm ? 'NOAUTH' : 'OK')
  })

  it('does not ask the other of parent and znode', async () => {
    const code = await codeWith(
      run,
      ofParent ? worldACL(31) : worldACL(0),
      ofNode ? worldACL(31) : worldACL(0),
    )

    expect(code).toBe('OK')
  })
})

describe('an ACL', () => {
  it('is not inherited', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.create('/a/b', 'x')
    await zk.setACL('/a', worldACL(0))

    expect(await codeOf(zk.getData('/a/b'))).toBe('OK')
  })

  it('hides a znode but not that a child of it is missing', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: worldACL(0) })

    expect([await codeOf(zk.getData('/a')), await codeOf(zk.getData('/a/b'))]).toEqual(['NOAUTH', 'NONODE'])
  })

  it('adds up its entries', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: [...worldACL(Perms.READ), ...worldACL(Perms.WRITE)] })

    expect([await codeOf(zk.getData('/a')), await codeOf(zk.setData('/a', 'x'))]).toEqual(['OK', 'OK'])
  })

  const alice = digestId('alice:pw')
  const entries: readonly (readonly [string, ACL, readonly string[]])[] = [
    [
      'world:anyone',
      { perms: 1, scheme: 'world', id: 'anyone' },
      ['nobody', 'alice', 'mallory', 'away', 'super'],
    ],
    ['the digest of alice', { perms: 1, scheme: 'digest', id: alice }, ['alice', 'super']],
    ['the address', { perms: 1, scheme: 'ip', id: '10.0.0.7' }, ['away', 'super']],
    ['a network', { perms: 1, scheme: 'ip', id: '10.0.0.0/8' }, ['away', 'super']],
    ['the loopback', { perms: 1, scheme: 'ip', id: '127.0.0.1' }, ['nobody', 'alice', 'mallory', 'super']],
  ]

  it.each(entries)('with %s lets these in and nobody else', async (_, entry, expected) => {
    const { zoo, zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })
    await zk.create('/a', 'x', { acl: [entry] })
    const auth = (text: string): { auth: { scheme: string; auth: string }[] } => ({
      auth: [{ scheme: 'digest', auth: text }],
    })
    const clients = {
      nobody: await zoo.connect(),
      alice: await zoo.connect(auth('alice:pw')),
      mallory: await zoo.connect(auth('alice:guess')),
      away: await zoo.connect({ remoteAddress: '10.0.0.7' }),
      super: await zoo.connect({ ...auth('super:secret'), remoteAddress: '10.9.9.9' }),
    }

    const codes = await Promise.all(
      Object.entries(clients).map(
        async ([name, client]) => [name, await codeOf(client.getData('/a'))] as const,
      ),
    )

    const letIn = codes.filter(([, code]) => code === 'OK').map(([name]) => name)
    expect(letIn).toEqual(expected)
  })
})

describe('the superuser', () => {
  it('may do what an ACL grants to nobody', async () => {
    const { zoo, zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })
    const admin = await zoo.connect({ auth: [{ scheme: 'digest', auth: 'super:secret' }] })
    await zk.create('/a', 'x')
    await zk.create('/a/b', 'x', { acl: worldACL(0) })
    await zk.setACL('/a', worldACL(0))

    const codes = [
      await codeOf(admin.getData('/a/b')),
      await codeOf(admin.setData('/a/b', 'y')),
      await codeOf(admin.setACL('/a/b', worldACL(1))),
      await codeOf(admin.create('/a/c')),
      await codeOf(admin.delete('/a/b')),
    ]

    expect(new Set(codes)).toEqual(new Set(['OK']))
  })

  it.each([
    ['another password', 'super:guess', digestId('super:secret')],
    ['another user', 'root:secret', digestId('super:secret')],
    ['no superuser configured', 'super:secret', undefined],
  ])('is nobody with %s', async (_, auth, superDigest) => {
    const { zk } = await startWorld({ server: superDigest === undefined ? {} : { superDigest } })
    await zk.create('/a', 'x', { acl: worldACL(0) })

    await zk.addAuthInfo('digest', auth)

    expect(await codeOf(zk.getData('/a'))).toBe('NOAUTH')
  })

  it('sees digests unmasked', async () => {
    const { zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })
    const acl = [{ perms: 1, scheme: 'digest', id: digestId('alice:pw') }]
    await zk.create('/a', 'x', { acl })

    await zk.addAuthInfo('digest', 'super:secret')

    expect((await zk.getACL('/a')).acl).toEqual(acl)
  })
})

describe('the withheld event', () => {
  it('is the one of a znode that the watcher may not read, and its one-shot is gone', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a', 'x')
    const events: string[] = []
    await other.getData('/a', { watcher: ({ type }) => void events.push(type) })

    await zk.setACL('/a', allBut('READ'))
    await zk.setData('/a', 'y')
    await zk.setACL('/a', worldACL(31))

    expect([events, zoo.reports.counts().watches]).toEqual([[], 0])
  })
})
