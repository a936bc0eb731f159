/**
 * Differential: does the same random steps to zoolet and to other servers, all of them empty at first, and compares everything that
 * every connection is told.
 */
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { Random } from '../random.js'
import { compare, type Divergence } from './compare.js'
import { DIFFERENCES, type Facts } from './differences.js'
import type { Failure } from './failure.js'
import { Generator, type Plan } from './generate.js'
import type { Side, Sights, Step } from './step.js'
import { viewOf } from './view.js'

/** Who takes part. zoolet without a wire leads: the generator looks at its state. */
export interface Sides {
  readonly leader: Side
  readonly zoo: EmbeddedZooKeeper
  /** zoolet by other ways: nothing may differ. */
  readonly alike: readonly Side[]
  /** Real servers, or what was recorded of one: deliberate differences may. */
  readonly real: readonly Side[]
  /** Hears what nobody caught in this process: a failure of the step in which it was. */
  readonly alarm?: { take(): readonly { readonly error: unknown }[] }
}

/** What a side has made of a step. */
interface Outcome {
  readonly side: Side
  readonly sights: Sights
  readonly error?: unknown
}

/** Sees every step with what the leader saw of it. */
export type Onlooker = (step: Step, sights: Sights) => void

/** One run on one set of servers. */
export class Differential {
  readonly #sides: Sides
  readonly #onlooker: Onlooker
  readonly #facts: Facts
  readonly #done: Step[] = []
  readonly #hits: string[] = []

  constructor(sides: Sides, onlooker: Onlooker = () => undefined) {
    this.#sides = sides
    this.#onlooker = onlooker
    this.#facts = {
      canRead: async (slot, path) => {
        const request = { type: 'getData', path, watch: false } as const
        const sights = await sides.leader.run({ do: 'send', slot, requests: [request] })
        return sights.get(slot)?.[0]?.startsWith('getData OK') ?? false
      },
    }
  }

  /** The steps that were done. */
  get done(): readonly Step[] {
    return this.#done
  }

  /** The deliberate differences that were met, each as often as it was. */
  get hits(): readonly string[] {
    return this.#hits
  }

  /** Random steps, up to the first failure. */
  async generate(random: Random, plan: Plan): Promise<Failure | undefined> {
    const generator = new Generator(random, plan)
    while (this.#done.length < plan.steps) {
      const failure = await this.replay(generator.next(viewOf(this.#sides.zoo)))
      if (failure !== undefined) return failure
    }
    return undefined
  }

  /** These steps, up to the first failure. */
  async replay(steps: readonly Step[]): Promise<Failure | undefined> {
    for (const step of steps) {
      this.#done.push(step)
      const failure = await this.#step(step)
      if (failure !== undefined) return failure
    }
    return undefined
  }

  async #step(step: Step): Promise<Failure | undefined> {
    const { leader, alike, real, alarm } = this.#sides
    const [own, ...others] = await Promise.all([
      attempt(leader, step),
      ...[...alike, ...real].map((side) => attempt(side, step)),
    ])
    const broken = [own, ...others].find((outcome) => 'error' in outcome)
    if (broken !== undefined) return failed(broken.side.name, step, broken.error)
    const [heard] = alarm?.take() ?? []
    if (heard !== undefined) return failed('this process', step, heard.error)
    this.#onlooker(step, own.sights)
    try {
      return await this.#compare(step, own, others)
    } catch (error) {
      // Only the leader is asked meanwhile.
      return failed(leader.name, step, error)
    }
  }

  async #compare(step: Step, own: Outcome, others: readonly Outcome[]): Promise<Failure | undefined> {
    for (const { side, sights } of others) {
      const found = compare(step, sights, own.sights)
      const divergences = this.#sides.real.includes(side) ? await this.#unexplained(step, found) : found
      if (divergences.length > 0) return { subject: side.name, step, divergences }
    }
    return undefined
  }

  async #unexplained(step: Step, found: readonly Divergence[]): Promise<readonly Divergence[]> {
    const unexplained: Divergence[] = []
    for (const divergence of found) {
      const id = await this.#explanationOf(step, divergence)
      if (id === undefined) unexplained.push(divergence)
      else this.#hits.push(id)
    }
    return unexplained
  }

  async #explanationOf(step: Step, divergence: Divergence): Promise<string | undefined> {
    for (const { id, explains } of DIFFERENCES) {
      if (await explains(step, divergence, this.#facts)) return id
    }
    return undefined
  }
}

/** Never rejects: what a side throws is what it has shown. */
async function attempt(side: Side, step: Step): Promise<Outcome> {
  try {
    return { side, sights: await side.run(step) }
  } catch (error) {
    return { side, sights: new Map(), error }
  }
}

function failed(subject: string, step: Step, error: unknown): Failure {
  return { subject, step, divergences: [], error }
}
