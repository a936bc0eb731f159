/**
 * Checker: whether a history of connections that ran at the same time could have come from a server that does one thing after the
 * other. Every reply carries a zxid, so the order is not searched for but read off: writes by their own zxid, reads behind the write
 * whose zxid they carry. In that order all requests go once more to a naive model (O(n log n) in the length of the history), which
 * says what each connection must have heard, to the last event.
 */
import type { Request } from '../../src/protocol/message.js'
import { ModelServer } from '../../test/property/model-server.js'
import { Tally } from '../../test/property/model-tally.js'
import { Scribe } from '../differential/scribe.js'
import type { Exchange, Heard, History, Thread } from './history.js'
import { callOf, replyOf } from './model-bridge.js'

/** One rule that was broken; the ids are those of the invariants in docs/promises.md. */
export interface Violation {
  readonly rule: 'S1' | 'S2' | 'S3' | 'T1' | 'T6' | 'W1' | 'W2' | 'W4' | 'W5'
  readonly thread: string
  readonly what: string
}

/** What differs between servers. */
export interface CheckOptions {
  /** Whether events carry the zxid of their transaction, as from 3.9 on. */
  readonly eventsHaveZxid: boolean
  /** Whether a connection can hear events after the answer to its closeSession, as the real server lets it for a moment. */
  readonly goodbyeIsNoEnd: boolean
  /** Session ids have been given out before the first connection of the history, for requests of its own. */
  readonly firstZxid: number
}

interface Placed {
  readonly thread: Thread
  readonly exchange: Exchange
  readonly zxid: number
  readonly isWrite: boolean
  readonly place: number
}

/** What a connection must have heard: lines, and for events of the end of a session that they have no order. */
interface Expected {
  readonly line: string
  readonly endZxid: number | undefined
}

const WRITES: ReadonlySet<Request['type']> = new Set([
  'create',
  'create2',
  'createContainer',
  'createTTL',
  'delete',
  'setData',
  'setACL',
  'multi',
  'closeSession',
])

/** All rules that the history breaks; none if it is right. */
export function check(history: History, options: CheckOptions): readonly Violation[] {
  return [
    ...history.threads.flatMap(checkOrder),
    ...checkRealTime(history),
    ...checkZxids(history, options),
    ...checkReplay(history, options),
  ]
}

/** S1: replies in the order of the requests, none missing unless the connection has ended. S2: zxids never go back. */
function checkOrder({ name, exchanges, heard, isClosed }: Thread): Violation[] {
  const violations: Violation[] = []
  const answered = heard.flatMap((each) => ('exchange' in each ? [each.exchange] : []))
  const isInOrder = answered.every((exchange, i) => exchange === exchanges[i])
  if (!isInOrder)
    violations.push({ rule: 'S1', thread: name, what: 'the replies are not in the order of the requests' })
  if (!isClosed && answered.length < exchanges.length)
    violations.push({
      rule: 'S1',
      thread: name,
      what: `${exchanges.length - answered.length} requests have no reply`,
    })
  let highest = 0
  for (const { reply } of answered) {
    const zxid = reply?.zxid ?? 0
    if (zxid < highest) violations.push({ rule: 'S2', thread: name, what: `zxid ${zxid} after ${highest}` })
    highest = Math.max(highest, zxid)
  }
  return violations
}

/** S3: what was sent after a reply was heard comes after it; a write has a later zxid. */
function checkRealTime({ threads }: History): Violation[] {
  const moments = threads.flatMap(({ name, exchanges }) =>
    exchanges.flatMap((exchange) => [
      { at: exchange.sentAt, name, exchange, isSent: true },
      { at: exchange.heardAt, name, exchange, isSent: false },
    ]),
  )
  moments.sort((a, b) => a.at - b.at)
  const floors = new Map<Exchange, number>()
  const violations: Violation[] = []
  let highest = 0
  for (const { name, exchange, isSent } of moments) {
    if (exchange.reply === undefined) continue
    const { zxid } = exchange.reply
    if (isSent) {
      floors.set(exchange, highest)
      continue
    }
    const floor = floors.get(exchange) ?? 0
    const isLate = isWrite(exchange) ? zxid > floor : zxid >= floor
    if (!isLate && zxid > 0)
      violations.push({
        rule: 'S3',
        thread: name,
        what: `${exchange.request.type} has zxid ${zxid}, though ${floor} was known before it was sent`,
      })
    highest = Math.max(highest, zxid)
  }
  return violations
}

/** T1: each write and each session takes exactly one zxid, and nothing else takes any. */
function checkZxids({ threads }: History, { firstZxid }: CheckOptions): Violation[] {
  const zxids = threads.flatMap(({ exchanges }) =>
    exchanges.flatMap((exchange) => (isWrite(exchange) && exchange.reply ? [exchange.reply.zxid] : [])),
  )
  zxids.sort((a, b) => a - b)
  const twice = zxids.find((zxid, i) => i > 0 && zxid === zxids[i - 1])
  if (twice !== undefined) return [{ rule: 'T1', thread: 'all', what: `zxid ${twice} was given twice` }]
  const span = (zxids.at(-1) ?? firstZxid) - firstZxid
  const sessions = threads.filter(({ sessionId }) => sessionId !== 0n).length
  if (zxids.length + sessions === span) return []
  return [
    {
      rule: 'T1',
      thread: 'all',
      what: `${zxids.length} writes and ${sessions} sessions took ${span} zxids`,
    },
  ]
}

