/** What `compatibility` changes: each row of the table of versions, as 3.9 and as 3.8, where the reference says that they differ. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type EmbeddedZooKeeperOptions, Op, type ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents, startWorld } from './fixture.js'

const versions = ['3.9', '3.8'] as const
const alone = [{ perms: 31, scheme: 'digest', id: 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' }]

describe.each(versions)('a server like %s', (compatibility) => {
  const is39 = compatibility === '3.9'
  const server: EmbeddedZooKeeperOptions = { compatibility }

  it(`${is39 ? 'names the transaction of' : 'sends -1 with'} an event`, async () => {
    const { zoo, zk } = await startWorld({ server })
    const zxids: bigint[] = []
    await zk.exists('/a', { watcher: (event) => zxids.push(event.zxid) })

    await zk.create('/a')
    await zoo.settle()

    expect(zxids).toEqual([is39 ? 2n : -1n])
  })

  it(`${is39 ? 'keeps' : 'replaces'} a persistent watch ${is39 ? 'beside' : 'by'} a one-shot of the same path`, async () => {
    const { zoo, zk } = await startWorld({ server })
    const heard = recordEvents()
    await zk.create('/a')
    await zk.addWatch('/a', heard.watcher)

    await zk.getData('/a', { watcher: () => undefined })
    await zk.setData('/a', '1')
    await zk.setData('/a', '2')
    await zk.create('/a/b')
    await zoo.settle()

    const changed = 'NodeDataChanged /a'
    const ofChild = 'NodeChildrenChanged /a'
    expect(heard.events).toEqual(is39 ? [changed, changed, ofChild] : [changed, ofChild])
  })

  it(`${is39 ? 'keeps' : 'replaces'} a persistent watch ${is39 ? 'beside' : 'by'} a recursive one`, async () => {
    const { zoo, zk } = await startWorld({ server })
    const [persistent, recursive] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    await zk.addWatch('/a', persistent.watcher)

    await zk.addWatch('/a', recursive.watcher, { recursive: true })
    await zk.create('/a/b')
    await zk.delete('/a/b')
    await zoo.settle()

    expect(recursive.events).toEqual(['NodeCreated /a/b', 'NodeDeleted /a/b'])
    expect(persistent.events).toEqual(is39 ? ['NodeChildrenChanged /a', 'NodeChildrenChanged /a'] : [])
  })

  it(`${is39 ? 'knows' : 'cannot read'} the type of a lasting watch`, async () => {
    const { zk } = await startWorld({ server })
    await zk.addWatch('/a', () => undefined)

    const check = zk.checkWatches('/a', 'Persistent')

    expect(await codeOf(check)).toBe(is39 ? 'OK' : 'MARSHALLINGERROR')
  })

  it(`removes ${is39 ? 'nothing' : 'half'} of a persistent watch with the type Data`, async () => {
    const { zoo, zk } = await startWorld({ server })
    const other = await zoo.connect()
    await zk.create('/a')
    await zk.addWatch('/a', () => undefined)

    await codeOf(zk.removeWatches('/a', { type: 'Data', local: true }))

    const tables = zoo.reports
      .watchesByPath()
      .get('/a')
      ?.map(({ table }) => table)
    expect(tables).toEqual(is39 ? ['data', 'child'] : ['child'])
    await other.close()
  })

  it(`checks the watches of ${is39 ? 'the caller' : 'all connections'}`, async () => {
    const { zoo, zk } = await startWorld({ server })
    const other = await zoo.connect()
    await other.exists('/a', { watcher: () => undefined })

    const check = zk.checkWatches('/a', 'Data')

    expect(await codeOf(check)).toBe(is39 ? 'NOWATCHER' : 'OK')
  })

  it(`${is39 ? 'refuses' : 'answers'} exists without READ`, async () => {
    const { zk } = await startWorld({ server })
    await zk.create('/a', null, { acl: alone })

    const exists = zk.exists('/a')

    expect(await codeOf(exists)).toBe(is39 ? 'NOAUTH' : 'OK')
  })

  it(`gives ${is39 ? 'a' : 'no'} Stat for a create2 inside a multi, and one for a container`, async () => {
    const { zk } = await startWorld({ server })

    const results = await zk.multi([
      Op.create('/a', null, { withStat: true }),
      Op.create('/c', null, { mode: 'CONTAINER' }),
    ])

    expect(results.map((result) => 'stat' in result)).toEqual([is39, true])
  })

  it(`${is39 ? 'takes' : 'refuses'} an IPv6 address in an ACL`, async () => {
    const { zk } = await startWorld({ server })

    const create = zk.create('/a', null, { acl: [{ perms: 31, scheme: 'ip', id: '::1' }] })

    expect(await codeOf(create)).toBe(is39 ? 'OK' : 'INVALIDACL')
  })
})

describe('the option compatibility', () => {
  it('is 3.9 unless set', async () => {
    const { zk } = await startWorld()
    await zk.addWatch('/a', () => undefined)

    expect(await codeOf(zk.checkWatches('/a', 'Persistent'))).toBe('OK')
  })

  it.each([
    ['a version that it does not know', '3.7', '"3.7"'],
    ['a version as a number', 3.8, '3.8'],
  ])('refuses %s', (_, compatibility, shown) => {
    const make = (): ZooKeeper | EmbeddedZooKeeper =>
      Reflect.construct(EmbeddedZooKeeper, [{ compatibility }])

    expect(make).toThrow(`Invalid compatibility ${shown}: there are 3.9, 3.8`)
  })
})
