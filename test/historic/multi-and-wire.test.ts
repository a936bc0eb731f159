/**
 * Bugs that ZooKeeper and its clients once had with multi (72 to 75 of the bank). Each test fails if zoolet has
 * the bug.
 */
import { describe, expect, it } from 'vitest'
import { Op, type OpResult } from '../../src/index.js'
import type { MultiOp } from '../../src/protocol/message.js'
import { dial, startNetwork } from '../node/network.js'
import { brokenInServer } from '../property/invariants.js'
import { hexInt, toHex } from '../protocol/hex.js'
import {
  check,
  codeOf,
  connectRaw,
  create,
  failureOf,
  recordEvents,
  remove,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { requestFrame, WireWorld } from '../transport/fake-link.js'

describe('72. ZK-1624: a failed multi leaves pending changes, and a later operation is judged by a ghost', () => {
  const first: readonly MultiOp[] = [create('/a'), setData('/a', 'x')]
  const ghosts: readonly MultiOp[] = [
    create('/ghost'),
    remove('/other'),
    setData('/a', 'ghost'),
    create('/a/child'),
    create('/n-', { mode: 'PERSISTENT_SEQUENTIAL' }),
  ]
  const third: readonly MultiOp[] = [
    check('/a', 1),
    check('/other', 0),
    create('/ghost'),
    remove('/ghost'),
    create('/n-', { mode: 'PERSISTENT_SEQUENTIAL' }),
    remove('/a', 1),
  ]

  it.each(ghosts.map((_op, position) => position))(
    'three multis in one chunk, of which the second fails at its operation %d',
    (position) => {
      const world = new WireWorld()
      const peer = world.connect()
      const second = ghosts.toSpliced(position, 0, check('/missing'))

      peer.send(
        requestFrame(1, create('/other')),
        ...[first, second, third].map((ops, i) => requestFrame(i + 2, { type: 'multi', ops })),
      )

      const nodes = Object.keys(world.zoo.dump())
      expect(peer.takeFrames().map((frame) => toHex(frame.subarray(12, 16)))).toEqual([
        '00000000',
        ...new Array(3).fill('00000000'),
      ])
      expect(nodes).toEqual(['/other', '/n-0000000003'])
      expect(brokenInServer(world.zoo.reports)).toEqual([])
    },
  )

  it('three calls of a client that it does not await', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/other')

    const codes = [
      codeOf(zk.multi([Op.create('/a'), Op.setData('/a', 'x')])),
      codeOf(zk.multi([Op.create('/ghost'), Op.setData('/a', 'ghost'), Op.check('/missing')])),
      codeOf(zk.multi([Op.check('/a', 1), Op.create('/ghost'), Op.delete('/ghost'), Op.delete('/a', 1)])),
      codeOf(zk.setData('/a', 'late')),
    ]

    expect(await Promise.all(codes)).toEqual(['OK', 'NONODE', 'OK', 'NONODE'])
    expect(Object.keys(zoo.dump())).toEqual(['/other'])
  })
})

describe('73. ZK-1269, 1338, go 7ecf500: the results of a multi are written or read wrongly', () => {
  const good = [create('/n'), setData('/a'), remove('/d'), check('/a')] as const
  const END = `${hexInt(-1)}01${hexInt(-1)}`

  it.each([0, 1, 2, 3, 4])('a multi that fails at operation %d is these very bytes', (position) => {
    const world = new WireWorld()
    const peer = world.connect()
    peer.send(requestFrame(1, create('/a')), requestFrame(2, create('/d')))
    peer.takeFrames()

    peer.ask(3, { type: 'multi', ops: good.toSpliced(position, 0, remove('/missing')) })

    const codes = Array.from({ length: good.length + 1 }, (_, i) =>
      i < position ? 0 : i > position ? -2 : -101,
    )
    const results = codes.map((code) => `${hexInt(-1)}00${hexInt(code)}${hexInt(code)}`).join('')
    expect(peer.takeFrames().map(toHex)).toEqual([`${hexInt(3)}0000000000000004${hexInt(0)}${results}${END}`])
  })

  it.each(['in process', 'over TCP'])('a client reads both sorts of results, %s', async (where) => {
    const { zoo, endpoint } = await startNetwork()
    const zk = where === 'over TCP' ? await dial(endpoint.connectString) : await zoo.connect()
    await zk.create('/a')
    await zk.create('/d')
    const ops = [
      Op.create('/n'),
      Op.create('/m', 'x', { withStat: true }),
      Op.setData('/a', 'y'),
      Op.delete('/d'),
      Op.check('/a'),
    ]

    const failure = await failureOf(() => zk.multi([...ops.slice(0, 2), Op.check('/a', 9), ...ops.slice(2)]))
    const results = await zk.multi(ops)

    const codes = ['OK', 'OK', 'BADVERSION', ...new Array(3).fill('RUNTIMEINCONSISTENCY')]
    expect(failure).toMatchObject({
      code: 'BADVERSION',
      path: '/a',
      results: codes.map((code) => ({ code })),
    })
    expect(results).toMatchObject([
      { type: 'create', path: '/n' },
      { type: 'create', path: '/m', stat: { dataLength: 1, version: 0 } },
      { type: 'setData', stat: { version: 1, dataLength: 1 } },
      { type: 'delete' },
      { type: 'check' },
    ])
  })
})

