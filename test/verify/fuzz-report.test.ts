/** What the fuzzer prints: findings of any length can be run again, and decoders that are not reached are a failure. */
import { readFileSync, rmSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CoverMap } from '../../verify/fuzz/block-coverage.js'
import { reportOf, reportOfReach } from '../../verify/fuzz/fuzz-report.js'
import type { Outcome } from '../../verify/fuzz/fuzzer.js'
import { BrokenLaw, type Target } from '../../verify/fuzz/target.js'

const SEED = 9
const LONG_BYTES = 200_000
const target: Target = {
  name: 'reported',
  shape: { headBytes: 0, isFramed: false, words: [] },
  seeds: [],
  regression: 'test/reported.test.ts',
  inputs: 0,
  batch: 1,
  run: () => undefined,
}

describe('a report', () => {
  it('of a finding has all that is needed to run it again', () => {
    const { isRight, lines } = reportOf(target, outcomeWith(Uint8Array.of(1, 2), Uint8Array.of(2)), SEED)

    expect(isRight).toBe(false)
    expect(lines).toEqual([
      'reported: 40 inputs, 40/s, corpus 0, 0 blocks covered, 1.0 MiB more held',
      expect.stringMatching(/^FAIL fuzz\/reported {2}seed=9 run=30 node=/),
      'repeat: npm run verify -- fuzz --target reported --seed 9 --runs 30',
      expect.stringMatching(/^verdict: exception: BrokenLaw: the law/),
      'input: 0102',
      'shrunk: 1 of 2 bytes',
      'minimised input: 02',
      'this input alone: npm run verify -- fuzz --target reported --input 02',
      'a regression test belongs in test/reported.test.ts',
    ])
  })

  it('of a finding that is too long for a command has it in files', () => {
    const [file, short] = ['verify/out/fuzz-reported-9.bin', 'verify/out/fuzz-reported-9-minimised.bin']
    onTestFinished(() => [file, short].forEach((each) => void rmSync(each)))
    const [input, shortest] = [new Uint8Array(LONG_BYTES).fill(1), new Uint8Array(LONG_BYTES - 1).fill(2)]

    const { lines } = reportOf(target, outcomeWith(input, shortest), SEED)

    expect(lines.slice(4, 8)).toEqual([
      `input: 200000 bytes, in ${file}`,
      'shrunk: 199999 of 200000 bytes',
      `minimised input: 199999 bytes, in ${short}`,
      `this input alone: npm run verify -- fuzz --target reported --input-file ${short}`,
    ])
    expect(
      [file, short].map((each) => Buffer.compare(readFileSync(each), each === file ? input : shortest)),
    ).toEqual([0, 0])
  })

  it('without a finding is one line', () => {
    const { isRight, lines } = reportOf(target, { ...outcomeWith(), finding: undefined }, SEED)

    expect([isRight, lines.length]).toEqual([true, 1])
  })

  it.each([
    [100, 98, true],
    [100, 97, false],
    [0, 0, false],
  ])('of %i blocks of the decoders, of which %i were reached: right is %s', (count, found, isRight) => {
    const blocks = Array.from({ length: count }, (_, at) => ({
      url: 'it',
      at,
      file: '/x/src/it.ts',
      line: at,
    }))

    const report = reportOfReach(blocks, [
      { has: ({ at }) => at % 2 === 0 && at < found },
      { has: ({ at }) => at < found },
    ])

    expect(report.isRight).toBe(isRight)
    expect(report.lines[0]).toMatch(
      isRight ? /^98 of 100 blocks/ : /^FAIL fuzz: \d+ of \d+ blocks of the decoders reached/,
    )
    expect(report.lines.slice(1)).toEqual(
      blocks.slice(found).map(({ line }) => `  not reached: src/it.ts:${line}`),
    )
  })
})

function outcomeWith(input: Uint8Array = new Uint8Array(0), shortest: Uint8Array = input): Outcome {
  const fault = { what: 'exception', error: new BrokenLaw('the law') } as const
  return {
    inputs: 40,
    elapsedMs: 1_000,
    corpus: [],
    blocks: 0,
    reached: new CoverMap(),
    growthBytes: 1_048_576,
    finding: { input, fault, run: 30, shortest },
  }
}
