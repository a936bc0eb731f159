/**
 * Orders of checks as generated tables: a situation in which a request passes, and for each check of the server what spoils
 * it. Two checks that can fail together give one test: the earlier one decides the code. Used by the tests of writes.
 */
import type { Code } from '../../../src/index.js'

/** One check of the server. */
export interface Check<Situation> {
  readonly name: string
  readonly code: Code
  /** Everything that this check looks at, so that two checks with a field in the same place are not combined. */
  readonly spoil: Partial<Situation>
}

/** Two checks that both fail. */
export interface Contest<Situation> {
  readonly winner: string
  readonly code: Code
  readonly loser: string
  readonly loserCode: Code
  readonly spoil: Partial<Situation>
}

/** Every pair, in the order of the checks, that can fail together and can be told apart. */
export function contests<Situation>(checks: readonly Check<Situation>[]): Contest<Situation>[] {
  return checks.flatMap((first, i) =>
    checks
      .slice(i + 1)
      .filter((second) => first.code !== second.code && areApart(first.spoil, second.spoil))
      .map((second) => ({
        winner: first.name,
        code: first.code,
        loser: second.name,
        loserCode: second.code,
        spoil: { ...first.spoil, ...second.spoil },
      })),
  )
}

function areApart(one: object, other: object): boolean {
  return Object.keys(one).every((name) => !(name in other))
}
