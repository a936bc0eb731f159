/** Programme: runs one after the other up to the first failure, and whether all of them together have asked for enough. */
import { say } from '../part.js'
import { Random } from '../random.js'
import { UNREACHABLE, WANTED } from './cells.js'
import { Coverage } from './coverage.js'
import { DIFFERENCES } from './differences.js'
import type { Differential, Onlooker } from './differential.js'
import type { Failure } from './failure.js'
import { judge, REQUESTS_A_DIFFERENCE, type Reached } from './floors.js'
import type { Plan } from './generate.js'
import { report } from './report.js'
import { runOnce } from './run-once.js'
import type { Start } from './subjects.js'

/** What is run. */
export interface Task {
  readonly mode: keyof typeof REQUESTS_A_DIFFERENCE
  readonly seed: number
  readonly first: number
  readonly runs: number
  readonly plan: Plan
  /** What a run does, unless it is the plan's random steps. */
  readonly work?: (differential: Differential, random: Random) => Promise<Failure | undefined>
  readonly shrinkMs?: number
}

/** All runs of one call. */
export class Programme {
  readonly #task: Task
  readonly #start: Start
  readonly #coverage = new Coverage()
  readonly #hits = new Map<string, number>(DIFFERENCES.map(({ id }) => [id, 0]))
  #requests = 0

  constructor(task: Task, start: Start) {
    this.#task = task
    this.#start = start
  }

  /** What it has reached. */
  get reached(): Reached {
    return { requests: this.#requests, cells: this.#coverage.counts, differences: this.#hits }
  }

  /** False if servers differ without a reason, or if nothing was proved. */
  async run(): Promise<boolean> {
    const { first, runs } = this.#task
    for (let run = first; run < first + runs; run++) {
      if (!(await this.#runOne(run))) return false
    }
    say(`${runs} runs, ${this.#requests} requests: no difference that nothing explains`)
    const { isEnough, lines } = judge(this.reached, {
      cells: WANTED,
      differencesFrom: REQUESTS_A_DIFFERENCE[this.#task.mode],
      unreachable: new Set(Object.keys(UNREACHABLE)),
    })
    for (const line of lines) say(line)
    if (!isEnough) say('FAIL differential: too little was asked for to prove anything')
    return isEnough
  }

  async #runOne(run: number): Promise<boolean> {
    const { seed, plan, mode, work, shrinkMs } = this.#task
    this.#coverage.begin()
    const onlooker: Onlooker = (step, sights) => this.#coverage.see(step, sights)
    const generate = work ?? ((each: Differential, random: Random) => each.generate(random, plan))
    const { failure, done, hits } = await runOnce(
      this.#start,
      (each) => generate(each, new Random(seed, run)),
      { onlooker },
    )
    for (const step of done) if (step.do === 'send') this.#requests += step.requests.length
    for (const id of hits) this.#hits.set(id, (this.#hits.get(id) ?? 0) + 1)
    if (failure === undefined) return true
    const repeat = `npm run verify -- differential --mode ${mode} --seed ${seed} --first ${run} --runs 1 --steps ${plan.steps}`
    const file = `differential-${mode}-${seed}-${run}`
    await report({ part: 'differential', file, seed, run, repeat, done, failure }, this.#start, shrinkMs)
    return false
  }
}
