/**
 * The order and the zxids of events: inside one operation, a multi and the end of a session; own events before own replies.
 */
import { describe, expect, it } from 'vitest'
import { Op, type WatchedEvent, type ZooKeeper } from '../../../src/index.js'
import { create, RawCnxn, read, recordEvents, remove, setData, startServer, startWorld } from '../fixture.js'

describe('inside one operation', () => {
  it('a create tells of the znode before it tells of the parent', async () => {
    const { zk } = await startWorld()
    await zk.create('/p')
    const seen = await watchEverything(zk, ['/p', '/p/n'])

    await zk.create('/p/n')

    expect(lines(seen)).toEqual(['NodeCreated /p/n', 'NodeChildrenChanged /p'])
  })

  it('a delete tells of the znode once, then of the parent', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/p/n')
    const seen = await watchEverything(zk, ['/p', '/p/n'])

    await zk.delete('/p/n')

    expect(lines(seen)).toEqual(['NodeDeleted /p/n', 'NodeChildrenChanged /p'])
  })

  it('a child of the root changes the children of /', async () => {
    const { zk } = await startWorld()
    const seen = await watchEverything(zk, ['/'])

    await zk.create('/a')
    await zk.delete('/a')

    expect(lines(seen)).toEqual(['NodeChildrenChanged /', 'NodeChildrenChanged /'])
  })

  it('a sequential create tells of the path with its number', async () => {
    const { zk } = await startWorld()
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })

    const path = await zk.create('/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' })

    expect(path).toBe('/n-0000000000')
    expect(events).toEqual(['NodeCreated /n-0000000000'])
  })
})

describe('zxids', () => {
  it('each event has the zxid of its transaction, and both events of one operation the same', async () => {
    const { zk } = await startWorld()
    const seen = await watchEverything(zk, ['/', '/a'])

    const { stat: created } = await zk.create('/a', null, { withStat: true })
    const changed = await zk.setData('/a', 'x')
    await zk.delete('/a')

    expect(seen.map(({ type, zxid }) => `${type} ${zxid}`)).toEqual([
      `NodeCreated ${created.czxid}`,
      `NodeChildrenChanged ${created.czxid}`,
      `NodeDataChanged ${changed.mzxid}`,
      `NodeDeleted ${changed.mzxid + 1n}`,
      `NodeChildrenChanged ${changed.mzxid + 1n}`,
    ])
  })

  it('all events of a multi have its one zxid, in the order of its operations', async () => {
    const { zk } = await startWorld()
    const seen = await watchEverything(zk, ['/', '/a'])

    await zk.multi([Op.create('/a'), Op.setData('/a', '1'), Op.setData('/a', '2'), Op.delete('/a')])

    expect(lines(seen)).toEqual([
      'NodeCreated /a',
      'NodeChildrenChanged /',
      'NodeDataChanged /a',
      'NodeDataChanged /a',
      'NodeDeleted /a',
      'NodeChildrenChanged /',
    ])
    expect(new Set(seen.map(({ zxid }) => zxid))).toEqual(new Set([2n]))
  })

  it('all ephemerals of a session go under one zxid, each with events of its own', async () => {
    const { zoo, zk } = await startWorld()
    const owner = await zoo.connect()
    await zk.create('/p')
    for (const name of ['a', 'b', 'c']) await owner.create(`/p/${name}`, null, { mode: 'EPHEMERAL' })
    const seen = await watchEverything(zk, ['/p', '/p/a', '/p/b', '/p/c'])

    await owner.close()
    await zoo.settle()

    expect(lines(seen)).toEqual(
      ['a', 'b', 'c'].flatMap((name) => [`NodeDeleted /p/${name}`, 'NodeChildrenChanged /p']),
    )
    expect(new Set(seen.map(({ zxid }) => zxid)).size).toBe(1)
  })

  it('what no transaction caused has no zxid: a change of state', async () => {
    const { zoo } = await startWorld()
    const seen: WatchedEvent[] = []

    await zoo.connect({ watcher: (event) => seen.push(event) })

    expect(seen).toEqual([{ type: 'None', state: 'SyncConnected', path: null, zxid: -1n }])
  })
})

describe('on the connection', () => {
  it('events of an own write come before its reply', () => {
    const raw = new RawCnxn(startServer().zoo).open()
    raw.ask(create('/a'))
    raw.ask(read('getData', '/a', true))

    raw.ask(setData('/a'))

    expect(raw.log.slice(-2)).toEqual(['NodeDataChanged /a 3', 'reply 3 OK 3'])
  })

  it('a delete sends one NodeDeleted to a connection with both one-shots, and drops both', () => {
    const { zoo } = startServer()
    const raw = new RawCnxn(zoo).open()
    raw.ask(create('/a'))
    raw.ask(read('getData', '/a', true))
    raw.ask(read('getChildren2', '/a', true))

    raw.ask(remove('/a'))

    expect(raw.log.slice(-2)).toEqual(['NodeDeleted /a 3', 'reply 4 OK 3'])
    expect(zoo.reports.counts().watches).toBe(0)
  })

  it('a closing session hears of its own ephemerals before the reply to its close [trap 25]', () => {
    const raw = new RawCnxn(startServer().zoo).open()
    raw.ask(create('/e', { mode: 'EPHEMERAL' }))
    raw.ask(read('exists', '/e', true))
    raw.ask(read('getChildren2', '/', true))

    raw.ask({ type: 'closeSession' })

    expect(raw.log.slice(-4)).toEqual([
      'NodeDeleted /e 3',
      'NodeChildrenChanged / 3',
      'reply 4 OK 3',
      'closed',
    ])
  })

  it('a closing client hears of its own ephemerals before it is told that it is closed', async () => {
    const { zk, events } = await startWorld()
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    await zk.exists('/e', { watch: true })

    await zk.close()

    expect(events).toEqual(['None SyncConnected', 'NodeDeleted /e', 'None Closed'])
  })
})

/** Sets a persistent watch on each path, all for one list. */
async function watchEverything(zk: ZooKeeper, paths: readonly string[]): Promise<WatchedEvent[]> {
  const seen: WatchedEvent[] = []
  for (const path of paths) await zk.addWatch(path, (event) => seen.push(event))
  return seen
}

function lines(events: readonly WatchedEvent[]): string[] {
  return events.map(({ type, path }) => `${type} ${path}`)
}
