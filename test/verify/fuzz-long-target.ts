/** A target of which long inputs do something: longer ones than fit into a command. In a process of its own they never end. */
import { argv } from 'node:process'
import { BlockCoverage } from '../../verify/fuzz/block-coverage.js'
import { intBytes } from '../../verify/fuzz/frames.js'
import { Fuzzer, type Outcome } from '../../verify/fuzz/fuzzer.js'
import { join, utf8 } from '../protocol/hex.js'

/** The seed of its runs. */
export const LONG_SEED = 7
/** Hex of more of it is longer than an argument of a command can be. */
export const LONG_BYTES = 65_536
const INPUTS = 200_000
/** Long enough for an input that ends, on a busy machine. */
const PATIENCE_MS = 2_000

/** Fuzzes until there is a long input. */
export async function fuzzUntilLong(found: () => void): Promise<Outcome> {
  const coverage = new BlockCoverage(/^nothing of it$/)
  const target = {
    name: 'long',
    shape: { headBytes: 1, isFramed: false, words: [] },
    seeds: [join(Uint8Array.of(0), intBytes(1), intBytes(3), utf8('abc'))],
    regression: '',
    inputs: 0,
    batch: 100,
    run: ({ length }: Uint8Array) => {
      if (length > LONG_BYTES) found()
    },
  }
  try {
    const options = { seed: LONG_SEED, patienceMs: PATIENCE_MS }
    return await new Fuzzer(target, coverage, options).run(target.seeds, INPUTS)
  } finally {
    coverage.stop()
  }
}

if (argv[2] === 'endless') {
  await fuzzUntilLong(() => {
    for (;;);
  })
}
