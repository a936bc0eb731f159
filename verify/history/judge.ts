/** Judge: all rules over a recording: those of the wire, those of the clients of this library, and those of the server's own tables. */
import { check } from './checker.js'
import { checkJournals } from './journal-rules.js'
import type { Recording } from './recording.js'
import type { ReplayFigures } from './replay.js'
import { countOverdue } from './session-rules.js'
import { sessionsOf } from './sessions.js'
import { checkTables } from './table-rules.js'
import type { Violation } from './violation.js'

/** What was found, and how much there was to look at. */
export interface Judgement {
  readonly violations: readonly Violation[]
  readonly figures: ReplayFigures & {
    readonly notes: number
    readonly operations: number
    readonly events: number
    /** Sessions that somebody asked for when they had to be over. */
    readonly overdue: number
    readonly checkMs: number
  }
}

/** Checks everything. */
export function judge({ history, journals, options, tables }: Recording): Judgement {
  const startMs = performance.now()
  const { violations, figures } = check(history, options)
  const all = [...violations, ...checkJournals(journals, history), ...checkTables(tables)]
  const checkMs = performance.now() - startMs
  const { length: notes, threads } = history
  const operations = threads.reduce((sum, { exchanges }) => sum + exchanges.length, 0)
  const events = threads.reduce((sum, { heard }) => sum + heard.filter((each) => 'event' in each).length, 0)
  const overdue = [...sessionsOf(history).values()].reduce(
    (sum, session) => sum + countOverdue(session, history, options),
    0,
  )
  return { violations: all, figures: { ...figures, notes, operations, events, overdue, checkMs } }
}
