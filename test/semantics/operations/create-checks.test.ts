/** The checks of create in their order (reference 4.1), asked for with raw messages, past the checks of the client. */
import { describe, expect, it } from 'vitest'
import { type ACL, type Code, type CreateMode, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import type { CreateRequest } from '../../../src/protocol/message.js'
import { allBut, bytes, connectRaw, create, setACL, startServer } from '../fixture.js'
import { type Check, contests } from './check-order.js'

interface Situation {
  readonly type: CreateRequest['type']
  readonly mode: CreateMode | undefined
  readonly ttlNodes: boolean
  readonly ttlMs: number
  /** Of the new znode, below /p. */
  readonly name: string
  readonly acl: readonly ACL[]
  readonly parent: 'persistent' | 'ephemeral' | 'missing'
  readonly parentACL: readonly ACL[]
  readonly isThere: boolean
  readonly countLimit: number
}

const passing: Situation = {
  type: 'create',
  mode: 'PERSISTENT',
  ttlNodes: true,
  ttlMs: -1,
  name: 'n',
  acl: OPEN_ACL_UNSAFE,
  parent: 'persistent',
  parentACL: OPEN_ACL_UNSAFE,
  isThere: false,
  countLimit: 2,
}

const malformed: readonly ACL[] = [{ perms: 31, scheme: 'nobody', id: 'knows' }]
const noAcl: readonly ACL[] = []

const checks: readonly Check<Situation>[] = [
  { name: 'the mode is known', code: 'BADARGUMENTS', spoil: { mode: undefined } },
  {
    name: 'TTL znodes are on',
    code: 'UNIMPLEMENTED',
    spoil: { ttlNodes: false, mode: 'PERSISTENT_WITH_TTL', type: 'createTTL' },
  },
  { name: 'the operation fits the mode', code: 'BADARGUMENTS', spoil: { type: 'createContainer' } },
  {
    name: 'the TTL is in range',
    code: 'BADARGUMENTS',
    spoil: { ttlMs: 0, mode: 'PERSISTENT_WITH_TTL', type: 'createTTL' },
  },
  { name: 'the path has no NUL', code: 'BADARGUMENTS', spoil: { name: 'n\0', isThere: false } },
  { name: 'the ACL is well formed', code: 'INVALIDACL', spoil: { acl: malformed } },
  { name: 'the ACL is not empty', code: 'INVALIDACL', spoil: { acl: noAcl } },
  {
    name: 'the parent exists',
    code: 'NONODE',
    spoil: { parent: 'missing', parentACL: OPEN_ACL_UNSAFE, isThere: false, countLimit: 2 },
  },
  { name: 'the parent grants CREATE', code: 'NOAUTH', spoil: { parentACL: allBut('CREATE') } },
  { name: 'the path names a znode', code: 'BADARGUMENTS', spoil: { name: '..', isThere: false } },
  { name: 'the znode is not there', code: 'NODEEXISTS', spoil: { name: 'n', isThere: true } },
  {
    name: 'the parent is not ephemeral',
    code: 'NOCHILDRENFOREPHEMERALS',
    spoil: { parent: 'ephemeral', isThere: false },
  },
  { name: 'the quota is not used up', code: 'QUOTAEXCEEDED', spoil: { countLimit: 1 } },
]

function codeIn(spoil: Partial<Situation>): Code | 'no reply' {
  const { type, mode, ttlNodes, ttlMs, name, acl, parent, parentACL, isThere, countLimit } = {
    ...passing,
    ...spoil,
  }
  const { zoo } = startServer({ ttlNodes, enforceQuota: true })
  const cnxn = connectRaw(zoo)
  const done: (Code | 'no reply')[] = []
  const prepare = (request: Parameters<typeof cnxn.code>[0]): void => void done.push(cnxn.code(request))
  if (parent !== 'missing')
    prepare(create('/p', { mode: parent === 'ephemeral' ? 'EPHEMERAL' : 'PERSISTENT' }))
  if (isThere) prepare(create('/p/n'))
  const limit = isThere ? countLimit + 1 : countLimit
  prepare(create('/zookeeper/quota/p'))
  prepare(create('/zookeeper/quota/p/zookeeper_limits', { data: bytes(`countHardLimit=${limit}`) }))
  prepare(create('/zookeeper/quota/p/zookeeper_stats'))
  if (parent !== 'missing') prepare(setACL('/p', parentACL))
  expect(new Set(done)).toEqual(new Set(['OK']))

  return cnxn.code(create(`/p/${name}`, { type, mode, ttlMs, acl }))
}

describe('the checks of create [trap 13]', () => {
  it('let a request pass with which nothing is wrong', () => {
    expect(codeIn({})).toBe('OK')
  })

  it.each(checks)('answer $code unless $name', ({ code, spoil }) => {
    expect(codeIn(spoil)).toBe(code)
  })

  it.each(contests(checks))(
    'answer $code and not $loserCode if both fail: $winner, $loser',
    ({ code, spoil }) => {
      expect(codeIn(spoil)).toBe(code)
    },
  )

  it('answer NONODE for a relative name whose parent is missing [trap 13]', () => {
    const cnxn = connectRaw(startServer().zoo)

    const code = cnxn.code(create('/a/../b'))

    expect(code).toBe('NONODE')
  })

  it('answer INVALIDACL before NONODE and before NOAUTH [trap 14]', () => {
    expect([
      codeIn({ acl: malformed, parent: 'missing' }),
      codeIn({ acl: malformed, parentACL: allBut('CREATE') }),
    ]).toEqual(['INVALIDACL', 'INVALIDACL'])
  })
})

describe('the operation and the mode of a create', () => {
  const types = ['create', 'create2', 'createContainer', 'createTTL'] as const
  const fitting: Readonly<Record<CreateMode, readonly CreateRequest['type'][]>> = {
    PERSISTENT: ['create', 'create2'],
    EPHEMERAL: ['create', 'create2'],
    PERSISTENT_SEQUENTIAL: ['create', 'create2'],
    EPHEMERAL_SEQUENTIAL: ['create', 'create2'],
    CONTAINER: ['createContainer'],
    PERSISTENT_WITH_TTL: ['createTTL'],
    PERSISTENT_SEQUENTIAL_WITH_TTL: ['createTTL'],
  }
  const cells = Object.entries(fitting).flatMap(([mode, fit]) =>
    types.map((type) => ({ mode, type, code: fit.includes(type) ? 'OK' : 'BADARGUMENTS' })),
  )

  it.each(cells)('answer $code to $type with $mode', ({ mode, type, code }) => {
    const cnxn = connectRaw(startServer().zoo)

    const request = { ...create('/a', { type, ttlMs: 1000 }), mode: mode as CreateMode }

    expect(cnxn.code(request)).toBe(code)
  })

  it.each([
    [0, 'BADARGUMENTS'],
    [-1, 'BADARGUMENTS'],
    [Number.NaN, 'BADARGUMENTS'],
    [1, 'OK'],
    [2 ** 40 - 1, 'OK'],
    [2 ** 40, 'BADARGUMENTS'],
  ])('answer a TTL of %d ms with %s [trap 41]', (ttlMs, code) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code(create('/a', { mode: 'PERSISTENT_WITH_TTL', ttlMs }))).toBe(code)
  })

  it('make a quota on the root harmless instead of fatal [trap 41]', () => {
    const cnxn = connectRaw(startServer({ enforceQuota: true }).zoo)

    cnxn.ask(create('/zookeeper/quota/zookeeper_limits', { data: bytes('countHardLimit=0') }))
    cnxn.ask(create('/zookeeper/quota/zookeeper_stats'))

    expect(cnxn.code(create('/a'))).toBe('OK')
  })
})

