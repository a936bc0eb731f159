/** S5, S6 and S7: how long a session lives, that it ends once, who it is, and what becomes of its connections when another one takes over. */
import type { History, Thread } from './history.js'
import { lastZxidOf } from './horizon.js'
import type { Session } from './sessions.js'
import type { CheckOptions, Rule, Violation } from './violation.js'

const MIN_TICKS = 2
const MAX_TICKS = 20
/** A clock of whole milliseconds may be so much behind. */
const GRAIN_MS = 2
/** How late a busy machine may be. */
const LATE_MS = 4_000

/** What a session's connections show. */
export function checkSession(session: Session, history: History, options: CheckOptions): Violation[] {
  const { threads } = session
  return [
    ...threads.flatMap((thread) => checkTimeout(thread, options)),
    ...session.refusals.flatMap((refusal) => checkEarly(session, refusal, history)),
    ...threads.slice(1).flatMap((thread) => checkLate(session, thread, history, options)),
    ...checkGoodbyes(session),
    ...threads.flatMap((thread, i) =>
      threads.slice(i + 1, i + 2).flatMap((next) => checkTakeOver(thread, next)),
    ),
    ...threads.flatMap((thread) => checkCause(thread, session, history, options)),
    ...session.strangers.flatMap(checkStranger),
    ...[...session.strangers, ...session.refusals].flatMap(checkRefused),
    ...threads.flatMap((thread) => checkIdentity(thread, session)),
  ]
}

/** The timeout that a session is given which asks for this one. */
export function negotiated(askedMs: number, tickMs: number): number {
  return Math.min(Math.max(askedMs, MIN_TICKS * tickMs), MAX_TICKS * tickMs)
}

/** S5: the timeout that was negotiated. */
function checkTimeout({ name, hello, answer }: Thread, { tickMs }: CheckOptions): Violation[] {
  if (hello === undefined || answer === undefined) return []
  const due = negotiated(hello.timeoutMs, tickMs)
  if (answer.timeoutMs === due) return []
  return violation(
    'S5',
    name,
    `asked for ${hello.timeoutMs} ms and was given ${answer.timeoutMs}, not ${due}`,
  )
}

/** S5: a session that nobody has closed is over no sooner than its timeout after the last word. */
function checkEarly(session: Session, refusal: Thread, history: History): Violation[] {
  const isClosed = session.goodbyes.some(({ sentAt }) => sentAt < refusal.answeredAt)
  const heard = lastHeard(session, refusal, history)
  const lived = history.msAt(refusal.answeredAt) - heard.saidMs
  if (isClosed || lived + GRAIN_MS >= heard.timeoutMs) return []
  return violation(
    'S5',
    refusal.name,
    `the session was over ${lived.toFixed(0)} ms after its last word, of ${heard.timeoutMs}`,
  )
}

/** S5: and no later than a tick after that. */
function checkLate(session: Session, thread: Thread, history: History, options: CheckOptions): Violation[] {
  if (!isOverdue(session, thread, history, options)) return []
  const { endedMs, timeoutMs } = lastHeard(session, thread, history)
  const silentMs = history.msAt(thread.helloAt) - endedMs
  return violation(
    'S5',
    thread.name,
    `the session lives after ${silentMs.toFixed(0)} silent ms, of ${timeoutMs}`,
  )
}

/** After so much silence a session is over for certain. */
export function latestMs(timeoutMs: number, tickMs: number): number {
  return timeoutMs + tickMs + LATE_MS
}

/** How often somebody was told how a session is of which that is certain, though nobody has closed it. */
export function countOverdue(session: Session, history: History, options: CheckOptions): number {
  if (session.goodbyes.length > 0) return 0
  const later = [...session.threads.slice(1), ...session.refusals]
  return later.filter((thread) => isOverdue(session, thread, history, options)).length
}

function isOverdue(session: Session, thread: Thread, history: History, { tickMs }: CheckOptions): boolean {
  const { endedMs, timeoutMs } = lastHeard(session, thread, history)
  return history.msAt(thread.helloAt) - endedMs > latestMs(timeoutMs, tickMs)
}

/**
 * Before this connection: the last word of the session; the last moment at which anything of it can have kept it alive, which may be
 * a connection that stands or a handshake that nobody has answered; and its timeout then.
 */
function lastHeard(
  { threads, attempts }: Session,
  until: Thread,
  history: History,
): { readonly saidMs: number; readonly endedMs: number; readonly timeoutMs: number } {
  const before = threads.filter(({ answeredAt }) => answeredAt < until.helloAt)
  const saidMs = Math.max(...before.map(({ lastSaidAt }) => history.msAt(lastSaidAt)))
  // What the server has ended by itself is no sign of life.
  const ends = before.filter(
    ({ isClosed, endedBy, endedAt }) => isClosed && endedBy !== 'server' && endedAt < until.helloAt,
  )
  const asked = attempts.filter(({ answer, helloAt }) => answer === undefined && helloAt < until.helloAt)
  const signs = [...ends.map(({ endedAt }) => endedAt), ...asked.map(({ helloAt }) => helloAt)]
  const endedMs = Math.max(saidMs, ...signs.map((place) => history.msAt(place)))
  return { saidMs, endedMs, timeoutMs: before.at(-1)?.answer?.timeoutMs ?? 0 }
}

