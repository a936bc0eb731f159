/** LastingWatches: both maps hold the same pairs with the same modes, and nothing empty. */
import { describe, expect, it } from 'vitest'
import { LastingWatches } from '../../src/server/lasting-watches.js'
import type { ServerWatcher } from '../../src/server/server-watcher.js'
import { NO_MODES, PERSISTENT, RECURSIVE } from '../../src/server/watch-modes.js'

function watcherOf(id: number): ServerWatcher {
  return { id, sessionId: BigInt(id), process: () => undefined }
}

describe('lasting watches', () => {
  const [one, two] = [watcherOf(1), watcherOf(2)]

  it('are empty until somebody watches, and again when the last watch went', () => {
    const watches = new LastingWatches()
    const before = watches.isEmpty

    watches.set('/a', one, PERSISTENT)
    const between = watches.isEmpty
    watches.set('/a', one, NO_MODES)

    expect([before, between, watches.isEmpty]).toEqual([true, false, true])
  })

  it('know whether there is a recursive one among them', () => {
    const watches = new LastingWatches()
    const steps = [
      ['/a', PERSISTENT],
      ['/a', PERSISTENT | RECURSIVE],
      ['/a', RECURSIVE],
      ['/b', RECURSIVE],
      ['/a', NO_MODES],
      ['/b', PERSISTENT],
    ] as const

    const answers = steps.map(([path, modes]) => {
      watches.set(path, one, modes)
      return watches.hasRecursive
    })

    expect(answers).toEqual([false, true, true, true, true, false])
  })

  it('keep everybody else when one goes', () => {
    const watches = new LastingWatches()
    for (const watcher of [one, two]) watches.set('/a', watcher, PERSISTENT)
    watches.set('/b', one, RECURSIVE)

    watches.set('/a', one, NO_MODES)

    expect([...watches.watchersOf('/a')]).toEqual([[two, PERSISTENT]])
    expect([...watches.pathsOf(one)]).toEqual([['/b', RECURSIVE]])
  })

  it('stay as they are when what is not there is removed', () => {
    const watches = new LastingWatches()
    watches.set('/a', one, PERSISTENT)

    watches.set('/a', two, NO_MODES)
    watches.set('/b', one, NO_MODES)

    expect([[...watches.paths], [...watches.watchers]]).toEqual([['/a'], [one]])
    expect([...watches.watchersOf('/a')]).toEqual([[one, PERSISTENT]])
  })
})
