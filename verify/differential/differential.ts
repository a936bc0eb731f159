/**
 * Differential: does the same random steps to zoolet and to other servers, all of them empty at first, and compares everything that
 * every connection is told.
 */
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { Random } from '../random.js'
import { compare, type Divergence } from './compare.js'
import { DIFFERENCES, type Facts } from './differences.js'
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
}

/** A difference that nothing explains, shown by the last step that was done. */
export interface Failure {
  readonly subject: string
  readonly divergences: readonly Divergence[]
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
    const { leader, alike, real } = this.#sides
    const others = [...alike, ...real]
    const [own, ...theirs] = await Promise.all([leader, ...others].map((subject) => subject.run(step)))
    if (own === undefined) throw new Error('The leader has shown nothing')
    this.#onlooker(step, own)
    for (const [i, subject] of others.entries()) {
      const found = compare(step, theirs[i] ?? new Map(), own)
      const divergences = real.includes(subject) ? await this.#unexplained(step, found) : found
      if (divergences.length > 0) return { subject: subject.name, divergences }
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
