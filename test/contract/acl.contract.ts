/** ACLs: which operation needs which permission where, what an ACL may say, what is shown of it, and who a client is. */
import { expect } from 'vitest'
import {
  type ACL,
  CREATOR_ALL_ACL,
  digestId,
  KeeperException,
  OPEN_ACL_UNSAFE,
  Op,
  Perms,
  READ_ACL_UNSAFE,
  type ReadOp,
  type ZooKeeper,
} from '../../src/index.js'
import { allBut, codeOf, worldACL } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import { SUPER_AUTH } from './target.js'

type Perm = 'READ' | 'WRITE' | 'CREATE' | 'DELETE' | 'ADMIN'

interface Need {
  readonly call: string
  /** Any of them will do; none for an operation that needs no permission. */
  readonly perms: readonly Perm[]
  /** `/a` has the ACL in question, and a child `/a/x`. */
  readonly run: (zk: ZooKeeper) => Promise<unknown>
}

const NEEDS: readonly Need[] = [
  { call: 'exists', perms: ['READ'], run: (zk) => zk.exists('/a') },
  { call: 'getData', perms: ['READ'], run: (zk) => zk.getData('/a') },
  { call: 'getChildren', perms: ['READ'], run: (zk) => zk.getChildren('/a') },
  { call: 'getAllChildrenNumber', perms: ['READ'], run: (zk) => zk.getAllChildrenNumber('/a') },
  { call: 'check in a multi', perms: ['READ'], run: (zk) => zk.multi([Op.check('/a')]) },
  { call: 'getData in a multiRead', perms: ['READ'], run: (zk) => readOne(zk, Op.getData('/a')) },
  { call: 'getChildren in a multiRead', perms: ['READ'], run: (zk) => readOne(zk, Op.getChildren('/a')) },
  { call: 'setData', perms: ['WRITE'], run: (zk) => zk.setData('/a', 'x') },
  { call: 'setData in a multi', perms: ['WRITE'], run: (zk) => zk.multi([Op.setData('/a', 'x')]) },
  { call: 'create of a child', perms: ['CREATE'], run: (zk) => zk.create('/a/y') },
  { call: 'create of a child in a multi', perms: ['CREATE'], run: (zk) => zk.multi([Op.create('/a/y')]) },
  { call: 'delete of a child', perms: ['DELETE'], run: (zk) => zk.delete('/a/x') },
  { call: 'delete of a child in a multi', perms: ['DELETE'], run: (zk) => zk.multi([Op.delete('/a/x')]) },
  { call: 'getACL', perms: ['READ', 'ADMIN'], run: (zk) => zk.getACL('/a') },
  { call: 'setACL', perms: ['ADMIN'], run: (zk) => zk.setACL('/a', OPEN_ACL_UNSAFE) },
  { call: 'a read of a child', perms: [], run: (zk) => zk.getData('/a/x') },
  { call: 'setData of a child', perms: [], run: (zk) => zk.setData('/a/x', 'x') },
  { call: 'sync', perms: [], run: (zk) => zk.sync('/a') },
  { call: 'addWatch', perms: [], run: (zk) => zk.addWatch('/a', () => undefined) },
  { call: 'getEphemerals', perms: [], run: (zk) => zk.getEphemerals('/a') },
]

/** What an ACL may have, by scheme and id. */
const IDS: readonly (readonly [scheme: string, id: string, isStorable: boolean])[] = [
  ['world', 'anyone', true],
  ['world', 'someone', false],
  ['world', '', false],
  ['digest', 'u:h', true],
  ['digest', ':h', true],
  ['digest', 'u:h:', true],
  ['digest', 'u', false],
  ['digest', 'u:', false],
  ['digest', 'a:b:c', false],
  ['digest', '', false],
  ['ip', '127.0.0.1', true],
  ['ip', '0.0.0.0/0', true],
  ['ip', '10.0.0.0/8', true],
  ['ip', '255.255.255.255/32', true],
  ['ip', '127.0.0.1/', false],
  ['ip', '127.0.0.1/33', false],
  ['ip', '127.0.0.1/-1', false],
  ['ip', '127.0.0.256', false],
  ['ip', '127.0.0', false],
  ['ip', 'localhost', false],
  ['ip', '', false],
  ['ip', '::1', true],
  ['super', '', false],
  ['super', SUPER_AUTH, false],
  ['sasl', 'principal', false],
  ['x509', 'CN=alice', false],
  ['auth', '', false],
  ['', '', false],
  ['Digest', 'u:h', false],
]

