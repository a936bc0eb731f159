/**
 * Historic bugs of ZooKeeper and its kin, 10 to 12: what a client is told that comes back with its watches, and the zxids that this
 * rests on: those of replies, and those that a znode keeps through a snapshot.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, OPEN_ACL_UNSAFE, Op, type ZooKeeper } from '../../src/index.js'
import type { Code } from '../../src/protocol/code.js'
import type { Request, SetWatchesRequest } from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import {
  allBut,
  auth,
  check,
  codeOf,
  connectRaw,
  create,
  RawCnxn,
  read,
  recordEvents,
  remove,
  setACL,
  setData,
  startServer,
  startWorld,
} from '../semantics/fixture.js'
import { arm, serverWatches, type WatchKind, watchLines } from '../semantics/watches/trigger-matrix.js'
import { setWatches, tablesOf } from './server-watches-requests.js'

const AWAY = ['None Disconnected', 'None SyncConnected']

describe('10. ZK-1667: setWatches tells of each watch what was missed, and no more', () => {
  const lists = {
    data: 'dataWatches',
    exists: 'existWatches',
    child: 'childWatches',
    persistent: 'persistentWatches',
    recursive: 'persistentRecursiveWatches',
  } as const satisfies Readonly<Record<WatchKind, keyof SetWatchesRequest>>
  /** What happened to /a since the zxid that the watch is relative to. */
  const states: Readonly<Record<string, { readonly before: boolean; readonly since: readonly Request[] }>> = {
    absent: { before: false, since: [] },
    'created and deleted': { before: false, since: [create('/a'), remove('/a')] },
    created: { before: false, since: [create('/a')] },
    same: { before: true, since: [setACL('/a')] },
    changed: { before: true, since: [setData('/a')] },
    deleted: { before: true, since: [remove('/a')] },
    recreated: { before: true, since: [remove('/a'), create('/a')] },
    'with a new child': { before: true, since: [create('/a/x')] },
    'with a changed child': { before: true, since: [create('/a/x'), remove('/a/x')] },
  }
  const told: Readonly<Record<string, Partial<Record<WatchKind, string>>>> = {
    absent: { data: 'NodeDeleted', child: 'NodeDeleted' },
    'created and deleted': { data: 'NodeDeleted', child: 'NodeDeleted' },
    created: { data: 'NodeDataChanged', exists: 'NodeCreated', child: 'NodeChildrenChanged' },
    same: { exists: 'NodeCreated' },
    changed: { data: 'NodeDataChanged', exists: 'NodeCreated' },
    deleted: { data: 'NodeDeleted', child: 'NodeDeleted' },
    recreated: { data: 'NodeDataChanged', exists: 'NodeCreated', child: 'NodeChildrenChanged' },
    'with a new child': { exists: 'NodeCreated', child: 'NodeChildrenChanged' },
    'with a changed child': { exists: 'NodeCreated', child: 'NodeChildrenChanged' },
  }
  const cells = Object.keys(states).flatMap((state) =>
    (['data', 'exists', 'child', 'persistent', 'recursive'] as const).map((kind) => ({ state, kind })),
  )

  it.each(cells)('$kind of a znode that is $state', ({ state, kind }) => {
    const { zoo } = startServer()
    const [cnxn, writer] = [connectRaw(zoo), connectRaw(zoo)]
    if (states[state]?.before === true) writer.ask(create('/a'))
    const relativeZxid = Number(zoo.reports.counts().zxid)
    for (const request of states[state]?.since ?? []) writer.ask(request)

    cnxn.ask(setWatches({ relativeZxid, [lists[kind]]: ['/a'] }))

    const event = told[state]?.[kind]
    const zxid = zoo.reports.counts().zxid
    const expected = event === undefined ? [] : [`${event} /a -1`]
    expect(cnxn.log).toEqual(['connected', ...expected, `reply 1 OK ${zxid}`])
    expect(watchLines(zoo)).toEqual(event === undefined ? serverWatches(kind, '/a') : [])
  })

  it('an exists watch on a znode that is there is not told that it was created', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })

    zoo.disconnect(zk)
    await other.setData('/a', 'new')
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(events).toEqual([...AWAY, 'NodeDataChanged /a'])
  })
})

