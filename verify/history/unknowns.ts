/**
 * Unknowns: the transactions of which nobody was told, with the zxids between which each can have happened. Every zxid belongs to one
 * transaction, so those that no answer carries tell how many of the unknown have happened, and where.
 */
import type { Exchange, History, Thread } from './history.js'
import { type Horizon, lastZxidOf } from './horizon.js'
import { roomOf } from './outcome-rules.js'
import { isWrite } from './requests.js'
import { negotiated } from './session-rules.js'
import type { Session } from './sessions.js'
import type { CheckOptions } from './violation.js'

/** Between these zxids, both excluded. */
export interface Room {
  readonly after: number
  readonly before: number
  /** In the order of notes, when it could begin. */
  readonly place: number
}

/** A session that begins. Of one whose handshake was not answered nobody knows the id. */
export interface Opening extends Room {
  readonly kind: 'opening'
  readonly sessionId: bigint | undefined
}

/** A write of a connection that broke. It comes after the unknown ones before it on the same connection. */
export interface LostWrite extends Room {
  readonly kind: 'write'
  readonly thread: Thread
  readonly exchange: Exchange
  readonly previous: LostWrite | undefined
}

/** A session that expires; undefined for one whose id nobody knows, which has an opening before. */
export interface Expiry extends Room {
  readonly kind: 'expiry'
  readonly sessionId: bigint | undefined
  readonly opening: Opening
}

/** One transaction that may have happened. */
export type Unknown = Opening | LostWrite | Expiry

/** All of a history, sorted by where they can begin. */
export function unknownsOf(
  history: History,
  sessions: ReadonlyMap<bigint, Session>,
  horizon: Horizon,
  options: CheckOptions,
): readonly Unknown[] {
  const unknowns: Unknown[] = []
  for (const session of sessions.values()) {
    const opening = openingOf(session, horizon)
    unknowns.push(opening)
    for (const thread of session.threads) unknowns.push(...lostWrites(thread, session, horizon))
    const expiry = expiryOf(session, opening, history, horizon)
    if (expiry.before > expiry.after) unknowns.push(expiry)
  }
  for (const thread of history.threads) {
    if (thread.answer === undefined && thread.hello?.sessionId === 0n)
      unknowns.push(...unheard(thread, history, horizon, options))
  }
  return unknowns.sort((a, b) => a.after - b.after)
}

function openingOf({ id, threads }: Session, horizon: Horizon): Opening {
  const [first] = threads
  if (first === undefined) throw new Error(`Session ${id} has no connection`)
  const known = first.exchanges.find(({ reply }) => (reply?.zxid ?? 0) > 0)?.reply?.zxid
  return {
    kind: 'opening',
    sessionId: id,
    place: first.helloAt,
    after: horizon.seenBefore(first.helloAt),
    before: Math.min(horizon.writtenAfter(first.answeredAt), (known ?? Number.POSITIVE_INFINITY) + 1),
  }
}

function* lostWrites(thread: Thread, session: Session, horizon: Horizon): Generator<LostWrite> {
  let previous: LostWrite | undefined
  for (const exchange of thread.exchanges) {
    if (exchange.reply !== undefined || !isWrite(exchange)) continue
    if (exchange.request.type === 'closeSession' && isAnsweredLater(thread, session)) return
    const room = roomOf(exchange, thread, session, horizon)
    const after = Math.max(room.after, previous?.after ?? 0)
    if (room.before <= after) return
    previous = {
      kind: 'write',
      thread,
      exchange,
      previous,
      after,
      before: room.before,
      place: exchange.sentAt,
    }
    yield previous
  }
}

/** Then the session was not closed. */
function isAnsweredLater(thread: Thread, { threads }: Session): boolean {
  return threads.slice(threads.indexOf(thread) + 1).some((later) => lastZxidOf(later) > 0)
}

/** No sooner than the timeout after the last word; no later than somebody was told that it is over. */
function expiryOf(session: Session, opening: Opening, history: History, horizon: Horizon): Expiry {
  const { id, threads, refusals, goodbyes } = session
  const isClosed = goodbyes.some(({ reply }) => reply !== undefined)
  const last = threads.at(-1)
  const saidMs = Math.max(...threads.map(({ lastSaidAt }) => history.msAt(lastSaidAt)))
  const dueAt = history.placeAt(Math.floor(saidMs + (last?.answer?.timeoutMs ?? 0)) - 1)
  // If it has a connection, the session takes it along.
  const isTaken = last?.endedBy === 'server' && last.endedAt >= dueAt
  const overAt = [refusals[0]?.answeredAt, isTaken ? last.endedAt : undefined]
  const bounds = overAt.map((at) => (at === undefined ? Number.POSITIVE_INFINITY : horizon.writtenAfter(at)))
  return {
    kind: 'expiry',
    sessionId: id,
    opening,
    place: dueAt,
    after: Math.max(horizon.seenBefore(dueAt), ...threads.map(lastZxidOf)),
    before: isClosed ? 0 : Math.min(...bounds),
  }
}

/** A new session whose client never heard of it: it may be there, and then it expires. */
function unheard(thread: Thread, history: History, horizon: Horizon, { tickMs }: CheckOptions): Unknown[] {
  const after = horizon.seenBefore(thread.helloAt)
  const before = Number.POSITIVE_INFINITY
  const opening: Opening = { kind: 'opening', sessionId: undefined, after, before, place: thread.helloAt }
  const dueAt = history.placeAt(
    history.msAt(thread.helloAt) + negotiated(thread.hello?.timeoutMs ?? 0, tickMs) - 1,
  )
  return [
    opening,
    { kind: 'expiry', sessionId: undefined, opening, after: horizon.seenBefore(dueAt), before, place: dueAt },
  ]
}