const ALICE = digestId('alice:pw')
const BOB = digestId('bob:pw')

export const PERMISSIONS = describeContract('permissions', (test) => {
  for (const { call, perms, run } of NEEDS) {
    const needed = perms.length === 0 ? 'nothing' : perms.join(' or ')
    test(`${call} needs ${needed}`, async ({ zk }) => {
      await zk.createAll('/a/x')
      const sum = perms.reduce((bits, perm) => bits | Perms[perm], 0)
      const admin = await zk.setACL('/a', worldACL(sum))
      const allowed = await codeOf(run(zk))

      expect(admin.aversion).toBe(1)
      expect(allowed).toBe('OK')
    })

    if (perms.length > 0) {
      test(`${call} is NOAUTH with all but ${perms.join(' and ')}`, async ({ zk }) => {
        await zk.createAll('/a/x')
        const sum = perms.reduce((bits, perm) => bits & ~Perms[perm], Perms.ALL as number)
        await zk.setACL('/a', worldACL(sum))

        expect(await codeOf(run(zk))).toBe('NOAUTH')
      })
    }
  }

  test('a missing znode is NONODE although its parent may not be read', async ({ zk }) => {
    await zk.create('/a', null, { acl: worldACL(0) })

    expect([await codeOf(zk.getData('/a/gone')), await zk.exists('/a/gone')]).toEqual(['NONODE', null])
  })

  test('the superuser needs none', async (world) => {
    await world.zk.createAll('/a/x')
    await world.zk.setACL('/a', worldACL(0))
    const zk = await world.connect({ auth: [{ scheme: 'digest', auth: SUPER_AUTH }] })

    const codes = [
      await codeOf(zk.setData('/a', 'x')),
      await codeOf(zk.getData('/a')),
      await codeOf(zk.create('/a/y')),
      await codeOf(zk.delete('/a/x')),
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE)),
    ]

    expect(codes).toEqual(['OK', 'OK', 'OK', 'OK', 'OK'])
  })

  test('are not inherited: an ACL holds for one znode', async ({ zk }) => {
    await zk.create('/a', null, { acl: READ_ACL_UNSAFE.concat(worldACL(Perms.CREATE)) })
    await zk.create('/a/x')

    expect([await codeOf(zk.setData('/a', 'x')), await codeOf(zk.setData('/a/x', 'x'))]).toEqual([
      'NOAUTH',
      'OK',
    ])
  })
})

