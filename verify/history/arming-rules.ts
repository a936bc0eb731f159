/**
 * W3: one arming, one shot. Counted on each connection by itself, without a model: an event needs a watch that an answer has shown to
 * be set, and uses it up. Paths that a lasting watch of the connection covers are left out.
 */
import type { Notification, SetWatchesRequest } from '../../src/protocol/message.js'
import type { Exchange, Thread } from './history.js'
import { hasPlace, lostSetWatches } from './requests.js'
import type { Violation } from './violation.js'

/** The tables in which an event can find a watch. */
const TABLES = {
  NodeCreated: ['data'],
  NodeDataChanged: ['data'],
  NodeDeleted: ['data', 'child'],
  NodeChildrenChanged: ['child'],
} as const

type Table = 'data' | 'child'

/** All events for which no watch was left. */
export function checkArmings(thread: Thread): Violation[] {
  const armings = new Armings()
  armings.catchUp(nextSetWatches(thread, 0))
  const lasting = lastingOf(thread)
  const violations: Violation[] = []
  for (const [at, each] of thread.heard.entries()) {
    if ('exchange' in each) {
      armings.answered(each.exchange)
      armings.catchUp(nextSetWatches(thread, at + 1))
    } else if (!isCovered(each.event.path, lasting) && !armings.fire(each.event)) {
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

class Armings {
  readonly #armed = new Set<string>()
  /** Events that a setWatches may send before its answer, by path. */
  readonly #credits = new Map<string, number>()
  #isCatchingUp = false

  /** What comes next may belong to this request, which is answered after it. */
  catchUp(request: SetWatchesRequest | undefined): void {
    if (request === undefined) return
    this.#isCatchingUp = true
    const { dataWatches, existWatches, childWatches } = request
    for (const path of [...dataWatches, ...existWatches, ...childWatches])
      this.#credits.set(path, (this.#credits.get(path) ?? 0) + 1)
  }

  answered({ request, reply }: Exchange): void {
    if (request.type === 'setWatches') this.#restored(request)
    const code = reply?.code
    switch (request.type) {
      case 'exists':
        if (request.watch && (code === 'OK' || code === 'NONODE')) this.#arm('data', request.path)
        return
      case 'getData':
        if (request.watch && code === 'OK') this.#arm('data', request.path)
        return
      case 'getChildren':
      case 'getChildren2':
        if (request.watch && code === 'OK') this.#arm('child', request.path)
    }
  }

  /** Uses up what there is; false if there is nothing. */
  fire({ type, path }: Notification): boolean {
    const hits = TABLES[type].filter((table) => this.#armed.delete(`${table} ${path}`))
    if (hits.length > 0) return true
    const credits = this.#isCatchingUp ? (this.#credits.get(path) ?? 0) : 0
    this.#credits.set(path, credits - 1)
    return credits > 0
  }

  #restored({ dataWatches, existWatches, childWatches }: SetWatchesRequest): void {
    for (const path of [...dataWatches, ...existWatches]) this.#arm('data', path)
    for (const path of childWatches) this.#arm('child', path)
    this.#credits.clear()
    this.#isCatchingUp = false
  }

  #arm(table: Table, path: string): void {
    this.#armed.add(`${table} ${path}`)
  }
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

interface Lasting {
  readonly paths: ReadonlySet<string>
  readonly roots: readonly string[]
}

function lastingOf({ exchanges }: Thread): Lasting {
  const paths = new Set<string>()
  const roots = new Set<string>()
  for (const { request } of exchanges) {
    if (request.type === 'addWatch') (request.mode === 'PERSISTENT' ? paths : roots).add(request.path)
    if (request.type !== 'setWatches') continue
    for (const path of request.persistentWatches) paths.add(path)
    for (const path of request.persistentRecursiveWatches) roots.add(path)
  }
  return { paths, roots: [...roots] }
}

function isCovered(path: string, { paths, roots }: Lasting): boolean {
  return (
    paths.has(path) || roots.some((root) => path === root || path.startsWith(root === '/' ? '/' : `${root}/`))
  )
}
