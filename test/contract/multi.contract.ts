/** multi, transaction and multiRead: every operation in them, what a failure leaves, and what they answer. */
import { expect } from 'vitest'
import {
  type Code,
  isKeeperException,
  type KeeperException,
  Op,
  type OpResult,
  type ZooKeeper,
} from '../../src/index.js'
import { allBut, codeOf, failureOf, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import { MODES } from './create.contract.js'

interface Failure {
  readonly title: string
  readonly code: Code
  readonly path: string
  readonly op: Op
  readonly prepare?: (zk: ZooKeeper) => Promise<unknown>
}

const createLocked = (zk: ZooKeeper): Promise<unknown> =>
  zk.create('/locked', null, { acl: allBut('CREATE') })

/** Each way in which one operation of a multi can fail. */
const FAILURES: readonly Failure[] = [
  { title: 'a create where there is one', code: 'NODEEXISTS', path: '/a', op: Op.create('/a') },
  { title: 'a create below a missing znode', code: 'NONODE', path: '/gone/x', op: Op.create('/gone/x') },
  {
    title: 'a create without CREATE',
    code: 'NOAUTH',
    path: '/locked/x',
    op: Op.create('/locked/x'),
    prepare: createLocked,
  },
  {
    title: 'a create with an ACL that is none',
    code: 'INVALIDACL',
    path: '/n',
    op: Op.create('/n', null, { acl: [{ perms: 1, scheme: 'unknown', id: '' }] }),
  },
  {
    title: 'a create below an ephemeral',
    code: 'NOCHILDRENFOREPHEMERALS',
    path: '/e/x',
    op: Op.create('/e/x'),
    prepare: (zk) => zk.create('/e', null, { mode: 'EPHEMERAL' }),
  },
  { title: 'a delete of a missing znode', code: 'NONODE', path: '/gone', op: Op.delete('/gone') },
  { title: 'a delete of another version', code: 'BADVERSION', path: '/a', op: Op.delete('/a', 7) },
  {
    title: 'a delete of a znode with children',
    code: 'NOTEMPTY',
    path: '/p',
    op: Op.delete('/p'),
    prepare: (zk) => zk.createAll('/p/x'),
  },
  { title: 'a delete of the root', code: 'BADARGUMENTS', path: '/', op: Op.delete('/') },
  { title: 'a setData of a missing znode', code: 'NONODE', path: '/gone', op: Op.setData('/gone', 'x') },
  { title: 'a setData of another version', code: 'BADVERSION', path: '/a', op: Op.setData('/a', 'x', 7) },
  {
    title: 'a setData without WRITE',
    code: 'NOAUTH',
    path: '/w',
    op: Op.setData('/w', 'x'),
    prepare: (zk) => zk.create('/w', null, { acl: allBut('WRITE') }),
  },
  { title: 'a check of a missing znode', code: 'NONODE', path: '/gone', op: Op.check('/gone') },
  { title: 'a check of another version', code: 'BADVERSION', path: '/a', op: Op.check('/a', 7) },
  {
    title: 'a check without READ',
    code: 'NOAUTH',
    path: '/r',
    op: Op.check('/r'),
    prepare: (zk) => zk.create('/r', null, { acl: allBut('READ') }),
  },
]

export const MULTI = describeContract('multi', (test) => {
  test('answers each operation in its order', async ({ zk }) => {
    await zk.create('/a', 'old')

    const results = await zk.multi([
      Op.create('/n', 'data'),
      Op.setData('/a', 'new'),
      Op.check('/a', 1),
      Op.delete('/a', 1),
    ])

    expect(results).toEqual([
      { type: 'create', path: '/n' },
      { type: 'setData', stat: expect.objectContaining({ version: 1, dataLength: 3 }) },
      { type: 'check' },
      { type: 'delete' },
    ])
    expect([await zk.exists('/a'), text((await zk.getData('/n')).data)]).toEqual([null, 'data'])
  })

  for (const { mode, isSequential = false, isEphemeral = false, ttlMs } of MODES) {
    test(`creates a ${mode} znode`, async ({ zk }) => {
      const [result] = await zk.multi([
        Op.create('/n', 'data', { mode, ...(ttlMs === undefined ? {} : { ttlMs }) }),
      ])

      const path = isSequential ? '/n0000000000' : '/n'
      expect(result).toMatchObject({ type: 'create', path })
      expect(await zk.exists(path)).toMatchObject({ ephemeralOwner: isEphemeral ? zk.sessionId : 0n })
    })
  }

  for (const [title, shape] of [
    ['a create that wants it', { withStat: true }],
    ['a create of a container', { mode: 'CONTAINER' }],
    ['a create with a TTL', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 600_000 }],
  ] as const) {
    test(`answers ${title} with the Stat`, async ({ zk }) => {
      const [result] = await zk.multi([Op.create('/n', 'data', shape)])

      expect(result).toEqual({ type: 'create', path: '/n', stat: { ...(await zk.exists('/n')) } })
    })
  }

  test('sees in each operation what those before it did', async ({ zk }) => {
    const results = await zk.multi([
      Op.create('/a'),
      Op.create('/a/x'),
      Op.setData('/a', '1'),
      Op.check('/a', 1),
      Op.delete('/a/x'),
      Op.delete('/a', 1),
      Op.create('/a', 'again'),
      Op.check('/a', 0),
    ])

    expect(results.map(({ type }) => type)).not.toContain('error')
    expect(text((await zk.getData('/a')).data)).toBe('again')
  })

  for (const { title, code, path, op, prepare } of FAILURES) {
    test(`fails with ${title}, and nothing is done`, async ({ zk }) => {
      await zk.create('/a', 'old')
      await prepare?.(zk)
      const before = await zk.getChildren('/')

      const failure = await failureOf(() => zk.multi([Op.setData('/a', 'new'), op, Op.create('/later')]))

      expect(failure).toMatchObject({ code, path })
      expect(codesOf(failure)).toEqual(['OK', code, 'RUNTIMEINCONSISTENCY'])
      expect(text((await zk.getData('/a')).data)).toBe('old')
      expect({ ...(await zk.getChildren('/')) }).toEqual({ ...before })
    })
  }

  for (const position of [0, 1, 2, 3]) {
    test(`tells apart what came before and after a failure at ${position}`, async ({ zk }) => {
      const ops: Op[] = ['/w', '/x', '/y', '/z'].map((path) => Op.create(path))

      const failure = await failureOf(() => zk.multi(ops.with(position, Op.check('/gone'))))

      expect(codesOf(failure)).toEqual(
        ops.map((_, i) => (i < position ? 'OK' : i === position ? 'NONODE' : 'RUNTIMEINCONSISTENCY')),
      )
      expect((await zk.getChildren('/')).children).toEqual([])
    })
  }

  test('of the one and only check tells whether it holds', async ({ zk }) => {
    expect(await zk.multi([Op.check('/', -1)])).toEqual([{ type: 'check' }])
    expect(await codeOf(zk.multi([Op.check('/', 7)]))).toBe('BADVERSION')
  })

  test('of nothing is answered with nothing', async ({ zk }) => {
    expect(await zk.multi([])).toEqual([])
  })

  test('may have 5,000 operations', async ({ zk }) => {
    await zk.create('/a')

    const results = await zk.multi(Array.from({ length: 5000 }, () => Op.setData('/a', 'x')))

    expect(results.length).toBe(5000)
    expect(await zk.exists('/a')).toMatchObject({ version: 5000 })
  })

  test('that is larger than a request may be is a RangeError', async ({ zk }) => {
    const half = new Uint8Array(600_000)

    const failure = await failureOf(() => zk.multi([Op.create('/a', half), Op.create('/b', half)]))

    expect(failure).toBeInstanceOf(RangeError)
    expect((await zk.getChildren('/')).children).toEqual([])
  })

  test('refuses a read among its operations before it is sent', async ({ zk }) => {
    const failure = await failureOf(() => zk.multi([Op.getData('/') as never]))

    expect(failure).toBeInstanceOf(TypeError)
  })
})

