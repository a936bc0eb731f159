/** Limits (law 9): each option at its bound, one over it, and lifted; and what is no limit at all. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, isKeeperException, type Limits, Op, type ZooKeeper } from '../../src/index.js'
import { DEFAULT_LIMITS } from '../../src/server/limits.js'
import {
  codeOf,
  connectRaw,
  create,
  failureOf,
  messageOf,
  RawCnxn,
  setData,
  startServer,
  startWorld,
  type World,
} from './fixture.js'

/** Uses as much of a limit as `amount`; resolves to how the last step ended. */
type Use = (world: World, amount: number) => Promise<string>

async function endOf(call: () => Promise<unknown>): Promise<string> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) return 'OK'
  return isKeeperException(error) ? error.code : String(error)
}

async function lastOf(amount: number, step: (i: number) => Promise<unknown>): Promise<string> {
  for (let i = 0; i < amount - 1; i++) await step(i)
  return amount === 0 ? 'OK' : endOf(() => step(amount - 1))
}

/** The largest amount that fits into a limit of 5, and what one more gives. */
const uses: readonly {
  readonly limit: keyof Limits
  readonly use: Use
  readonly fits: number
  readonly over: string
}[] = [
  {
    limit: 'maxDataBytes',
    use: ({ zk }, amount) => endOf(() => zk.create('/a', 'x'.repeat(amount))),
    fits: 5,
    over: 'RangeError: 6 bytes of data are over the limit of 5 (maxDataBytes)',
  },
  {
    limit: 'maxMultiOps',
    use: ({ zk }, amount) => endOf(() => zk.multi(Array.from({ length: amount }, () => Op.check('/')))),
    fits: 5,
    over: 'RangeError: 6 operations are over the limit of 5 (maxMultiOps): split them',
  },
  {
    limit: 'maxMultiOps',
    use: ({ zk }, amount) => endOf(() => zk.multiRead(Array.from({ length: amount }, () => Op.getData('/')))),
    fits: 5,
    over: 'RangeError: 6 operations are over the limit of 5 (maxMultiOps): split them',
  },
  {
    limit: 'maxMultiReadBytes',
    use: async ({ zk }, amount) => {
      await zk.create('/a', 'x')
      return codeOf(zk.multiRead(Array.from({ length: amount }, () => Op.getData('/a'))))
    },
    fits: 5,
    over: 'MARSHALLINGERROR',
  },
  {
    limit: 'maxPathDepth',
    use: ({ zk }, amount) => lastOf(amount, (i) => zk.create('/x'.repeat(i + 1))),
    fits: 5,
    over: 'BADARGUMENTS',
  },
  {
    limit: 'maxPendingRequests',
    use: ({ zoo, zk }, amount) => {
      zoo.disconnect(zk)
      const calls = Array.from({ length: amount }, () => codeOf(zk.exists('/')))
      zoo.reconnect(zk)
      return calls.at(-1) ?? Promise.resolve('OK')
    },
    fits: 5,
    over: 'THROTTLEDOP',
  },
  {
    limit: 'maxSessions',
    use: ({ zoo }, amount) => lastOf(amount, () => zoo.connect()),
    fits: 4,
    over: 'QUOTAEXCEEDED',
  },
  {
    limit: 'maxWatches',
    use: ({ zk }, amount) => lastOf(amount, (i) => zk.exists(`/${i}`, { watcher: () => undefined })),
    fits: 5,
    over: 'QUOTAEXCEEDED',
  },
  {
    limit: 'maxWatchesPerSession',
    use: ({ zk }, amount) =>
      lastOf(amount, (i) => zk.addWatch(`/${i}`, () => undefined, { recursive: true })),
    fits: 5,
    over: 'QUOTAEXCEEDED',
  },
  {
    limit: 'maxZnodes',
    use: ({ zk }, amount) => lastOf(amount, (i) => zk.create(`/${i}`)),
    fits: 1,
    over: 'QUOTAEXCEEDED',
  },
]

describe('a limit', () => {
  it.each(uses)('$limit lets through as much as it says', async ({ limit, use, fits }) => {
    const world = await startWorld({ server: { limits: { [limit]: 5 } } })

    expect(await use(world, fits)).toBe('OK')
  })

  it.each(uses)('$limit stops one more with $over', async ({ limit, use, fits, over }) => {
    const world = await startWorld({ server: { limits: { [limit]: 5 } } })

    expect(await use(world, fits + 1)).toBe(over)
  })

  it.each(uses)('$limit is lifted by Infinity', async ({ limit, use }) => {
    const world = await startWorld({ server: { limits: { [limit]: Number.POSITIVE_INFINITY } } })

    expect(await use(world, 50)).toBe('OK')
  })

  it.each(uses)('$limit is far away unless it is set', async ({ use }) => {
    expect(await use(await startWorld(), 50)).toBe('OK')
  })
})

