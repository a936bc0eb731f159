/** The part `fuzz`: bytes that nobody should send, to everything that takes bytes from strangers. */
import process from 'node:process'
import { hex, toHex } from '../../test/protocol/hex.js'
import { type Part, type PartOptions, say, UsageError, wordOf } from '../part.js'
import { Random } from '../random.js'
import { BlockCoverage, type CoverMap } from './block-coverage.js'
import { readCorpus, writeCorpus } from './corpus.js'
import { type Finding, Fuzzer, minimiseCorpus, type Outcome } from './fuzzer.js'
import { Judge, type Verdict } from './judge.js'
import type { Target } from './target.js'
import { TARGETS } from './targets/targets.js'
import { compareVerdicts } from './verdict/compare-verdicts.js'

const NAMES = ['all', ...Object.keys(TARGETS), 'verdict'] as const
const WATCHED = /(^|\/)src\//
/** What reads bytes: fuzzing all targets has to reach nearly all of it. */
const DECODERS = /src\/protocol\/(codec|frame|handshake|jute|multi-codec|records)\.ts$/
const LEAST_PERCENT = 98
const MOST_GROWTH_BYTES = 16 * 1_048_576

/** Fuzzes. */
export const fuzz: Part = {
  name: 'fuzz',
  summary: 'damaged bytes, guided by coverage, to everything that takes bytes from strangers',
  options: {
    target: `${NAMES.join(', ')}; all unless given, which verdict is not among: it needs a real ZooKeeper`,
    input: 'hex: this one input to one target, and nothing else',
    'write-corpus': 'yes: what was found replaces the corpus in the repository, minimised',
  },
  run: (options) => {
    const name = wordOf(options, 'target', NAMES)
    if (name === 'verdict') return compareVerdicts(options)
    return runTargets(name === 'all' ? Object.keys(TARGETS) : [name], options)
  },
}

async function runTargets(names: readonly string[], options: PartOptions): Promise<boolean> {
  // Before anything of the code under test has run.
  const coverage = new BlockCoverage(WATCHED)
  try {
    const targets = Object.entries(TARGETS).map(([name, create], stream) => ({ name, create, stream }))
    const chosen = targets.filter(({ name }) => names.includes(name))
    const made = chosen.map(({ create, stream }) => ({ target: create(), stream }))
    if (options.rest.input !== undefined)
      return await runOne(
        made.map(({ target }) => target),
        options.rest.input,
      )
    const total = made.reduce((sum, { target }) => sum + target.inputs, 0)
    let isRight = true
    const reached: CoverMap[] = []
    const part = (options.runs ?? total) / total
    for (const { target, stream } of made) {
      const random = new Random(options.seed, stream)
      const outcome = await fuzzTarget(target, random, { coverage, inputs: Math.ceil(target.inputs * part) })
      reached.push(outcome.reached)
      if (!report(target, outcome, options)) {
        isRight = false
        continue
      }
      if (wordOf(options, 'write-corpus', ['no', 'yes']) === 'no') continue
      const kept = await minimiseCorpus(target, coverage, outcome.corpus)
      say(`  ${writeCorpus(target.name, kept)}: ${kept.length} inputs`)
    }
    const isWhole = chosen.length === targets.length && part >= 1
    return (!isWhole || reachesDecoders(coverage, reached)) && isRight
  } finally {
    coverage.stop()
  }
}

function fuzzTarget(
  target: Target,
  random: Random,
  { coverage, inputs }: { readonly coverage: BlockCoverage; readonly inputs: number },
): Promise<Outcome> {
  const beginning = [...target.seeds, ...readCorpus(target.name)]
  return new Fuzzer(target, coverage, random).run(beginning, inputs)
}

/** False if too much of the decoders was reached by no target. */
function reachesDecoders(coverage: BlockCoverage, reached: readonly CoverMap[]): boolean {
  const blocks = coverage.blocksIn(DECODERS)
  const missed = blocks.filter((block) => !reached.some((map) => map.has(block)))
  const percent = (100 * (blocks.length - missed.length)) / blocks.length
  const isEnough = percent >= LEAST_PERCENT
  say(
    `${isEnough ? '' : 'FAIL fuzz: '}${blocks.length - missed.length} of ${blocks.length} blocks of the decoders reached, ${percent.toFixed(1)} % (at least ${LEAST_PERCENT})`,
  )
  for (const { file, line } of missed) say(`  not reached: ${file.replace(/^.*\/src\//, 'src/')}:${line}`)
  return isEnough
}

/** False if something was found. */
function report(target: Target, outcome: Outcome, options: PartOptions): boolean {
  const { inputs, elapsedMs, corpus, blocks, growthBytes, finding } = outcome
  const perSecond = Math.round(inputs / (elapsedMs / 1000))
  const growth = `${(growthBytes / 1_048_576).toFixed(1)} MiB more held`
  say(
    `${target.name}: ${inputs} inputs, ${perSecond}/s, corpus ${corpus.length}, ${blocks} blocks covered, ${growth}`,
  )
  if (finding !== undefined) sayFinding(target, finding, options)
  const isGrown = growthBytes > MOST_GROWTH_BYTES
  if (isGrown) {
    sayHeading(target, options, inputs)
    say(`verdict: ${growth}, where ${MOST_GROWTH_BYTES / 1_048_576} MiB are allowed, over ${inputs} inputs`)
    say(`a regression test belongs in ${target.regression}`)
  }
  return finding === undefined && !isGrown
}

function sayFinding(target: Target, { input, verdict, run, shortest }: Finding, options: PartOptions): void {
  sayHeading(target, options, run)
  say(`verdict: ${textOf(verdict)}`)
  say(`input: ${toHex(input)}`)
  say(`shrunk: ${shortest.length} of ${input.length} bytes`)
  say(`minimised input: ${toHex(shortest)}`)
  say(`this input alone: npm run verify -- fuzz --target ${target.name} --input ${toHex(shortest)}`)
  say(`a regression test belongs in ${target.regression}`)
}

function sayHeading(target: Target, { seed }: PartOptions, run: number): void {
  say(`FAIL fuzz/${target.name}  seed=${seed} run=${run} node=${process.versions.node}`)
  say(`repeat: npm run verify -- fuzz --target ${target.name} --seed ${seed} --runs ${run}`)
}

function textOf({ what, error }: Verdict): string {
  return error instanceof Error ? `${what}: ${error.stack ?? error.message}` : `${what} ${error ?? ''}`
}

async function runOne(targets: readonly Target[], text: string): Promise<boolean> {
  const [target] = targets
  if (target === undefined || targets.length > 1) throw new UsageError('--input needs one --target')
  if (!/^([\da-f]{2})*$/i.test(text)) throw new UsageError(`--input ${text}: give hex digits in pairs`)
  const judge = new Judge(target)
  const verdict = await judge.judge(hex(text.toLowerCase()))
  await judge.stop()
  say(verdict === undefined ? 'nothing is wrong with it' : `verdict: ${textOf(verdict)}`)
  return verdict === undefined
}
