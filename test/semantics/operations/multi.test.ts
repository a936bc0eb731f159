/** multi: all or nothing under one zxid, each operation seeing those before it (reference 4.15, 4.16). */
import { describe, expect, it } from 'vitest'
import { type Code, isKeeperException, Op, type OpResult } from '../../../src/index.js'
import type { MultiOp } from '../../../src/protocol/message.js'
import {
  allBut,
  check,
  codeOf,
  connectRaw,
  create,
  failureOf,
  freshStat,
  recordEvents,
  remove,
  START_MS,
  setData,
  startServer,
  startWorld,
} from '../fixture.js'

function lineOf(result: OpResult): string {
  if (result.type === 'error') return `${result.code} ${result.errno}`
  return result.type
}

describe('a multi that succeeds', () => {
  it('resolves to one result an operation, in order', async () => {
    const { zk } = await startWorld()

    const results = await zk.multi([
      Op.create('/a', 'x'),
      Op.create('/b', null, { withStat: true }),
      Op.create('/c', null, { mode: 'CONTAINER' }),
      Op.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5 }),
      Op.check('/a', 0),
      Op.setData('/a', 'xyz', 0),
      Op.delete('/b'),
    ])

    expect(results).toEqual([
      { type: 'create', path: '/a' },
      { type: 'create', path: '/b', stat: freshStat(2n) },
      { type: 'create', path: '/c', stat: freshStat(2n) },
      { type: 'create', path: '/t', stat: freshStat(2n) },
      { type: 'check' },
      { type: 'setData', stat: freshStat(2n, { version: 1, dataLength: 3 }) },
      { type: 'delete' },
    ])
  })

  it('gives the Stat as of right after each operation', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')

    const results = await zk.multi([Op.setData('/a', 'x'), Op.setData('/a', 'xy')])

    expect(results.map((result) => (result.type === 'setData' ? result.stat.version : undefined))).toEqual([
      1, 2,
    ])
  })

  it('stamps everything with one zxid and one time', async () => {
    const { clock, zk } = await startWorld()
    await clock.advance(7)

    await zk.multi([Op.create('/a'), Op.create('/a/b'), Op.setData('/a', 'x')])

    const stats = [await zk.exists('/a'), await zk.exists('/a/b')]
    const times = { ctime: START_MS + 7, mtime: START_MS + 7 }
    expect(stats.map((stat) => ({ ...stat }))).toEqual([
      freshStat(2n, { ...times, version: 1, cversion: 1, numChildren: 1, dataLength: 1 }),
      freshStat(2n, times),
    ])
  })

  it('lets check see the operations before it [trap 22]', async () => {
    const { zk } = await startWorld()

    const results = await zk.multi([
      Op.create('/a'),
      Op.check('/a', 0),
      Op.setData('/a', 'x'),
      Op.check('/a', 1),
      Op.delete('/a', 1),
    ])

    expect(results.map(lineOf)).toEqual(['create', 'check', 'setData', 'check', 'delete'])
  })

  it('may create, delete and create again, and tells of each [trap 22]', async () => {
    const { zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)
    await zk.addWatch('/', watcher)

    await zk.multi([Op.create('/a', 'one'), Op.delete('/a'), Op.create('/a', 'two')])

    expect(events).toEqual([
      'NodeCreated /a',
      'NodeChildrenChanged /',
      'NodeDeleted /a',
      'NodeChildrenChanged /',
      'NodeCreated /a',
      'NodeChildrenChanged /',
    ])
  })

  it('counts sequence numbers on from one operation to the next', async () => {
    const { zk } = await startWorld()
    await zk.create('/q')
    const op = Op.create('/q/n', null, { mode: 'PERSISTENT_SEQUENTIAL' })

    const results = await zk.multi([op, Op.create('/q/plain'), op])

    expect(results.map((result) => ('path' in result ? result.path : ''))).toEqual([
      '/q/n0000000000',
      '/q/plain',
      '/q/n0000000002',
    ])
  })

  it('may check the root', async () => {
    const { zk } = await startWorld()

    expect(await zk.multi([Op.check('/')])).toEqual([{ type: 'check' }])
  })

  it('may be empty, and takes a zxid all the same', async () => {
    const { zoo, zk } = await startWorld()

    const results = await zk.multi([])

    expect([results, zoo.reports.counts().zxid]).toEqual([[], 2n])
  })
})

const failing: readonly { readonly code: Code; readonly op: MultiOp }[] = [
  { code: 'NODEEXISTS', op: create('/a') },
  { code: 'NONODE', op: create('/gone/x') },
  { code: 'INVALIDACL', op: create('/n', { acl: [] }) },
  { code: 'NOCHILDRENFOREPHEMERALS', op: create('/e/x') },
  { code: 'BADARGUMENTS', op: create('n') },
  { code: 'NONODE', op: remove('/gone') },
  { code: 'NOTEMPTY', op: remove('/a') },
  { code: 'BADVERSION', op: remove('/a/b', 3) },
  { code: 'BADARGUMENTS', op: remove('/zookeeper') },
  { code: 'NONODE', op: setData('/gone') },
  { code: 'BADVERSION', op: setData('/a', 'x', 3) },
  { code: 'NOAUTH', op: setData('/locked') },
  { code: 'NONODE', op: check('/gone') },
  { code: 'BADVERSION', op: check('/a', 3) },
  { code: 'NOAUTH', op: check('/hidden') },
  { code: 'BADARGUMENTS', op: check('a') },
]