export const TRANSACTION = describeContract('transaction', (test) => {
  test('is a multi in a chain', async ({ zk }) => {
    await zk.create('/a')

    const results = await zk
      .transaction()
      .check('/a', 0)
      .setData('/a', 'new', 0)
      .create('/n', 'data', { mode: 'PERSISTENT_SEQUENTIAL' })
      .delete('/a', 1)
      .commit()

    expect(results).toMatchObject([
      { type: 'check' },
      { type: 'setData', stat: { version: 1 } },
      { type: 'create', path: '/n0000000001' },
      { type: 'delete' },
    ])
  })

  test('that fails does nothing, and tells what came of each step', async ({ zk }) => {
    const failure = await failureOf(() => zk.transaction().create('/n').delete('/gone').commit())

    expect(failure).toMatchObject({ code: 'NONODE', path: '/gone' })
    expect(codesOf(failure)).toEqual(['OK', 'NONODE'])
    expect(await zk.exists('/n')).toBeNull()
  })

  test('commits once', async ({ zk }) => {
    const transaction = zk.transaction().create('/n')
    await transaction.commit()

    expect(await failureOf(() => transaction.commit())).toBeInstanceOf(TypeError)
  })
})

export const MULTI_READ = describeContract('multiRead', (test) => {
  test('answers each read in its order, with results and errors side by side', async ({ zk }) => {
    await zk.create('/a', 'data')
    await zk.create('/a/x')
    await zk.create('/null')
    await zk.create('/locked', 'data', { acl: allBut('READ') })

    const results = await zk.multiRead([
      Op.getData('/a'),
      Op.getChildren('/a'),
      Op.getData('/gone'),
      Op.getChildren('/gone'),
      Op.getData('/locked'),
      Op.getChildren('/locked'),
      Op.getData('/null'),
    ])

    const [none, denied] = [
      { type: 'error', code: 'NONODE', errno: -101 },
      { type: 'error', code: 'NOAUTH', errno: -102 },
    ]
    const stat = { ...(await zk.exists('/a')) }
    expect(results).toEqual([
      { type: 'getData', data: new TextEncoder().encode('data'), stat },
      { type: 'getChildren', children: ['x'] },
      none,
      none,
      denied,
      denied,
      { type: 'getData', data: null, stat: { ...(await zk.exists('/null')) } },
    ])
  })

  test('of nothing is answered with nothing', async ({ zk }) => {
    expect(await zk.multiRead([])).toEqual([])
  })

  test('may have 5,000 reads', async ({ zk }) => {
    const results = await zk.multiRead(Array.from({ length: 5000 }, () => Op.getChildren('/')))

    expect(results.length).toBe(5000)
    expect(results.at(-1)).toEqual({ type: 'getChildren', children: [] })
  })

  test('refuses a write among its reads before it is sent', async ({ zk }) => {
    const failure = await failureOf(() => zk.multiRead([Op.delete('/') as never]))

    expect(failure).toBeInstanceOf(TypeError)
  })
})

function codesOf(failure: unknown): string[] {
  if (!isKeeperException(failure)) throw new Error(`no KeeperException: ${String(failure)}`)
  return resultsOf(failure).map((result) => (result.type === 'error' ? result.code : result.type))
}

function resultsOf({ results }: KeeperException): readonly OpResult[] {
  return results ?? []
}
