/**
 * Fuzzer: feeds one target with changed copies of its corpus for as long as nothing is wrong. An input that reaches code which no
 * input before it has reached joins the corpus.
 */

import { heldBytes } from '../heap.js'
import type { Random } from '../random.js'
import { type BlockCoverage, type Covered, CoverMap } from './block-coverage.js'
import { type Found, Judge } from './judge.js'
import { minimise } from './minimise.js'
import { Mutator } from './mutator.js'
import type { Target } from './target.js'

/** What a run came to. */
export interface Outcome {
  /** Inputs that were run, those of the corpus included. */
  readonly inputs: number
  readonly elapsedMs: number
  readonly corpus: readonly Uint8Array[]
  readonly blocks: number
  readonly reached: CoverMap
  /** What is held at the end and was not after the warm-up. */
  readonly growthBytes: number
  readonly finding: Finding | undefined
}

/** Something that must not be. */
export interface Finding extends Found {
  /** How many inputs had been run with it, at least. */
  readonly run: number
  readonly shortest: Uint8Array
}

const SHRINK_MS = 20_000
/** Part of a run after which nothing is made for the first time any more. */
const WARM_UP = 0.2

/** One run on one target. */
export class Fuzzer {
  readonly #target: Target
  readonly #coverage: BlockCoverage
  readonly #mutator: Mutator
  readonly #judge: Judge
  readonly #known = new CoverMap()
  readonly #corpus: Uint8Array[] = []
  #inputs = 0

  constructor(target: Target, coverage: BlockCoverage, random: Random) {
    this.#target = target
    this.#coverage = coverage
    this.#mutator = new Mutator(random, target.shape)
    this.#judge = new Judge(target)
  }

  /** Runs what it begins with, then so many inputs in all. */
  async run(beginning: readonly Uint8Array[], count: number): Promise<Outcome> {
    const startMs = performance.now()
    try {
      let found = await this.#begin(beginning)
      let before: number | undefined
      while (found === undefined && this.#inputs < count) {
        const size = Math.min(this.#target.batch, count - this.#inputs)
        found = await this.#take(Array.from({ length: size }, () => this.#mutator.mutate(this.#corpus)))
        if (this.#inputs >= count * WARM_UP) before ??= await heldInAll()
      }
      const elapsedMs = performance.now() - startMs
      const growthBytes = before === undefined ? 0 : (await heldInAll()) - before
      const finding = found && (await this.#describe(found))
      return { ...this.#figures(), elapsedMs, growthBytes, finding }
    } finally {
      await this.#judge.stop()
    }
  }

  #figures(): Pick<Outcome, 'inputs' | 'corpus' | 'blocks' | 'reached'> {
    const reached = this.#known
    return { inputs: this.#inputs, corpus: this.#corpus, blocks: reached.blocks(this.#coverage), reached }
  }

  /** All of it is the corpus to begin with, whatever it reaches. */
  async #begin(beginning: readonly Uint8Array[]): Promise<Found | undefined> {
    this.#coverage.take()
    this.#inputs += beginning.length
    const found = await this.#judge.findBad(beginning)
    this.#known.add(this.#coverage.take())
    this.#corpus.push(...beginning)
    return found
  }

  async #take(inputs: readonly Uint8Array[]): Promise<Found | undefined> {
    this.#inputs += inputs.length
    const found = await this.#judge.findBad(inputs)
    if (found !== undefined) return found
    await this.#keepNew(inputs, this.#coverage.take())
    return undefined
  }

  /** If these have reached something new, halves of them are run again until it is clear which did. */
  async #keepNew(inputs: readonly Uint8Array[], covered: Covered): Promise<void> {
    if (!this.#known.isNew(covered)) return
    const [only] = inputs
    if (inputs.length === 1 && only !== undefined) {
      this.#known.add(covered)
      this.#corpus.push(only)
      return
    }
    const middle = Math.ceil(inputs.length / 2)
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      await this.#judge.findBad(half)
      await this.#keepNew(half, this.#coverage.take())
    }
  }

  async #describe({ input, verdict: first }: Found): Promise<Finding> {
    // Once more, for the stack.
    const verdict = (await this.#judge.judge(input)) ?? first
    const deadlineMs = performance.now() + SHRINK_MS
    const { shape } = this.#target
    const shortest = await minimise(input, verdict, { judge: this.#judge, shape, deadlineMs })
    return { input, verdict, run: this.#inputs, shortest }
  }
}

/** Those inputs that reach something which the shorter ones before them do not. */
export async function minimiseCorpus(
  target: Target,
  coverage: BlockCoverage,
  inputs: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const known = new CoverMap()
  const kept: Uint8Array[] = []
  coverage.take()
  for (const input of inputs.toSorted((a, b) => a.length - b.length)) {
    await target.run(input)
    if (!known.add(coverage.take())) continue
    kept.push(input)
  }
  return kept
}

async function heldInAll(): Promise<number> {
  const { heapUsed, external } = await heldBytes()
  return heapUsed + external
}
