/** What an ACL may say (reference 9.4, 9.5): every id of every scheme, perms, duplicates, and what `auth` becomes. */
import { describe, expect, it } from 'vitest'
import { type ACL, CREATOR_ALL_ACL, digestId, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../src/index.js'
import { auth, codeOf, connectRaw, create, setACL, startServer, startWorld, worldACL } from './fixture.js'

const ALICE = digestId('alice:pw')
const BOB = digestId('bob:pw')

/** Scheme, id, and whether an ACL may have it. */
const ids: readonly (readonly [string, string, boolean])[] = [
  ['world', 'anyone', true],
  ['world', 'someone', false],
  ['world', '', false],
  ['world', 'Anyone', false],
  ['digest', 'u:h', true],
  ['digest', ':h', true],
  ['digest', 'u:h:', true],
  ['digest', 'u:h::', true],
  ['digest', 'u', false],
  ['digest', 'u:', false],
  ['digest', ':', false],
  ['digest', '::', false],
  ['digest', 'a:b:c', false],
  ['digest', '::c', false],
  ['digest', '', false],
  ['ip', '127.0.0.1', true],
  ['ip', '0.0.0.0/0', true],
  ['ip', '10.0.0.0/8', true],
  ['ip', '255.255.255.255/32', true],
  ['ip', '010.001.000.007', true],
  ['ip', '+10.0.0.1', true],
  ['ip', '10.0.0.0/08', true],
  ['ip', '10.0.0.0/+8', true],
  ['ip', '127.0.0.1/', false],
  ['ip', '127.0.0.1/33', false],
  ['ip', '127.0.0.1/-1', false],
  ['ip', '127.0.0.1/8/8', false],
  ['ip', '127.0.0.256', false],
  ['ip', '127.0.0', false],
  ['ip', '127.0.0.1.1', false],
  ['ip', '127.0..1', false],
  ['ip', '-1.0.0.0', false],
  ['ip', 'a.b.c.d', false],
  ['ip', 'localhost', false],
  ['ip', '', false],
  ['ip', ' 127.0.0.1', false],
  ['ip', '::1', true],
  ['ip', '::', true],
  ['ip', 'fe80::1/64', true],
  ['ip', '2001:db8::/128', true],
  ['ip', '1:2:3:4:5:6:7:8', true],
  ['ip', '::ffff:10.0.0.1', true],
  ['ip', '2001:DB8::A', true],
  ['ip', '::1/129', false],
  ['ip', ':::', false],
  ['ip', '1::2::3', false],
  ['ip', '1:2:3:4:5:6:7', false],
  ['ip', '1:2:3:4:5:6:7:8:9', false],
  ['ip', '1:2:3:4:5:6:7::8:9', false],
  ['ip', '12345::', false],
  ['ip', 'g::', false],
  ['ip', '::10.0.0', false],
  ['super', '', false],
  ['super', 'super:secret', false],
  ['sasl', 'principal', false],
  ['x509', 'CN=alice', false],
  ['auth', '', false],
  ['', '', false],
  ['Digest', 'u:h', false],
]

describe('an ACL entry', () => {
  it.each(ids)('%s:%s is storable: %s', (scheme, id, isStorable) => {
    const cnxn = connectRaw(startServer().zoo)
    cnxn.ask(create('/a'))
    const acl = [{ perms: 1, scheme, id }]

    const codes = [cnxn.code(create('/n', { acl })), cnxn.code(setACL('/a', acl))]

    const code = isStorable ? 'OK' : 'INVALIDACL'
    expect(codes).toEqual([code, code])
  })

  it.each(ids.filter(([scheme, , isStorable]) => isStorable && scheme !== 'world'))(
    '%s:%s is shown as it was given',
    async (scheme, id) => {
      const { zk } = await startWorld()

      await zk.create('/a', null, { acl: [...worldACL(31), { perms: 1, scheme, id }] })

      expect((await zk.getACL('/a')).acl[1]).toEqual({ perms: 1, scheme, id })
    },
  )

  it.each([0, 32, 255, -1, 2147483647, -2147483648])(
    'may have the perms %d, which nobody looks at [trap 37]',
    async (perms) => {
      const { zk } = await startWorld()

      await zk.create('/a', null, { acl: [{ perms, scheme: 'ip', id: '10.0.0.1' }, ...worldACL(31)] })

      expect((await zk.getACL('/a')).acl[0]?.perms).toBe(perms)
    },
  )

  it.each([
    [0, 'NOAUTH'],
    [32, 'NOAUTH'],
    [33, 'OK'],
    [255, 'OK'],
    [-1, 'OK'],
    [-2, 'NOAUTH'],
  ])('with the perms %d answers a read with %s', async (perms, code) => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: worldACL(perms) })

    expect(await codeOf(zk.getData('/a'))).toBe(code)
  })

  it('makes the whole list invalid if it is malformed', () => {
    const cnxn = connectRaw(startServer().zoo)
    const acl = [...worldACL(31), { perms: 1, scheme: 'digest', id: 'malformed' }]

    expect(cnxn.code(create('/a', { acl }))).toBe('INVALIDACL')
  })
})

