/** W10: the watch tables of a server are whole at every moment, and empty when nobody is connected any more. */
import type { Violation } from './violation.js'

/** What was seen of them. */
export interface TableLook {
  /** What was broken at one moment or another. */
  readonly broken: readonly string[]
  /** How many watches there were after the last connection had ended. */
  readonly watchesLeft: number
}

/** What is wrong with that. */
export function checkTables({ broken, watchesLeft }: TableLook): Violation[] {
  const all = broken.map((what) => violation(what))
  if (watchesLeft !== 0) all.push(violation(`${watchesLeft} watches of nobody are left`))
  return all
}

function violation(what: string): Violation {
  return { rule: 'W10', thread: 'the server', what }
}
