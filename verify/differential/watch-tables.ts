/**
 * WatchTables: the watches of one connection, by what was answered on it, as ZooKeeper 3.8 keeps them: in either table a path has
 * one-shot watches or a lasting one, whichever came last. Besides, which event a change owes to which watch.
 */
import type { Request, SetWatchesRequest } from '../../src/protocol/message.js'
import { parentOf } from '../../src/protocol/path.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'

/** How a watch came to be. */
export type WatchKind = 'data' | 'exists' | 'child' | 'persistent' | 'recursive'

/** Where the watched znode is, seen from the one that changes. */
export type Relation = 'itself' | 'its parent' | 'further up'

/** What can happen to a znode. An ephemeral one also goes with its session. */
export type Change = 'create' | 'delete' | 'setData' | 'setACL' | 'closeSession' | 'expire'

/** An event, as far as it matters here. */
export interface SeenEvent {
  readonly type: NodeEventType
  readonly path: string
}

const KIND_OF_READ = {
  getData: 'data',
  exists: 'exists',
  getChildren: 'child',
  getChildren2: 'child',
} as const

/** What the znode itself is told with; a new ACL is nobody's business. */
const EVENTS: Readonly<Record<Change, NodeEventType | undefined>> = {
  create: 'NodeCreated',
  delete: 'NodeDeleted',
  setData: 'NodeDataChanged',
  setACL: undefined,
  closeSession: 'NodeDeleted',
  expire: 'NodeDeleted',
}

const LASTING: ReadonlySet<WatchKind> = new Set(['persistent', 'recursive'])

type Table = Map<string, ReadonlySet<WatchKind>>

/** Of one connection; it begins without any. */
export class WatchTables {
  readonly #data: Table = new Map()
  readonly #child: Table = new Map()

  /** A request was answered with this code, after these events. */
  answered(request: Request, code: string, before: readonly SeenEvent[]): void {
    switch (request.type) {
      case 'exists':
        if (request.watch && (code === 'OK' || code === 'NONODE')) this.#arm('exists', request.path)
        return
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
        if (request.watch && code === 'OK') this.#arm(KIND_OF_READ[request.type], request.path)
        return
      case 'addWatch':
        if (code === 'OK') this.#arm(request.mode === 'PERSISTENT' ? 'persistent' : 'recursive', request.path)
        return
      case 'setWatches':
        if (code === 'OK') this.#restore(request, before)
        return
      case 'removeWatches': {
        if (code !== 'OK') return
        const { path, watcherType } = request
        if (watcherType !== 'Children') this.#data.delete(path)
        if (watcherType !== 'Data') this.#child.delete(path)
      }
    }
  }

  /** The kinds of the watches that are set at this path. */
  kindsAt(path: string): ReadonlySet<WatchKind> {
    return new Set([...(this.#data.get(path) ?? []), ...(this.#child.get(path) ?? [])])
  }

  /** A change uses up one-shot watches, whether or not their owner may hear of it. */
  use(change: Change, path: string): void {
    const type = EVENTS[change]
    if (type === undefined) return
    useUp(this.#data, path)
    if (type === 'NodeDeleted') useUp(this.#child, path)
    if (type !== 'NodeDataChanged') useUp(this.#child, parentOf(path))
  }

  #arm(kind: WatchKind, path: string): void {
    if (LASTING.has(kind)) for (const table of [this.#data, this.#child]) table.set(path, new Set([kind]))
    else {
      const table = kind === 'child' ? this.#child : this.#data
      const others = [...(table.get(path) ?? [])].filter((other) => !LASTING.has(other))
      table.set(path, new Set([...others, kind]))
    }
  }

  /** What had something to tell is not armed. */
  #restore(request: SetWatchesRequest, told: readonly SeenEvent[]): void {
    const hasTold = (path: string, ...types: readonly NodeEventType[]): boolean =>
      told.some((event) => event.path === path && types.includes(event.type))
    for (const path of request.dataWatches)
      if (!hasTold(path, 'NodeDataChanged', 'NodeDeleted')) this.#arm('data', path)
    for (const path of request.existWatches) if (!hasTold(path, 'NodeCreated')) this.#arm('exists', path)
    for (const path of request.childWatches)
      if (!hasTold(path, 'NodeChildrenChanged', 'NodeDeleted')) this.#arm('child', path)
    for (const path of request.persistentWatches) this.#arm('persistent', path)
    for (const path of request.persistentRecursiveWatches) this.#arm('recursive', path)
  }
}

/** The event that a change of this path owes to such a watch; undefined if none. */
export function dueEvent(
  change: Change,
  path: string,
  watch: { readonly kind: WatchKind; readonly relation: Relation },
): SeenEvent | undefined {
  const type = EVENTS[change]
  const { kind, relation } = watch
  if (type === undefined) return undefined
  if (kind === 'recursive') return { type, path }
  if (relation === 'itself') return kind !== 'child' || type === 'NodeDeleted' ? { type, path } : undefined
  const isAboutChildren = relation === 'its parent' && type !== 'NodeDataChanged'
  if (!isAboutChildren || (kind !== 'child' && kind !== 'persistent')) return undefined
  return { type: 'NodeChildrenChanged', path: parentOf(path) }
}

/** The path, its parent, and what is further up. */
export function* relatives(path: string): Iterable<readonly [Relation, string]> {
  yield ['itself', path]
  let relation: Relation = 'its parent'
  for (let at = path; at.length > 1; relation = 'further up') {
    at = parentOf(at)
    yield [relation, at]
  }
}

function useUp(table: Table, path: string): void {
  const left = [...(table.get(path) ?? [])].filter((kind) => LASTING.has(kind))
  table.set(path, new Set(left))
}
