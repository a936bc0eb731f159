/** The part `simulation`: clients and a server over bytes on virtual time, with everything that networks do to them. */
import { countOf, type Part, say } from '../part.js'
import { Random } from '../random.js'
import { generatePlan, type Plan } from './generate-actions.js'
import { type Outcome, simulate } from './simulation.js'
import { Tally } from './tally.js'
import { judge } from './verdict.js'

const RUNS = 600
const ACTIONS = 300
const CLIENTS = 3
/** Of so many runs one is done twice, to see that it is the same. */
const REPEATED = 50
const SHRINK_MS = 60_000

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
      const outcome = await runPlan(plan)
      tally.add(outcome)
      if (outcome.faults.length === 0 && run % REPEATED !== 0) continue
      const failed = (): void => sayFailed(options.seed, run, size.actions)
      if (!(await judge(plan, outcome, { run: runPlan, failed, say, shrinkMs: SHRINK_MS }))) return false
    }
    for (const line of tally.lines(performance.now() - startMs)) say(line)
    const starved = tally.findStarved(size.actions)
    for (const line of starved) say(`FAIL simulation  ${line}`)
    const unproved = tally.findUnproved(size.actions)
    if (unproved !== undefined) say(unproved)
    return starved.length === 0
  },
}

function runPlan({ setup, actions }: Plan): Promise<Outcome> {
  return simulate(setup, actions)
}

function sayFailed(seed: number, run: number, actions: number): void {
  say(`FAIL simulation  seed=${seed} run=${run} node=${process.versions.node}`)
  say(`repeat: npm run verify -- simulation --seed ${seed} --first ${run} --runs 1 --actions ${actions}`)
}