describe('11. ZK-1412: every reply carries the last zxid, those of errors too', () => {
  const provocations: readonly (readonly [Code, number, Request])[] = [
    ['OK', 1, create('/a')],
    ['NODEEXISTS', 1, create('/a')],
    ['NONODE', 1, create('/none/a')],
    ['BADARGUMENTS', 1, create('/\u0001')],
    ['INVALIDACL', 1, create('/b', { acl: [] })],
    ['OK', 1, create('/a/child')],
    ['NOTEMPTY', 1, remove('/a')],
    ['NONODE', 1, remove('/none')],
    ['BADVERSION', 1, remove('/a/child', 7)],
    ['OK', 1, setData('/a')],
    ['BADVERSION', 1, setData('/a', 'x', 7)],
    ['BADVERSION', 1, setACL('/a', OPEN_ACL_UNSAFE, 7)],
    ['OK', 1, { type: 'multi', ops: [setData('/a'), check('/a')] }],
    ['OK', 1, { type: 'multi', ops: [setData('/a'), check('/a', 77)] }],
    ['OK', 1, { type: 'multi', ops: [] }],
    ['OK', 0, read('getData', '/a', true)],
    ['NONODE', 0, read('getData', '/none', true)],
    ['NONODE', 0, read('exists', '/none', true)],
    ['NONODE', 0, read('getChildren2', '/none')],
    ['NONODE', 0, { type: 'getACL', path: '/none' }],
    ['NOWATCHER', 0, { type: 'removeWatches', path: '/never', watcherType: 'Any' }],
    ['NOWATCHER', 0, { type: 'checkWatches', path: '/never', watcherType: 'Any' }],
    ['OK', 0, { type: 'addWatch', path: '/p', mode: 'PERSISTENT' }],
    ['OK', 0, setWatches({ relativeZxid: 0, dataWatches: ['/none', '/a'] })],
    ['OK', 0, { type: 'sync', path: '/' }],
    ['OK', 0, { type: 'ping' }],
    ['OK', 0, { type: 'whoAmI' }],
    ['OK', 1, setACL('/a', allBut('READ'))],
    ['NOAUTH', 0, read('getData', '/a')],
    ['NOAUTH', 0, read('exists', '/a')],
    ['OK', 1, setACL('/a', allBut('WRITE'))],
    ['NOAUTH', 1, setData('/a')],
    ['MARSHALLINGERROR', 0, { type: 'malformed', opCode: 4 }],
  ]

  it('request after request, while others write in between', () => {
    const { zoo } = startServer()
    const [cnxn, other] = [connectRaw(zoo), connectRaw(zoo)]
    const last = (): number => Number(zoo.reports.counts().zxid)

    const answers = provocations.map(([, , request]) => {
      other.ask(create('/noise', { mode: 'PERSISTENT_SEQUENTIAL' }))
      const before = last()
      const { code, zxid } = cnxn.ask(request) ?? {}
      return { type: request.type, code, cost: last() - before, behind: last() - Number(zxid) }
    })

    const expected = provocations.map(([code, cost, { type }]) => ({ type, code, cost, behind: 0 }))
    expect(answers).toEqual(expected)
  })

  it('but the answer to a claim of identity, which says nothing of the tree', () => {
    const { zoo } = startServer()

    expect(connectRaw(zoo).ask(auth('digest', 'a:b'))).toMatchObject({ code: 'OK', zxid: 0 })
  })

  const last: Readonly<Record<string, (zk: ZooKeeper) => Promise<unknown>>> = {
    'exists that finds nothing': (zk) => zk.exists('/none'),
    'getData that finds nothing': (zk) => zk.getData('/none'),
    'getChildren that finds nothing': (zk) => zk.getChildren('/none'),
    'a create that is refused': (zk) => zk.create('/a'),
    'a delete that is refused': (zk) => zk.delete('/a', 7),
    'a setData that is refused': (zk) => zk.setData('/b', 'x', 7),
    'a multi that is refused': (zk) => zk.multi([Op.setData('/b', 'x'), Op.check('/b', 7)]),
    'a multi of nothing': (zk) => zk.multi([]),
    'a removal that is refused': (zk) => zk.removeWatches('/none'),
    'a claim of identity': (zk) => zk.addAuthInfo('digest', 'a:b'),
    'a sync': (zk) => zk.sync('/'),
  }

  it.each(Object.keys(last))('so that nothing is told again after a reconnection: %s', async (name) => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    for (const path of ['/a', '/b', '/a/x']) await other.create(path)
    for (const kind of ['data', 'child', 'exists'] as const) await arm(zk, kind, '/a', watcher)
    const before = tablesOf(zoo)

    await codeOf(last[name]?.(zk) ?? Promise.reject(new Error(name)))
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zk.sync('/')

    expect(events).toEqual(AWAY)
    expect(tablesOf(zoo).lines.toSorted()).toEqual(before.lines.toSorted())
  })
})

