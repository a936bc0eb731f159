/**
 * W3: one arming, one shot. Counted on each connection by itself, without a model: an event needs a watch that an answer has shown to
 * be set, and uses it up, or a lasting watch that covers its path.
 */
import type { Request, SetWatchesRequest } from '../../src/protocol/message.js'
import { Armings, hasLastingWatch } from '../armings.js'
import type { Thread } from './history.js'
import { hasPlace, lostSetWatches } from './requests.js'
import type { Violation } from './violation.js'

/** All events for which no watch was left. */
export function checkArmings(thread: Thread): Violation[] {
  const armings = new Armings()
  const lasting = { persistent: new Set<string>(), recursive: new Set<string>() }
  armings.catchUp(nextSetWatches(thread, 0))
  const violations: Violation[] = []
  for (const [at, each] of thread.heard.entries()) {
    if ('exchange' in each) {
      const { request, reply } = each.exchange
      if (!hasPlace(each.exchange)) continue
      armings.answered(request, reply?.code)
      if (reply?.code === 'OK') keepLasting(lasting, request)
      armings.catchUp(nextSetWatches(thread, at + 1))
      continue
    }
    // Whoever has both kinds of watch hears it once, and has used one up.
    if (armings.fire(each.event) || hasLastingWatch(lasting, each.event)) continue
    const { type, path } = each.event
    violations.push({ rule: 'W3', thread: thread.name, what: `${type} ${path}, for which no watch was left` })
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

/** What is removed again stays here: the replay knows more. */
function keepLasting(
  { persistent, recursive }: { readonly persistent: Set<string>; readonly recursive: Set<string> },
  request: Request,
): void {
  if (request.type === 'addWatch') (request.mode === 'PERSISTENT' ? persistent : recursive).add(request.path)
  if (request.type !== 'setWatches') return
  for (const path of request.persistentWatches) persistent.add(path)
  for (const path of request.persistentRecursiveWatches) recursive.add(path)
}
