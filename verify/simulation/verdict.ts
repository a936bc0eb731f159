/**
 * Verdict: what is said of a run that is not as it should be. A run that is not the same twice gets no test, which would pass: the
 * first line that differs is all that can be told. Any other one is made as short as possible, and into a test that fails.
 */

import { findDifference } from './difference.js'
import type { Plan } from './generate-actions.js'
import { simplify } from './simplify.js'
import type { Outcome } from './simulation.js'

/** How to find out more about a run. */
export interface VerdictOptions {
  /** Does it again. */
  readonly run: (plan: Plan) => Promise<Outcome>
  /** Says which run it is; called before anything else is said. */
  readonly failed: () => void
  readonly say: (line: string) => void
  /** For so long simpler runs are looked for. */
  readonly shrinkMs: number
}

const SHOWN_FAULTS = 10
const SHOWN_LINES = 20

/** Does a run a second time, and says what is wrong with it. True if nothing is. */
export async function judge(plan: Plan, outcome: Outcome, options: VerdictOptions): Promise<boolean> {
  const { run, failed, say } = options
  const { faults } = outcome
  const difference = findDifference(outcome, await run(plan))
  if (difference === undefined && faults.length === 0) return true
  failed()
  for (const fault of faults.slice(0, SHOWN_FAULTS)) say(`  ${fault}`)
  if (difference === undefined) await shorten(plan, faults, options)
  else say(`  the same actions gave another run, so that no test can show it: ${difference}`)
  return false
}

/** What kind of fault it is: without the names and the numbers. */
export function kindOf(fault: string): string {
  return fault.replaceAll(/\bc\d+|(?<![A-Z])\d+/g, '#').replaceAll(/\/[a-z/#-]*/g, '/')
}

/** A run as a test, ready to be kept. */
export function testOf({ setup, actions }: Plan, fault: string): string {
  const lines = actions.map((action) => `        ${JSON.stringify(action)},`)
  return [
    `  it(${JSON.stringify(`keeps every promise: ${fault}`)}, async () => {`,
    '    const { faults } = await simulate(',
    `      ${JSON.stringify(setup)},`,
    `      [\n${lines.join('\n')}\n      ],`,
    '    )\n\n    expect(faults).toEqual([])\n  })',
  ].join('\n')
}

/** Looks for the shortest way to a fault of the same kind, and says it as a test. */
async function shorten(
  plan: Plan,
  [first = '']: readonly string[],
  { run, say, shrinkMs }: VerdictOptions,
): Promise<void> {
  say(`shrinking ${plan.actions.length} actions, for ${shrinkMs / 1000} s at most`)
  const isSame = (fault: string): boolean => kindOf(fault) === kindOf(first)
  const fails = async (simpler: Plan): Promise<boolean> => (await run(simpler)).faults.some(isSame)
  const short = await simplify(plan, fails, performance.now() + shrinkMs)
  const { faults, trace } = await run(short)
  const shown = faults.find(isSame)
  if (shown === undefined) return say('  the shrunk run does not fail again, so that no test can show it')
  say(`shrunk: ${short.actions.length} of ${plan.actions.length} actions`)
  for (const line of trace.slice(-SHOWN_LINES)) say(`  ${line}`)
  for (const fault of faults.slice(0, 5)) say(`> ${fault}`)
  say('a test, for test/simulation/regressions.test.ts:')
  say(testOf(short, shown))
}
