/**
 * S4: a request whose outcome nobody heard of has happened at most once, and where its session allows it. Every write has bytes of
 * its own, and whoever reads them is told the zxid of their transaction: so the data say which of these requests have happened.
 */
import type { Exchange, History, Thread } from './history.js'
import { type Horizon, lastZxidOf } from './horizon.js'
import { hasPlace, isWrite, shownBy, writtenBy } from './requests.js'
import type { Session } from './sessions.js'
import type { Violation } from './violation.js'

/** A write with the zxids between which it can have happened, both excluded; a known one has no room. */
interface Writing {
  readonly thread: Thread
  readonly place: number
  readonly exchange: Exchange | undefined
  readonly after: number
  readonly before: number
  seenAs: number | undefined
}

/** All that the data of the history tell about its writes. */
export function checkOutcomes(
  history: History,
  sessions: ReadonlyMap<bigint, Session>,
  horizon: Horizon,
): Violation[] {
  const writings = new Map<string, Writing>()
  const violations: Violation[] = []
  for (const thread of history.threads) {
    const session = sessions.get(thread.sessionId)
    for (const writing of writingsOf(thread, session, horizon)) {
      const request = writing.exchange?.request
      for (const text of request === undefined ? [] : writtenBy(request)) writings.set(text, writing)
    }
    const never = { thread, place: -1, exchange: undefined, after: 0, before: 0, seenAs: undefined }
    for (const request of thread.withheld)
      for (const text of writtenBy(request)) writings.set(text, { ...never })
  }
  for (const { exchanges } of history.threads) {
    for (const { reply } of exchanges) {
      for (const { text, zxid } of reply === undefined ? [] : shownBy(reply)) {
        const what = judge(writings.get(text), zxid)
        if (what !== undefined)
          violations.push({
            rule: 'S4',
            thread: writings.get(text)?.thread.name ?? 'nobody',
            what: `${text}: ${what}`,
          })
      }
    }
  }
  return [...violations, ...checkPlaces(writings)]
}

/** The zxids between which an unanswered request of this connection can have happened, both excluded. */
export function roomOf(
  { sentAt }: Exchange,
  thread: Thread,
  session: Session | undefined,
  horizon: Horizon,
): { readonly after: number; readonly before: number } {
  const after = Math.max(lastZxidOf(thread), horizon.seenBefore(sentAt))
  const later = session?.threads.slice(session.threads.indexOf(thread) + 1) ?? []
  // S7: what is sent after another connection has taken the session over is never read.
  const isUnread = later.some(({ answeredAt }) => answeredAt < sentAt)
  const { drainedAt } = thread
  if (isUnread || (drainedAt >= 0 && drainedAt < sentAt)) return { after, before: 0 }
  const firsts = later.map(
    ({ exchanges }) => exchanges.find((each) => hasPlace(each) && each.reply !== undefined)?.reply?.zxid,
  )
  const refusedAt = session?.refusals[0]?.answeredAt
  const bounds = [
    // A read can show the very transaction.
    (firsts.find((zxid) => zxid !== undefined) ?? Number.POSITIVE_INFINITY) + 1,
    // What was read by then has its place before all that is sent later; unless somebody else had it closed while it was read.
    drainedAt < 0 || session?.attempts.some(({ helloAt }) => helloAt > thread.helloAt && helloAt < drainedAt)
      ? Number.POSITIVE_INFINITY
      : horizon.writtenAfter(drainedAt),
    refusedAt === undefined ? Number.POSITIVE_INFINITY : horizon.writtenAfter(refusedAt),
  ]
  return { after, before: Math.min(...bounds) }
}

function* writingsOf(thread: Thread, session: Session | undefined, horizon: Horizon): Generator<Writing> {
  for (const [place, exchange] of thread.exchanges.entries()) {
    if (!isWrite(exchange) || writtenBy(exchange.request).length === 0) continue
    const { reply } = exchange
    if (reply === undefined) {
      yield { thread, place, exchange, ...roomOf(exchange, thread, session, horizon), seenAs: undefined }
      continue
    }
    const hasHappened = reply.code === 'OK' && !isRolledBack(exchange)
    const [after, before] = hasHappened ? [reply.zxid - 1, reply.zxid + 1] : [0, 0]
    yield { thread, place, exchange, after, before, seenAs: undefined }
  }
}

function isRolledBack({ reply }: Exchange): boolean {
  return reply?.response?.type === 'results' && reply.response.results.some(({ type }) => type === 'error')
}

/** What is wrong with it if its bytes are seen with this zxid. */
function judge(writing: Writing | undefined, zxid: number): string | undefined {
  if (writing === undefined) return 'nobody has written this'
  const { seenAs, exchange, after, before } = writing
  writing.seenAs = zxid
  if (exchange === undefined) return 'this never got to the server, and is there'
  if (before === 0) return `this was refused or came too late, and is there as of zxid ${zxid}`
  if (seenAs !== undefined && seenAs !== zxid) return `this happened twice, as zxid ${seenAs} and as ${zxid}`
  if (zxid > after && zxid < before) return undefined
  return `this happened as zxid ${zxid}, and should have between ${after} and ${before}`
}

/** S1 for what was not answered: the requests of a connection happen in their order. */
function checkPlaces(writings: ReadonlyMap<string, Writing>): Violation[] {
  const seen = [...new Set(writings.values())].flatMap((writing) => {
    const { seenAs, thread, place } = writing
    return seenAs === undefined ? [] : [{ thread, place, zxid: seenAs }]
  })
  const last = new Map<Thread, number>()
  return seen.flatMap(({ thread, zxid }): Violation[] => {
    const before = last.get(thread) ?? 0
    last.set(thread, Math.max(before, zxid))
    if (zxid >= before) return []
    return [
      { rule: 'S4', thread: thread.name, what: `zxid ${zxid} belongs to a later request than ${before}` },
    ]
  })
}
