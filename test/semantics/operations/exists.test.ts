/** exists: what it answers, what it needs, and the watch it leaves whether or not there is a znode (reference 4.4). */
import { describe, expect, it } from 'vitest'
import {
  allBut,
  codeOf,
  connectRaw,
  create,
  freshStat,
  read,
  recordEvents,
  startServer,
  startWorld,
} from '../fixture.js'

describe('exists', () => {
  it('resolves to the Stat of a znode', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'abc')

    const stat = await zk.exists('/a')

    expect({ ...stat }).toEqual(freshStat(2n, { dataLength: 3 }))
  })

  it('resolves to null if there is none', async () => {
    const { zk } = await startWorld()

    expect(await zk.exists('/a')).toBeNull()
  })

  it('needs READ on a znode, and nothing on a missing one', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: allBut('READ') })

    expect(await codeOf(zk.exists('/a'))).toBe('NOAUTH')
    expect(await codeOf(zk.exists('/a/b'))).toBe('OK')
  })

  it('answers BADARGUMENTS to a NUL and NONODE to any other path that is none [trap 17]', () => {
    const cnxn = connectRaw(startServer().zoo)

    const codes = ['/a\0', 'a', '/zookeeper/', '//', '/./a'].map((path) => cnxn.code(read('exists', path)))

    expect(codes).toEqual(['BADARGUMENTS', 'NONODE', 'NONODE', 'NONODE', 'NONODE'])
  })

  it('shows the root for the empty path [trap 17]', () => {
    const cnxn = connectRaw(startServer().zoo)

    const empty = cnxn.ask(read('exists', ''))?.response
    const root = cnxn.ask(read('exists', '/'))?.response

    expect(empty).toEqual(root)
  })

  it.each([
    { change: 'is created', isThere: false, event: 'NodeCreated /a' },
    { change: 'gets data', isThere: true, event: 'NodeDataChanged /a' },
    { change: 'is deleted', isThere: true, event: 'NodeDeleted /a' },
  ])('leaves a watch that fires once when the znode $change [trap 7]', async ({ change, isThere, event }) => {
    const { zk } = await startWorld()
    if (isThere) await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })

    if (change === 'is deleted') await zk.delete('/a')
    else if (change === 'gets data') await zk.setData('/a', 'x')
    else await zk.create('/a')
    if (change !== 'is deleted') await zk.setData('/a', 'y')

    expect(events).toEqual([event])
  })

  it('leaves a watch in the data table even if the znode is missing [trap 7]', async () => {
    const { zoo, zk } = await startWorld()

    await zk.exists('/a', { watcher: () => undefined })

    expect([...zoo.reports.watchesByPath()]).toEqual([
      ['/a', [{ sessionId: zk.sessionId, path: '/a', table: 'data', modes: ['standard'] }]],
    ])
  })

  it('leaves no watch if it is refused', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a', null, { acl: allBut('READ') })

    await codeOf(zk.exists('/a', { watcher: () => undefined }))

    expect(zoo.reports.counts().watches).toBe(0)
  })

  it('leaves no watch unless one is asked for', async () => {
    const { zoo, zk } = await startWorld()

    await zk.exists('/a')
    await zk.exists('/a', { watch: false })

    expect(zoo.reports.counts().watches).toBe(0)
  })

  it('leaves a watch that a change of the ACL or of the children does not fire', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.exists('/a', { watcher })

    await zk.setACL('/a', allBut('WRITE'))
    await zk.create('/a/b')
    await zk.delete('/a/b')

    expect(events).toEqual([])
  })

  it('does not leave a raw watch on a path with NUL', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)
    cnxn.ask(create('/a'))

    cnxn.ask(read('exists', '/a\0', true))

    expect(zoo.reports.counts().watches).toBe(0)
  })
})