describe('a limit at the server', () => {
  it('of data answers BADARGUMENTS to a create and a setData', () => {
    const cnxn = connectRaw(startServer({ limits: { maxDataBytes: 2 } }).zoo)

    const codes = [
      cnxn.code(create('/a', { data: new Uint8Array(2) })),
      cnxn.code(create('/b', { data: new Uint8Array(3) })),
      cnxn.code(setData('/a', 'abc')),
      cnxn.code(setData('/a', 'ab')),
      cnxn.code(setData('/a', null)),
    ]

    expect(codes).toEqual(['OK', 'BADARGUMENTS', 'BADARGUMENTS', 'OK', 'OK'])
  })

  it('of operations answers MARSHALLINGERROR to a multi and a multiRead', () => {
    const cnxn = connectRaw(startServer({ limits: { maxMultiOps: 1 } }).zoo)
    const check = { type: 'check', path: '/', version: -1 } as const
    const read = { type: 'getData', path: '/' } as const

    const codes = [
      cnxn.code({ type: 'multi', ops: [check, check] }),
      cnxn.code({ type: 'multi', ops: [check] }),
      cnxn.code({ type: 'multiRead', ops: [read, read] }),
      cnxn.code({ type: 'multiRead', ops: [read] }),
    ]

    expect(codes).toEqual(['MARSHALLINGERROR', 'OK', 'MARSHALLINGERROR', 'OK'])
  })

  it('of what is read at once counts four bytes a name beside its characters, and no failure', () => {
    const cnxn = connectRaw(startServer({ limits: { maxMultiReadBytes: 6 } }).zoo)
    cnxn.code(create('/a'))
    cnxn.code(create('/a/bc'))
    const names = { type: 'getChildren', path: '/a' } as const
    const missing = { type: 'getData', path: '/missing' } as const

    const codes = [
      cnxn.code({ type: 'multiRead', ops: [missing, names, missing] }),
      cnxn.code({ type: 'multiRead', ops: [names, names] }),
      cnxn.code({ type: 'getChildren', path: '/zookeeper', watch: false }),
    ]

    expect(codes).toEqual(['OK', 'MARSHALLINGERROR', 'OK'])
  })

  it('of depth looks at the path with its sequence number', () => {
    const cnxn = connectRaw(startServer({ limits: { maxPathDepth: 1 } }).zoo)

    const codes = [
      cnxn.code(create('/', { mode: 'PERSISTENT_SEQUENTIAL' })),
      cnxn.code(create('/0000000000/', { mode: 'PERSISTENT_SEQUENTIAL' })),
    ]

    expect(codes).toEqual(['OK', 'BADARGUMENTS'])
  })

  it('of znodes counts those of a multi as they come and go', async () => {
    const { zk } = await startWorld({ server: { limits: { maxZnodes: 5 } } })

    const codes = [
      await codeOf(zk.multi([Op.create('/a'), Op.create('/b')])),
      await codeOf(zk.multi([Op.create('/a'), Op.delete('/a'), Op.create('/b')])),
    ]

    expect(codes).toEqual(['QUOTAEXCEEDED', 'OK'])
  })

  it('of sessions hangs up on a raw connection, and lets an old one come back', () => {
    const { zoo } = startServer({ limits: { maxSessions: 1 } })
    const first = connectRaw(zoo)
    first.hangUp()

    const refused = connectRaw(zoo)
    const resumed = new RawCnxn(zoo).open({ id: first.sessionId, password: first.password })

    expect([refused.log, resumed.log]).toEqual([['closed'], ['connected']])
  })

  it('of sessions keeps nothing of a raw connection that it turned away', () => {
    const { zoo } = startServer({ limits: { maxSessions: 1 } })
    const first = connectRaw(zoo)
    connectRaw(zoo)
    connectRaw(zoo)
    const whileFull = zoo.reports.counts().sessions

    first.ask({ type: 'closeSession' })

    expect([whileFull, connectRaw(zoo).log]).toEqual([1, ['connected']])
  })

  it('of sessions frees a place with each session that ends', async () => {
    const { zoo, zk } = await startWorld({ server: { limits: { maxSessions: 1 } } })
    const refused = await codeOf(zoo.connect())

    await zk.close()

    expect([refused, await codeOf(zoo.connect())]).toEqual(['QUOTAEXCEEDED', 'OK'])
  })
})