/** S6: one closeSession, and nothing of the session after it. */
function checkGoodbyes({ threads, goodbyes, refusals }: Session): Violation[] {
  const answered = goodbyes.filter(({ reply }) => reply?.code === 'OK')
  const [first] = answered
  const name = threads[0]?.name ?? ''
  const twice =
    answered.length > 1 ? violation('S6', name, `the session was closed ${answered.length} times`) : []
  const overAt = Math.min(
    first?.heardAt ?? Number.POSITIVE_INFINITY,
    ...refusals.map(({ answeredAt }) => answeredAt),
  )
  const again = threads.filter(({ helloAt }) => helloAt > overAt)
  const zxid = first?.reply?.zxid ?? Number.POSITIVE_INFINITY
  const late = threads.filter((thread) => lastZxidOf(thread) > zxid)
  return [
    ...twice,
    ...again.flatMap((thread) => violation('S6', thread.name, 'the session was taken up after its end')),
    ...late.flatMap((thread) =>
      violation('S6', thread.name, `an answer is later than the end, zxid ${zxid}`),
    ),
  ]
}

/** S7: who comes with the password takes over; the connection before is closed, and unread requests have no effect. */
function checkTakeOver(old: Thread, next: Thread): Violation[] {
  const stays = old.isClosed
    ? []
    : violation('S7', old.name, `stays open beside ${next.name}, which has taken over`)
  const late = old.exchanges.find(({ sentAt, reply }) => sentAt > next.answeredAt && reply !== undefined)
  if (late === undefined) return stays
  return [
    ...stays,
    ...violation('S7', old.name, `a ${late.request.type} was answered after ${next.name} had taken over`),
  ]
}

/** S7: nothing else makes the server end a connection, D1: at the real one, a stranger does; and S5: an expiry does it in time. */
function checkCause(
  thread: Thread,
  session: Session,
  history: History,
  { strangersCutOwners, tickMs }: CheckOptions,
): Violation[] {
  if (thread.endedBy !== 'server') return []
  const { attempts, goodbyes, strangers } = session
  const isOver = goodbyes.some(({ sentAt }) => sentAt < thread.endedAt)
  const isMeanwhile = ({ helloAt }: Thread): boolean => helloAt > thread.helloAt && helloAt < thread.endedAt
  // A take-over that broke before it was answered has closed the old connection all the same.
  const isTakenOver = attempts.some(isMeanwhile)
  const isRobbed = strangersCutOwners && strangers.some(isMeanwhile)
  const silentMs = history.msAt(thread.endedAt) - history.msAt(thread.lastSaidAt)
  const timeoutMs = thread.answer?.timeoutMs ?? 0
  if (isOver || isTakenOver || isRobbed) return []
  if (silentMs + GRAIN_MS < timeoutMs)
    return violation('S7', thread.name, 'the server has closed it without a reason')
  if (silentMs <= latestMs(timeoutMs, tickMs)) return []
  return violation('S5', thread.name, `was closed after ${silentMs.toFixed(0)} silent ms, of ${timeoutMs}`)
}

/** S7: a wrong password opens nothing. */
function checkStranger({ name, answer }: Thread): Violation[] {
  if (answer === undefined || (answer.timeoutMs <= 0 && answer.sessionId === 0n)) return []
  return violation(
    'S7',
    name,
    `a wrong password was answered with ${answer.timeoutMs} ms, session ${answer.sessionId}`,
  )
}

/** S7: whoever is refused is not kept. */
function checkRefused({ name, answer, isClosed }: Thread): Violation[] {
  return answer === undefined || isClosed ? [] : violation('S7', name, 'was refused, and not closed')
}

/** S6 and S7: a new session has an id of its own, and whoever comes back gets the one that was asked for, with its password. */
function checkIdentity(thread: Thread, { id, password, threads }: Session): Violation[] {
  const { name, hello, answer } = thread
  if (hello?.sessionId === 0n && thread !== threads[0])
    return violation('S6', name, `a new session was given the id of another one, ${id}`)
  if (hello !== undefined && hello.sessionId !== 0n && hello.sessionId !== id)
    return violation('S7', name, `asked for session ${hello.sessionId} and was given ${id}`)
  if (answer === undefined || Buffer.compare(answer.password, password) === 0) return []
  return violation('S7', name, 'was given another password than before')
}

function violation(rule: Rule, thread: string, what: string): Violation[] {
  return [{ rule, thread, what }]
}
