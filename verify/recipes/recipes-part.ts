/** The part `recipes`: parties that work together with each recipe on virtual time, while clients are cut off, expire and give up. */
import process from 'node:process'
import { countOf, type Part, type PartOptions, say, UsageError } from '../part.js'
import { Random } from '../random.js'
import { shrink } from '../shrink.js'
import { type Action, type Plan, RECIPES, type RecipeName } from './action.js'
import { generatePlan } from './generate-plan.js'
import { type Outcome, runPlan } from './recipe-run.js'

const RUNS = 3_000
const ACTIONS = 120
/** Of so many runs one is done twice, to see that it is the same. */
const REPEATED = 50
const SHRINK_MS = 30_000
const SHOWN_FAULTS = 10
const SHOWN_LINES = 60

/** Runs of random actions. */
export const recipes: Part = {
  name: 'recipes',
  summary:
    'parties that use one recipe together on virtual time: cuts, lost replies, expiries, calls given up anywhere; then all must be served, and nothing be left',
  options: {
    actions: `actions of a run, ${ACTIONS} unless given`,
    first: 'the number of the first run, 1 unless given',
    recipe: `one of ${RECIPES.join(', ')}; a run picks one unless given`,
  },
  run: async (options) => {
    const actions = countOf(options, 'actions', ACTIONS)
    const first = countOf(options, 'first', 1)
    const recipe = recipeOf(options)
    const runs = options.runs ?? RUNS
    // Calls fail by the thousand, and nobody looks where.
    Error.stackTraceLimit = 0
    const startMs = performance.now()
    let virtualMs = 0
    for (let run = first; run < first + runs; run++) {
      const plan = generatePlan(new Random(options.seed, run), recipe, actions)
      const outcome = await runPlan(plan)
      virtualMs += outcome.virtualMs
      if (outcome.faults.length === 0 && run % REPEATED !== 0) continue
      if (outcome.faults.length === 0 && sameLog(outcome, await runPlan(plan))) continue
      say(
        `FAIL recipes  seed=${options.seed} run=${run} recipe=${plan.setup.recipe} node=${process.versions.node}`,
      )
      const only = recipe === undefined ? '' : ` --recipe ${recipe}`
      say(
        `repeat: npm run verify -- recipes --seed ${options.seed} --first ${run} --runs 1 --actions ${actions}${only}`,
      )
      await explain(plan, outcome)
      return false
    }
    const perSecond = runs / ((performance.now() - startMs) / 1000)
    say(
      `${runs} runs of ${actions} actions, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${perSecond.toFixed(0)} runs a second`,
    )
    return true
  },
}

/** Says what is wrong with a run, and the shortest run that is wrong in the same way. */
async function explain(plan: Plan, { faults }: Outcome): Promise<void> {
  const [first] = faults
  if (first === undefined) return say('  the same plan gave another run')
  for (const fault of faults.slice(0, SHOWN_FAULTS)) say(`  ${fault}`)
  say(`shrinking ${plan.actions.length} actions, for ${SHRINK_MS / 1000} s at most`)
  const { setup } = plan
  const isSame = (fault: string): boolean => kindOf(fault) === kindOf(first)
  const fails = async (actions: readonly Action[]): Promise<boolean> =>
    (await runPlan({ setup, actions })).faults.some(isSame)
  const actions = await shrink(plan.actions, fails, performance.now() + SHRINK_MS)
  const short = await runPlan({ setup, actions })
  say(`shrunk: ${actions.length} of ${plan.actions.length} actions, of ${JSON.stringify(setup)}`)
  for (const line of short.log.slice(-SHOWN_LINES)) say(`  ${line}`)
  for (const fault of short.faults.slice(0, SHOWN_FAULTS)) say(`> ${fault}`)
}

/** The rule that is broken, and in which words, without names and numbers. */
function kindOf(fault: string): string {
  return fault.replaceAll(/\bp\d+|\d+/g, '#').replaceAll(/\/[\w/#-]*/g, '/')
}

function sameLog(one: Outcome, other: Outcome): boolean {
  return one.log.join('\n') === other.log.join('\n')
}

function recipeOf({ rest }: PartOptions): RecipeName | undefined {
  const { recipe } = rest
  if (recipe === undefined) return undefined
  const name = RECIPES.find((each) => each === recipe)
  if (name === undefined) throw new UsageError(`--recipe ${recipe}: give one of ${RECIPES.join(', ')}`)
  return name
}