describe('74. ZK-3895, 4219, 4026, go bee6a1d: what a multi may hold', () => {
  it('nothing: the answer is a header and the end marker', async () => {
    const world = new WireWorld()
    const peer = world.connect()

    peer.ask(1, { type: 'multi', ops: [] })

    expect(peer.takeFrames().map(toHex)).toEqual([`0000000100000000000000020000000${'0'}ffffffff01ffffffff`])
    expect(await (await world.zoo.connect()).multi([])).toEqual([])
  })

  it('operations that together go over a quota, which refuses all of them', async () => {
    const { zoo, zk } = await startWorld({ server: { enforceQuota: true } })
    await zk.create('/q')
    await zk.createAll(
      '/zookeeper/quota/q/zookeeper_limits',
      'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3',
    )
    await zk.create('/zookeeper/quota/q/zookeeper_stats')

    const codes = [
      await codeOf(zk.multi([Op.create('/q/1'), Op.create('/q/2'), Op.create('/q/3')])),
      await codeOf(zk.multi([Op.create('/q/1'), Op.create('/q/2'), Op.delete('/q/1'), Op.create('/q/3')])),
    ]

    expect(codes).toEqual(['QUOTAEXCEEDED', 'OK'])
    expect(Object.keys(zoo.dump())).toEqual(['/q', '/q/2', '/q/3'])
  })

  it.each([
    ['3.9', true],
    ['3.8', false],
  ] as const)('a create2: version %s gives its Stat: %s', (compatibility, hasStat) => {
    const { zoo } = startServer({ compatibility })

    const reply = connectRaw(zoo).ask({ type: 'multi', ops: [create('/a', { type: 'create2' })] })

    const results = reply?.response?.type === 'results' ? reply.response.results : []
    expect(results.map((result) => 'stat' in result && result.stat !== undefined)).toEqual([hasStat])
  })

  it('containers, znodes with a TTL and sequential ones, which live and end like any other', async () => {
    const { zoo, zk, clock } = await startWorld()

    const results: OpResult[] = await zk.multi([
      Op.create('/c', null, { mode: 'CONTAINER' }),
      Op.create('/c/x'),
      Op.delete('/c/x'),
      Op.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5 }),
      Op.create('/s', null, { mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 5 }),
    ])
    const before = Object.keys(zoo.dump())
    await clock.advance(120_000)

    expect(results.map((result) => ('path' in result ? result.path : result.type))).toEqual([
      '/c',
      '/c/x',
      'delete',
      '/t',
      '/s0000000002',
    ])
    expect([before, Object.keys(zoo.dump())]).toEqual([
      ['/c', '/t', '/s0000000002'].sort(byFirst(before)),
      [],
    ])
  })

  /** In the order in which the other list has them. */
  function byFirst(order: readonly string[]): (one: string, other: string) => number {
    return (one, other) => order.indexOf(one) - order.indexOf(other)
  }
})

describe('75. CK-16877: a set is not rolled back in a failed multi, and no test sees it', () => {
  const ops: readonly MultiOp[] = [
    setData('/a', 'new'),
    setData('/a', 'newer'),
    create('/a/c'),
    remove('/d'),
    create('/e', { mode: 'EPHEMERAL' }),
    create('/s-', { mode: 'PERSISTENT_SEQUENTIAL' }),
    create('/box', { mode: 'CONTAINER' }),
    setData('/q/x', 'more'),
  ]

  it.each(Array.from({ length: ops.length + 1 }, (_, i) => i))(
    'a failure at operation %d leaves everything as it was: znodes, counters, owners, quotas, and nobody hears',
    async (position) => {
      const { zoo, zk } = await startWorld()
      const { events, watcher } = recordEvents()
      for (const path of ['/a', '/d', '/q', '/q/x']) await zk.create(path, 'old')
      await zk.createAll('/zookeeper/quota/q/zookeeper_limits', 'count=9,bytes=9')
      await zk.create('/zookeeper/quota/q/zookeeper_stats')
      await zk.addWatch('/', watcher, { recursive: true })
      for (const path of ['/a', '/d', '/q/x']) await zk.getData(path, { watcher })
      const before = zoo.snapshot()
      const watches = zoo.reports.watchesByPath()

      const raw = connectRaw(zoo)
      const reply = raw.ask({ type: 'multi', ops: ops.toSpliced(position, 0, check('/a', 77)) })
      raw.ask({ type: 'closeSession' })
      await zoo.settle()

      const after = zoo.snapshot()
      expect(reply?.response).toMatchObject({ type: 'results' })
      expect({ ...after, zxid: 0n, nextSessionId: 0n }).toEqual({ ...before, zxid: 0n, nextSessionId: 0n })
      expect(zoo.reports.watchesByPath()).toEqual(watches)
      expect(events).toEqual([])
    },
  )

  it('the same multi without the failure changes all of it', () => {
    const { zoo } = startServer()
    const raw = connectRaw(zoo)
    for (const path of ['/a', '/d', '/q', '/q/x']) raw.ask(create(path))

    raw.ask({ type: 'multi', ops })

    const made = ['/e', '/s-0000000004', '/box', '/a/c']
    expect(zoo.reports.znodes().filter(({ path }) => made.includes(path)).length).toBe(made.length)
    expect(zoo.dump()).toMatchObject({ '/a': 'newer', '/q/x': 'more' })
  })
})
