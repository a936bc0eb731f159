/** The requests that give a server its watches anew: how many bytes of paths go into one. */
import { describe, expect, it } from 'vitest'
import { setWatchesRequests } from '../../src/client/watch-replay.js'
import { ZKWatchManager } from '../../src/client/zk-watch-manager.js'

/** What a request may have beside its paths, and what goes before each of them. */
const [FIXED_BYTES, LENGTH_BYTES] = [64, 4]

/** The paths of each request, if a request may have as many bytes as the two paths need, or some less. */
function batchesOf(
  paths: readonly [string, string],
  { bytes, less }: { bytes: number; less: number },
): unknown {
  const watches = new ZKWatchManager()
  for (const path of paths) watches.add('data', path, () => undefined)
  const maxBytes = FIXED_BYTES + LENGTH_BYTES + LENGTH_BYTES + bytes - less
  return setWatchesRequests(watches, 1, maxBytes).map(({ dataWatches }) => dataWatches)
}

describe('a batch', () => {
  it.each([
    ['z', 1],
    ['\u00a0', 2],
    ['\u07ff', 2],
    ['\u0800', 3],
    ['\u4e2d', 3],
  ])('counts the bytes that %j has in UTF-8', (name, nameBytes) => {
    const paths = ['/a', `/${name}`] as const
    const bytes = 2 + 1 + nameBytes

    expect(batchesOf(paths, { bytes, less: 0 })).toEqual([paths])
    expect(batchesOf(paths, { bytes, less: 1 })).toEqual(paths.map((path) => [path]))
  })
})
