/** Lists that callers hand in: a hole is not passed over, and what is changed afterwards changes nothing. */
import { describe, expect, it } from 'vitest'
import { Op } from '../../src/index.js'
import { failureOf, messageOf, startWorld } from '../semantics/fixture.js'

describe('a list with a hole', () => {
  it('is refused by multi, multiRead and as an ACL', async () => {
    const { zk } = await startWorld()

    const messages = [
      await messageOf(() => zk.multi(new Array(1))),
      await messageOf(() => zk.multiRead(new Array(1))),
      await messageOf(() => zk.create('/a', null, { acl: new Array(1) })),
    ]

    expect(messages).toEqual([
      expect.stringMatching(/^TypeError: Invalid operation undefined at 0/),
      expect.stringMatching(/^TypeError: Invalid operation undefined at 0/),
      expect.stringMatching(/^TypeError: Invalid ACL entry undefined/),
    ])
    expect(zk.state).toBe('CONNECTED')
  })
})

describe('a list that is changed after the call', () => {
  it('does not change the path that an error names', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const ops = [Op.delete('/gone')]
    const call = failureOf(() => zk.multi(ops))

    ops[0] = Op.delete('/other')
    zoo.reconnect(zk)

    expect(await call).toMatchObject({ code: 'NONODE', path: '/gone' })
  })
})

describe('deleteAll with a limit of no operation', () => {
  it('says so instead of trying for ever', async () => {
    const { zk } = await startWorld({ server: { limits: { maxMultiOps: 0 } } })

    expect(await messageOf(() => zk.deleteAll('/a'))).toMatch(/maxMultiOps/)
  })
})
