/**
 * W3: one arming, one shot. Counted on each connection by itself, without a model: an event needs a watch that an answer has shown to
 * be set, and uses it up. Paths that a lasting watch of the connection covers are left out.
 */
import type { SetWatchesRequest } from '../../src/protocol/message.js'
import { Armings, hasLastingWatch, type LastingPaths } from '../armings.js'
import type { Thread } from './history.js'
import { hasPlace, lostSetWatches } from './requests.js'
import type { Violation } from './violation.js'

/** All events for which no watch was left. */
export function checkArmings(thread: Thread): Violation[] {
  const armings = new Armings()
  armings.catchUp(nextSetWatches(thread, 0))
  const lasting = lastingOf(thread)
  const violations: Violation[] = []
  for (const [at, each] of thread.heard.entries()) {
    if ('exchange' in each) {
      armings.answered(each.exchange.request, each.exchange.reply?.code)
      armings.catchUp(nextSetWatches(thread, at + 1))
    } else if (!hasLastingWatch(lasting, each.event) && !armings.fire(each.event)) {
      const { type, path } = each.event
      violations.push({
        rule: 'W3',
        thread: thread.name,
        what: `${type} ${path}, for which no watch was left`,
      })
    }
  }
  return violations
}

/** The setWatches that is the next request to be answered, or would have been. */
function nextSetWatches(thread: Thread, from: number): SetWatchesRequest | undefined {
  for (let at = from; at < thread.heard.length; at++) {
    const each = thread.heard[at]
    if (each === undefined || !('exchange' in each) || !hasPlace(each.exchange)) continue
    const { request } = each.exchange
    return request.type === 'setWatches' ? request : undefined
  }
  return lostSetWatches(thread)
}

function lastingOf({ exchanges }: Thread): LastingPaths {
  const persistent = new Set<string>()
  const recursive = new Set<string>()
  for (const { request } of exchanges) {
    if (request.type === 'addWatch')
      (request.mode === 'PERSISTENT' ? persistent : recursive).add(request.path)
    if (request.type !== 'setWatches') continue
    for (const path of request.persistentWatches) persistent.add(path)
    for (const path of request.persistentRecursiveWatches) recursive.add(path)
  }
  return { persistent, recursive }
}
