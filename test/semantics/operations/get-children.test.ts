/** getChildren and getAllChildrenNumber: answers, needs and watches (reference 4.9, 4.10). */
import { describe, expect, it } from 'vitest'
import {
  allBut,
  codeOf,
  connectRaw,
  read,
  recordEvents,
  startServer,
  startWorld,
  worldACL,
} from '../fixture.js'

describe('getChildren', () => {
  it('resolves to the names and the Stat of one moment', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.create('/a/x')
    await zk.create('/a/y')
    await zk.createAll('/a/z/below')

    const { children, stat } = await zk.getChildren('/a')

    expect(children.sort()).toEqual(['x', 'y', 'z'])
    expect(stat.numChildren).toBe(3)
  })

  it('resolves to an empty list for a znode without children', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a/x')
    await zk.delete('/a/x')

    expect((await zk.getChildren('/a')).children).toEqual([])
  })

  it('shows the reserved subtree', async () => {
    const { zk } = await startWorld()

    const names = [(await zk.getChildren('/')).children, (await zk.getChildren('/zookeeper')).children]

    expect(names).toEqual([['zookeeper'], ['config', 'quota']])
  })

  it.each([
    ['a missing znode', 'NONODE', '/gone'],
    ['a znode that grants no READ', 'NOAUTH', '/secret'],
    ['a znode that grants READ alone', 'OK', '/open'],
  ])('of %s gives %s', async (_, code, path) => {
    const { zk } = await startWorld()
    await zk.create('/secret', 'x', { acl: allBut('READ') })
    await zk.create('/open', 'x', { acl: worldACL(1) })

    expect(await codeOf(zk.getChildren(path))).toBe(code)
  })

  it.each([
    ['', 'OK'],
    ['/', 'OK'],
    ['a', 'NONODE'],
    ['/zookeeper/', 'NONODE'],
    ['/\0', 'NONODE'],
  ])('takes the path %j as it comes: %s [trap 17]', (path, code) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code(read('getChildren2', path))).toBe(code)
  })

  it.each([
    { change: 'a child comes', event: 'NodeChildrenChanged /a' },
    { change: 'a child goes', event: 'NodeChildrenChanged /a' },
    { change: 'the znode goes', event: 'NodeDeleted /b' },
  ])('leaves a watch that fires once when $change', async ({ change, event }) => {
    const { zk } = await startWorld()
    await zk.createAll('/a/x')
    await zk.create('/b')
    const { events, watcher } = recordEvents()
    await zk.getChildren(event.slice(-2), { watcher })

    if (change === 'a child comes') await zk.create('/a/y')
    else if (change === 'a child goes') await zk.delete('/a/x')
    else await zk.delete('/b')
    await zk.create('/a/z')

    expect(events).toEqual([event])
  })

  it('leaves a watch that is deaf to data and to grandchildren', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a/x')
    const { events, watcher } = recordEvents()
    await zk.getChildren('/a', { watcher })

    await zk.setData('/a', 'x')
    await zk.setData('/a/x', 'x')
    await zk.create('/a/x/y')

    expect(events).toEqual([])
  })

  it.each(['/gone', '/secret'])('leaves no watch on %s if it fails [trap 7]', async (path) => {
    const { zoo, zk } = await startWorld()
    await zk.create('/secret', 'x', { acl: allBut('READ') })

    await codeOf(zk.getChildren(path, { watcher: () => undefined }))

    expect(zoo.reports.counts().watches).toBe(0)
  })
})

describe('getAllChildrenNumber', () => {
  it('counts what is below at any depth [trap 43]', async () => {
    const { zk } = await startWorld()
    await zk.createAll('/a/b/c/d')
    await zk.createAll('/a/x')
    await zk.create('/ab')

    const counts = [
      await zk.getAllChildrenNumber('/a'),
      await zk.getAllChildrenNumber('/a/b'),
      await zk.getAllChildrenNumber('/a/x'),
    ]

    expect(counts).toEqual([4, 2, 0])
  })

  it('counts the reserved subtree for the root [trap 43]', async () => {
    const { zk } = await startWorld()

    const before = await zk.getAllChildrenNumber('/')
    await zk.create('/a')

    expect([before, await zk.getAllChildrenNumber('/')]).toEqual([3, 4])
  })

  it('counts what may not be read', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.create('/a/b')
    await zk.create('/a/b/c')
    await zk.setACL('/a/b', allBut('READ'))

    expect(await zk.getAllChildrenNumber('/a')).toBe(2)
  })

  it.each([
    ['/gone', 'NONODE'],
    ['/secret', 'NOAUTH'],
  ])('of %s gives %s', async (path, code) => {
    const { zk } = await startWorld()
    await zk.create('/secret', 'x', { acl: allBut('READ') })

    expect(await codeOf(zk.getAllChildrenNumber(path))).toBe(code)
  })

  it('takes the empty path for the root', () => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.ask({ type: 'getAllChildrenNumber', path: '' })?.response).toMatchObject({ totalNumber: 3 })
  })
})