export const ACLS = describeContract('ACLs', (test) => {
  for (const [scheme, id, isStorable] of IDS) {
    test(`${scheme}:${id} ${isStorable ? 'is shown as it was given' : 'is INVALIDACL'}`, async ({ zk }) => {
      const acl = [...worldACL(31), { perms: 1, scheme, id }]
      await zk.create('/set')

      const codes = [await codeOf(zk.create('/a', null, { acl })), await codeOf(zk.setACL('/set', acl))]

      const code = isStorable ? 'OK' : 'INVALIDACL'
      expect(codes).toEqual([code, code])
      expect((await zk.getACL('/set')).acl).toEqual(isStorable ? dedupe(acl) : OPEN_ACL_UNSAFE)
    })
  }

  for (const perms of [0, 32, 255, -1, 2147483647, -2147483648]) {
    test(`perms ${perms} are kept as they are [trap 37]`, async ({ zk }) => {
      const acl = [{ perms, scheme: 'ip', id: '10.0.0.1' }, ...worldACL(31)]

      await zk.create('/a', null, { acl })

      expect((await zk.getACL('/a')).acl).toEqual(acl)
    })
  }

  test('exact duplicates are dropped and the rest keeps its order', async ({ zk }) => {
    const [one, two] = [entry(1), entry(2)]
    const all = { perms: 31, scheme: 'world', id: 'anyone' }

    await zk.create('/a', null, { acl: [one, all, two, one, all] })

    expect((await zk.getACL('/a')).acl).toEqual([one, all, two])
  })

  test('setACL replaces the whole list, if the aversion is right', async ({ zk }) => {
    await zk.create('/a')

    const first = await zk.setACL('/a', [...worldACL(31), entry(1)], 0)
    const second = await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 0))
    const third = await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, -2))
    const { acl, stat } = await zk.getACL('/a')

    expect([first.aversion, second, third, stat.aversion]).toEqual([1, 'BADVERSION', 'BADVERSION', 1])
    expect(acl).toEqual([...worldACL(31), entry(1)])
  })

  test('an invalid one comes before a missing znode, a permission and a version', async ({ zk }) => {
    const invalid = [{ perms: 1, scheme: 'unknown', id: '' }]
    await zk.create('/a', null, { acl: allBut('ADMIN') })

    const codes = [
      await codeOf(zk.setACL('/gone', invalid)),
      await codeOf(zk.setACL('/a', invalid)),
      await codeOf(zk.setACL('/a', OPEN_ACL_UNSAFE, 7)),
      await codeOf(zk.setACL('/gone', OPEN_ACL_UNSAFE, 7)),
    ]

    expect(codes).toEqual(['INVALIDACL', 'INVALIDACL', 'NOAUTH', 'NONODE'])
  })

  test('digests are masked for whoever has no ADMIN, other ids are not', async (world) => {
    const acl = [
      { perms: Perms.ALL, scheme: 'digest', id: ALICE },
      { perms: Perms.READ, scheme: 'world', id: 'anyone' },
      { perms: Perms.READ, scheme: 'ip', id: '10.0.0.1' },
    ]
    await world.zk.create('/a', null, { acl })
    const alice = await world.connect({ auth: [{ scheme: 'digest', auth: 'alice:pw' }] })

    const masked = acl.map((one) => (one.scheme === 'digest' ? { ...one, id: 'alice:x' } : one))
    expect((await world.zk.getACL('/a')).acl).toEqual(masked)
    expect((await alice.getACL('/a')).acl).toEqual(acl)
  })

  test('the scheme auth becomes the identities of the client that may be written down', async ({ zk }) => {
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.addAuthInfo('digest', 'bob:pw')

    await zk.create('/a', null, { acl: CREATOR_ALL_ACL })

    const { acl } = await zk.getACL('/a')
    expect(acl.map(({ id }) => id).sort()).toEqual([ALICE, BOB].sort())
    expect(acl.map(({ perms, scheme }) => [perms, scheme])).toEqual([
      [31, 'digest'],
      [31, 'digest'],
    ])
  })

  test('the scheme auth does not look at the id that is given with it', async ({ zk }) => {
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.create('/a')

    await zk.setACL('/a', [{ perms: 31, scheme: 'auth', id: 'whoever' }])

    expect((await zk.getACL('/a')).acl).toEqual([{ perms: 31, scheme: 'digest', id: ALICE }])
  })

  test('the scheme auth is INVALIDACL for a client with no identity but its address', async ({ zk }) => {
    expect(await codeOf(zk.create('/a', null, { acl: CREATOR_ALL_ACL }))).toBe('INVALIDACL')
  })
})

