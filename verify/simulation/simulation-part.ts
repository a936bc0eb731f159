/** The part `simulation`: clients and a server over bytes on virtual time, with everything that networks do to them. */
import { createHash } from 'node:crypto'
import { countOf, type Part, say } from '../part.js'
import { Random } from '../random.js'
import { shrink } from '../shrink.js'
import type { Action } from './action.js'
import { generateActions } from './generate-actions.js'
import { type Outcome, simulate } from './simulation.js'

const RUNS = 300
const ACTIONS = 300
const CLIENTS = 3
/** Of so many runs one is done twice, to see that it is the same. */
const REPEATED = 50
const SHRINK_MS = 60_000
const MS_AN_HOUR = 3_600_000

/** Runs of random actions. */
export const simulation: Part = {
  name: 'simulation',
  summary:
    'clients and a server over bytes on virtual time: cuts in the middle of frames, hang-ups, expiry; then all must come to rest',
  options: {
    actions: `actions of a run, ${ACTIONS} unless given`,
    first: 'the number of the first run, 1 unless given',
  },
  run: async (options) => {
    const size = { clients: CLIENTS, actions: countOf(options, 'actions', ACTIONS) }
    const first = countOf(options, 'first', 1)
    const runs = options.runs ?? RUNS
    const done = new Map<string, number>()
    let virtualMs = 0
    for (let run = first; run < first + runs; run++) {
      const actions = generateActions(new Random(options.seed, run), size)
      const outcome = await simulate(actions, CLIENTS)
      for (const [kind, times] of outcome.done) done.set(kind, (done.get(kind) ?? 0) + times)
      virtualMs += outcome.virtualMs
      const again = run % REPEATED === 0 ? await simulate(actions, CLIENTS) : outcome
      const faults =
        hashOf(again) === hashOf(outcome) ? outcome.faults : ['the same actions gave another run']
      if (faults.length === 0) continue
      say(`FAIL simulation  seed=${options.seed} run=${run} node=${process.versions.node}`)
      say(
        `repeat: npm run verify -- simulation --seed ${options.seed} --first ${run} --runs 1 --actions ${size.actions}`,
      )
      await report(actions, faults)
      return false
    }
    const kinds = [...done].map(([kind, times]) => `${kind} ${times}`).join(', ')
    say(`${runs} runs, ${(virtualMs / MS_AN_HOUR).toFixed(1)} virtual hours: no promise is broken`)
    say(`what happened: ${kinds}`)
    return true
  },
}

function hashOf({ trace }: Outcome): string {
  return createHash('sha1').update(trace.join('\n')).digest('hex')
}

/** Looks for the shortest way to a fault of the same kind, and prints it as a test. */
async function report(actions: readonly Action[], faults: readonly string[]): Promise<void> {
  for (const fault of faults.slice(0, 10)) say(`  ${fault}`)
  say(`shrinking ${actions.length} actions, for ${SHRINK_MS / 1000} s at most`)
  const fails = async (fewer: readonly Action[]): Promise<boolean> =>
    (await simulate(fewer, CLIENTS)).faults.length > 0
  const short = await shrink(actions, fails, performance.now() + SHRINK_MS)
  const { faults: shown, trace } = await simulate(short, CLIENTS)
  say(`shrunk: ${short.length} of ${actions.length} actions`)
  for (const line of trace.slice(-20)) say(`  ${line}`)
  for (const fault of shown.slice(0, 5)) say(`> ${fault}`)
  say('a test, for test/simulation/regressions.test.ts:')
  say(`  it('keeps every promise: ${(shown[0] ?? '').replaceAll("'", '')}', async () => {`)
  say('    const { faults } = await simulate([')
  for (const action of short) say(`      ${JSON.stringify(action)},`)
  say(`    ], ${CLIENTS})\n\n    expect(faults).toEqual([])\n  })`)
}
