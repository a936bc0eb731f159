/**
 * The contract suite itself: areas of tests that are written once, and what runs them over a target. A deviation of a target is a
 * test that has to fail there. Called by the test file of each target.
 */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { findDeviation } from './deviations.js'
import type { Target } from './target.js'
import { World, type WorldParts } from './world.js'

/** Takes the tests of an area in. */
export type DeclareTest = (title: string, run: (world: World) => Promise<void>) => void

/** The tests of one area, for any target. */
export interface Contract {
  readonly area: string
  readonly tests: ReadonlyMap<string, (world: World) => Promise<void>>
  readonly isSideBySide: boolean
}

/** How the tests of an area run. */
export interface ContractOptions {
  /** True for tests that mostly wait: they begin together, and must not mind what others do to the server. */
  readonly isSideBySide?: boolean
}

/** Collects the tests of an area. */
export function describeContract(
  area: string,
  body: (test: DeclareTest) => void,
  { isSideBySide = false }: ContractOptions = {},
): Contract {
  const tests = new Map<string, (world: World) => Promise<void>>()
  body((title, run) => {
    if (tests.has(title)) throw new Error(`There are two tests "${title}" in ${area}`)
    tests.set(title, run)
  })
  return { area, tests, isSideBySide }
}

/** Runs all areas over a target. */
export function runContracts(contracts: readonly Contract[], target: Target): void {
  let running: Omit<WorldParts, 'number'> | undefined
  let number = 0
  const start = (): World => new World({ ...(running ?? fail()), number: ++number })

  beforeAll(async () => {
    const server = await target.start()
    running = { target, server, admin: await server.connect() }
  })

  afterAll(async () => {
    await running?.admin.close()
    await running?.server.close()
  })

  for (const { area, tests, isSideBySide } of contracts) {
    describe(area, () => {
      const runAll = isSideBySide ? startTogether([...tests.values()], start) : undefined
      let index = 0
      for (const [title, run] of tests) {
        const i = index++
        const body = runAll === undefined ? () => runAlone(run, start()) : () => runAll()[i]
        const deviation = findDeviation(target.name, area, title)
        if (deviation === undefined) it(title, body)
        else it.fails(`${title} (deviation: ${deviation})`, body)
      }
    })
  }
}

/** As many as a server of one process and two cores bears without a client losing its session. */
const SIDE_BY_SIDE = 12

/** Begins with the first test of an area and gives each test its own outcome. */
function startTogether(
  runs: readonly ((world: World) => Promise<void>)[],
  start: () => World,
): () => readonly Promise<void>[] {
  let outcomes: Promise<void>[] | undefined
  return () => {
    outcomes ??= runInLanes(runs.map((run) => () => runAlone(run, start())))
    return outcomes
  }
}

function runInLanes(jobs: readonly (() => Promise<void>)[]): Promise<void>[] {
  const outcomes: Promise<void>[] = []
  for (const [i, job] of jobs.entries()) {
    const before = outcomes[i - SIDE_BY_SIDE]?.catch(() => undefined) ?? Promise.resolve()
    const outcome = before.then(job)
    // It is looked at when its turn comes.
    outcome.catch(() => undefined)
    outcomes.push(outcome)
  }
  return outcomes
}

async function runAlone(run: (world: World) => Promise<void>, world: World): Promise<void> {
  try {
    await world.open()
    await run(world)
  } finally {
    await world.close()
  }
}

function fail(): never {
  throw new Error('The server of this target did not start')
}
