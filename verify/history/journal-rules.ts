/**
 * A1, A2, A4 and A5: what a client makes of what it hears. Its journal is laid beside what went over its connections: the order has to
 * be the same, each watcher is called once for an arming, and every watcher that waits hears of each change of state.
 */
import type { Notification } from '../../src/protocol/message.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import type { Look } from '../look.js'
import type { Exchange, Heard, History, Thread } from './history.js'
import type { Entry, Journalled } from './journal.js'
import { sessionsOf } from './sessions.js'
import type { Rule, Violation } from './violation.js'

/** Requests that the client makes of its own accord. */
const INTERNAL: ReadonlySet<string> = new Set(['setWatches', 'ping', 'auth', 'closeSession'])
/** Ends of calls that no server has answered. */
const UNANSWERED: ReadonlySet<string> = new Set(['CONNECTIONLOSS', 'SESSIONEXPIRED'])
const FINAL: ReadonlySet<string> = new Set(['Expired', 'AuthFailed', 'Closed'])

/** What watches hear of an event. */
const LOOKS: Readonly<Record<NodeEventType, readonly Look[]>> = {
  NodeCreated: ['data', 'exists'],
  NodeDataChanged: ['data', 'exists'],
  NodeDeleted: ['data', 'exists', 'children'],
  NodeChildrenChanged: ['children'],
}

/** All that a client has broken. */
export function checkJournals(journals: readonly Journalled[], history: History): Violation[] {
  const sessions = sessionsOf(history)
  return journals.flatMap((journal) => {
    const threads = sessions.get(journal.sessionId)?.threads ?? []
    return [
      ...checkWatchers(journal),
      ...checkSeen(journal),
      ...checkStates(journal),
      ...checkOutstanding(journal),
      ...checkOrder(journal, threads),
      ...checkFirstEvents(journal),
      ...checkReturns(journal, threads),
    ]
  })
}

/** A1: a watcher is called once, and only for a watch that it has. */
function checkWatchers({ name, entries }: Journalled): Violation[] {
  const called = new Set<number>()
  return entries.flatMap((entry): Violation[] => {
    if (entry.kind !== 'event') return []
    if (called.has(entry.watcher))
      return violation(
        'A1',
        name,
        `watcher ${entry.watcher} was called twice, with ${entry.type} ${entry.path}`,
      )
    called.add(entry.watcher)
    return []
  })
}

/** A2, seen from the data, and W1 over all reconnections: nobody sees a change whose event has not come to a watcher that waits. */
function checkSeen({ name, entries }: Journalled): Violation[] {
  const waiting = new Waiting()
  const violations: Violation[] = []
  for (const entry of entries) {
    if (entry.kind === 'event') waiting.fired(entry.watcher)
    if (entry.kind !== 'answer' || entry.seen === undefined) continue
    const { look, path, zxid } = entry.seen
    for (const armed of waiting.at(look, path)) {
      if (armed.zxid !== zxid)
        violations.push(
          ...violation(
            'A2',
            name,
            `${look} of ${path} shows ${zxid} before the event to who watches ${armed.zxid}`,
          ),
        )
    }
    waiting.answered(entry)
  }
  return violations
}

/** Watchers that wait, by what they watch. */
class Waiting {
  readonly #seen = new Map<number, { readonly key: string; readonly zxid: number }>()
  readonly #byKey = new Map<string, Set<number>>()
  readonly #early = new Set<number>()

  get watchers(): Iterable<number> {
    return this.#seen.keys()
  }

  at(look: Look, path: string): { readonly watcher: number; readonly zxid: number }[] {
    return [...(this.#byKey.get(`${look} ${path}`) ?? [])].flatMap((watcher) => {
      const seen = this.#seen.get(watcher)
      return seen === undefined ? [] : { watcher, zxid: seen.zxid }
    })
  }

  /** Who has to be called for this event: whoever has seen nothing cannot hear that it is gone. */
  hearersOf({ type, path }: Notification): number[] {
    return LOOKS[type].flatMap((look) =>
      this.at(look, path).flatMap(({ watcher, zxid }) =>
        type === 'NodeDeleted' && zxid === 0 ? [] : watcher,
      ),
    )
  }

