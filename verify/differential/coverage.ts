/**
 * Coverage: what a run has reached, in cells. A comparison of nothing but easy requests proves little: a cell that is hit too rarely
 * fails the run. A trigger counts where its connection saw the event that was due, or where a watch was set and none was due.
 */
import type { MultiOp, Request } from '../../src/protocol/message.js'
import { CLOSED } from './scribe.js'
import { SESSION_BOUNDS, type Sights, type Step } from './step.js'
import { type Change, dueEvent, relatives, type SeenEvent, WatchTables } from './watch-tables.js'

const CREATES: ReadonlySet<string> = new Set(['create', 'create2', 'createContainer', 'createTTL'])
/** A path as lines show it, at the beginning of what follows a code. */
const PATH_FIRST = /^"(?:[^"\\]|\\.)*"/

/** A znode that has changed. */
interface Changed {
  readonly change: Change
  readonly path: string
  /** It was created, and goes with its session. */
  readonly isEphemeral: boolean
}

/** A reply, and the events between it and the one before. */
interface Segment {
  readonly events: SeenEvent[]
  readonly reply: string
}

/** Counts cells. */
export class Coverage {
  readonly #counts = new Map<string, number>()
  /** The watches of the connections that stand, by slot. */
  readonly #places = new Map<number, WatchTables>()
  /** The last session of each slot. */
  readonly #sessions = new Map<number, string>()
  readonly #ephemerals = new Map<string, Set<string>>()

  /** Every cell that was hit, with the number of hits. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** A run begins, on servers that nobody has used. */
  begin(): void {
    this.#places.clear()
    this.#sessions.clear()
    this.#ephemerals.clear()
  }

  /** Takes in a step and what was seen of it. */
  see(step: Step, sights: Sights): void {
    const lines = sights.get(step.slot) ?? []
    for (const each of sights.values()) for (const line of each) this.#seeEvent(line)
    if (step.do === 'send') this.#seeReplies(step.slot, step.requests, sights)
    else if (step.do === 'expire') this.#seeExpiry(step.slot, sights)
    else this.#seeConnection(step, lines)
    if (lines.includes(CLOSED) && step.do === 'send') this.#places.delete(step.slot)
  }

  #seeConnection(step: Exclude<Step, { do: 'send' | 'expire' }>, lines: readonly string[]): void {
    this.#add(step.do === 'resume' ? `resume ${step.password} ${step.seen}` : step.do)
    if ('timeoutMs' in step) this.#add(`${step.do} ${rangeOf(step.timeoutMs)}`)
    this.#places.delete(step.slot)
    for (const line of lines) {
      const [, session] = /^connected (\S+)/.exec(line) ?? []
      if (session === undefined) continue
      this.#sessions.set(step.slot, session)
      this.#places.set(step.slot, new WatchTables())
    }
  }

  /** The connection is gone, and the session with all that it owns. */
  #seeExpiry(slot: number, sights: Sights): void {
    this.#add('expire')
    const others = new Map([...sights].map(([at, lines]) => [at, eventsOf(lines)]))
    for (const path of this.#ephemeralsOf(slot))
      this.#seeChange({ change: 'expire', path, isEphemeral: false }, (at) => others.get(at) ?? [])
    this.#ephemerals.delete(this.#sessions.get(slot) ?? '')
  }

  #ephemeralsOf(slot: number): readonly string[] {
    return [...(this.#ephemerals.get(this.#sessions.get(slot) ?? '') ?? [])]
  }

  #seeReplies(slot: number, requests: readonly Request[], sights: Sights): void {
    const segments = segmentsOf(sights.get(slot) ?? [])
    const others = new Map([...sights].map(([at, lines]) => [at, eventsOf(lines)]))
    for (const [i, request] of requests.entries()) {
      const { events, reply } = segments[i] ?? { events: [], reply: 'nothing' }
      const [type = '', code = ''] = reply.split(' ')
      this.#add(`${type} ${code}`)
      if (request.type === 'multi' || request.type === 'multiRead') this.#seeResults(request.ops, reply)
      const before = [...events]
      for (const changed of this.#changesOf(slot, request, reply)) {
        this.#seeChange(changed, (at) => (at === slot ? events : (others.get(at) ?? [])))
        this.#keepEphemeral(slot, changed)
      }
      this.#places.get(slot)?.answered(request, code, before)
    }
  }

  /** What each operation of a multi has come to; an error is the one that all have failed with. */
  #seeResults(ops: readonly { readonly type: string }[], reply: string): void {
    const [type = ''] = reply.split(' ')
    const results = resultsOf(reply)
    const isWhole = type === 'multiRead' || results.every((result) => !result.startsWith('error'))
    for (const [i, op] of ops.entries()) {
      const error = results[i]?.startsWith('error ') ? results[i].slice('error '.length) : 'OK'
      if (isWhole || (error !== 'OK' && error !== 'RUNTIMEINCONSISTENCY'))
        this.#add(`${type} ${op.type} ${error}`)
    }
  }

  #changesOf(slot: number, request: Request, reply: string): readonly Changed[] {
    const [, code = ''] = reply.split(' ')
    if (code !== 'OK') return []
    if (request.type === 'multi') {
      const results = resultsOf(reply)
      if (results.some((result) => result.startsWith('error'))) return []
      return request.ops.flatMap((op, i) => changeOf(op, results[i]?.replace(/^create /, '') ?? ''))
    }
    if (request.type === 'closeSession') {
      return this.#ephemeralsOf(slot).map((path) => ({ change: 'closeSession', path, isEphemeral: false }))
    }
    return changeOf(request, reply.replace(/^\S+ \S+ \S+ ?/, ''))
  }

  #seeChange({ change, path }: Changed, eventsAt: (slot: number) => SeenEvent[]): void {
    for (const [slot, watches] of this.#places) {
      const events = eventsAt(slot)
      const seen = new Set<SeenEvent>()
      for (const [relation, at] of relatives(path)) {
        for (const kind of watches.kindsAt(at)) {
          const due = dueEvent(change, path, { kind, relation })
          const found = due && events.find((event) => isSame(event, due))
          // A due event that was not seen is withheld from who may not read the znode.
          if (due !== undefined && found === undefined) continue
          this.#add(`trigger: ${change}, a ${kind} watch on ${relation}`)
          if (found !== undefined) seen.add(found)
        }
      }
      for (const event of seen) events.splice(events.indexOf(event), 1)
      watches.use(change, path)
    }
  }

  #keepEphemeral(slot: number, { change, path, isEphemeral }: Changed): void {
    const session = this.#sessions.get(slot) ?? ''
    if (isEphemeral) this.#ephemerals.set(session, (this.#ephemerals.get(session) ?? new Set()).add(path))
    else if (change !== 'setData' && change !== 'setACL')
      for (const paths of this.#ephemerals.values()) paths.delete(path)
  }

  #seeEvent(line: string): void {
    const [word, type] = line.split(' ')
    if (word === 'event') this.#add(`event ${type}`)
  }

  #add(cell: string): void {
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1)
  }
}

