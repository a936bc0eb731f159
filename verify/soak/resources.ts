/** What keeps the process alive: open sockets, timers and the like. */
import { performance } from 'node:perf_hooks'
import { getActiveResourcesInfo } from 'node:process'
import { pause } from './patience.js'

const LOOK_MS = 10

/** How many there are of each kind. */
export function countResources(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** The same, once there are no more of any kind than before, or this time has passed: sockets close in the background. */
export async function resourcesAtRest(
  before: ReadonlyMap<string, number>,
  patienceMs: number,
): Promise<ReadonlyMap<string, number>> {
  const startMs = performance.now()
  for (;;) {
    const counts = countResources()
    const hasMore = [...counts].some(([kind, count]) => count > (before.get(kind) ?? 0))
    if (!hasMore || performance.now() - startMs >= patienceMs) return counts
    await pause(LOOK_MS)
  }
}
