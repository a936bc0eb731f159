/**
 * Fuzzer: feeds one target with changed copies of its corpus for as long as nothing is wrong. An input that reaches code which no
 * input before it has reached joins the corpus.
 */

import { heldBytes } from '../heap.js'
import { Random } from '../random.js'
import { type BlockCoverage, type Covered, CoverMap } from './block-coverage.js'
import { type Found, Judge } from './judge.js'
import { minimise } from './minimise.js'
import { Mutator } from './mutator.js'
import type { Target } from './target.js'
import type { WatchdogOptions } from './watchdog.js'

/** What a run came to. */
export interface Outcome {
  /** Inputs that were run, those of the corpus included. */
  readonly inputs: number
  readonly elapsedMs: number
  readonly corpus: readonly Uint8Array[]
  readonly blocks: number
  readonly reached: CoverMap
  /** What is held at the end and was not after the warm-up; undefined if nothing was run in between. */
  readonly growthBytes: number | undefined
  readonly finding: Finding | undefined
}

/** Something that must not be. */
export interface Finding extends Found {
  /** How many inputs had been run with its batch. */
  readonly run: number
  readonly shortest: Uint8Array
}

/** What was held, and after how many inputs. */
interface Held {
  readonly inputs: number
  readonly bytes: number
}

const SHRINK_MS = 20_000
/** Part of a run after which nothing is made for the first time any more. */
const WARM_UP = 0.2

/** Where the chance of a run comes from. */
export interface FuzzerOptions extends WatchdogOptions {
  /** Targets of one seed have a stream each. */
  readonly stream?: number
}

/** One run on one target. */
export class Fuzzer {
  readonly #target: Target
  readonly #coverage: BlockCoverage
  readonly #mutator: Mutator
  readonly #judge: Judge
  readonly #known = new CoverMap()
  readonly #corpus: Uint8Array[] = []
  #inputs = 0

  constructor(target: Target, coverage: BlockCoverage, options: FuzzerOptions) {
    this.#target = target
    this.#coverage = coverage
    this.#mutator = new Mutator(new Random(options.seed, options.stream), target.shape)
    this.#judge = new Judge(target, options)
  }

  /** Runs what it begins with, then so many inputs in all. */
  async run(beginning: readonly Uint8Array[], count: number): Promise<Outcome> {
    const startMs = performance.now()
    try {
      let found = await this.#begin(beginning)
      let before: Held | undefined
      while (found === undefined && this.#inputs < count) {
        const size = Math.min(this.#target.batch, count - this.#inputs)
        found = await this.#take(Array.from({ length: size }, () => this.#mutator.mutate(this.#corpus)))
        if (this.#inputs >= count * WARM_UP) before ??= await this.#look()
      }
      const elapsedMs = performance.now() - startMs
      const growthBytes = await this.#growthSince(before)
      const finding = found && (await this.#describe(found))
      return { ...this.#figures(), elapsedMs, growthBytes, finding }
    } finally {
      await this.#judge.stop()
    }
  }

  async #look(): Promise<Held> {
    return { inputs: this.#inputs, bytes: (await heldBytes()).total }
  }

  async #growthSince(before: Held | undefined): Promise<number | undefined> {
    if (before === undefined || before.inputs === this.#inputs) return undefined
    return (await this.#look()).bytes - before.bytes
  }

  #figures(): Pick<Outcome, 'inputs' | 'corpus' | 'blocks' | 'reached'> {
    const reached = this.#known
    return { inputs: this.#inputs, corpus: this.#corpus, blocks: reached.blocks(this.#coverage), reached }
  }

  /** All of it is the corpus to begin with, whatever it reaches. */
  async #begin(beginning: readonly Uint8Array[]): Promise<Found | undefined> {
    this.#coverage.take()
    this.#inputs += beginning.length
    const found = await this.#judge.findFirst(beginning, this.#inputs)
    this.#known.add(this.#coverage.take())
    this.#corpus.push(...beginning)
    return found
  }

  async #take(inputs: readonly Uint8Array[]): Promise<Found | undefined> {
    this.#inputs += inputs.length
    const found = await this.#judge.findFirst(inputs, this.#inputs)
    return found ?? this.#keepNew(inputs, this.#coverage.take())
  }

  /** If these have reached something new, halves of them are run again until it is clear which did. */
  async #keepNew(inputs: readonly Uint8Array[], covered: Covered): Promise<Found | undefined> {
    if (!this.#known.isNew(covered)) return undefined
    const [only] = inputs
    if (inputs.length === 1 && only !== undefined) {
      this.#known.add(covered)
      this.#corpus.push(only)
      return undefined
    }
    const middle = Math.ceil(inputs.length / 2)
    for (const half of [inputs.slice(0, middle), inputs.slice(middle)]) {
      // What comes late is heard here.
      const found = await this.#judge.findFirst(half, this.#inputs)
      const later = found ?? (await this.#keepNew(half, this.#coverage.take()))
      if (later !== undefined) return later
    }
    return undefined
  }

  async #describe({ input, fault: first }: Found): Promise<Finding> {
    // Once more, for the stack.
    const fault = (await this.#judge.findFault(input)) ?? first
    const deadlineMs = performance.now() + SHRINK_MS
    const { shape } = this.#target
    const shortest = await minimise(input, fault, { judge: this.#judge, shape, deadlineMs })
    return { input, fault, run: this.#inputs, shortest }
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