  answered({ code, seen }: Extract<Entry, { kind: 'answer' }>): void {
    if (seen?.watcher === undefined || this.#early.has(seen.watcher)) return
    if (code !== 'OK' && seen.look !== 'exists') return
    const key = `${seen.look} ${seen.path}`
    this.#seen.set(seen.watcher, { key, zxid: seen.zxid })
    this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(seen.watcher))
  }

  fired(watcher: number): void {
    this.#early.add(watcher)
    const seen = this.#seen.get(watcher)
    if (seen === undefined) return
    this.#seen.delete(watcher)
    this.#byKey.get(seen.key)?.delete(watcher)
  }
}

/** A4: no state twice in a row, nothing after the end, and no call that stays without an answer. */
function checkStates({ name, entries, pending }: Journalled): Violation[] {
  const states = entries.flatMap((entry) =>
    entry.kind === 'state' && entry.watcher === 0 ? [entry.state] : [],
  )
  const twice = states.find((state, i) => state === states[i - 1])
  const end = entries.findIndex((entry) => entry.kind === 'state' && FINAL.has(entry.state))
  const after = end < 0 ? undefined : entries.slice(end).find((entry) => !isLastWord(entry))
  return [
    ...(twice === undefined ? [] : violation('A4', name, `was told ${twice} twice in a row`)),
    ...(after === undefined
      ? []
      : violation('A4', name, `was told something after its end: ${JSON.stringify(after)}`)),
    ...(pending === 0 ? [] : violation('A4', name, `${pending} calls have no answer`)),
  ]
}

/** Each watcher hears of the end, and calls that are refused because of it. */
function isLastWord(entry: Entry): boolean {
  if (entry.kind === 'state') return FINAL.has(entry.state)
  return entry.kind === 'answer' && UNANSWERED.has(entry.code)
}

/** A4: each watcher that waits hears of each change of state, once, and goes on waiting. */
function checkOutstanding({ name, entries }: Journalled): Violation[] {
  const waiting = new Waiting()
  const violations: Violation[] = []
  let due = new Set<number>()
  for (const entry of entries) {
    if (entry.kind === 'state' && entry.watcher !== 0) {
      if (!due.delete(entry.watcher))
        violations.push(
          ...violation('A4', name, `watcher ${entry.watcher} was told ${entry.state}, which was not due`),
        )
      continue
    }
    if (due.size > 0)
      violations.push(...violation('A4', name, `watchers ${[...due]} were not told of a change of state`))
    due = new Set()
    if (entry.kind === 'event') waiting.fired(entry.watcher)
    if (entry.kind === 'answer') waiting.answered(entry)
    if (entry.kind === 'state') due = new Set(waiting.watchers)
  }
  return violations
}

/** A2 and A5: events and answers come in the order in which they came over each connection. */
function checkOrder({ name, entries }: Journalled, threads: readonly Thread[]): Violation[] {
  const segments = segmentsOf(entries)
  if (segments.length > threads.length)
    return violation(
      'A4',
      name,
      `was connected ${segments.length} times, and heard so on ${threads.length} connections`,
    )
  const waiting = new Waiting()
  return segments.flatMap((segment, i) => {
    const thread = threads[i]
    return thread === undefined ? [] : checkSegment(name, segment, { thread, waiting })
  })
}

/** A5: who has seen that there is no znode hears of its creation first, whatever came to pass while the client was away. */
function checkFirstEvents({ name, entries }: Journalled): Violation[] {
  const missing = new Set<number>()
  return entries.flatMap((entry): Violation[] => {
    if (entry.kind === 'answer' && entry.seen?.zxid === 0 && entry.seen.watcher !== undefined)
      missing.add(entry.seen.watcher)
    if (entry.kind !== 'event' || !missing.has(entry.watcher) || entry.type === 'NodeCreated') return []
    return violation('A5', name, `who has seen no ${entry.path} was told ${entry.type}`)
  })
}

