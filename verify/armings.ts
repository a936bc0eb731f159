/** Armings: which one-shot watches a connection has, by what was said on it alone. What arms is W6; one arming, one shot: W3. */
import type { Code } from '../src/index.js'
import type { Notification, Request, SetWatchesRequest } from '../src/protocol/message.js'
import { parentOf, ROOT } from '../src/protocol/path.js'
import type { NodeEventType } from '../src/protocol/watched-event.js'

/** The tables in which an event can find a watch. */
const TABLES: Readonly<Record<NodeEventType, readonly Table[]>> = {
  NodeCreated: ['data'],
  NodeDataChanged: ['data'],
  NodeDeleted: ['data', 'child'],
  NodeChildrenChanged: ['child'],
}

/** What each list of a setWatches can tell of a path, and where its watch goes if it has nothing to tell. */
const LISTS = {
  dataWatches: { events: ['NodeDataChanged', 'NodeDeleted'], table: 'data' },
  existWatches: { events: ['NodeCreated'], table: 'data' },
  childWatches: { events: ['NodeChildrenChanged', 'NodeDeleted'], table: 'child' },
} as const satisfies Record<string, { readonly events: readonly NodeEventType[]; readonly table: Table }>

type Table = 'data' | 'child'
type List = keyof typeof LISTS

/**
 * What there can be at one path: watches, and the lists of a setWatches that have not told of it. Without these the setWatches has not
 * begun: its events leave the watches alone that were there before.
 */
interface Course {
  readonly tables: readonly Table[]
  readonly lists: readonly List[] | undefined
}

const NOTHING: readonly Course[] = [{ tables: [], lists: undefined }]
const LIST_NAMES: readonly List[] = ['dataWatches', 'existWatches', 'childWatches']

/** The one-shot watches of one connection, as far as its answers have shown them to be set. */
export class Armings {
  /** More than one where it cannot be told whether an event belongs to a setWatches. */
  readonly #courses = new Map<string, readonly Course[]>()
  /** The lists, by path, of the setWatches that what comes next may belong to. */
  #lists: ReadonlyMap<string, readonly List[]> = new Map()

  /** What comes next may belong to this request, which is answered after it. */
  catchUp(request: SetWatchesRequest | undefined): void {
    this.#lists = request === undefined ? new Map() : listsOf(request)
  }

  /** A request was answered; without a code if nobody knows how. */
  answered(request: Request, code: Code | undefined): void {
    switch (request.type) {
      case 'setWatches':
        return this.#restored(request)
      case 'removeWatches':
        if (code !== 'OK') return
        if (request.watcherType === 'Data' || request.watcherType === 'Any')
          this.#disarm('data', request.path)
        if (request.watcherType === 'Children' || request.watcherType === 'Any')
          this.#disarm('child', request.path)
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
  fire(event: Notification): boolean {
    const { path } = event
    const lists = this.#lists.get(path) ?? []
    const next = this.#at(path).flatMap((course) => after(course, event, lists))
    if (next.length === 0) return false
    this.#courses.set(path, withoutTwins(next))
    return true
  }

  #at(path: string): readonly Course[] {
    return this.#courses.get(path) ?? NOTHING
  }

  /** What has told of a path is used up; what has not is a watch now. */
  #restored(request: SetWatchesRequest): void {
    const lists = listsOf(request)
    for (const path of new Set([...this.#courses.keys(), ...lists.keys()])) {
      const all = lists.get(path) ?? []
      const next = this.#at(path).map(({ tables, lists: left = all }) => ({
        tables: [...new Set([...tables, ...left.map((list) => LISTS[list].table)])],
        lists: undefined,
      }))
      this.#courses.set(path, withoutTwins(next))
    }
    this.#lists = new Map()
  }

  #arm(table: Table, path: string): void {
    this.#set(path, (tables) => [...tables.filter((each) => each !== table), table])
  }

  #disarm(table: Table, path: string): void {
    this.#set(path, (tables) => tables.filter((each) => each !== table))
  }

  #set(path: string, change: (tables: readonly Table[]) => readonly Table[]): void {
    const next = this.#at(path).map(({ tables, lists }) => ({ tables: change(tables), lists }))
    this.#courses.set(path, withoutTwins(next))
  }
}

/** Where an event can lead: it has used up watches, or it belongs to one of the lists. */
function after({ tables, lists }: Course, { type, zxid }: Notification, all: readonly List[]): Course[] {
  const left = tables.filter((table) => !TABLES[type].includes(table))
  const fired = lists === undefined && left.length < tables.length ? [{ tables: left, lists }] : []
  // Only an event of a transaction has its zxid; but there are servers that never tell it.
  if (zxid >= 0) return fired
  const open = lists ?? all
  const told = open.filter((list) => LISTS[list].events.some((each) => each === type))
  return [...fired, ...told.map((list) => ({ tables, lists: open.filter((each) => each !== list) }))]
}

function listsOf(request: SetWatchesRequest): Map<string, readonly List[]> {
  const lists = new Map<string, readonly List[]>()
  for (const list of LIST_NAMES)
    for (const path of new Set(request[list])) lists.set(path, [...(lists.get(path) ?? []), list])
  return lists
}

function withoutTwins(courses: readonly Course[]): Course[] {
  return [...new Map(courses.map((course) => [keyOf(course), course])).values()]
}

function keyOf({ tables, lists }: Course): string {
  return `${[...tables].sort()} ${lists === undefined ? 'before' : [...lists].sort()}`
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
