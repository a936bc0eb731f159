/** The part `differential`: random steps on zoolet in process, zoolet over TCP, and a real Apache ZooKeeper. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { isApacheInstalled } from '../../test/peers/apache-process.js'
import { countOf, type Part, type PartOptions, say, wordOf } from '../part.js'
import { Random } from '../random.js'
import { shrink } from '../shrink.js'
import { CELLS } from './cells.js'
import { Coverage } from './coverage.js'
import { DIFFERENCES } from './differences.js'
import { Differential, type Failure, type Onlooker } from './differential.js'
import type { Plan } from './generate.js'
import type { Step } from './step.js'
import { startApache, startInProcess, startTcp } from './subjects.js'
import { formatTrace, RecordingSide, type Trace } from './trace.js'

/** Each mode with what a commit has time for. */
const MODES = {
  pipelined: { maxWindow: 16, steps: 2_000, runs: 6 },
  'lock-step': { maxWindow: 1, steps: 2_000, runs: 2 },
} as const

const SLOTS = 4
/** From so many requests on, every cell has to be hit once for each of them. */
const REQUESTS_A_HIT = 50_000
const SHRINK_MS = 180_000
const OUT = 'verify/out'

/** Compares zoolet with the real server. */
export const differential: Part = {
  name: 'differential',
  summary:
    'the same random requests to zoolet and to a real ZooKeeper: every reply, Stat, zxid and event is compared',
  options: {
    mode: 'pipelined (many requests in flight, the default) or lock-step (one at a time)',
    steps: 'steps of a run, 2000 unless given',
    first: 'the number of the first run, 1 unless given',
  },
  run: async (options) => {
    if (!isApacheInstalled()) throw new Error('There is no Apache ZooKeeper here: apt-get install zookeeper')
    const mode = MODES[wordOf(options, 'mode', ['pipelined', 'lock-step'])]
    const plan = { steps: countOf(options, 'steps', mode.steps), slots: SLOTS, maxWindow: mode.maxWindow }
    return new Programme(options, plan).run(countOf(options, 'first', 1), options.runs ?? mode.runs)
  },
}

/** All runs of one call. */
class Programme {
  readonly #options: PartOptions
  readonly #plan: Plan
  readonly #coverage = new Coverage()
  readonly #hits = new Map<string, number>(DIFFERENCES.map(({ id }) => [id, 0]))
  #requests = 0

  constructor(options: PartOptions, plan: Plan) {
    this.#options = options
    this.#plan = plan
  }

  async run(first: number, runs: number): Promise<boolean> {
    for (let run = first; run < first + runs; run++) {
      if (!(await this.#runOne(run))) return false
    }
    const met = [...this.#hits].map(([id, times]) => `${id} ${times} times`)
    say(`${runs} runs, ${this.#requests} requests: no difference that nothing explains`)
    say(`deliberate differences met: ${met.join(', ')}`)
    return this.#hasReachedEnough()
  }

  async #runOne(run: number): Promise<boolean> {
    const { seed } = this.#options
    const plan = this.#plan
    const see: Onlooker = (step, sights) => this.#coverage.see(step, sights)
    const { failure, done, hits } = await onFreshServers(
      (each) => each.generate(new Random(seed, run), plan),
      see,
    )
    for (const step of done) if (step.do === 'send') this.#requests += step.requests.length
    for (const id of hits) this.#hits.set(id, (this.#hits.get(id) ?? 0) + 1)
    if (failure === undefined) return true
    say(`FAIL differential  seed=${seed} run=${run} node=${process.versions.node}`)
    const mode = plan.maxWindow === 1 ? 'lock-step' : 'pipelined'
    say(
      `repeat: npm run verify -- differential --mode ${mode} --seed ${seed} --first ${run} --runs 1 --steps ${plan.steps}`,
    )
    await report(done, failure)
    return false
  }

  #hasReachedEnough(): boolean {
    const floor = Math.floor(this.#requests / REQUESTS_A_HIT)
    const { counts } = this.#coverage
    const starved = CELLS.filter((cell) => (counts.get(cell) ?? 0) < floor)
    say(`cells: ${CELLS.length}, each to be hit ${floor} times, ${starved.length} were not`)
    for (const cell of starved) say(`  ${cell}: ${counts.get(cell) ?? 0}`)
    return starved.length === 0
  }
}

interface Ended {
  readonly failure: Failure | undefined
  readonly done: readonly Step[]
  readonly hits: readonly string[]
  /** What the real server has shown. */
  readonly trace: Trace
}

async function onFreshServers(
  work: (differential: Differential) => Promise<Failure | undefined>,
  onlooker?: Onlooker,
): Promise<Ended> {
  const [{ subject: leader, zoo }, tcp, apache] = [startInProcess(), await startTcp(), await startApache()]
  const real = new RecordingSide(apache)
  const each = new Differential({ leader, zoo, alike: [tcp], real: [real] }, onlooker)
  try {
    const failure = await work(each)
    return { failure, done: each.done, hits: each.hits, trace: real.trace }
  } finally {
    for (const subject of [leader, tcp, apache]) await subject.close()
  }
}

/** Looks for a short way to the same kind of failure, shows it, and leaves it as a trace for test/golden/. */
async function report(steps: readonly Step[], failure: Failure): Promise<void> {
  say(`shrinking ${steps.length} steps, for ${SHRINK_MS / 1000} s at most`)
  const again = (fewer: readonly Step[]): Promise<Ended> => onFreshServers((each) => each.replay(fewer))
  const fails = async (fewer: readonly Step[]): Promise<boolean> => {
    const ended = await again(fewer)
    return ended.failure?.subject === failure.subject
  }
  const short = await shrink(steps, fails, performance.now() + SHRINK_MS)
  const { failure: shown = failure, trace } = await again(short)
  say(`shrunk: ${short.length} of ${steps.length} steps`)
  for (const [i, { step, sights }] of trace.slice(-20).entries()) {
    say(`${i === Math.min(trace.length, 20) - 1 ? '>' : ' '} ${formatTrace([{ step, sights }]).trim()}`)
  }
  for (const { slot, expected, actual } of shown.divergences) {
    say(`slot ${slot}\n  zoolet:\n${indent(actual)}\n  ${shown.subject}:\n${indent(expected)}`)
  }
  mkdirSync(OUT, { recursive: true })
  const file = `${OUT}/differential.trace.jsonl`
  writeFileSync(file, formatTrace(trace))
  say(`The trace is in ${file}: once mended, it is a regression test if it lies in test/golden/`)
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join('\n')
}
