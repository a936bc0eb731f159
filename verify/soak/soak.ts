/** Soak: runs one stage of a scenario: warms it up, looks, lets it work, looks again, and says what is not as it was. */
import { performance } from 'node:perf_hooks'
import { Random } from '../random.js'
import { findGrowth, formatFootprints, takeFootprint } from './footprint.js'
import { formatCensusGrowth, takeCensus } from './heap-census.js'
import { within } from './patience.js'
import { countResources, resourcesAtRest } from './resources.js'
import type { Scenario, StagePlan } from './scenario.js'
import type { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

/** How much, and with which chance. */
export interface SoakSize {
  readonly operations: number
  readonly warmUp: number
  readonly seed: number
  /** Whether to count the objects on the heap by constructor, before and after. */
  readonly hasCensus?: boolean
  /** How long what closes in the background may take, in milliseconds; 3,000 unless set. */
  readonly patienceMs?: number
}

/** What came of one stage. */
export interface SoakReport {
  readonly title: string
  readonly operations: number
  readonly elapsedMs: number
  /** Empty if all is well. */
  readonly faults: readonly string[]
  /** The table and the notes, to be printed. */
  readonly lines: readonly string[]
}

const PATIENCE_MS = 3_000

/** Runs one stage from its opening to its end. */
export async function soakStage(
  { name, limit }: Scenario,
  plan: StagePlan,
  world: SoakWorld,
  { operations, warmUp, seed, hasCensus = false, patienceMs = PATIENCE_MS }: SoakSize,
): Promise<SoakReport> {
  const opened = countResources()
  const stage = await plan.open(world, new Random(seed))
  const { server } = stage
  const faults: string[] = []
  const title = `${name}, ${plan.title}`
  try {
    const warm = await stage.work(warmUp)
    // A look takes clients off and on again: the first time that leaves code and caches of its own.
    await server.countClientWatches()
    const before = await takeFootprint(server)
    const census = hasCensus ? await takeCensus() : undefined
    const startMs = performance.now()
    const work = await stage.work(operations)
    const elapsedMs = performance.now() - startMs
    const after = await takeFootprint(server, { before, patienceMs })
    const limitBytes = limit.floorBytes + limit.bytesPerOperation * work.operations
    faults.push(...warm.faults, ...work.faults, ...findGrowth(before, after, limitBytes))
    const notes = [
      ...work.notes,
      ...(census === undefined ? [] : formatCensusGrowth(census, await takeCensus())),
    ]
    const lines = [...formatFootprints(before, after, limitBytes), ...notes.map((note) => `  ${note}`)]
    return { title, operations: work.operations, elapsedMs, faults, lines }
  } catch (error) {
    faults.push(textOf(error))
    return { title, operations: 0, elapsedMs: 0, faults, lines: [] }
  } finally {
    await within(server.close(), 'the end of clients and server').catch((error) => faults.push(textOf(error)))
    faults.push(...(await findLeftOpen(opened, server, patienceMs)))
  }
}

/** What is open although everything is closed. */
async function findLeftOpen(
  opened: ReadonlyMap<string, number>,
  { clocks }: StageServer,
  patienceMs: number,
): Promise<string[]> {
  const timers = clocks.reduce((total, clock) => total + clock.pendingTimers, 0)
  const resources = await resourcesAtRest(opened, patienceMs)
  const left = [...resources].filter(([kind, count]) => count > (opened.get(kind) ?? 0))
  return [
    ...(timers === 0 ? [] : [`${timers} virtual timers wait after all was closed`]),
    ...left.map(([kind, count]) => `${count} ${kind} are open after all was closed`),
  ]
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
