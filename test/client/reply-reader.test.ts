/** What a client makes of answers that are not what it asked for, or have less in them than they could. The server is the test. */
import { expect, it } from 'vitest'
import { Stat } from '../../src/index.js'
import { failureOf } from '../semantics/fixture.js'
import { startConnected } from './scripted-server.js'

const stat = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)

it('an answer to a create that has no path is a fault, which names what came and what was expected', async () => {
  const { zk, first } = await startConnected()
  const call = failureOf(() => zk.create('/a'))

  first.reply(1, 'OK', { type: 'stat', stat })

  expect(await call).toMatchObject({
    name: 'InvariantError',
    message: expect.stringContaining('stat came where path was expected'),
  })
})

it('an answer to a create that has a Stat too is taken for its path', async () => {
  const { zk, first } = await startConnected()
  const call = zk.create('/a')

  first.reply(1, 'OK', { type: 'pathAndStat', path: '/a', stat })

  expect(await call).toBe('/a')
})

it('an answer to a sync that has no path is the empty path', async () => {
  const { zk, first } = await startConnected()
  const call = zk.sync('/a')

  first.reply(1, 'OK', { type: 'synced', path: null })

  expect(await call).toBe('')
})
