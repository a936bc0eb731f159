/** create: what each mode makes, under which name, with which data, and which check comes first. */
import { expect } from 'vitest'
import { type Code, type CreateMode, Op, type ZooKeeper } from '../../src/index.js'
import { allBut, codeOf, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

interface ModeRow {
  readonly mode: CreateMode
  readonly isEphemeral?: boolean
  readonly isSequential?: boolean
  readonly ttlMs?: number
}

/** All seven modes. */
export const MODES: readonly ModeRow[] = [
  { mode: 'PERSISTENT' },
  { mode: 'EPHEMERAL', isEphemeral: true },
  { mode: 'PERSISTENT_SEQUENTIAL', isSequential: true },
  { mode: 'EPHEMERAL_SEQUENTIAL', isEphemeral: true, isSequential: true },
  { mode: 'CONTAINER' },
  { mode: 'PERSISTENT_WITH_TTL', ttlMs: 600_000 },
  { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', isSequential: true, ttlMs: 600_000 },
]

const INVALID_ACL = [{ perms: 1, scheme: 'unknown', id: 'x' }]

/** Each with both reasons to fail, the second of which is not told. */
const CHECK_ORDER: readonly (readonly [string, Code, (zk: ZooKeeper) => Promise<unknown>])[] = [
  [
    'an invalid ACL comes before a missing parent',
    'INVALIDACL',
    (zk) => zk.create('/gone/x', null, { acl: INVALID_ACL }),
  ],
  [
    'an invalid ACL comes before a missing permission',
    'INVALIDACL',
    async (zk) => {
      await zk.create('/locked', null, { acl: allBut('CREATE') })
      await zk.create('/locked/x', null, { acl: INVALID_ACL })
    },
  ],
  [
    'a missing permission comes before an existing znode',
    'NOAUTH',
    async (zk) => {
      await zk.create('/locked')
      await zk.create('/locked/x')
      await zk.setACL('/locked', allBut('CREATE'))
      await zk.create('/locked/x')
    },
  ],
  [
    'a missing permission comes before an ephemeral parent',
    'NOAUTH',
    async (zk) => {
      await zk.create('/locked', null, { mode: 'EPHEMERAL', acl: allBut('CREATE') })
      await zk.create('/locked/x')
    },
  ],
  [
    'an invalid ACL comes before an existing znode',
    'INVALIDACL',
    async (zk) => {
      await zk.create('/a')
      await zk.create('/a', null, { acl: INVALID_ACL })
    },
  ],
]

export const CREATE = describeContract('create', (test) => {
  for (const { mode, isEphemeral = false, isSequential = false, ttlMs } of MODES) {
    const shape = { mode, ...(ttlMs === undefined ? {} : { ttlMs }) }

    test(`${mode} gives the path and the Stat of what it made`, async ({ zk }) => {
      const { path, stat } = await zk.create('/n', 'data', { ...shape, withStat: true })

      expect(path).toBe(isSequential ? '/n0000000000' : '/n')
      expect({ ...stat }).toEqual({ ...(await zk.exists(path)) })
      expect(stat).toMatchObject({
        version: 0,
        cversion: 0,
        aversion: 0,
        ephemeralOwner: isEphemeral ? zk.sessionId : 0n,
        dataLength: 4,
        numChildren: 0,
      })
      expect([stat.mzxid, stat.pzxid, stat.mtime]).toEqual([stat.czxid, stat.czxid, stat.ctime])
    })

    test(`${mode} gives the path alone unless the Stat is wanted`, async ({ zk }) => {
      const first = await zk.create('/n', 'data', shape)
      const second = await zk.create('/m', 'data', shape)

      expect([first, second]).toEqual(isSequential ? ['/n0000000000', '/m0000000001'] : ['/n', '/m'])
      expect(text((await zk.getData(first)).data)).toBe('data')
    })

    test(`${mode} ${isEphemeral ? 'goes with' : 'outlives'} its session`, async (world) => {
      const owner = await world.connect()
      const path = await owner.create('/n', null, shape)

      await owner.close()

      expect((await world.zk.exists(path)) === null).toBe(isEphemeral)
    })

    test(`${mode} is ${isEphemeral ? '' : 'not '}listed as an ephemeral of its session`, async (world) => {
      const path = await world.zk.create('/n', null, shape)
      const other = await world.connect()

      expect(await world.zk.getEphemerals()).toEqual(isEphemeral ? [path] : [])
      expect(await other.getEphemerals()).toEqual([])
    })

    test(`${mode} ${isEphemeral ? 'cannot' : 'can'} have children, ephemeral ones too`, async ({ zk }) => {
      const path = await zk.create('/n', null, shape)

      const codes = [
        await codeOf(zk.create(`${path}/x`)),
        await codeOf(zk.create(`${path}/e`, null, { mode: 'EPHEMERAL' })),
      ]

      const code = isEphemeral ? 'NOCHILDRENFOREPHEMERALS' : 'OK'
      expect(codes).toEqual([code, code])
    })

    test(`${mode} under a missing parent is NONODE and makes nothing`, async ({ zk }) => {
      const code = await codeOf(zk.create('/gone/n', null, shape))

      expect(code).toBe('NONODE')
      expect((await zk.getChildren('/')).children).toEqual([])
    })
  }

  test('where there is one already is NODEEXISTS, and leaves it as it was', async ({ zk }) => {
    await zk.create('/a', 'old')

    const code = await codeOf(zk.create('/a', 'new', { mode: 'EPHEMERAL' }))

    expect(code).toBe('NODEEXISTS')
    expect(text((await zk.getData('/a')).data)).toBe('old')
    expect(await zk.exists('/a')).toMatchObject({ version: 0, ephemeralOwner: 0n })
  })

  test('of the root is NODEEXISTS', async (world) => {
    const zk = await world.connectAnywhere()

    expect([await codeOf(zk.create('/')), await codeOf(world.zk.create('/'))]).toEqual([
      'NODEEXISTS',
      'NODEEXISTS',
    ])
  })

  for (const [title, code, provoke] of CHECK_ORDER) {
    test(title, async ({ zk }) => {
      expect(await codeOf(provoke(zk))).toBe(code)
    })
  }

  test('refuses what it cannot mean before anything is sent', async ({ zk }) => {
    const calls = [
      zk.create('/n', null, { mode: 'PERSISTENT_WITH_TTL' }),
      zk.create('/n', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 0 }),
      zk.create('/n', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 2 ** 40 }),
      zk.create('/n', null, { mode: 'PERSISTENT', ttlMs: 1 }),
      zk.create('/n', null, { acl: [] }),
    ]

    const names = await Promise.all(calls.map((call) => call.catch((error: Error) => error.name)))

    expect(names).toEqual(['RangeError', 'RangeError', 'RangeError', 'TypeError', 'KeeperException'])
    expect(await zk.exists('/n')).toBeNull()
  })

  test('takes the longest TTL that there is', async ({ zk }) => {
    const path = await zk.create('/n', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 2 ** 40 - 1 })

    expect(await zk.exists(path)).toMatchObject({ ephemeralOwner: 0n })
  })
})

