/**
 * Checker: whether a history of connections that ran at the same time, broke and came back could have come from a server that does one
 * thing after the other. Each rule has its place: order-rules, session-rules, outcome-rules, arming-rules, and the replay on a naive
 * model for the rest. All of it is O(n log n) in the length of the history.
 */
import { checkArmings } from './arming-rules.js'
import type { History } from './history.js'
import { Horizon } from './horizon.js'
import { checkRealTime, checkReplies, checkTwice, checkZxidOrder } from './order-rules.js'
import { checkOutcomes } from './outcome-rules.js'
import { type ReplayFigures, replay } from './replay.js'
import { checkSession } from './session-rules.js'
import { sessionsOf } from './sessions.js'
import type { CheckOptions, Violation } from './violation.js'

/** What a check has found. */
export interface Verdict {
  readonly violations: readonly Violation[]
  readonly figures: ReplayFigures
}

/** All rules that the history breaks; none if it is right. */
export function check(history: History, options: CheckOptions): Verdict {
  const sessions = sessionsOf(history)
  const horizon = new Horizon(history)
  const replayed = replay({ history, sessions, horizon, options })
  const each = [...sessions.values()]
  return {
    violations: [
      ...history.threads.flatMap(checkReplies),
      ...each.flatMap(checkZxidOrder),
      ...checkRealTime(history),
      ...checkTwice(history),
      ...each.flatMap((session) => checkSession(session, history, options)),
      ...checkOutcomes(history, sessions, horizon),
      ...history.threads.flatMap(checkArmings),
      ...replayed.violations,
    ],
    figures: replayed.figures,
  }
}
