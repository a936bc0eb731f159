/** multiRead: several reads of one moment, each with its own outcome (reference 4.17). */
import { describe, expect, it } from 'vitest'
import { Op } from '../../../src/index.js'
import { allBut, freshStat, startWorld, text } from '../fixture.js'

describe('multiRead', () => {
  it('gives each read a result or an error of its own and never fails as a whole [trap 23]', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', 'x')
    await zk.create('/secret', 'x', { acl: allBut('READ') })

    const results = await zk.multiRead([
      Op.getData('/gone'),
      Op.getData('/a'),
      Op.getData('/secret'),
      Op.getChildren('/'),
      Op.getChildren('/gone'),
    ])

    expect(results).toEqual([
      { type: 'error', code: 'NONODE', errno: -101 },
      { type: 'getData', data: new Uint8Array([120]), stat: freshStat(2n, { dataLength: 1 }) },
      { type: 'error', code: 'NOAUTH', errno: -102 },
      { type: 'getChildren', children: ['zookeeper', 'a', 'secret'] },
      { type: 'error', code: 'NONODE', errno: -101 },
    ])
  })

  it('resolves to errors alone if every read fails [trap 23]', async () => {
    const { zk } = await startWorld()

    expect(await zk.multiRead([Op.getData('/gone')])).toEqual([
      { type: 'error', code: 'NONODE', errno: -101 },
    ])
  })

  it('may be empty', async () => {
    const { zk } = await startWorld()

    expect(await zk.multiRead([])).toEqual([])
  })

  it('takes no zxid and leaves no watch', async () => {
    const { zoo, zk } = await startWorld()

    await zk.multiRead([Op.getData('/'), Op.getChildren('/')])

    const { zxid, watches } = zoo.reports.counts()
    expect({ zxid, watches }).toEqual({ zxid: 1n, watches: 0 })
  })

  it('tells null data from empty data', async () => {
    const { zk } = await startWorld()
    await zk.create('/null')
    await zk.create('/empty', '')

    const results = await zk.multiRead([Op.getData('/null'), Op.getData('/empty')])

    expect(results.map((result) => (result.type === 'getData' ? text(result.data) : undefined))).toEqual([
      null,
      '',
    ])
  })

  it('reads below the chroot of the client', async () => {
    const { zoo, zk } = await startWorld()
    await zk.createAll('/app/x', 'data')
    const below = await zoo.connect({ chroot: '/app' })

    const [children, data] = await below.multiRead([Op.getChildren('/'), Op.getData('/x')])

    expect(children).toEqual({ type: 'getChildren', children: ['x'] })
    expect(data?.type === 'getData' ? text(data.data) : data).toBe('data')
  })
})
