/** transaction: a multi written as a chain. */
import { describe, expect, it } from 'vitest'
import { codeOf, messageOf, startWorld } from '../fixture.js'

const COMMITTED = 'TypeError: This transaction was committed already: start another one'

describe('a transaction', () => {
  it('applies its steps in order with one commit', async () => {
    const { zoo, zk } = await startWorld()

    const results = await zk
      .transaction()
      .create('/a', 'x')
      .check('/a', 0)
      .setData('/a', 'y', 0)
      .create('/a/b', null, { withStat: true })
      .delete('/a/b')
      .commit()

    expect(results.map(({ type }) => type)).toEqual(['create', 'check', 'setData', 'create', 'delete'])
    expect(zoo.reports.counts().zxid).toBe(2n)
  })

  it('sends nothing before its commit', async () => {
    const { zoo, zk } = await startWorld()

    zk.transaction().create('/a')
    await zoo.settle()

    expect(await zk.exists('/a')).toBeNull()
  })

  it('applies nothing if a step fails', async () => {
    const { zk } = await startWorld()

    const code = await codeOf(zk.transaction().create('/a').check('/gone').commit())

    expect([code, await zk.exists('/a')]).toEqual(['NONODE', null])
  })

  it('cannot be committed twice', async () => {
    const { zk } = await startWorld()
    const transaction = zk.transaction().create('/a')
    await transaction.commit()

    expect(await messageOf(() => transaction.commit())).toBe(COMMITTED)
  })

  it('takes no step after its commit', async () => {
    const { zk } = await startWorld()
    const transaction = zk.transaction()
    await transaction.commit()

    expect(await messageOf(() => transaction.delete('/a'))).toBe(COMMITTED)
  })

  it('checks each step at once', async () => {
    const { zk } = await startWorld()
    const transaction = zk.transaction()

    const messages = [
      await messageOf(() => transaction.create('a')),
      await messageOf(() => transaction.delete('/a', 0.5)),
      await messageOf(() => transaction.setData('/a', 1 as never)),
      await messageOf(() => transaction.check('/a/')),
    ]

    expect(messages).toEqual([
      'TypeError: Invalid path "a": it must start with "/"',
      'RangeError: Invalid version 0.5: pass stat.version, or -1 for any',
      'TypeError: Invalid data 1: pass a string, a Uint8Array (a Buffer is one) or null',
      'TypeError: Invalid path "/a/": it must not end with "/"',
    ])
    expect(await transaction.commit()).toEqual([])
  })
})
