/** ZKWatchManager by itself: who is to be called for an event is settled when it arrives, whoever comes or goes after that. */
import { describe, expect, it } from 'vitest'
import { eachOf } from '../../src/client/watchers.js'
import { type ClientWatchTable, ZKWatchManager } from '../../src/client/zk-watch-manager.js'
import type { Watcher } from '../../src/protocol/watcher.js'

const [one, two, three]: readonly [Watcher, Watcher, Watcher] = [
  () => undefined,
  () => undefined,
  () => undefined,
]

/** Tables in which the watchers wait for `/a`. */
function tablesWith(table: ClientWatchTable, watchers: readonly Watcher[]): ZKWatchManager {
  const watches = new ZKWatchManager()
  for (const watcher of watchers) watches.add(table, '/a', watcher)
  return watches
}

describe.each([
  ['persistent', 'Persistent'],
  ['recursive', 'PersistentRecursive'],
] as const)('two %s watchers', (table, type) => {
  it('are called for an event that arrived before a third one came', () => {
    const watches = tablesWith(table, [one, two])

    const found = watches.materialize('NodeDataChanged', '/a')
    watches.add(table, '/a', three)

    expect([...eachOf(found)]).toEqual([one, two])
    expect([...eachOf(watches.materialize('NodeDataChanged', '/a'))]).toEqual([one, two, three])
  })

  it('are called for an event that arrived before one of them went', () => {
    const watches = tablesWith(table, [one, two])

    const found = watches.materialize('NodeDataChanged', '/a')
    watches.remove('/a', type, one)

    expect([...eachOf(found)]).toEqual([one, two])
    expect([...eachOf(watches.materialize('NodeDataChanged', '/a'))]).toEqual([two])
  })
})

describe('a removal', () => {
  it('of all names each of them, and no event for which there was none', () => {
    const watches = tablesWith('child', [one, two])

    expect(watches.remove('/a', 'Any')).toEqual([
      { type: 'ChildWatchRemoved', watchers: new Set([one, two]) },
    ])
    expect(watches.contains('/a', 'Any')).toBe(false)
  })
})

it('after clear() nobody waits any more but the default watcher', () => {
  const watches = tablesWith('persistent', [one, two])
  watches.add('data', '/b', one)
  watches.defaultWatcher = three

  watches.clear()

  expect([...watches.everyWatcher()]).toEqual([three])
  expect(watches.materialize('NodeDataChanged', '/a')).toBeUndefined()
})
