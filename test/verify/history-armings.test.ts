/** Counting armings (W3), where a setWatches comes behind reads that have left watches: its events use up its own lists only. */
import { describe, expect, it } from 'vitest'
import type { Notification, SetWatchesRequest } from '../../src/protocol/message.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import { Armings } from '../../verify/armings.js'
import { create, rulesOf, Stage } from './history-bends.js'

/** Whoever tells the zxids of transactions, and who never does: Apache ZooKeeper before 3.9. */
const ZXIDS = [5, -1]

function event(type: NodeEventType, zxid = -1): Notification {
  return { type, path: '/a', zxid }
}

function setWatches(lists: Partial<SetWatchesRequest>): SetWatchesRequest {
  return {
    type: 'setWatches',
    relativeZxid: 0,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
    ...lists,
  }
}

/** A client that watches a missing znode, and then restores a child watch on it. */
async function restoredLate(): Promise<Stage> {
  const stage = new Stage()
  const [client, other] = [await stage.open(), await stage.open()]
  client.send([{ type: 'exists', path: '/a', watch: true }])
  client.send([setWatches({ childWatches: ['/a'] })])
  other.send([create('/a', 'one')])
  return stage
}

describe('the count of armings', () => {
  it('leaves a watch alone that a setWatches tells of something beside it', async () => {
    const { history } = await restoredLate()

    const events = history.threads[0]?.heard.flatMap((each) => ('event' in each ? [each.event.type] : []))
    expect(events).toEqual(['NodeDeleted', 'NodeCreated'])
    expect(rulesOf(history)).toEqual([])
  })

  it('finds an event for which that watch is used up', async () => {
    const { history } = await restoredLate()
    const heard = history.threads[0]?.heard

    heard?.push(...heard.slice(-1))

    expect(rulesOf(history)).toContain('W3')
  })

  it.each(ZXIDS)('takes one event for one arming, told with zxid %i', (zxid) => {
    const armings = new Armings()

    armings.answered({ type: 'getData', path: '/a', watch: true }, 'OK')

    expect(armings.fire(event('NodeChildrenChanged', zxid))).toBe(false)
    expect(armings.fire(event('NodeDataChanged', zxid))).toBe(true)
    expect(armings.fire(event('NodeDeleted', zxid))).toBe(false)
  })

  it('takes one event for each list that names the path, and none of a kind that the list cannot tell', () => {
    const armings = new Armings()

    armings.catchUp(setWatches({ dataWatches: ['/a'], childWatches: ['/a'] }))

    expect(armings.fire(event('NodeCreated'))).toBe(false)
    expect(armings.fire(event('NodeDeleted'))).toBe(true)
    expect(armings.fire(event('NodeDeleted'))).toBe(true)
    expect(armings.fire(event('NodeDeleted'))).toBe(false)
  })

  it('takes no event of a transaction for one of the setWatches', () => {
    const armings = new Armings()

    armings.catchUp(setWatches({ existWatches: ['/a'] }))

    expect(armings.fire(event('NodeCreated', 5))).toBe(false)
  })

  it('knows that a list which has told of its path is no watch, and that another one is', () => {
    const [told, silent] = [new Armings(), new Armings()]
    const request = setWatches({ existWatches: ['/a'] })

    for (const armings of [told, silent]) armings.catchUp(request)
    told.fire(event('NodeCreated'))
    for (const armings of [told, silent]) armings.answered(request, 'OK')

    expect(told.fire(event('NodeCreated', 5))).toBe(false)
    expect(silent.fire(event('NodeCreated', 5))).toBe(true)
    expect(silent.fire(event('NodeCreated', 6))).toBe(false)
  })

  it('follows both courses where an event without a zxid can be of the watch or of the setWatches', () => {
    const request = setWatches({ dataWatches: ['/a'] })
    const courses = ['before', 'after'].map(() => {
      const armings = new Armings()
      armings.answered({ type: 'getChildren', path: '/a', watch: true }, 'OK')
      armings.catchUp(request)
      armings.fire(event('NodeDeleted'))
      return armings
    })

    // The child watch fired, then the setWatches told of the znode that came back; or the setWatches told of the deletion.
    const [fired, told] = courses.map((armings, i) => {
      if (i === 0) return armings.fire(event('NodeDataChanged'))
      armings.answered(request, 'OK')
      return armings.fire(event('NodeChildrenChanged'))
    })
    expect([fired, told]).toEqual([true, true])
  })
})
