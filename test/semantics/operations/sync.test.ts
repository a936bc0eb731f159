/** sync: no check, no zxid, only its place in the order (reference 4.12). */
import { describe, expect, it } from 'vitest'
import { connectRaw, create, startServer, startWorld, worldACL } from '../fixture.js'

describe('sync', () => {
  it.each(['/', '/gone', '', 'relative', '/a//b', '/\0'])(
    'answers OK to %j and echoes it [trap 35]',
    (path) => {
      const cnxn = connectRaw(startServer().zoo)

      const reply = cnxn.ask({ type: 'sync', path })

      expect(reply).toMatchObject({ code: 'OK', response: { path } })
    },
  )

  it('needs no permission [trap 35]', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { acl: worldACL(0) })

    expect(await zk.sync('/a')).toBe('/a')
  })

  it('takes no zxid and shows the last one', () => {
    const cnxn = connectRaw(startServer().zoo)
    cnxn.ask(create('/a'))

    const zxids = [cnxn.ask({ type: 'sync', path: '/' })?.zxid, cnxn.ask(create('/b'))?.zxid]

    expect(zxids).toEqual([2, 3])
  })

  it('resolves after the writes before it and before the reads after it', async () => {
    const { zk } = await startWorld()
    const order: string[] = []

    await Promise.all([
      zk.create('/a').then(() => order.push('create')),
      zk.sync('/a').then(() => order.push('sync')),
      zk.getData('/a').then(() => order.push('getData')),
    ])

    expect(order).toEqual(['create', 'sync', 'getData'])
  })

  it('resolves to the client path under a chroot', async () => {
    const { zoo } = await startWorld()
    const zk = await zoo.connect({ chroot: '/app' })

    expect([await zk.sync('/'), await zk.sync('/x')]).toEqual(['/', '/x'])
  })
})

describe('addWatch', () => {
  it.each(['/gone', '', 'relative', '/a//b', '/\0'])(
    'answers OK to %j without a znode and a check [trap 35]',
    (path) => {
      const { zoo } = startServer()
      const cnxn = connectRaw(zoo)

      const code = cnxn.code({ type: 'addWatch', path, mode: 'PERSISTENT' })

      expect(code).toBe('OK')
      expect([...zoo.reports.watchesByPath().keys()]).toEqual([path])
    },
  )

  it('needs no permission [trap 35]', () => {
    const cnxn = connectRaw(startServer().zoo)
    cnxn.ask(create('/a', { acl: worldACL(0) }))

    expect(cnxn.code({ type: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' })).toBe('OK')
  })
})