/** T6 and W1 to W7: what each connection must have heard, by the model. */
function checkReplay(history: History, { eventsHaveZxid, goodbyeIsNoEnd }: CheckOptions): Violation[] {
  const scribe = scribeFor(history)
  const expected = new Map<bigint, Expected[]>()
  const model = new ModelServer(0, new Tally())
  for (const { sessionId } of history.threads) {
    expected.set(sessionId, [])
    model.openSession(sessionId, 1)
  }
  model.deliver = (session, type, path, zxid) => {
    const line = scribe.event({ type, path, zxid: eventsHaveZxid ? zxid : -1 })
    expected.get(session)?.push({ line, endZxid: model.endings.has(zxid) ? zxid : undefined })
  }
  for (const { thread, exchange, zxid } of inOrder(history)) {
    const line = replay(model, scribe, thread, exchange, zxid)
    expected.get(thread.sessionId)?.push({ line, endZxid: undefined })
  }
  // The model has times of its own.
  const heardScribe = scribeFor(history)
  return history.threads.flatMap(({ name, sessionId, heard }) => {
    const last = goodbyeIsNoEnd ? heard.findIndex(isGoodbye) : -1
    const lines = heard
      .slice(0, last < 0 ? undefined : last + 1)
      .filter((each) => !isPing(each))
      .map((each) => lineOf(each, heardScribe))
    return compareLines(name, lines, expected.get(sessionId) ?? [])
  })
}

/** One that knows all sessions, by the same names as any other. */
function scribeFor({ threads }: History): Scribe {
  const scribe = new Scribe()
  for (const { sessionId, name } of threads) {
    if (sessionId === 0n) throw new Error(`${name} has no session`)
    scribe.connected({ sessionId, timeoutMs: 1, password: new Uint8Array(0) })
  }
  return scribe
}

/** The line of the reply that the model gives in its place. */
function replay(
  model: ModelServer,
  scribe: Scribe,
  thread: Thread,
  exchange: Exchange,
  zxid: number,
): string {
  const { request } = exchange
  model.zxid = isWrite(exchange) ? zxid - 1 : zxid
  // Znodes get the zxid of their creation for a time: all that is compared of times is that they belong to a zxid.
  model.nowMs = zxid
  if (request.type === 'closeSession') {
    model.endSession(thread.sessionId)
    return scribe.reply(request.type, { xid: 0, zxid, code: 'OK', response: { type: 'done' } })
  }
  const reply = replyOf(request, model.request(thread.sessionId, callOf(request)))
  return scribe.reply(request.type, reply)
}

function inOrder({ threads }: History): Placed[] {
  const placed = threads.flatMap((thread) =>
    thread.exchanges.flatMap((exchange, place): Placed[] => {
      if (exchange.reply === undefined || exchange.request.type === 'ping') return []
      return [{ thread, exchange, zxid: exchange.reply.zxid, isWrite: isWrite(exchange), place }]
    }),
  )
  return placed.sort((a, b) => a.zxid - b.zxid || Number(b.isWrite) - Number(a.isWrite) || a.place - b.place)
}

function compareLines(name: string, lines: readonly string[], expected: readonly Expected[]): Violation[] {
  for (let at = 0; at < Math.max(lines.length, expected.length); ) {
    const end = endOfGroup(expected, at)
    const wanted = expected.slice(at, end).map(({ line }) => line)
    const actual = lines.slice(at, end)
    const isSame = wanted.length === actual.length && wanted.sort().join('\n') === actual.sort().join('\n')
    if (!isSame) return [violationOf(name, lines[at], expected[at]?.line, lines.slice(at), at)]
    at = end
  }
  return []
}

/** Events of one ending session have no order among themselves; everything else stands alone. */
function endOfGroup(expected: readonly Expected[], at: number): number {
  const endZxid = expected[at]?.endZxid
  let end = at + 1
  while (endZxid !== undefined && expected[end]?.endZxid === endZxid) end++
  return end
}

function violationOf(
  thread: string,
  actual: string | undefined,
  wanted: string | undefined,
  rest: readonly string[],
  at: number,
): Violation {
  const what = `at ${at}: heard ${actual ?? 'nothing'}, where ${wanted ?? 'nothing'} was due`
  const isEvent = (line: string | undefined): boolean => line?.startsWith('event ') === true
  if (isEvent(wanted) && !isEvent(actual)) {
    // The event comes too late, or never.
    return { rule: rest.includes(wanted ?? '') ? 'W2' : 'W1', thread, what }
  }
  if (isEvent(actual)) return { rule: isEvent(wanted) ? 'W5' : 'W4', thread, what }
  return { rule: 'T6', thread, what }
}

function lineOf(heard: Heard, scribe: Scribe): string {
  if ('event' in heard) return scribe.event(heard.event)
  const { request, reply } = heard.exchange
  if (reply === undefined) throw new Error('What was heard has no reply')
  return scribe.reply(request.type, reply)
}

function isGoodbye(heard: Heard): boolean {
  return 'exchange' in heard && heard.exchange.request.type === 'closeSession'
}

function isPing(heard: Heard): boolean {
  return 'exchange' in heard && heard.exchange.request.type === 'ping'
}

function isWrite({ request }: Exchange): boolean {
  return WRITES.has(request.type)
}