export const IDENTITIES = describeContract('identities', (test) => {
  test('a client begins with its address alone', async ({ zk }) => {
    expect(await whoIs(zk)).toEqual(['ip:127.0.0.1'])
  })

  test('a digest shows its user and not its password', async ({ zk }) => {
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.addAuthInfo('digest', new TextEncoder().encode('bob:pw'))
    await zk.addAuthInfo('digest', 'alice:pw')

    expect(await whoIs(zk)).toEqual(['digest:alice', 'digest:bob', 'ip:127.0.0.1'])
  })

  test('the superuser is both', async ({ zk }) => {
    await zk.addAuthInfo('digest', SUPER_AUTH)

    expect(await whoIs(zk)).toEqual(['digest:super', 'ip:127.0.0.1', 'super:'])
  })

  test('the scheme ip adds nothing that is not there', async ({ zk }) => {
    await zk.addAuthInfo('ip', '10.0.0.1')

    expect(await whoIs(zk)).toEqual(['ip:127.0.0.1'])
  })

  for (const [token, user] of [
    ['nocolon', 'nocolon'],
    ['', ''],
    [':', ''],
    ['a:', 'a'],
    [':p', ''],
    ['a:b:c', 'a'],
  ] as const) {
    test(`the digest ${JSON.stringify(token)} is taken, as of the user ${JSON.stringify(user)}`, async ({
      zk,
    }) => {
      await zk.addAuthInfo('digest', token)

      expect(await whoIs(zk)).toEqual([`digest:${user}`, 'ip:127.0.0.1'])
    })
  }

  test('open a znode from the moment on at which they are there', async (world) => {
    const acl = [{ perms: Perms.ALL, scheme: 'digest', id: ALICE }]
    await world.zk.create('/a', null, { acl })
    const zk = await world.connect()

    const outcomes = [zk.getData('/a'), zk.addAuthInfo('digest', 'alice:pw'), zk.getData('/a')].map(codeOf)

    expect(await Promise.all(outcomes)).toEqual(['NOAUTH', 'OK', 'OK'])
  })

  test('are those of one client: another password and another client are nobody', async (world) => {
    await world.zk.create('/a', null, { acl: [{ perms: Perms.ALL, scheme: 'digest', id: ALICE }] })
    await world.zk.addAuthInfo('digest', 'alice:pw')
    const other = await world.connect({ auth: [{ scheme: 'digest', auth: 'alice:other' }] })

    expect([await codeOf(world.zk.getData('/a')), await codeOf(other.getData('/a'))]).toEqual([
      'OK',
      'NOAUTH',
    ])
  })

  for (const [id, code] of [
    ['127.0.0.1', 'OK'],
    ['127.0.0.0/8', 'OK'],
    ['0.0.0.0/0', 'OK'],
    ['127.0.0.2', 'NOAUTH'],
    ['10.0.0.0/8', 'NOAUTH'],
    ['127.0.0.2/32', 'NOAUTH'],
  ] as const) {
    test(`the address is ${code === 'OK' ? '' : 'not '}among ${id}`, async ({ zk }) => {
      await zk.create('/a', null, { acl: [{ perms: Perms.READ, scheme: 'ip', id }] })

      expect(await codeOf(zk.getData('/a'))).toBe(code)
    })
  }

  for (const scheme of ['world', 'auth', 'super', 'sasl', 'x509', 'unknown', 'Digest', '']) {
    test(`the scheme ${JSON.stringify(scheme)} is AUTHFAILED, and the client is finished`, async (world) => {
      const heard: string[] = []
      const zk = await world.connect()
      zk.on('authFailed', ({ state }) => heard.push(state))
      await zk.exists('/')

      const code = await codeOf(zk.addAuthInfo(scheme, 'u:p'))

      expect(code).toBe('AUTHFAILED')
      expect(heard).toEqual(['AuthFailed'])
      expect([zk.state, await codeOf(zk.exists('/'))]).toEqual(['AUTH_FAILED', 'AUTHFAILED'])
    })
  }

  test('that are refused at connect refuse the connection', async (world) => {
    const auth = [
      { scheme: 'digest', auth: 'alice:pw' },
      { scheme: 'unknown', auth: '' },
    ]

    expect(await codeOf(world.connect({ auth }))).toBe('AUTHFAILED')
  })
})

/** A multiRead does not fail; what its only read says is made to. */
async function readOne(zk: ZooKeeper, op: ReadOp): Promise<void> {
  const [result] = await zk.multiRead([op])
  if (result?.type === 'error') throw new KeeperException(result.code)
}

async function whoIs(zk: ZooKeeper): Promise<string[]> {
  return (await zk.whoAmI()).map(({ scheme, user }) => `${scheme}:${user}`).sort()
}

function entry(perms: number): ACL {
  return { perms, scheme: 'ip', id: '10.0.0.1' }
}

function dedupe(acl: readonly ACL[]): ACL[] {
  const seen = new Set<string>()
  return acl.filter((one) => {
    const key = JSON.stringify(one)
    return !seen.has(key) && seen.add(key)
  })
}
