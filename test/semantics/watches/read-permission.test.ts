/**
 * An event is sent only to a connection that may READ the znode it is about, as it is at that moment. A one-shot watch that
 * was due is consumed all the same.
 */
import { describe, expect, it } from 'vitest'
import {
  type ACL,
  CREATOR_ALL_ACL,
  digestId,
  OPEN_ACL_UNSAFE,
  Op,
  Perms,
  type ZooKeeper,
} from '../../../src/index.js'
import { allBut, type Recorder, recordEvents, startWorld, type World, worldACL } from '../fixture.js'
import { watchLines } from './trigger-matrix.js'

const SECRET = allBut('READ')

describe('a one-shot watch', () => {
  it('of a znode that became unreadable is consumed without an event', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/a')
    await other.getData('/a', { watcher })

    await zk.setACL('/a', SECRET)
    await zk.setData('/a', 'hidden')
    await zk.setACL('/a', OPEN_ACL_UNSAFE)
    await zk.setData('/a', 'open')
    await zoo.settle()

    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual([])
  })

  it('of a znode that stays readable gets its event', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/a')
    await other.getData('/a', { watcher })

    await zk.setACL('/a', worldACL(Perms.READ | Perms.WRITE))
    await zk.setData('/a', 'seen')
    await zoo.settle()

    expect(events).toEqual(['NodeDataChanged /a'])
  })

  it('for a znode that is created unreadable is consumed without an event', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await other.exists('/a', { watcher })

    await zk.create('/a', null, { acl: SECRET })
    await zoo.settle()

    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual([])
  })

  it('of an unreadable znode that is deleted is consumed without an event: its last ACL counts', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/a')
    await other.getData('/a', { watcher })

    await zk.setACL('/a', SECRET)
    await zk.delete('/a')
    await zoo.settle()

    expect(events).toEqual([])
    expect(watchLines(zoo)).toEqual([])
  })
})

describe('a lasting watch', () => {
  it('falls silent while the znode is unreadable, and goes on afterwards', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/a')
    await other.addWatch('/a', watcher)

    await zk.setData('/a', '1')
    await zk.setACL('/a', SECRET)
    await zk.setData('/a', '2')
    await zk.setACL('/a', OPEN_ACL_UNSAFE)
    await zk.setData('/a', '3')
    await zoo.settle()

    expect(events).toEqual(['NodeDataChanged /a', 'NodeDataChanged /a'])
    expect(watchLines(zoo)).toEqual(['/a data persistent', '/a child persistent'])
  })

  it('of a subtree tells of what is readable in it, below what is not', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/a', null, { acl: SECRET })
    await other.addWatch('/a', watcher, { recursive: true })

    await zk.setData('/a', 'hidden')
    await zk.create('/a/open')
    await zk.create('/a/secret', null, { acl: SECRET })
    await zk.setData('/a/secret', 'hidden')
    await zk.setData('/a/open', 'seen')
    await zoo.settle()

    expect(events).toEqual(['NodeCreated /a/open', 'NodeDataChanged /a/open'])
  })
})

describe('NodeChildrenChanged', () => {
  it('asks for READ of the parent, not of the child', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/p')
    await other.getChildren('/p', { watcher })

    await zk.create('/p/n', null, { acl: SECRET })
    await zoo.settle()

    expect(events).toEqual(['NodeChildrenChanged /p'])
  })

  it('is withheld if the parent may not be read, while the readable child is told', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await zk.create('/p')
    await other.getChildren('/p', { watcher })
    await other.exists('/p/n', { watcher })

    await zk.setACL('/p', SECRET)
    await zk.create('/p/n')
    await zoo.settle()

    expect(events).toEqual(['NodeCreated /p/n'])
    expect(watchLines(zoo)).toEqual([])
  })
})

describe('inside a multi', () => {
  it('each event asks for the ACL as it is at its operation', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    await other.addWatch('/a', watcher)

    const secretly = { acl: SECRET }
    await zk.multi([
      Op.create('/a', null, secretly),
      Op.setData('/a', 'hidden'),
      Op.delete('/a'),
      Op.create('/a'),
      Op.setData('/a', 'seen'),
    ])
    await zoo.settle()

    expect(events).toEqual(['NodeCreated /a', 'NodeDataChanged /a'])
  })
})

describe('the connection', () => {
  it('that may read hears what another may not', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    const owner = recordEvents()
    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.create('/a', null, { acl: CREATOR_ALL_ACL })
    await zk.addWatch('/a', owner.watcher)
    await other.addWatch('/a', watcher)

    await zk.setData('/a', 'hidden')
    await zoo.settle()

    expect(owner.events).toEqual(['NodeDataChanged /a'])
    expect(events).toEqual([])
  })

  it('hears from the moment on at which it has the identity, for the watches it had', async () => {
    const { zoo, zk, other, events, watcher } = await startTwo()
    const acl: ACL[] = [
      { perms: Perms.READ, scheme: 'digest', id: digestId('alice:pw') },
      { perms: Perms.WRITE, scheme: 'world', id: 'anyone' },
    ]
    await zk.create('/a', null, { acl })
    await other.addWatch('/a', watcher)

    await zk.setData('/a', '1')
    await other.addAuthInfo('digest', 'alice:pw')
    await zk.setData('/a', '2')
    await zoo.settle()

    expect(events).toEqual(['NodeDataChanged /a'])
  })

  it('of the superuser hears everything', async () => {
    const world = await startWorld({ server: { superDigest: digestId('super:secret') } })
    const { events, watcher } = recordEvents()
    const root = await world.zoo.connect({ auth: [{ scheme: 'digest', auth: 'super:secret' }] })
    await root.addWatch('/', watcher, { recursive: true })

    await world.zk.create('/a', null, { acl: SECRET })
    await world.zk.setData('/a', 'hidden')
    await world.zoo.settle()

    expect(events).toEqual(['NodeCreated /a', 'NodeDataChanged /a'])
  })
})

interface Two extends World, Recorder {
  readonly other: ZooKeeper
}

/** A writer and another client whose watcher records. */
async function startTwo(): Promise<Two> {
  const world = await startWorld()
  const other = await world.zoo.connect()
  return { ...world, ...recordEvents(), other }
}
