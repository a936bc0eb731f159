/** What is printed about the run of a target, and whether it is a failure. */
import type { Block } from './block-coverage.js'
import type { Finding, Outcome } from './fuzzer.js'
import type { Fault } from './judge.js'
import { headingOf, linesOfInputs } from './repeat.js'
import type { Target } from './target.js'

const MIB = 1_048_576
const MOST_GROWTH_BYTES = 16 * MIB
/** Of the blocks of the decoders, which fuzzing all targets has to reach. */
const LEAST_PERCENT = 98

/** Lines, and whether they tell of a failure. */
export interface FuzzReport {
  readonly isRight: boolean
  readonly lines: readonly string[]
}

/** About one target. Long inputs are written to files. */
export function reportOf(target: Target, outcome: Outcome, seed: number): FuzzReport {
  const { inputs, elapsedMs, corpus, blocks, growthBytes, finding } = outcome
  const perSecond = Math.round(inputs / (elapsedMs / 1000))
  const growth =
    growthBytes === undefined ? 'growth not measured' : `${(growthBytes / MIB).toFixed(1)} MiB more held`
  const isGrown = growthBytes !== undefined && growthBytes > MOST_GROWTH_BYTES
  const origin = { target: target.name, seed }
  return {
    isRight: finding === undefined && !isGrown,
    lines: [
      `${target.name}: ${inputs} inputs, ${perSecond}/s, corpus ${corpus.length}, ${blocks} blocks covered, ${growth}`,
      ...(finding === undefined ? [] : linesOfFinding(target, finding, seed)),
      ...(isGrown
        ? [
            ...headingOf(origin, inputs),
            `verdict: ${growth}, where ${MOST_GROWTH_BYTES / MIB} MiB are allowed, over ${inputs} inputs`,
            lineOfRegression(target),
          ]
        : []),
    ],
  }
}

/** About the blocks of the decoders, of which some were reached by no target. */
export function reportOfReach(
  blocks: readonly Block[],
  reached: readonly { has(block: Block): boolean }[],
): FuzzReport {
  const missed = blocks.filter((block) => !reached.some((map) => map.has(block)))
  const found = blocks.length - missed.length
  const percent = blocks.length === 0 ? 0 : (100 * found) / blocks.length
  const isRight = percent >= LEAST_PERCENT
  return {
    isRight,
    lines: [
      `${isRight ? '' : 'FAIL fuzz: '}${found} of ${blocks.length} blocks of the decoders reached, ${percent.toFixed(1)} % (at least ${LEAST_PERCENT})`,
      ...missed.map(({ file, line }) => `  not reached: ${file.replace(/^.*\/src\//, 'src/')}:${line}`),
    ],
  }
}

/** In one line, or with the stack. */
export function textOf({ what, error }: Fault): string {
  return error instanceof Error ? `${what}: ${error.stack ?? error.message}` : `${what} ${error ?? ''}`
}

function linesOfFinding(target: Target, { input, fault, run, shortest }: Finding, seed: number): string[] {
  const origin = { target: target.name, seed }
  return [
    ...headingOf(origin, run),
    `verdict: ${textOf(fault)}`,
    ...linesOfInputs(origin, input, shortest),
    lineOfRegression(target),
  ]
}

function lineOfRegression({ regression }: Target): string {
  return `a regression test belongs in ${regression}`
}