describe('the path of a create', () => {
  it.each([
    ['', 'BADARGUMENTS'],
    ['a', 'BADARGUMENTS'],
    ['/', 'NODEEXISTS'],
    ['//a', 'BADARGUMENTS'],
    ['/a//b', 'NONODE'],
    ['/\0', 'BADARGUMENTS'],
    ['/\ud83d\ude00', 'BADARGUMENTS'],
    ['/a b', 'OK'],
    ['/.a', 'OK'],
    ['/...', 'OK'],
    ['/a', 'OK'],
  ])('%j is answered with %s', (path, code) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code(create(path))).toBe(code)
  })

  it.each([
    ['/', '/0000000000', 'OK'],
    ['/q/', '/q/0000000000', 'OK'],
    ['/q/..', '/q/..0000000000', 'OK'],
    ['/q//', undefined, 'NONODE'],
    ['//x', undefined, 'BADARGUMENTS'],
  ])('%j is the prefix of a sequential znode %s: %s', (path, created, code) => {
    const cnxn = connectRaw(startServer().zoo)
    if (path.startsWith('/q')) cnxn.ask(create('/q'))

    const reply = cnxn.ask(create(path, { mode: 'PERSISTENT_SEQUENTIAL' }))

    expect(reply?.code).toBe(code)
    if (created !== undefined) expect(reply?.response).toMatchObject({ path: created })
  })
})
