/** While nobody listens, no event is made: every place that tells asks first whether somebody does. */
import { afterEach, expect, it, vi } from 'vitest'
import { Tap } from '../src/base/tap.js'
import { startWorld } from './semantics/fixture.js'

afterEach(() => void vi.restoreAllMocks())

it('nothing is told while nobody listens, whatever happens, and everything once somebody does', async () => {
  const tell = vi.spyOn(Tap.prototype, 'tell')
  const { zoo, zk } = await startWorld({ server: { enforceQuota: false } })
  const other = await zoo.connect()
  const doEverything = async (name: string): Promise<void> => {
    await zk.createAll(`/zookeeper/quota/${name}/zookeeper_limits`, 'count=1,bytes=1')
    await zk.create(`/zookeeper/quota/${name}/zookeeper_stats`)
    await zk.addWatch(`/${name}`, () => undefined)
    await zk.addWatch('/', () => undefined, { recursive: true })
    await zk.create(`/${name}`, 'over the quota', { mode: 'CONTAINER' })
    await zk.getData(`/${name}`, { watcher: () => undefined })
    await other.setData(`/${name}`, 'more')
    await other.create(`/${name}/e`, null, { mode: 'EPHEMERAL' })
    await zk.exists('/none', { watcher: () => undefined })
    await zk.removeWatches('/none')
    zoo.disconnect(zk)
    zoo.reconnect(zk)
    await zoo.settle()
  }

  await doEverything('a')
  const silent = tell.mock.calls.length
  zoo.inspect(() => undefined)
  await doEverything('b')
  await other.close()
  zoo.expire(zk)
  await zoo.settle()

  expect(silent).toBe(0)
  const kinds = new Set(tell.mock.calls.map(([event]) => (event as { readonly kind: string }).kind))
  expect([...kinds].sort()).toEqual([
    'delivered',
    'disconnected',
    'notification',
    'queued',
    'quotaExceeded',
    'reply',
    'request',
    'sessionClosed',
    'sessionExpired',
    'sessionOpened',
    'txn',
    'watchArmed',
    'watchRemoved',
    'watchTriggered',
  ])
})