describe('a multi that fails', () => {
  const cells = failing.flatMap((cell) => [0, 1, 2].map((at) => ({ ...cell, at, type: cell.op.type })))

  it.each(cells)(
    'with $code of a $type at $at says what came of each operation [trap 21]',
    ({ code, op, at }) => {
      const { zoo } = startServer()
      const cnxn = connectRaw(zoo)
      for (const path of ['/a', '/a/b']) cnxn.ask(create(path))
      cnxn.ask(create('/e', { mode: 'EPHEMERAL' }))
      cnxn.ask(create('/locked', { acl: allBut('WRITE') }))
      cnxn.ask(create('/hidden', { acl: allBut('READ') }))
      const before = zoo.reports.znodes()
      const ops: MultiOp[] = [create('/x'), setData('/a'), remove('/a/b')]
      ops[at] = op

      const reply = cnxn.ask({ type: 'multi', ops })

      const results =
        reply?.response !== undefined && 'results' in reply.response ? reply.response.results : []
      const codes = results.map((result) => (result.type === 'error' ? result.code : result.type))
      expect(reply?.code).toBe('OK')
      expect(codes).toEqual([0, 1, 2].map((i) => (i < at ? 'OK' : i === at ? code : 'RUNTIMEINCONSISTENCY')))
      expect(zoo.reports.znodes()).toEqual(before)
    },
  )

  it('rejects with the code and the path of the first failure and the results [trap 21]', async () => {
    const { zk } = await startWorld()

    const error = await failureOf(() => zk.multi([Op.create('/a'), Op.check('/gone'), Op.create('/b')]))

    expect(
      isKeeperException(error) && { code: error.code, path: error.path, results: error.results },
    ).toEqual({
      code: 'NONODE',
      path: '/gone',
      results: [
        { type: 'error', code: 'OK', errno: 0 },
        { type: 'error', code: 'NONODE', errno: -101 },
        { type: 'error', code: 'RUNTIMEINCONSISTENCY', errno: -2 },
      ],
    })
  })

  it('tells nobody anything', async () => {
    const { zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })
    await zk.addWatch('/', watcher)

    await codeOf(zk.multi([Op.create('/a'), Op.delete('/a'), Op.check('/gone')]))

    expect(events).toEqual([])
  })

  it('gives its sequence numbers back [trap 22]', async () => {
    const { zk } = await startWorld()
    await zk.create('/q')
    const sequential = { mode: 'PERSISTENT_SEQUENTIAL' } as const

    await codeOf(zk.multi([Op.create('/q/n', null, sequential), Op.check('/gone')]))

    expect(await zk.create('/q/n', null, sequential)).toBe('/q/n0000000000')
  })

  it('takes one zxid', async () => {
    const { zoo, zk } = await startWorld()

    await codeOf(zk.multi([Op.create('/a'), Op.create('/b'), Op.check('/gone')]))

    expect(zoo.reports.counts().zxid).toBe(2n)
  })
})

describe('the operations before, in a multi', () => {
  const cases: readonly { title: string; ops: readonly MultiOp[]; code: Code }[] = [
    { title: 'a parent that was created', ops: [create('/p'), create('/p/n')], code: 'OK' },
    {
      title: 'a parent that was deleted',
      ops: [remove('/a/b'), remove('/a'), create('/a/c')],
      code: 'NONODE',
    },
    { title: 'a znode that was deleted', ops: [remove('/a/b'), setData('/a/b')], code: 'NONODE' },
    { title: 'a child that was created', ops: [create('/a/b/c'), remove('/a/b')], code: 'NOTEMPTY' },
    { title: 'a child that was deleted', ops: [remove('/a/b'), remove('/a')], code: 'OK' },
    {
      title: 'an ephemeral parent',
      ops: [create('/e', { mode: 'EPHEMERAL' }), create('/e/x')],
      code: 'NOCHILDRENFOREPHEMERALS',
    },
    { title: 'an ACL', ops: [create('/n', { acl: allBut('CREATE') }), create('/n/x')], code: 'NOAUTH' },
    { title: 'an old version', ops: [setData('/a'), setData('/a', 'y', 0)], code: 'BADVERSION' },
    { title: 'a new version', ops: [setData('/a'), setData('/a', 'y', 1)], code: 'OK' },
    { title: 'a recreated znode', ops: [remove('/a/b'), create('/a/b'), check('/a/b', 0)], code: 'OK' },
    { title: 'a duplicate', ops: [create('/n'), create('/n')], code: 'NODEEXISTS' },
  ]

  it.each(cases)('decide: $title gives $code', ({ ops, code }) => {
    const cnxn = connectRaw(startServer().zoo)
    for (const path of ['/a', '/a/b']) cnxn.ask(create(path))

    const reply = cnxn.ask({ type: 'multi', ops })

    const results = reply?.response !== undefined && 'results' in reply.response ? reply.response.results : []
    const failure = results.find((result) => result.type === 'error' && result.code !== 'OK')
    expect(failure?.type === 'error' ? failure.code : 'OK').toBe(code)
  })
})

describe('the paths of a multi under a chroot', () => {
  it('are those of the client, both ways [trap 34]', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/app')
    const below = await zoo.connect({ chroot: '/app' })

    const results = await below.multi([Op.create('/x'), Op.create('/x/y', null, { withStat: true })])

    expect(results.map((result) => ('path' in result ? result.path : ''))).toEqual(['/x', '/x/y'])
    expect(await zk.exists('/app/x/y')).not.toBeNull()
  })

  it('do not let a client saw off its root', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/app')
    const below = await zoo.connect({ chroot: '/app' })

    expect(await codeOf(below.multi([Op.delete('/')]))).toBe('BADARGUMENTS')
    expect(await codeOf(below.delete('/'))).toBe('BADARGUMENTS')
  })
})