export const SEQUENCE = describeContract('sequence numbers', (test) => {
  const sequential = { mode: 'PERSISTENT_SEQUENTIAL' } as const

  test('count the children ever created, plain ones too, and not the deleted [trap 2]', async ({ zk }) => {
    await zk.create('/a')
    await zk.create('/b')
    await zk.delete('/a')

    const path = await zk.create('/n-', null, sequential)

    expect(path).toBe('/n-0000000002')
  })

  test('are shared by all prefixes and all sequential modes of a parent', async ({ zk }) => {
    const paths = [
      await zk.create('/a-', null, sequential),
      await zk.create('/b-', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
      await zk.create('/c-', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 600_000 }),
    ]

    expect(paths).toEqual(['/a-0000000000', '/b-0000000001', '/c-0000000002'])
  })

  test('are given back by a create that fails', async ({ zk }) => {
    await codeOf(zk.create('/n-', null, { ...sequential, acl: INVALID_ACL }))
    await codeOf(zk.multi([Op.create('/n-', null, sequential), Op.check('/gone')]))

    expect(await zk.create('/n-', null, sequential)).toBe('/n-0000000000')
  })

  test('go up with each operation of a multi', async ({ zk }) => {
    const results = await zk.multi([
      Op.create('/n-', null, sequential),
      Op.create('/x'),
      Op.create('/n-', null, sequential),
    ])

    expect(results.map((result) => 'path' in result && result.path)).toEqual([
      '/n-0000000000',
      '/x',
      '/n-0000000002',
    ])
  })

  test('begin anew with a parent that is created anew', async ({ zk }) => {
    await zk.create('/p')
    await zk.create('/p/n-', null, sequential)
    await zk.deleteAll('/p')
    await zk.create('/p')

    expect(await zk.create('/p/n-', null, sequential)).toBe('/p/n-0000000000')
  })

  test('are a name of their own below a prefix that ends with a slash', async ({ zk }) => {
    await zk.create('/p')

    const paths = [await zk.create('/p/', null, sequential), await zk.create('/p/..', null, sequential)]

    expect(paths).toEqual(['/p/0000000000', '/p/..0000000001'])
  })

  test('are never the same for two clients that ask at once', async (world) => {
    const clients = await Promise.all([world.connect(), world.connect(), world.connect()])

    const paths = await Promise.all(
      clients.flatMap((zk) => Array.from({ length: 20 }, () => zk.create('/n-', null, sequential))),
    )

    const numbers = Array.from({ length: 60 }, (_, i) => `/n-${String(i).padStart(10, '0')}`)
    expect([...paths].sort()).toEqual(numbers)
  })
})
