/** Armings: which one-shot watches a connection has, by what was said on it alone. One arming, one shot: W3. */
import type { Code } from '../src/index.js'
import type { Notification, Request, SetWatchesRequest } from '../src/protocol/message.js'
import { parentOf, ROOT } from '../src/protocol/path.js'
import type { NodeEventType } from '../src/protocol/watched-event.js'

/** The tables in which an event can find a watch. */
const TABLES = {
  NodeCreated: ['data'],
  NodeDataChanged: ['data'],
  NodeDeleted: ['data', 'child'],
  NodeChildrenChanged: ['child'],
} as const

type Table = 'data' | 'child'

/** The one-shot watches of one connection, as far as its answers have shown them to be set. */
export class Armings {
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

  /** A request was answered; without a code if nobody knows how. */
  answered(request: Request, code: Code | undefined): void {
    switch (request.type) {
      case 'setWatches':
        return this.#restored(request)
      case 'removeWatches':
        if (code !== 'OK') return
        if (request.watcherType === 'Data' || request.watcherType === 'Any')
          this.#armed.delete(`data ${request.path}`)
        if (request.watcherType === 'Children' || request.watcherType === 'Any')
          this.#armed.delete(`child ${request.path}`)
        return
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

/** Paths with watches of `addWatch`. */
export interface LastingPaths {
  readonly persistent: ReadonlySet<string>
  readonly recursive: ReadonlySet<string>
}

/** Whether one of them matches. A recursive watch never hears of children as such. */
export function hasLastingWatch(
  { persistent, recursive }: LastingPaths,
  { type, path }: { readonly type: NodeEventType; readonly path: string },
): boolean {
  if (persistent.has(path)) return true
  if (type === 'NodeChildrenChanged') return false
  for (let ancestor = path; ; ancestor = parentOf(ancestor)) {
    if (recursive.has(ancestor)) return true
    if (ancestor === ROOT) return false
  }
}
