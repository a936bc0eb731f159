/** createAll and deleteAll: whole branches at once, also against others who do the same. */
import { describe, expect, it } from 'vitest'
import { Op, type ZooKeeper } from '../../../src/index.js'
import { allBut, codeOf, messageOf, recordEvents, startWorld, text, worldACL } from '../fixture.js'

async function pathsBelow(zk: ZooKeeper, path: string): Promise<string[]> {
  const { children } = await zk.getChildren(path)
  const below = await Promise.all(
    children.map((name) => pathsBelow(zk, `${path === '/' ? '' : path}/${name}`)),
  )
  return [path, ...below.flat()]
}

describe('createAll', () => {
  it('creates every missing parent without data, and the last znode as asked, under one zxid', async () => {
    const { zoo, zk } = await startWorld()

    await zk.createAll('/a/b/c', 'x', { mode: 'EPHEMERAL' })

    const { data, stat } = await zk.getData('/a/b/c')
    expect([text(data), stat.ephemeralOwner]).toEqual(['x', zk.sessionId])
    expect((await zk.getData('/a/b')).data).toBeNull()
    expect(zoo.reports.counts().zxid).toBe(2n)
  })

  it('leaves what exists as it is', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b', 'x')
    const before = zoo.snapshot()

    await zk.createAll('/a/b', 'y')
    await zk.createAll('/a')
    await zk.createAll('/')

    expect(zoo.snapshot()).toEqual(before)
  })

  it('gives all of them the same ACL', async () => {
    const { zk } = await startWorld()

    await zk.createAll('/a/b', null, { acl: worldACL(15) })

    expect([(await zk.getACL('/a')).acl, (await zk.getACL('/a/b')).acl]).toEqual([worldACL(15), worldACL(15)])
  })

  it('creates below a parent that may not be read', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: allBut('READ') })

    await zk.createAll('/a/b')

    expect(await codeOf(zk.getData('/a/b'))).toBe('OK')
  })

  it.each([
    ['NOAUTH', '/locked/a/b'],
    ['NOCHILDRENFOREPHEMERALS', '/e/a'],
  ])('fails with %s below %s and creates nothing', async (code, path) => {
    const { zoo, zk } = await startWorld()
    await zk.create('/locked', null, { acl: allBut('CREATE') })
    await zk.create('/e', null, { mode: 'EPHEMERAL' })
    const before = zoo.dump()

    expect(await codeOf(zk.createAll(path))).toBe(code)
    expect(zoo.dump()).toEqual(before)
  })

  it('is won together by many that race', async () => {
    const { zoo } = await startWorld()
    const clients = await Promise.all(Array.from({ length: 8 }, () => zoo.connect()))

    const codes = await Promise.all(clients.map((zk, i) => codeOf(zk.createAll(`/a/b/c/${i % 4}`))))

    expect(new Set(codes)).toEqual(new Set(['OK']))
    expect(Object.keys(zoo.dump()).sort()).toEqual([
      '/a',
      '/a/b',
      '/a/b/c',
      '/a/b/c/0',
      '/a/b/c/1',
      '/a/b/c/2',
      '/a/b/c/3',
    ])
  })

  it('rejects misuse', async () => {
    const { zk } = await startWorld()

    expect(await messageOf(() => zk.createAll('a'))).toBe(
      'TypeError: Invalid path "a": it must start with "/"',
    )
  })
})

describe('deleteAll', () => {
  it('deletes a znode and everything below it, children first, under one zxid', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b/c')
    await zk.createAll('/a/d')
    await zk.create('/ab')
    const { events, watcher } = recordEvents()
    await zk.addWatch('/', watcher, { recursive: true })
    const { zxid } = zoo.reports.counts()

    await zk.deleteAll('/a')

    expect(events.indexOf('NodeDeleted /a/b/c')).toBeLessThan(events.indexOf('NodeDeleted /a/b'))
    expect([...events].sort()).toEqual(['/a', '/a/b', '/a/b/c', '/a/d'].map((path) => `NodeDeleted ${path}`))
    expect(zoo.reports.counts().zxid - zxid).toBe(1n)
    expect(Object.keys(zoo.dump())).toEqual(['/ab'])
  })

  it('is content if there is nothing', async () => {
    const { zk } = await startWorld()

    expect(await codeOf(zk.deleteAll('/gone'))).toBe('OK')
  })

  it('deletes a znode that may not be read', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: allBut('READ') })

    await zk.deleteAll('/a')

    expect(await zk.exists('/a')).toBeNull()
  })

  it('fails with NOAUTH and deletes nothing if a znode does not grant DELETE', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/a/b/c')
    await zk.setACL('/a/b', allBut('DELETE'))

    expect(await codeOf(zk.deleteAll('/a'))).toBe('NOAUTH')
    expect(Object.keys(zoo.dump())).toEqual(['/a', '/a/b', '/a/b/c'])
  })

  it.each(['/zookeeper', '/zookeeper/quota'])('refuses the reserved %s', async (path) => {
    const { zk } = await startWorld()

    expect(await codeOf(zk.deleteAll(path))).toBe('BADARGUMENTS')
  })

  it('says why the root stays', async () => {
    const { zk } = await startWorld()

    expect(await messageOf(() => zk.deleteAll('/'))).toBe(
      'TypeError: Invalid path "/": the root cannot be deleted; delete its children one by one',
    )
  })

  it('deletes more than fits one request', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.multi(Array.from({ length: 2500 }, (_, i) => Op.create(`/a/${i}`)))

    await zk.deleteAll('/a')

    expect(await zk.exists('/a')).toBeNull()
  })

  it('gets along with somebody who creates and deletes meanwhile', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.createAll('/a/b/c')

    const done = zk.deleteAll('/a')
    await codeOf(other.create('/a/b/new'))
    await codeOf(other.delete('/a/b/c'))
    await done

    expect(await pathsBelow(zk, '/')).toEqual(['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'])
  })
})
