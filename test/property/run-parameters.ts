/**
 * How many runs and which seed: RUNS multiplies nothing and replaces the number, SEED repeats a failed run.
 * Example: `SEED=-1234 RUNS=100000 npx vitest run test/property`. fast-check prints the seed of a failure.
 */
import { env } from 'node:process'

/** Parameters for `fc.assert`. */
export interface RunParameters {
  readonly numRuns: number
  readonly seed?: number
  /** Milliseconds after which shrinking stops and the smallest case so far is shown. */
  readonly interruptAfterTimeLimit?: number
}

/** The number of runs of a commit, unless RUNS says otherwise, and the seed, if SEED gives one. */
export function runParameters(runsOfACommit: number): RunParameters {
  const numRuns = env.RUNS === undefined ? runsOfACommit : Number(env.RUNS)
  return env.SEED === undefined ? { numRuns } : { numRuns, seed: Number(env.SEED) }
}

/** Milliseconds that a test with these runs may take: far more than they need on a busy machine, and a minute to shrink. */
export function timeLimitMs({ numRuns }: RunParameters): number {
  return 60_000 + numRuns * 200
}
