/**
 * Bugs that ZooKeeper and its clients once had with paths that name nothing, in a multi and outside, and with the order of checks
 * (76 to 78 of the bank). Each test fails if zoolet has the bug.
 */
import { describe, expect, it } from 'vitest'
import { type Code, EmbeddedZooKeeper, Op, READ_ACL_UNSAFE, type ZooKeeper } from '../../src/index.js'
import type { MultiOp, Request } from '../../src/protocol/message.js'
import { startConnected } from '../client/scripted-server.js'
import { brokenInServer } from '../property/invariants.js'
import {
  allBut,
  check,
  connectRaw,
  create,
  failureOf,
  messageOf,
  type RawCnxn,
  read,
  remove,
  setACL,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { WireWorld } from '../transport/fake-link.js'

/** Paths that name no znode. */
const BAD_PATHS = [
  '',
  'a',
  'a/b',
  '//',
  '//a',
  '/a//b',
  '/a/',
  '/.',
  '/..',
  '/a/./b',
  '/a/..',
  '/\0',
  '/a\0b',
  '/\u0001',
  '/\u001f',
  '/\u007f',
  '/\u009f',
  '/\ud800',
  '/\uf8ff',
  '/\ufff0',
  '/\uffff',
  '/\u{1f600}',
] as const

describe('76. ZK-1388, 1344: no check of paths in a multi, and no chroot', () => {
  it.each(BAD_PATHS)('the client refuses the path %j in an operation as in a call', async (path) => {
    const { zk, first } = await startConnected()
    const twins: readonly (readonly [() => unknown, () => unknown])[] = [
      [() => zk.create(path), () => zk.multi([Op.create(path)])],
      [() => zk.setData(path, 'x'), () => zk.multi([Op.setData(path, 'x')])],
      [() => zk.delete(path), () => zk.multi([Op.delete(path)])],
      [() => zk.exists(path), () => zk.multi([Op.check(path)])],
      [() => zk.getData(path), () => zk.multiRead([Op.getData(path)])],
    ]

    for (const [single, inMulti] of twins) {
      const message = await messageOf(single)
      expect(message).toMatch(/^TypeError: Invalid path/)
      expect(await messageOf(inMulti)).toBe(message)
    }
    expect(first.requests).toEqual([])
  })

  it.each(BAD_PATHS)('the server refuses the path %j in an operation as in a request', (path) => {
    const raw = connectRaw(startServer().zoo)
    const requests = [create(path), setData(path), remove(path)] as const

    for (const request of requests) {
      const single = raw.code(request)
      const reply = raw.ask({ type: 'multi', ops: [request] })
      const results = reply?.response?.type === 'results' ? reply.response.results : []
      expect(results).toMatchObject([{ type: 'error', code: single }])
    }
  })

  it('the paths of operations are below the chroot, and those of results without it', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/base')
    const below = await zoo.connect({ chroot: '/base' })

    const results = await below.multi([
      Op.create('/a'),
      Op.setData('/a', 'x'),
      Op.create('/a/s', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
    ])
    const failure = await failureOf(() => below.multi([Op.check('/a'), Op.delete('/base/a')]))
    await below.multi([Op.check('/a'), Op.delete('/a/s0000000000'), Op.delete('/a')])

    expect(results).toMatchObject([{ path: '/a' }, { type: 'setData' }, { path: '/a/s0000000000' }])
    expect(failure).toMatchObject({ code: 'NONODE', path: '/base/a' })
    expect(Object.keys(zoo.dump())).toEqual(['/base'])
  })
})

describe('77. ZK-2213: an empty path in setData kills the server, and its restart', () => {
  const none: readonly string[] = []
  const byPath: readonly ((path: string) => Request)[] = [
    (path) => create(path),
    (path) => create(path, { type: 'create2' }),
    (path) => create(path, { mode: 'EPHEMERAL' }),
    (path) => create(path, { mode: 'CONTAINER' }),
    (path) => create(path, { mode: 'PERSISTENT_WITH_TTL' }),
    (path) => remove(path),
    (path) => setData(path),
    (path) => setACL(path),
    (path) => read('exists', path, true),
    (path) => read('getData', path, true),
    (path) => read('getChildren', path, true),
    (path) => read('getChildren2', path, true),
    (path) => ({ type: 'getACL', path }),
    (path) => ({ type: 'getAllChildrenNumber', path }),
    (path) => ({ type: 'getEphemerals', path }),
    (path) => ({ type: 'sync', path }),
    (path) => ({ type: 'multi', ops: [create(path), setData(path), remove(path), check(path)] }),
    (path) => ({ type: 'multi', ops: [setData(path)] }),
    (path) => ({ type: 'multi', ops: [check(path)] }),
    (path) => ({
      type: 'multiRead',
      ops: [
        { type: 'getData', path },
        { type: 'getChildren', path },
      ],
    }),
    (path) => ({ type: 'addWatch', path, mode: 'PERSISTENT' }),
    (path) => ({ type: 'addWatch', path, mode: 'PERSISTENT_RECURSIVE' }),
    (path) => ({ type: 'checkWatches', path, watcherType: 'Any' }),
    (path) => ({ type: 'removeWatches', path, watcherType: 'Any' }),
    (path) => ({
      type: 'setWatches',
      relativeZxid: 0,
      dataWatches: [path],
      existWatches: [path],
      childWatches: [path],
      persistentWatches: none,
      persistentRecursiveWatches: [path],
    }),
  ]

  it.each(BAD_PATHS)(
    'each operation on %j is answered, in process and over a wire, and nothing is made of it',
    (path) => {
      const world = new WireWorld()
      const raw = connectRaw(world.zoo)
      const peer = world.connect()

      for (const [i, request] of byPath.entries()) {
        expect(raw.ask(request(path))?.code).toBeTypeOf('string')
        peer.ask(i, request(path))
      }
      peer.ask(99, { type: 'ping' })

      expect(
        peer
          .takeHeard()
          .filter((line) => /^-?\d/.test(line))
          .map((line) => Number.parseInt(line, 10)),
      ).toEqual([...byPath.keys(), -2])
      expect([peer.link.log, raw.log.includes('closed'), raw.code({ type: 'ping' })]).toEqual([
        [],
        false,
        'OK',
      ])
      expect([Object.keys(world.zoo.dump()), brokenInServer(world.zoo.reports)]).toEqual([[], []])
      expect(() => new EmbeddedZooKeeper({ snapshot: world.zoo.snapshot() })).not.toThrow()
    },
  )

  it.each(['', 'a', '//', '/.', '/\0', '/\u0001', '/\ufff0', '/\u{1f600}'])(
    'a create of %j is BADARGUMENTS (-8)',
    (path) => {
      const reply = connectRaw(startServer().zoo).ask(create(path))

      expect([reply?.code, reply?.response]).toEqual(['BADARGUMENTS', undefined])
    },
  )

  it.each(BAD_PATHS)('each method of a client rejects %j, and sends nothing', async (path) => {
    const { zk, first } = await startConnected()

    for (const call of callsOn(zk, path)) expect(await messageOf(call)).toMatch(/^TypeError: Invalid path/)

    expect(first.requests).toEqual([])
  })

  function callsOn(zk: ZooKeeper, path: string): readonly (() => unknown)[] {
    return [
      () => zk.create(path),
      () => zk.createAll(path),
      () => zk.delete(path),
      () => zk.deleteAll(path),
      () => zk.exists(path),
      () => zk.getData(path),
      () => zk.setData(path, 'x'),
      () => zk.getACL(path),
      () => zk.setACL(path, READ_ACL_UNSAFE),
      () => zk.getChildren(path),
      () => zk.getAllChildrenNumber(path),
      () => zk.sync(path),
      () => zk.addWatch(path, () => undefined),
      () => zk.removeWatches(path),
      () => zk.checkWatches(path),
      () => zk.watch(path),
    ]
  }
})

describe('78. the order of checks: which of two errors is told', () => {
  const rows: readonly (readonly [string, Request, Code])[] = [
    ['a create of /a/ whose parent is missing', create('/a/'), 'NONODE'],
    ['a create of /open/ whose parent is there', create('/open/'), 'BADARGUMENTS'],
    ['a bad ACL and a missing parent', create('/x/y', { acl: [] }), 'INVALIDACL'],
    ['a missing parent and a bad name', create('/x/.'), 'NONODE'],
    ['no permission and a bad name', create('/closed/.'), 'NOAUTH'],
    ['no permission and a znode that exists', create('/closed/c'), 'NOAUTH'],
    ['a bad name below an ephemeral', create('/e/.'), 'BADARGUMENTS'],
    ['a child of an ephemeral', create('/e/c'), 'NOCHILDRENFOREPHEMERALS'],
    ['no permission and nothing to delete', remove('/closed/none'), 'NOAUTH'],
    ['a wrong version and children', remove('/open', 9), 'BADVERSION'],
    ['a wrong version and nothing to delete', remove('/open/none', 9), 'NONODE'],
    ['no permission and a wrong version', setData('/closed', 'x', 9), 'NOAUTH'],
    ['nothing to set and a wrong version', setData('/none', 'x', 9), 'NONODE'],
    ['a bad ACL and no znode', setACL('/none', []), 'INVALIDACL'],
    ['a bad ACL and no permission', setACL('/closed', []), 'INVALIDACL'],
    ['no permission and a wrong aversion', setACL('/closed', allBut('ADMIN'), 9), 'NOAUTH'],
    ['a read of what is missing in a closed znode', read('getData', '/closed/none'), 'NONODE'],
  ]

  it.each(rows)('%s', (_what, request, code) => {
    expect(startTree().code(request)).toBe(code)
  })

  it.each(rows.filter(([, { type }]) => ['create', 'delete', 'setData'].includes(type)))(
    '%s, in a multi',
    (_what, request, code) => {
      const ops = 'type' in request && isOp(request) ? [request] : []
      const reply = startTree().ask({ type: 'multi', ops })

      expect(reply?.response).toMatchObject({ results: [{ code }] })
    },
  )

  /** /open with a child, /closed in which nothing may be done, and an ephemeral /e. */
  function startTree(): RawCnxn {
    const raw = connectRaw(startServer().zoo)
    const closed = [{ perms: 0, scheme: 'world', id: 'anyone' }]
    for (const request of [create('/open'), create('/open/c'), create('/closed'), create('/closed/c')])
      raw.ask(request)
    raw.ask(create('/e', { mode: 'EPHEMERAL' }))
    raw.ask(setACL('/closed', closed))
    return raw
  }

  function isOp(request: Request): request is Extract<MultiOp, Request> {
    return request.type === 'create' || request.type === 'delete' || request.type === 'setData'
  }
})
