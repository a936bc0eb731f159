/**
 * GoldenSteps: the steps that are worth recording: random ones, and besides them short ones for each cell that those do not reach. They
 * are looked for on zoolet alone, which takes no real server; the same seed finds the same.
 */
import { Random } from '../random.js'
import { shrink } from '../shrink.js'
import { bondsOf } from './bonds.js'
import { CELLS } from './cells.js'
import { Coverage } from './coverage.js'
import { Differential } from './differential.js'
import type { Failure } from './failure.js'
import type { Step } from './step.js'
import { startInProcess } from './subjects.js'

/** Steps for one trace. */
export interface GoldenSteps {
  readonly name: string
  readonly steps: readonly Step[]
}

const SLOTS = 4
/** One trace each. */
const PLANS = [
  { steps: 220, maxWindow: 1 },
  { steps: 220, maxWindow: 1 },
  { steps: 80, maxWindow: 8 },
  { steps: 40, maxWindow: 32 },
] as const
/** Where what is missing is looked for. */
const SEARCH = { steps: 300, slots: SLOTS, maxWindow: 1 } as const
const FIRST_SEARCH = 100
const MAX_SEARCHES = 3_000
/** At first only what reaches many at once is taken: each trace is a file. */
const GREEDY_SEARCHES = 150
const GREEDY_CELLS = 4
const SHRINK_MS = 20_000

/** All of them. @throws Error naming the cells that it has not found a way to */
export async function findGoldenSteps(seed: number): Promise<readonly GoldenSteps[]> {
  const found: GoldenSteps[] = []
  const missing = new Set(CELLS)
  for (const [i, plan] of PLANS.entries()) {
    const { steps, cells } = await look((each) =>
      each.generate(new Random(seed, i), { ...plan, slots: SLOTS }),
    )
    for (const cell of cells) missing.delete(cell)
    found.push({ name: `random-${i + 1}`, steps })
  }
  for (let search = 0; search < MAX_SEARCHES && missing.size > 0; search++) {
    const { steps, cells } = await look((each) =>
      each.generate(new Random(seed, FIRST_SEARCH + search), SEARCH),
    )
    const news = [...missing].filter((cell) => cells.has(cell))
    if (news.length < (search < GREEDY_SEARCHES ? GREEDY_CELLS : 1)) continue
    const short = await shortest(steps, news)
    for (const cell of short.cells) missing.delete(cell)
    found.push({ name: `cells-${found.length - PLANS.length + 1}`, steps: short.steps })
  }
  if (missing.size > 0) throw new Error(`No way was found to ${[...missing].join(', ')}`)
  return found
}

interface Looked {
  readonly steps: readonly Step[]
  readonly cells: ReadonlySet<string>
}

async function shortest(steps: readonly Step[], wanted: readonly string[]): Promise<Looked> {
  const isWhole = bondsOf(steps)
  const reaches = async (fewer: readonly Step[]): Promise<boolean> => {
    if (!isWhole(fewer)) return false
    const { cells } = await look((each) => each.replay(fewer))
    return wanted.every((cell) => cells.has(cell))
  }
  return look(async (each) => each.replay(await shrink(steps, reaches, performance.now() + SHRINK_MS)))
}

/** Does it on zoolet, and tells what it was and what it has reached. */
async function look(work: (differential: Differential) => Promise<Failure | undefined>): Promise<Looked> {
  const { subject: leader, zoo } = startInProcess()
  const coverage = new Coverage()
  const differential = new Differential({ leader, zoo, alike: [], real: [] }, (step, sights) =>
    coverage.see(step, sights),
  )
  const failure = await work(differential)
  await leader.close()
  if (failure !== undefined) throw new Error('zoolet has broken', { cause: failure.error })
  return { steps: differential.done, cells: new Set(coverage.counts.keys()) }
}