describe('a limit of watches', () => {
  const arm: readonly (readonly [string, number, (zk: ZooKeeper, path: string) => Promise<unknown>])[] = [
    ['getData', 1, (zk, path) => zk.getData(path, { watcher: () => undefined })],
    ['exists', 1, (zk, path) => zk.exists(path, { watcher: () => undefined })],
    ['getChildren', 1, (zk, path) => zk.getChildren(path, { watcher: () => undefined })],
    ['a recursive addWatch', 1, (zk, path) => zk.addWatch(path, () => undefined, { recursive: true })],
    ['a persistent addWatch', 2, (zk, path) => zk.addWatch(path, () => undefined)],
  ]
  const cells = arm.flatMap(([name, entries, run]) =>
    (['maxWatches', 'maxWatchesPerSession'] as const).map((limit) => ({ name, entries, run, limit })),
  )

  it.each(cells)(
    '$limit counts $entries for $name, and leaves nothing behind when it refuses',
    async ({ entries, run, limit }) => {
      const { zoo, zk } = await startWorld({ server: { limits: { [limit]: entries } } })
      await zk.create('/a')

      const codes = [await codeOf(run(zk, '/')), await codeOf(run(zk, '/')), await codeOf(run(zk, '/a'))]

      expect(codes).toEqual(['OK', 'OK', 'QUOTAEXCEEDED'])
      expect(zoo.reports.counts().watches).toBe(entries)
    },
  )

  it('frees a place with each watch that fires or goes', async () => {
    const { zk } = await startWorld({ server: { limits: { maxWatches: 1 } } })
    await zk.create('/a')
    await zk.getData('/a', { watcher: () => undefined })
    await zk.setData('/a', 'x')

    const fired = await codeOf(zk.getChildren('/', { watcher: () => undefined }))
    await zk.removeWatches('/')

    expect([fired, await codeOf(zk.exists('/a', { watcher: () => undefined }))]).toEqual(['OK', 'OK'])
  })

  it('of all sessions counts all, and of one session that one', async () => {
    const { zoo, zk } = await startWorld({ server: { limits: { maxWatches: 3, maxWatchesPerSession: 2 } } })
    const other = await zoo.connect()
    const exists = (client: ZooKeeper, path: string): Promise<string> =>
      codeOf(client.exists(path, { watcher: () => undefined }))

    const codes = [
      await exists(zk, '/1'),
      await exists(zk, '/2'),
      await exists(zk, '/3'),
      await exists(other, '/1'),
      await exists(other, '/2'),
    ]

    expect(codes).toEqual(['OK', 'OK', 'QUOTAEXCEEDED', 'OK', 'QUOTAEXCEEDED'])
  })

  it('adds a mode to an entry that is there already for nothing', async () => {
    const { zoo, zk } = await startWorld({ server: { limits: { maxWatches: 2 } } })
    await zk.addWatch('/', () => undefined)

    const codes = [
      await codeOf(zk.addWatch('/', () => undefined, { recursive: true })),
      await codeOf(zk.getData('/', { watcher: () => undefined })),
      await codeOf(zk.getChildren('/', { watcher: () => undefined })),
    ]

    expect(codes).toEqual(['OK', 'OK', 'OK'])
    expect(zoo.reports.counts().watches).toBe(2)
  })

  it('ends a connection that brings too many back', () => {
    const { zoo } = startServer({ limits: { maxWatchesPerSession: 1 } })
    const cnxn = connectRaw(zoo)

    cnxn.ask({
      type: 'setWatches',
      relativeZxid: 1,
      dataWatches: [],
      existWatches: ['/1', '/2'],
      childWatches: [],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    })

    expect(cnxn.log).toEqual(['connected', 'closed'])
    expect(zoo.reports.counts()).toMatchObject({ watches: 0, sessions: 1 })
  })
})

describe('the option limits', () => {
  it.each(Object.keys(DEFAULT_LIMITS))('takes %s from 0', (name) => {
    expect(() => new EmbeddedZooKeeper({ limits: { [name]: 0 } })).not.toThrow()
  })

  it.each(Object.keys(DEFAULT_LIMITS))('has a default for %s that is a whole number', (name) => {
    expect(Number.isSafeInteger(Reflect.get(DEFAULT_LIMITS, name))).toBe(true)
  })

  it.each([
    [-1, '-1'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [null, 'null'],
    [undefined, 'undefined'],
    [2 ** 60, '1152921504606847000'],
  ])('refuses the value %s', async (value, shown) => {
    const message = await messageOf(() => new EmbeddedZooKeeper({ limits: { maxZnodes: value as never } }))

    expect(message).toBe(
      `RangeError: Invalid limit maxZnodes: ${shown}; it must be a whole number from 0, or Infinity`,
    )
  })

  it('refuses an unknown name and lists the known ones', async () => {
    const message = await messageOf(() => new EmbeddedZooKeeper({ limits: { maxNodes: 1 } as never }))

    expect(message).toBe(
      'TypeError: Unknown limit "maxNodes"; there are maxDataBytes, maxMultiOps, maxMultiReadBytes, maxPathDepth, maxPendingRequests, maxSessions, maxWatches, maxWatchesPerSession, maxZnodes',
    )
  })

  it('fills one in without touching the others', async () => {
    const { zk } = await startWorld({ server: { limits: { maxPathDepth: 1 } } })

    expect(
      await failureOf(() => zk.multi(Array.from({ length: 100_001 }, () => Op.check('/')))),
    ).toBeInstanceOf(RangeError)
  })
})