/** A5: what a client asks to catch up with begins at the last answer that it has heard; a ping may count as one. */
function checkReturns({ name }: Journalled, threads: readonly Thread[]): Violation[] {
  let [known, withPings] = [0, 0]
  return threads.flatMap((thread): Violation[] => {
    const [least, most] = [known, withPings]
    for (const { request, reply } of thread.exchanges) {
      withPings = Math.max(withPings, reply?.zxid ?? 0)
      if (request.type !== 'ping') known = Math.max(known, reply?.zxid ?? 0)
    }
    const request = thread.exchanges.find(({ request: { type } }) => type === 'setWatches')?.request
    if (request?.type !== 'setWatches' || (request.relativeZxid >= least && request.relativeZxid <= most))
      return []
    return violation(
      'A5',
      name,
      `wants to catch up since ${request.relativeZxid}, and had heard up to ${most}`,
    )
  })
}

/** What was told while a connection stood, and what was still on its way to the user. */
function segmentsOf(entries: readonly Entry[]): Entry[][] {
  const segments: Entry[][] = []
  for (const entry of entries) {
    if (entry.kind === 'state') {
      if (entry.watcher === 0 && entry.state === 'SyncConnected') segments.push([])
      continue
    }
    const isFromServer = entry.kind === 'event' || !UNANSWERED.has(entry.code)
    if (isFromServer) segments.at(-1)?.push(entry)
  }
  return segments
}

function checkSegment(
  name: string,
  segment: readonly Entry[],
  { thread, waiting }: { readonly thread: Thread; readonly waiting: Waiting },
): Violation[] {
  const heard = thread.heard.filter(
    (each) => !('exchange' in each) || !INTERNAL.has(each.exchange.request.type),
  )
  let next = 0
  for (const each of heard) {
    if ('event' in each) {
      // An event can find several watchers, or none any more.
      for (let call = segment[next]; isCallFor(call, each); call = segment[++next])
        waiting.fired(call.watcher)
      const left = neverCalled(waiting.hearersOf(each.event), segment, next)
      if (left.length > 0) return notCalled(name, left, each)
      continue
    }
    const entry = segment[next]
    if (entry === undefined) continue
    if (entry.kind !== 'answer' || entry.code !== codeOf(each.exchange)) return outOfOrder(name, entry, each)
    waiting.answered(entry)
    next++
  }
  const left = segment[next]
  return left === undefined ? [] : outOfOrder(name, left, undefined)
}

/** Those who are not called from here on: a late call is out of order. At the end nobody knows whether the event got to the user. */
function neverCalled(
  watchers: readonly number[],
  segment: readonly Entry[],
  from: number,
): readonly number[] {
  if (watchers.length === 0 || from >= segment.length) return []
  const later = segment.slice(from).flatMap((entry) => (entry.kind === 'event' ? entry.watcher : []))
  return watchers.filter((watcher) => !later.includes(watcher))
}

/** A1: each watcher that waits for it is called. */
function notCalled(
  name: string,
  watchers: readonly number[],
  { event: { type, path } }: Extract<Heard, { event: unknown }>,
): Violation[] {
  return violation('A1', name, `watchers ${watchers} wait for ${path}, and were not called with ${type}`)
}

/** A multi that failed says so in its results. */
function codeOf({ reply }: Exchange): string | undefined {
  if (reply?.response?.type !== 'results') return reply?.code
  const failed = reply.response.results.find((result) => result.type === 'error' && result.code !== 'OK')
  return failed?.type === 'error' ? failed.code : 'OK'
}

function isCallFor(
  entry: Entry | undefined,
  { event }: Extract<Heard, { event: unknown }>,
): entry is Extract<Entry, { kind: 'event' }> {
  return (
    entry?.kind === 'event' &&
    entry.type === event.type &&
    entry.path === event.path &&
    entry.zxid === event.zxid
  )
}

function outOfOrder(name: string, entry: Entry, heard: Heard | undefined): Violation[] {
  const where =
    heard !== undefined && 'exchange' in heard ? `the answer to ${heard.exchange.request.type}` : 'nothing'
  // A catch-up event has no zxid.
  const rule: Rule = entry.kind === 'event' && entry.zxid === -1 ? 'A5' : 'A2'
  return violation(rule, name, `was told ${JSON.stringify(entry)}, where ${where} was due`)
}

function violation(rule: Rule, thread: string, what: string): Violation[] {
  return [{ rule, thread, what }]
}
