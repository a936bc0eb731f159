/** Watches and ACLs: an event about a znode that its client may not read is withheld, and a one-shot watch is used up all the same. */
import { expect } from 'vitest'
import { OPEN_ACL_UNSAFE, type ZooKeeper } from '../../src/index.js'
import { allBut, recordEvents } from '../semantics/fixture.js'
import { arm, LASTING, WATCH_KINDS, type WatchKind } from '../semantics/watches/trigger-matrix.js'
import { describeContract } from './contract.js'
import { aWatch } from './wording.js'

const UNREADABLE = allBut('READ')

/** An event that each kind of watch on `/a` would get. */
const PROVOKE: Readonly<Record<WatchKind, (zk: ZooKeeper) => Promise<unknown>>> = {
  data: (zk) => zk.setData('/a', 'x'),
  exists: (zk) => zk.setData('/a', 'x'),
  child: (zk) => zk.create('/a/x-', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
  persistent: (zk) => zk.setData('/a', 'x'),
  recursive: (zk) => zk.setData('/a', 'x'),
}

const EVENT: Readonly<Record<WatchKind, string>> = {
  data: 'NodeDataChanged /a',
  exists: 'NodeDataChanged /a',
  child: 'NodeChildrenChanged /a',
  persistent: 'NodeDataChanged /a',
  recursive: 'NodeDataChanged /a',
}

export const WATCH_ACL = describeContract('watches and permissions', (test) => {
  for (const kind of WATCH_KINDS) {
    test(`${aWatch(kind)} does not hear of a znode that it may not read any more`, async ({ zk }) => {
      const { events, watcher } = recordEvents()
      await zk.create('/a')
      await arm(zk, kind, '/a', watcher)
      await zk.setACL('/a', UNREADABLE)

      await PROVOKE[kind](zk)
      await zk.setACL('/a', OPEN_ACL_UNSAFE)
      const hidden = [...events]
      await PROVOKE[kind](zk)

      expect(hidden).toEqual([])
      expect(events).toEqual(LASTING.has(kind) ? [EVENT[kind]] : [])
    })

    test(`${aWatch(kind)} does not hear of the deletion of a znode that it may not read`, async ({ zk }) => {
      const { events, watcher } = recordEvents()
      await zk.create('/a')
      await arm(zk, kind, '/a', watcher)
      await zk.setACL('/a', UNREADABLE)

      await zk.delete('/a')

      expect(events).toEqual([])
    })

    test(`${aWatch(kind)} hears again for whoever may read`, async (world) => {
      const alice = { perms: 31, scheme: 'auth', id: '' }
      const reader = await world.connect({ auth: [{ scheme: 'digest', auth: 'alice:pw' }] })
      const { events, watcher } = recordEvents()
      await world.zk.create('/a')
      await arm(reader, kind, '/a', watcher)
      await world.zk.addAuthInfo('digest', 'alice:pw')
      await world.zk.setACL('/a', [alice])

      await PROVOKE[kind](world.zk)
      await reader.sync('/')

      expect(events).toEqual([EVENT[kind]])
    })
  }

  test('a znode that is created unreadable is not told, but its parent has changed', async ({ zk }) => {
    const [exists, child, recursive] = [recordEvents(), recordEvents(), recordEvents()]
    await zk.create('/p')
    await zk.exists('/p/n', { watcher: exists.watcher })
    await zk.getChildren('/p', { watcher: child.watcher })
    await zk.addWatch('/p/n', recursive.watcher, { recursive: true })

    await zk.create('/p/n', null, { acl: UNREADABLE })
    await zk.create('/p/n/x')

    expect([exists.events, child.events, recursive.events]).toEqual([
      [],
      ['NodeChildrenChanged /p'],
      ['NodeCreated /p/n/x'],
    ])
  })

  test('a child that is deleted unreadable is told to the watch of its parent alone', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.createAll('/p/n')
    await zk.addWatch('/p', watcher)
    await zk.addWatch('/p/n', watcher)
    await zk.setACL('/p/n', UNREADABLE)

    await zk.delete('/p/n')

    expect(events).toEqual(['NodeChildrenChanged /p'])
  })

  test('an exists watch on a znode that may not be read is NOAUTH and leaves nothing', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.create('/a', null, { acl: UNREADABLE })

    const failure = await zk.exists('/a', { watcher }).catch((error: unknown) => error)
    await zk.setACL('/a', OPEN_ACL_UNSAFE)
    await zk.setData('/a', 'x')

    expect(failure).toMatchObject({ code: 'NOAUTH' })
    expect(events).toEqual([])
  })
})
