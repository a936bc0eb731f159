/** The part `simulation`: clients and a server over bytes on virtual time, with everything that networks do to them. */
import { createHash } from 'node:crypto'
import { countOf, type Part, say } from '../part.js'
import { Random } from '../random.js'
import { generatePlan, type Plan } from './generate-actions.js'
import { simplify } from './simplify.js'
import { type Outcome, simulate } from './simulation.js'
import { Tally } from './tally.js'

const RUNS = 600
const ACTIONS = 300
const CLIENTS = 3
/** Of so many runs one is done twice, to see that it is the same. */
const REPEATED = 50
const SHRINK_MS = 60_000
const SHOWN_LINES = 20

/** Runs of random actions. */
export const simulation: Part = {
  name: 'simulation',
  summary:
    'clients and a server over bytes on virtual time: cuts anywhere, half-open connections, take-overs, restarts, standstills, limits; then all must come to rest',
  options: {
    actions: `actions of a run, ${ACTIONS} unless given`,
    first: 'the number of the first run, 1 unless given',
  },
  run: async (options) => {
    const size = { clients: CLIENTS, actions: countOf(options, 'actions', ACTIONS) }
    const first = countOf(options, 'first', 1)
    const tally = new Tally()
    // Calls fail by the thousand, and nobody looks where.
    Error.stackTraceLimit = 0
    const startMs = performance.now()
    for (let run = first; run < first + (options.runs ?? RUNS); run++) {
      const plan = generatePlan(new Random(options.seed, run), size)
      const crashed = (error: unknown): void => {
        sayFailed(options.seed, run, size.actions)
        say(`  nobody caught ${error}`)
        process.exit(1)
      }
      process.once('uncaughtException', crashed)
      const outcome = await simulate(plan.setup, plan.actions)
      const faults = run % REPEATED === 0 ? await compareWithAnother(plan, outcome) : outcome.faults
      process.off('uncaughtException', crashed)
      tally.add(outcome)
      if (faults.length === 0) continue
      sayFailed(options.seed, run, size.actions)
      await report(plan, faults)
      return false
    }
    for (const line of tally.lines(performance.now() - startMs)) say(line)
    const starved = tally.findStarved(size.actions)
    for (const line of starved) say(`FAIL simulation  ${line}`)
    return starved.length === 0
  },
}

function sayFailed(seed: number, run: number, actions: number): void {
  say(`FAIL simulation  seed=${seed} run=${run} node=${process.versions.node}`)
  say(`repeat: npm run verify -- simulation --seed ${seed} --first ${run} --runs 1 --actions ${actions}`)
}

/** The faults of a run, and that it is another one the second time if it is. */
async function compareWithAnother({ setup, actions }: Plan, outcome: Outcome): Promise<readonly string[]> {
  const again = await simulate(setup, actions)
  const isSame = hashOf(again) === hashOf(outcome)
  return isSame ? outcome.faults : ['the same actions gave another run', ...outcome.faults]
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

function hashOf({ trace }: Outcome): string {
  return createHash('sha1').update(trace.join('\n')).digest('hex')
}

/** Looks for the shortest way to a fault of the same kind, and prints it as a test. */
async function report(plan: Plan, faults: readonly string[]): Promise<void> {
  for (const fault of faults.slice(0, 10)) say(`  ${fault}`)
  say(`shrinking ${plan.actions.length} actions, for ${SHRINK_MS / 1000} s at most`)
  const [first = ''] = faults
  const fails = async ({ setup, actions }: Plan): Promise<boolean> =>
    (await simulate(setup, actions)).faults.some((fault) => kindOf(fault) === kindOf(first))
  const short = await simplify(plan, fails, performance.now() + SHRINK_MS)
  const { faults: shown, trace } = await simulate(short.setup, short.actions)
  say(`shrunk: ${short.actions.length} of ${plan.actions.length} actions`)
  for (const line of trace.slice(-SHOWN_LINES)) say(`  ${line}`)
  for (const fault of shown.slice(0, 5)) say(`> ${fault}`)
  say('a test, for test/simulation/regressions.test.ts:')
  say(testOf(short, shown[0] ?? first))
}
