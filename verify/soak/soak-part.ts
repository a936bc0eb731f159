/** The part `soak`: work that has to leave nothing behind, watches, sessions, connections, ACLs; and what idle things cost. */
import process from 'node:process'
import { countOf, type Part, type PartOptions, say, UsageError, wordOf } from '../part.js'
import { acls } from './acls-scenario.js'
import { reconnects } from './reconnects-scenario.js'
import type { Scenario, StagePlan } from './scenario.js'
import { sessions } from './sessions-scenario.js'
import { saySizes } from './sizes.js'
import { slowReaders } from './slow-readers-scenario.js'
import { type SoakReport, type SoakSize, soakStage } from './soak.js'
import { watches } from './watches-scenario.js'
import { REAL_WORLD } from './world.js'

const SCENARIOS: readonly Scenario[] = [watches, sessions, reconnects, acls, slowReaders]
const NAMES = ['all', 'watches', 'sessions', 'reconnects', 'acls', 'slow-readers', 'sizes'] as const
/** What a commit has time for. */
const COMMIT_PERCENT = 1
/** Of a run: the longer it is, the more the compiler still thinks of, and keeps notes about. */
const WARM_UP_PART = 0.1

/** Looks for what grows. */
export const soak: Part = {
  name: 'soak',
  summary: 'millions of watches, sessions, reconnections and ACLs, after which nothing may be left of them',
  options: {
    scenario: `${NAMES.join(', ')}; all unless given, which sizes is not among: it measures and cannot fail`,
    percent: `of the full run, ${COMMIT_PERCENT} unless given; --runs gives the operations of each stage in its place`,
  },
  flags: { census: 'objects on the heap counted by constructor, before and after, to see what grows' },
  run: async (options) => {
    const name = wordOf(options, 'scenario', NAMES)
    const percent = countOf(options, 'percent', COMMIT_PERCENT)
    if (name === 'sizes') {
      refuseSize(options)
      await saySizes()
      return true
    }
    let isRight = true
    for (const scenario of SCENARIOS.filter((each) => name === 'all' || each.name === name))
      for (const plan of scenario.stages) {
        const report = await soakStage(scenario, plan, REAL_WORLD, soakSizeOf(plan, percent, options))
        sayReport(scenario, report, { percent, options })
        isRight &&= report.faults.length === 0
      }
    return isRight
  },
}

/** What idle things cost does not depend on how much is run. */
function refuseSize({ rest, runs, flags }: PartOptions): void {
  const given = [
    rest.percent === undefined ? [] : ['--percent'],
    runs === undefined ? [] : ['--runs'],
    flags.has('census') ? ['--census'] : [],
  ].flat()
  if (given.length > 0) throw new UsageError(`${given.join(', ')}: the scenario sizes takes no such option`)
}

/** How much of a stage is run. */
export function soakSizeOf(plan: StagePlan, percent: number, options: PartOptions): SoakSize {
  const { operations, leastOperations = 0, warmUp } = plan
  const { seed, runs } = options
  const chosen = runs ?? Math.max(leastOperations, Math.ceil((operations * percent) / 100))
  return {
    hasCensus: options.flags.has('census'),
    operations: chosen,
    warmUp: Math.max(warmUp, Math.ceil(chosen * WARM_UP_PART)),
    seed,
  }
}

interface Command {
  readonly percent: number
  readonly options: PartOptions
}

function sayReport({ name, operation }: Scenario, report: SoakReport, { percent, options }: Command): void {
  const { title, operations, elapsedMs, faults, lines } = report
  const seconds = elapsedMs / 1_000
  const rate = operations === 0 ? 0 : Math.round(operations / seconds)
  const { seed, runs } = options
  if (faults.length > 0) say(`FAIL soak/${name}  seed=${seed} node=${process.versions.node}`)
  say(
    `${title}: ${operations.toLocaleString('en')} operations (${operation}), ${seconds.toFixed(1)} s, ${rate.toLocaleString('en')}/s`,
  )
  for (const line of lines) say(line)
  for (const fault of faults) say(`  fault: ${fault}`)
  if (faults.length === 0) return
  const size = runs === undefined ? `--percent ${percent}` : `--runs ${runs}`
  say(`repeat: npm run verify -- soak --scenario ${name} --seed ${seed} ${size}`)
}