describe('an ACL list', () => {
  it('is INVALIDACL if a malformed entry only looks like a duplicate of another when written out', () => {
    const cnxn = connectRaw(startServer().zoo)
    const acl = [
      { perms: 1, scheme: 'digest x', id: 'y:h' },
      { perms: 1, scheme: 'digest', id: 'x y:h' },
    ]

    expect(cnxn.code(create('/a', { acl }))).toBe('INVALIDACL')
  })

  it('loses exact duplicates and keeps the rest in its order [trap 37]', async () => {
    const { zk } = await startWorld()
    const one = { perms: 1, scheme: 'ip', id: '10.0.0.1' }
    const two = { perms: 2, scheme: 'ip', id: '10.0.0.1' }
    const all = { perms: 31, scheme: 'world', id: 'anyone' }

    await zk.create('/a', null, { acl: [one, all, two, one, all] })

    expect((await zk.getACL('/a')).acl).toEqual([one, all, two])
  })

  it('is INVALIDACL if it is empty', () => {
    const cnxn = connectRaw(startServer().zoo)

    expect([cnxn.code(create('/a', { acl: [] })), cnxn.code(setACL('/', []))]).toEqual([
      'INVALIDACL',
      'INVALIDACL',
    ])
  })

  it.each([
    ['OPEN_ACL_UNSAFE', OPEN_ACL_UNSAFE, worldACL(31)],
    ['READ_ACL_UNSAFE', READ_ACL_UNSAFE, worldACL(1)],
    ['one that only looks open', worldACL(31), worldACL(31)],
  ])('may be %s', async (_, acl, expected) => {
    const { zk } = await startWorld()

    await zk.create('/a', null, { acl })

    expect((await zk.getACL('/a')).acl).toEqual(expected)
  })

  it('cannot be changed by way of the predefined ones', () => {
    for (const acl of [OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, CREATOR_ALL_ACL]) {
      expect(Object.isFrozen(acl)).toBe(true)
      expect(acl.every((entry) => Object.isFrozen(entry))).toBe(true)
    }
  })
})

describe('the scheme auth', () => {
  const entry = (perms: number, id = ''): ACL => ({ perms, scheme: 'auth', id })

  function storedAs(acl: readonly ACL[], who: readonly string[]): readonly ACL[] | string {
    const { zoo } = startServer({ superDigest: digestId('super:secret') })
    const cnxn = connectRaw(zoo)
    for (const text of who) cnxn.ask(auth('digest', text))
    const code = cnxn.code(create('/a', { acl }))
    return code === 'OK' ? (zoo.reports.znodes().find(({ path }) => path === '/a')?.acl ?? []) : code
  }

  const digest = (perms: number, id: string): ACL => ({ perms, scheme: 'digest', id })

  it('becomes every digest of the connection, with its perms [trap 37]', () => {
    expect(storedAs([entry(31)], ['alice:pw', 'bob:pw'])).toEqual([digest(31, ALICE), digest(31, BOB)])
  })

  it('ignores the text of its id [trap 37]', () => {
    expect(storedAs([entry(3, 'whatever:it says')], ['alice:pw'])).toEqual([digest(3, ALICE)])
  })

  it('is CREATOR_ALL_ACL', () => {
    expect(storedAs(CREATOR_ALL_ACL, ['alice:pw'])).toEqual([digest(31, ALICE)])
  })

  it('is INVALIDACL for who has no identity but an address', () => {
    expect(storedAs([entry(31)], [])).toBe('INVALIDACL')
  })

  it('is INVALIDACL even beside a valid entry', () => {
    expect(storedAs([...worldACL(31), entry(31)], [])).toBe('INVALIDACL')
  })

  it('stands where it stood, between the others', () => {
    expect(storedAs([...worldACL(1), entry(31), ...worldACL(2)], ['alice:pw'])).toEqual([
      ...worldACL(1),
      digest(31, ALICE),
      ...worldACL(2),
    ])
  })

  it('may repeat what stands beside it: duplicates are dropped before it is expanded', () => {
    expect(storedAs([digest(31, ALICE), entry(31)], ['alice:pw'])).toEqual([
      digest(31, ALICE),
      digest(31, ALICE),
    ])
  })

  it('of the superuser becomes its digest, not super', () => {
    expect(storedAs([entry(31)], ['super:secret'])).toEqual([digest(31, digestId('super:secret'))])
  })

  it('is expanded by setACL and in a multi too', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.ask(auth('digest', 'alice:pw'))
    cnxn.ask({ type: 'multi', ops: [create('/a', { acl: [entry(31)] }), create('/b')] })
    cnxn.ask(setACL('/b', [entry(17)]))

    const acls = zoo.reports
      .znodes()
      .slice(-2)
      .map(({ acl }) => acl)

    expect(acls).toEqual([[digest(31, ALICE)], [digest(17, ALICE)]])
  })
})