describe('12. ZK-3145, ZK-3125, ZK-3249: pzxid and cversion survive what ends children, and a restart', () => {
  /** Deeds that end children of /p; each leaves /p with a pzxid of its own. */
  const deeds: Readonly<Record<string, (zoo: EmbeddedZooKeeper) => Promise<unknown>>> = {
    'a delete': async (zoo) => (await zoo.connect()).delete('/p/x'),
    'a multi': async (zoo) => (await zoo.connect()).multi([Op.create('/p/y'), Op.delete('/p/y')]),
    'the close of a session': async (zoo) => {
      const owner = await zoo.connect()
      for (const name of ['e', 'f']) await owner.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
      await owner.close()
    },
    'an expiry': async (zoo) => {
      const owner = await zoo.connect()
      await owner.create('/p/e', null, { mode: 'EPHEMERAL' })
      zoo.expire(owner)
    },
  }

  it.each(Object.keys(deeds))('%s', async (name) => {
    const { zoo } = startServer()
    zoo.load({ '/p': 'x', '/p/x': 'x', '/q': 'x' })
    const owner = connectRaw(zoo)
    const seen = Number(zoo.reports.counts().zxid)
    await deeds[name]?.(zoo)
    const ended = zoo.reports.counts().zxid
    const stats = statsOf(zoo)

    const next = new EmbeddedZooKeeper({
      clock: new VirtualClock(),
      snapshot: structuredClone(zoo.snapshot()),
    })
    const back = new RawCnxn(next).open({ id: owner.sessionId, password: owner.password })
    back.ask(setWatches({ relativeZxid: seen, childWatches: ['/p', '/q'] }))

    expect(stats.get('/p')).toMatchObject({ pzxid: ended })
    expect(statsOf(next)).toEqual(stats)
    expect(back.log).toEqual(['connected', 'NodeChildrenChanged /p -1', expect.stringMatching(/^reply 1 OK/)])
    expect(watchLines(next)).toEqual(['/q child standard'])
  })

  it('every parent of a closed session’s ephemerals has the zxid of the close', async () => {
    const { zoo } = startServer()
    zoo.load({ '/p': 'x', '/q': 'x', '/r': 'x' })
    const owner = await zoo.connect()
    for (const path of ['/p/e', '/p/f', '/q/e']) await owner.create(path, null, { mode: 'EPHEMERAL' })
    const before = statsOf(zoo).get('/r')

    await owner.close()

    const { zxid } = zoo.reports.counts()
    const stats = statsOf(zoo)
    expect(stats.get('/p')).toMatchObject({ pzxid: zxid, cversion: 4, numChildren: 0 })
    expect(stats.get('/q')).toMatchObject({ pzxid: zxid, cversion: 2, numChildren: 0 })
    expect(stats.get('/r')).toEqual(before)
  })
})

function statsOf(zoo: EmbeddedZooKeeper): ReadonlyMap<string, object> {
  return new Map(zoo.reports.znodes().map(({ path, stat }) => [path, { ...stat }]))
}
