/** getData and what null and empty data mean: answers, needs, and watches (reference 4.5). */
import { describe, expect, it } from 'vitest'
import {
  allBut,
  codeOf,
  connectRaw,
  freshStat,
  read,
  recordEvents,
  startServer,
  startWorld,
  text,
  worldACL,
} from '../fixture.js'

describe('getData', () => {
  it('resolves to the data and the Stat of one moment', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'abc')

    const { data, stat } = await zk.getData('/a')

    expect(text(data)).toBe('abc')
    expect({ ...stat }).toEqual(freshStat(2n, { dataLength: 3 }))
  })

  it.each([
    ['a missing znode', 'NONODE', '/gone'],
    ['a znode that grants no READ', 'NOAUTH', '/secret'],
    ['a missing child of a znode that grants no READ', 'NONODE', '/secret/gone'],
    ['a znode that grants READ alone', 'OK', '/open'],
  ])('of %s gives %s', async (_, code, path) => {
    const { zk } = await startWorld()
    await zk.create('/secret', 'x', { acl: allBut('READ') })
    await zk.create('/open', 'x', { acl: worldACL(1) })

    expect(await codeOf(zk.getData(path))).toBe(code)
  })

  it.each([
    ['', 'OK'],
    ['/', 'OK'],
    ['a', 'NONODE'],
    ['/zookeeper/', 'NONODE'],
    ['/a\0', 'NONODE'],
    ['//', 'NONODE'],
  ])('takes the path %j as it comes: %s [trap 17]', (path, code) => {
    const cnxn = connectRaw(startServer().zoo)

    expect(cnxn.code(read('getData', path))).toBe(code)
  })

  it.each([
    ['null', null, null],
    ['no data at all', undefined, null],
    ['an empty string', '', ''],
    ['an empty array', new Uint8Array(0), ''],
    ['a string', 'héllo', 'héllo'],
    ['bytes', new Uint8Array([104, 105]), 'hi'],
    ['a Buffer', Buffer.from('hi'), 'hi'],
  ])('gives back what create was given: %s [trap 18]', async (_, given, expected) => {
    const { zk } = await startWorld()

    await zk.create('/a', given)

    const { data, stat } = await zk.getData('/a')
    expect(text(data)).toBe(expected)
    expect(stat.dataLength).toBe(expected === null ? 0 : new TextEncoder().encode(expected).length)
  })

  it.each([
    ['null', null, null],
    ['an empty string', '', ''],
    ['an empty array', new Uint8Array(0), ''],
    ['a string', 'hello', 'hello'],
  ])('gives back what setData was given: %s [trap 18]', async (_, given, expected) => {
    const { zk } = await startWorld()
    await zk.create('/a', 'before')

    const stat = await zk.setData('/a', given)

    expect(text((await zk.getData('/a')).data)).toBe(expected)
    expect(stat.dataLength).toBe(expected?.length ?? 0)
  })

  it('gives every byte back unchanged', async () => {
    const { zk } = await startWorld()
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)

    await zk.create('/a', all)

    expect((await zk.getData('/a')).data).toEqual(all)
  })

  it.each([
    { change: 'setData', event: 'NodeDataChanged /a' },
    { change: 'delete', event: 'NodeDeleted /a' },
  ])('leaves a watch that $change fires once', async ({ change, event }) => {
    const { zk } = await startWorld()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })

    if (change === 'setData') await zk.setData('/a', 'x')
    else await zk.delete('/a')
    if (change === 'setData') await zk.setData('/a', 'y')

    expect(events).toEqual([event])
  })

  it('leaves a watch that is deaf to the children', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.getData('/a', { watcher })

    await zk.create('/a/b')

    expect(events).toEqual([])
  })

  it.each(['/gone', '/secret'])('leaves no watch on %s if it fails [trap 7]', async (path) => {
    const { zoo, zk } = await startWorld()
    await zk.create('/secret', 'x', { acl: allBut('READ') })

    await codeOf(zk.getData(path, { watcher: () => undefined }))

    expect(zoo.reports.counts().watches).toBe(0)
  })

  it('fails with NONODE on a missing znode and leaves no watch, as getChildren does and exists does not', async () => {
    const { zoo, zk } = await startWorld()
    const [get, children, exists] = [recordEvents(), recordEvents(), recordEvents()]

    const codes = [
      await codeOf(zk.getData('/a', { watcher: get.watcher })),
      await codeOf(zk.getChildren('/a', { watcher: children.watcher })),
    ]
    const left = zoo.reports.counts().watches
    await zk.exists('/a', { watcher: exists.watcher })
    await zk.create('/a')

    expect([codes, left]).toEqual([['NONODE', 'NONODE'], 0])
    expect([get.events, children.events, exists.events]).toEqual([[], [], ['NodeCreated /a']])
  })
})
