/** The sessions of a history: the connections that each of them had, one after the other, and how it came to its end. */
import type { Exchange, History, Thread } from './history.js'

/** One session. */
export interface Session {
  readonly id: bigint
  readonly password: Uint8Array
  /** The connections that the server accepted for it, in the order of their acceptance. */
  readonly threads: readonly Thread[]
  /** All connections that asked for it with the right password, whatever came of that. */
  readonly attempts: readonly Thread[]
  /** Who came with the right password and was told that the session is over. */
  readonly refusals: readonly Thread[]
  /** Who came with a wrong password. */
  readonly strangers: readonly Thread[]
  /** Its closeSession requests that got to the server, answered or not. */
  readonly goodbyes: readonly Exchange[]
}

interface Growing extends Session {
  readonly threads: Thread[]
  readonly attempts: Thread[]
  readonly refusals: Thread[]
  readonly strangers: Thread[]
}

/** By id. */
export function sessionsOf({ threads }: History): ReadonlyMap<bigint, Session> {
  const sessions = new Map<bigint, Growing>()
  const byAnswer = threads
    .filter(({ answer }) => answer !== undefined)
    .sort((a, b) => a.answeredAt - b.answeredAt)
  for (const thread of byAnswer) {
    const { sessionId: id, answer } = thread
    if (id === 0n || answer === undefined) continue
    const { password } = answer
    const known = sessions.get(id)
    if (known !== undefined) known.threads.push(thread)
    else
      sessions.set(id, {
        id,
        password,
        threads: [thread],
        attempts: [],
        refusals: [],
        strangers: [],
        goodbyes: [],
      })
  }
  for (const thread of threads) {
    const asked = sessions.get(thread.hello?.sessionId ?? 0n)
    if (asked === undefined || thread.hello === undefined) continue
    if (Buffer.compare(thread.hello.password, asked.password) !== 0) {
      asked.strangers.push(thread)
      continue
    }
    asked.attempts.push(thread)
    if (thread.answer !== undefined && thread.sessionId === 0n) asked.refusals.push(thread)
  }
  return new Map(
    [...sessions].map(([id, session]) => [id, { ...session, goodbyes: goodbyesOf(session.threads) }]),
  )
}

function goodbyesOf(threads: readonly Thread[]): Exchange[] {
  return threads.flatMap(({ exchanges }) =>
    exchanges.filter(({ request }) => request.type === 'closeSession'),
  )
}
