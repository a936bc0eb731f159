/** What a client sees of the tree: the part below its chroot, the reserved znodes, its ephemerals; and createAll and sync. */
import { expect } from 'vitest'
import { OPEN_ACL_UNSAFE, Op, READ_ACL_UNSAFE, type ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, recordEvents, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'
import { SUPER_AUTH } from './target.js'

const RESERVED = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'] as const

export const CHROOT = describeContract('chroot', (test) => {
  test('is the root of its client', async (world) => {
    const all = await world.connectAnywhere()
    await world.zk.create('/a', 'data')

    const stat = await world.zk.exists('/')

    expect(world.zk.chroot).toBe(world.top)
    expect({ ...stat }).toEqual({ ...(await all.exists(world.top)) })
    expect(text((await all.getData(`${world.top}/a`)).data)).toBe('data')
    expect(await all.getChildren(world.top)).toMatchObject({ children: ['a'] })
  })

  test('is stripped from what a call gives', async ({ zk }) => {
    const results = await zk.multi([
      Op.create('/a'),
      Op.create('/a/n-', null, { mode: 'EPHEMERAL_SEQUENTIAL' }),
    ])

    expect(results).toMatchObject([{ path: '/a' }, { path: '/a/n-0000000000' }])
    expect(await zk.create('/b')).toBe('/b')
    expect((await zk.create('/c', null, { withStat: true })).path).toBe('/c')
    expect(await zk.createAll('/d/e')).toBe('/d/e')
    expect([await zk.sync('/a'), await zk.sync('/')]).toEqual(['/a', '/'])
  })

  test('is stripped from errors', async ({ zk }) => {
    const failures = [
      await failureOf(() => zk.getData('/gone')),
      await failureOf(() => zk.multi([Op.delete('/gone')])),
    ]

    expect(failures).toMatchObject([{ path: '/gone' }, { path: '/gone' }])
  })

  test('is stripped from events, of the root itself too', async (world) => {
    const { events, watcher } = recordEvents()
    const all = await world.connectAnywhere()
    await world.zk.addWatch('/', watcher)
    await world.zk.exists('/a', { watcher })

    await all.create(`${world.top}/a`)
    await all.setData(world.top, 'x')
    await world.zk.sync('/')

    expect(events).toEqual(['NodeCreated /a', 'NodeChildrenChanged /', 'NodeDataChanged /'])
  })

  test('cannot be deleted by its client', async (world) => {
    expect(await codeOf(world.zk.delete('/'))).toBe('BADARGUMENTS')
    expect(await world.zk.exists('/')).not.toBeNull()
  })

  test('that is gone is missing to its client, until it creates it again', async (world) => {
    const all = await world.connectAnywhere()
    await all.delete(world.top)

    const before = [await world.zk.exists('/'), await codeOf(world.zk.create('/a'))]
    const path = await world.zk.create('/')
    const after = await codeOf(world.zk.create('/a'))

    expect([...before, path, after]).toEqual([null, 'NONODE', '/', 'OK'])
  })

  test('that does not exist is NONODE at connect', async (world) => {
    expect(await codeOf(world.connectAnywhere({ chroot: `${world.top}/gone` }))).toBe('NONODE')
  })

  test('can be as deep as a path', async (world) => {
    await world.zk.createAll('/a/b/c')
    const zk = await world.connectAnywhere({ chroot: `${world.top}/a/b/c` })

    await zk.create('/d')

    expect(await world.zk.exists('/a/b/c/d')).not.toBeNull()
    expect(await zk.getAllChildrenNumber('/')).toBe(1)
  })

  test('is not left by a sequential create of the root [D28]', async ({ zk }) => {
    expect(await zk.create('/', null, { mode: 'PERSISTENT_SEQUENTIAL' })).toBe('/0000000000')
    expect((await zk.getChildren('/')).children).toEqual(['0000000000'])
  })
})

export const RESERVED_ZNODES = describeContract('reserved znodes', (test) => {
  for (const path of RESERVED) {
    test(`${path} cannot be deleted, not even by the superuser`, async (world) => {
      const zk = await world.connectAnywhere()
      const before = await codeOf(zk.delete(path))
      await zk.addAuthInfo('digest', SUPER_AUTH)

      expect([before, await codeOf(zk.delete(path))]).toEqual(['BADARGUMENTS', 'BADARGUMENTS'])
      expect(await zk.exists(path)).not.toBeNull()
    })

    test(`${path} was there before everything else`, async (world) => {
      const zk = await world.connectAnywhere()

      const stat = await zk.exists(path)

      expect(stat).toMatchObject({ czxid: 0n, ctime: 0, ephemeralOwner: 0n })
      expect((await zk.getACL(path)).acl).toEqual(path.endsWith('config') ? READ_ACL_UNSAFE : OPEN_ACL_UNSAFE)
    })
  }

  test('/zookeeper has two children', async (world) => {
    const zk = await world.connectAnywhere()

    const { children, stat } = await zk.getChildren('/zookeeper')

    expect([...children].sort()).toEqual(['config', 'quota'])
    expect(stat).toMatchObject({ version: 0, cversion: -2, aversion: 0, numChildren: 2 })
  })

  test('/zookeeper/config is empty, and nobody may write to it', async (world) => {
    const zk = await world.connectAnywhere()

    const { data, stat } = await zk.getData('/zookeeper/config')
    const codes = [
      await codeOf(zk.setData('/zookeeper/config', 'x')),
      await codeOf(zk.setACL('/zookeeper/config', OPEN_ACL_UNSAFE)),
      await codeOf(zk.create('/zookeeper/config/n')),
    ]

    expect([text(data), stat.aversion]).toEqual(['', -1])
    expect(codes).toEqual(['NOAUTH', 'NOAUTH', 'NOAUTH'])
  })

  test('/zookeeper takes children like any other', async (world) => {
    const zk = await world.connectAnywhere()
    const name = `e${world.top.replace(/\D/g, '')}`

    const created = await codeOf(zk.create(`/zookeeper/quota/${name}`, null, { mode: 'EPHEMERAL' }))
    const deleted = await codeOf(zk.delete(`/zookeeper/quota/${name}`))

    expect([created, deleted]).toEqual(['OK', 'OK'])
  })

  test('the root lists itself and the rest', async (world) => {
    const zk = await world.connectAnywhere()

    const { children } = await zk.getChildren('/')
    const count = await zk.getAllChildrenNumber('/')

    expect(children).toContain('zookeeper')
    expect(children).toContain(world.top.slice(1))
    expect(count).toBeGreaterThanOrEqual(children.length + 2)
  })
})

export const SESSION_READS = describeContract('getEphemerals, sync, createAll', (test) => {
  test('getEphemerals takes its prefix as raw text', async ({ zk }) => {
    for (const path of ['/a', '/ab', '/b']) await zk.create(path, null, { mode: 'EPHEMERAL' })
    await zk.create('/ac')

    const lists = await Promise.all(['/', '/a', '/ab', '/abc', '/b'].map((prefix) => listSorted(zk, prefix)))

    expect(lists).toEqual([['/a', '/ab', '/b'], ['/a', '/ab'], ['/ab'], [], ['/b']])
  })

  test('getEphemerals lists all of the session without a prefix', async (world) => {
    const zk = await world.connectAnywhere()
    await zk.create(`${world.top}/a`, null, { mode: 'EPHEMERAL' })
    await zk.create(`${world.top}/n-`, null, { mode: 'EPHEMERAL_SEQUENTIAL' })

    expect((await zk.getEphemerals()).sort()).toEqual([`${world.top}/a`, `${world.top}/n-0000000001`])
  })

  test('getEphemerals shows a client with a chroot what is below it, and nothing else [D8]', async (world) => {
    await world.zk.create('/p')
    const { zk, link } = await world.connectByLink()
    await zk.create('/outside', null, { mode: 'EPHEMERAL' })
    link.cut()
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    const inner = await world.connectAnywhere({ chroot: `${world.top}/p`, session })
    await inner.create('/e', null, { mode: 'EPHEMERAL' })

    expect(await inner.getEphemerals()).toEqual(['/e'])
  })

  test('getEphemerals forgets what was deleted', async ({ zk }) => {
    await zk.create('/a', null, { mode: 'EPHEMERAL' })
    await zk.delete('/a')

    expect(await zk.getEphemerals()).toEqual([])
  })

  test('sync gives back the path, also of a znode that is not there', async ({ zk }) => {
    expect([await zk.sync('/'), await zk.sync('/gone')]).toEqual(['/', '/gone'])
  })

  test('createAll makes the parents that are missing and leaves those that are there', async ({ zk }) => {
    await zk.create('/a', 'mine')

    const path = await zk.createAll('/a/b/c', 'data')

    expect(path).toBe('/a/b/c')
    expect(text((await zk.getData('/a')).data)).toBe('mine')
    expect(text((await zk.getData('/a/b')).data)).toBe(null)
    expect(text((await zk.getData('/a/b/c')).data)).toBe('data')
    expect(await zk.createAll('/a/b/c', 'other')).toBe('/a/b/c')
    expect(text((await zk.getData('/a/b/c')).data)).toBe('data')
  })

  test('createAll makes a sequential znode each time', async ({ zk }) => {
    const sequential = { mode: 'PERSISTENT_SEQUENTIAL' } as const

    const paths = [
      await zk.createAll('/q/n-', null, sequential),
      await zk.createAll('/q/n-', null, sequential),
    ]

    expect(paths).toEqual(['/q/n-0000000000', '/q/n-0000000001'])
  })
})

async function listSorted(zk: ZooKeeper, prefix: string): Promise<string[]> {
  return (await zk.getEphemerals(prefix)).sort()
}
