/** The reserved subtree of a new server (reference 1.4), and what may be done to it. */
import { describe, expect, it } from 'vitest'
import { digestId, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../../src/index.js'
import { codeOf, startServer, startWorld } from '../fixture.js'

const zeroes = {
  czxid: 0n,
  mzxid: 0n,
  pzxid: 0n,
  ctime: 0,
  mtime: 0,
  version: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
}

describe('a new server', () => {
  it('has these four znodes and nothing else [trap 3]', () => {
    const { zoo } = startServer()

    const znodes = zoo.reports.znodes().map(({ stat, ...rest }) => ({ ...rest, stat: { ...stat } }))

    const empty = new Uint8Array(0)
    const open = { data: empty, acl: OPEN_ACL_UNSAFE, kind: 'persistent' }
    expect(znodes).toEqual([
      { ...open, path: '/', stat: { ...zeroes, cversion: -1, aversion: 0, numChildren: 1 } },
      { ...open, path: '/zookeeper', stat: { ...zeroes, cversion: -2, aversion: 0, numChildren: 2 } },
      {
        ...open,
        acl: READ_ACL_UNSAFE,
        path: '/zookeeper/config',
        stat: { ...zeroes, cversion: 0, aversion: -1, numChildren: 0 },
      },
      { ...open, path: '/zookeeper/quota', stat: { ...zeroes, cversion: 0, aversion: 0, numChildren: 0 } },
    ])
  })

  it('has a zxid of 0', () => {
    expect(startServer().zoo.reports.counts()).toEqual({
      zxid: 0n,
      znodes: 4,
      ephemerals: 0,
      sessions: 0,
      watches: 0,
      dataBytes: 0,
    })
  })
})

describe('the reserved subtree', () => {
  it.each(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])(
    'cannot lose %s, not even to the superuser',
    async (path) => {
      const { zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })
      await zk.addAuthInfo('digest', 'super:secret')

      expect(await codeOf(zk.delete(path))).toBe('BADARGUMENTS')
    },
  )

  it.each(['/', '/zookeeper', '/zookeeper/quota'])('takes data, an ACL and children in %s', async (path) => {
    const { zk } = await startWorld()

    const codes = [
      await codeOf(zk.setData(path, 'x', 0)),
      await codeOf(zk.setACL(path, OPEN_ACL_UNSAFE, 0)),
      await codeOf(zk.create(`${path === '/' ? '' : path}/n`)),
      await codeOf(zk.delete(`${path === '/' ? '' : path}/n`)),
    ]

    expect(codes).toEqual(['OK', 'OK', 'OK', 'OK'])
  })

  it('protects its config from everybody', async () => {
    const { zk } = await startWorld()

    const codes = [
      await codeOf(zk.getData('/zookeeper/config')),
      await codeOf(zk.setData('/zookeeper/config', 'x')),
      await codeOf(zk.setACL('/zookeeper/config', OPEN_ACL_UNSAFE)),
      await codeOf(zk.create('/zookeeper/config/n')),
    ]

    expect(codes).toEqual(['OK', 'NOAUTH', 'NOAUTH', 'NOAUTH'])
  })

  it('lets the superuser write its config', async () => {
    const { zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })
    await zk.addAuthInfo('digest', 'super:secret')

    const { version } = await zk.setData('/zookeeper/config', 'x')
    const { aversion } = await zk.setACL('/zookeeper/config', OPEN_ACL_UNSAFE, -1)

    expect([version, aversion]).toEqual([1, 0])
  })
})

describe('deleteContainer', () => {
  it('is no operation of a client: nothing deletes past ACLs [trap 40]', async () => {
    const { zk } = await startWorld()
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(zk))

    const names = methods.filter((name) => /container/i.test(name))

    expect(names).toEqual([])
  })
})
