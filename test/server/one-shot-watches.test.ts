/** OneShotWatches: what is not there can be removed without harm, and a watcher that goes is forgotten. */
import { describe, expect, it } from 'vitest'
import { OneShotWatches } from '../../src/server/one-shot-watches.js'
import type { ServerWatcher } from '../../src/server/server-watcher.js'

function watcherOf(id: number): ServerWatcher {
  return { id, sessionId: BigInt(id), process: () => undefined }
}

describe('one-shot watches', () => {
  const [one, two] = [watcherOf(1), watcherOf(2)]

  it.each<[string, (watches: OneShotWatches) => void]>([
    ['taking a path that nobody watches', (watches) => watches.take('/x')],
    ['removing a watch of a path that nobody watches', (watches) => watches.delete('/x', one)],
    ['removing a watch of a path that another watches', (watches) => watches.delete('/a', two)],
  ])('stay apart after %s', (_, remove) => {
    const watches = new OneShotWatches()
    watches.add('/a', one)

    remove(watches)
    watches.add('/b', two)

    expect([watches.watchersOf('/a'), watches.watchersOf('/b')]).toEqual([[one], [two]])
    expect([watches.pathsOf(one), watches.pathsOf(two)]).toEqual([['/a'], ['/b']])
  })

  it.each<[string, (watches: OneShotWatches) => void]>([
    ['fired', (watches) => watches.take('/a')],
    ['was removed', (watches) => watches.delete('/a', one)],
    ['went with its watcher', (watches) => watches.forget(one)],
  ])('can be set anew on the path whose watch %s just now', (_, end) => {
    const watches = new OneShotWatches()
    watches.add('/a', one)
    end(watches)
    const isNew = watches.add('/a', one)
    for (const path of ['/b', '/a', '/c/a']) watches.add(path, two)

    expect([isNew, ...watches.paths]).toEqual([true, '/a', '/b', '/c/a'])
    expect([watches.watchersOf('/a'), watches.watchersOf('/b'), watches.watchersOf('/c/a')]).toEqual([
      [one, two],
      [two],
      [two],
    ])
  })

  it('give the number of a path that fired to another one, whose watcher stays', () => {
    const watches = new OneShotWatches()
    // So long that it does not keep its number.
    const long = `/${'x'.repeat(300)}`
    for (const path of ['/stays', long, '/too']) watches.add(path, one)
    watches.take(long)
    watches.add('/new', two)
    const pathsOfOne = [...watches.pathsOf(one)].sort()

    watches.forget(one)

    expect(pathsOfOne).toEqual(['/stays', '/too'])
    expect([watches.paths, watches.watchersOf('/new'), watches.countOf(two)]).toEqual([['/new'], [two], 1])
  })

  it('forget a watcher that goes, and no other', () => {
    const watches = new OneShotWatches()
    for (const watcher of [one, two]) watches.add('/a', watcher)

    watches.forget(one)

    expect([watches.watcherOf(1), watches.watcherOf(2)]).toEqual([undefined, two])
    expect([watches.watchersOf('/a'), watches.watchers]).toEqual([[two], [two]])
  })
})
