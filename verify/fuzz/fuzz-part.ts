/** The part `fuzz`: bytes that nobody should send, to everything that takes bytes from strangers. */
import { type Part, say } from '../part.js'
import { BlockCoverage, type CoverMap } from './block-coverage.js'
import { readCorpus, writeCorpus } from './corpus.js'
import { ALL, type FuzzOptions, REACTIONS, readFuzzOptions, TARGET_NAMES } from './fuzz-options.js'
import { type FuzzReport, reportOf, reportOfReach, textOf } from './fuzz-report.js'
import { Fuzzer, minimiseCorpus } from './fuzzer.js'
import { Judge } from './judge.js'
import { compareReactions } from './reactions/compare-reactions.js'
import type { Target } from './target.js'
import { TARGETS } from './targets/targets.js'

const WATCHED = /(^|\/)src\//
/** What reads bytes: fuzzing all targets has to reach nearly all of it. */
const DECODERS = /src\/protocol\/(codec|frame|handshake|jute|multi-codec|records)\.ts$/

/** Fuzzes. */
export const fuzz: Part = {
  name: 'fuzz',
  summary: 'damaged bytes, guided by coverage, to everything that takes bytes from strangers',
  options: {
    target: `${TARGET_NAMES.join(', ')}; all unless given, which ${REACTIONS} is not among: it needs a real ZooKeeper`,
    input: 'hex: this one input to one target, and nothing else',
    'input-file': 'the same with the bytes of a file',
  },
  flags: { 'write-corpus': 'what was found replaces the corpus in the repository, minimised' },
  run: async (options) => {
    const read = readFuzzOptions(options)
    if (read.target === REACTIONS) return compareReactions(read)
    // Before anything of the code under test has run.
    const coverage = new BlockCoverage(WATCHED)
    try {
      return await runTargets(read, coverage)
    } finally {
      coverage.stop()
    }
  },
}

async function runTargets(options: FuzzOptions, coverage: BlockCoverage): Promise<boolean> {
  const all = Object.entries(TARGETS).map(([name, create], stream) => ({ name, create, stream }))
  const chosen = all.filter(({ name }) => options.target === ALL || options.target === name)
  const made = chosen.map(({ create, stream }) => ({ target: create(), stream }))
  const { input, seed } = options
  if (input !== undefined) return runOne(made, input, seed)
  const total = made.reduce((sum, { target }) => sum + target.inputs, 0)
  const runs = options.runs ?? total
  const reached: CoverMap[] = []
  let isRight = true
  for (const { target, stream } of made) {
    // In this order the division is exact for one target alone: a run that is repeated has as many inputs.
    const inputs = Math.ceil((target.inputs * runs) / total)
    const fuzzer = new Fuzzer(target, coverage, { seed, stream })
    const outcome = await fuzzer.run([...target.seeds, ...readCorpus(target.name)], inputs)
    reached.push(outcome.reached)
    const isTargetRight = sayReport(reportOf(target, outcome, seed))
    isRight &&= isTargetRight
    if (isTargetRight && options.writesCorpus) await replaceCorpus(target, coverage, outcome.corpus)
  }
  const isWhole = chosen.length === all.length && runs >= total
  return (!isWhole || sayReport(reportOfReach(coverage.blocksIn(DECODERS), reached))) && isRight
}

function sayReport({ isRight, lines }: FuzzReport): boolean {
  for (const line of lines) say(line)
  return isRight
}

async function replaceCorpus(
  target: Target,
  coverage: BlockCoverage,
  corpus: readonly Uint8Array[],
): Promise<void> {
  const kept = await minimiseCorpus(target, coverage, corpus)
  say(`  ${writeCorpus(target.name, kept)}: ${kept.length} inputs`)
}

async function runOne(
  made: readonly { readonly target: Target }[],
  input: Uint8Array,
  seed: number,
): Promise<boolean> {
  for (const { target } of made) {
    const judge = new Judge(target, { seed })
    const fault = await judge.findFault(input)
    await judge.stop()
    say(fault === undefined ? 'nothing is wrong with it' : `verdict: ${textOf(fault)}`)
    if (fault !== undefined) return false
  }
  return true
}
