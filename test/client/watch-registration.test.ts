/** What the removal of watches asks of the server, and what its watchers hear when it is overtaken. The server is the test. */
import { describe, expect, it } from 'vitest'
import type { Watcher } from '../../src/index.js'
import { codeOf, recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { type Connected, startConnected } from './scripted-server.js'

/** A client that waits with each of the watchers for the missing znode `/a`. */
async function waiting(watchers: readonly Watcher[]): Promise<Connected> {
  const script = await startConnected()
  const calls = watchers.map((watcher) => script.zk.exists('/a', { watcher }))
  for (const i of calls.keys()) script.first.reply(i + 1, 'NONODE')
  await Promise.all(calls)
  return script
}

describe('a removal', () => {
  it('of one of two standard watches asks whether it is there, and for nothing more', async () => {
    const [one, other] = [recordEvents(), recordEvents()]
    const { zk, first } = await waiting([one.watcher, other.watcher])
    const removal = zk.removeWatches('/a', { watcher: one.watcher })

    first.reply(3)
    await removal

    expect(first.log.slice(3)).toEqual(['3 checkWatches'])
    expect([one.events, other.events]).toEqual([['DataWatchRemoved /a'], []])
  })

  it('of a lasting watch beside a standard one lets the server drop both lasting kinds', async () => {
    const [lasting, standard] = [recordEvents(), recordEvents()]
    const { zk, first } = await waiting([standard.watcher])
    const adding = zk.addWatch('/a', lasting.watcher)
    first.reply(2)
    await adding
    const removal = zk.removeWatches('/a', { watcher: lasting.watcher })

    first.reply(3)
    await removal

    expect(first.log.slice(3)).toEqual(['3 checkWatches', '4 removeWatches', '5 removeWatches'])
  })

  it('of all watches of a path is asked for once', async () => {
    const { zk, first } = await waiting([() => undefined])
    const removal = zk.removeWatches('/a')

    first.reply(2)
    await removal

    expect(first.log.slice(2)).toEqual(['2 removeWatches'])
  })

  it('that the end of the session overtakes is told as Disconnected, if the client may remove by itself', async () => {
    const { events, watcher } = recordEvents()
    const { zk, first, cnxns } = await waiting([watcher])
    first.drop()
    const removal = codeOf(zk.removeWatches('/a', { local: true }))

    cnxns[1]?.accept(0)

    expect(await removal).toBe('OK')
    await macrotask()
    expect(events).toEqual(['None Disconnected', 'None Expired', 'DataWatchRemoved /a (Disconnected)'])
  })

  it('takes the watch away at the server after all when the call under way for it leaves none', async () => {
    const [one, other] = [recordEvents(), recordEvents()]
    const { zk, first } = await waiting([one.watcher])
    const removal = zk.removeWatches('/a', { watcher: one.watcher })
    const call = codeOf(zk.getData('/a', { watcher: other.watcher }))

    first.reply(2)
    const before = [...first.log.slice(2)]
    first.reply(3, 'NONODE')
    await Promise.all([removal, call])

    expect(before).toEqual(['2 checkWatches', '3 getData'])
    expect(first.log.slice(4, 5)).toEqual(['4 removeWatches'])
    expect(first.requests.at(3)?.request).toEqual({ type: 'removeWatches', path: '/a', watcherType: 'Any' })
  })

  it('takes it away once when that call was given up', async () => {
    const { watcher } = recordEvents()
    const { zk, first } = await waiting([watcher])
    const controller = new AbortController()
    const removal = zk.removeWatches('/a', { watcher })
    const call = codeOf(zk.exists('/a', { watcher: () => undefined, signal: controller.signal }))

    first.reply(2)
    controller.abort()
    first.reply(3, 'NONODE')
    await Promise.allSettled([removal, call])

    expect(first.requests.slice(3).map(({ request }) => request)).toEqual([
      { type: 'removeWatches', path: '/a', watcherType: 'Any' },
    ])
  })

  it('leaves the watch at the server to a call that is under way for it', async () => {
    const [one, other] = [recordEvents(), recordEvents()]
    const { zk, first } = await waiting([one.watcher])
    const removal = zk.removeWatches('/a', { watcher: one.watcher })
    const call = zk.exists('/a', { watcher: other.watcher })

    first.reply(2)
    first.reply(3, 'NONODE')
    await Promise.all([removal, call])
    first.notify('/a')
    await macrotask()

    expect(first.log.slice(2)).toEqual(['2 checkWatches', '3 exists'])
    expect(other.events).toEqual(['NodeDataChanged /a'])
  })
})