/** What a request, or an operation of a multi, has changed. `result` is its answer, which begins with the path if there is one. */
function changeOf(request: Request | MultiOp, result: string): readonly Changed[] {
  if (CREATES.has(request.type) && 'mode' in request) {
    const [quoted] = PATH_FIRST.exec(result) ?? []
    if (quoted === undefined) return []
    const isEphemeral = String(request.mode).startsWith('EPHEMERAL')
    return [{ change: 'create', path: JSON.parse(quoted), isEphemeral }]
  }
  switch (request.type) {
    case 'delete':
    case 'setData':
    case 'setACL':
      return [{ change: request.type, path: request.path, isEphemeral: false }]
    default:
      return []
  }
}

/** Where a wish for a session timeout lies. */
function rangeOf(timeoutMs: number): string {
  if (timeoutMs < SESSION_BOUNDS.minMs) return 'below the bounds'
  return timeoutMs > SESSION_BOUNDS.maxMs ? 'above the bounds' : 'within the bounds'
}

function segmentsOf(lines: readonly string[]): readonly Segment[] {
  const segments: Segment[] = []
  let since = 0
  for (const [i, line] of lines.entries()) {
    if (line === CLOSED || line.startsWith('event ')) continue
    segments.push({ events: eventsOf(lines.slice(since, i)), reply: line })
    since = i + 1
  }
  return segments
}

function eventsOf(lines: readonly string[]): SeenEvent[] {
  return lines.flatMap((line) => {
    const [, type, path] = /^event (\w+) (".*") -?\d+$/.exec(line) ?? []
    return isEventType(type) && path !== undefined ? [{ type, path: JSON.parse(path) }] : []
  })
}

function resultsOf(reply: string): readonly string[] {
  return reply.replace(/^\S+ \S+ \S+ ?/, '').split(' | ')
}

function isSame(left: SeenEvent, right: SeenEvent): boolean {
  return left.type === right.type && left.path === right.path
}

const EVENT_TYPES = ['NodeCreated', 'NodeDeleted', 'NodeDataChanged', 'NodeChildrenChanged'] as const

function isEventType(type: string | undefined): type is SeenEvent['type'] {
  return EVENT_TYPES.some((each) => each === type)
}
