/** The fuzzer can fail: it finds a planted fault that chance alone would not, and shrinks it. And its corpus is in order. */
import { afterAll, describe, expect, it } from 'vitest'
import { BlockCoverage } from '../../verify/fuzz/block-coverage.js'
import { readCorpus } from '../../verify/fuzz/corpus.js'
import { cutFrames, frameOf } from '../../verify/fuzz/frames.js'
import { Fuzzer, type Outcome } from '../../verify/fuzz/fuzzer.js'
import { Judge } from '../../verify/fuzz/judge.js'
import { BrokenLaw, type Target } from '../../verify/fuzz/target.js'
import { TARGETS } from '../../verify/fuzz/targets/targets.js'
import { Random } from '../../verify/random.js'
import { join, toHex } from '../protocol/hex.js'

const INPUTS = 20_000
const coverage = new BlockCoverage(/test\/verify\/fuzz\.test\.ts/)
afterAll(() => coverage.stop())

describe('a fuzzer', () => {
  it('finds a fault behind three checks, of which it passes one after the other, and shrinks it', async () => {
    const { finding, corpus } = await fuzz({ isFaulty: true })

    expect(finding?.verdict.error).toEqual(new BrokenLaw('the planted fault'))
    expect(finding?.shortest.length).toBe(3)
    expect(corpus.length).toBeGreaterThan(2)
  })

  it('finds the same input again with the same seed', async () => {
    const [one, other] = [await fuzz({ isFaulty: true }), await fuzz({ isFaulty: true })]

    expect(one.finding?.run).toBe(other.finding?.run)
    expect(toHex(one.finding?.input ?? new Uint8Array(0))).toBe(
      toHex(other.finding?.input ?? new Uint8Array(1)),
    )
  })

  it('finds nothing where nothing is wrong', async () => {
    const { finding, inputs, blocks } = await fuzz({ isFaulty: false })

    expect({ finding, inputs }).toEqual({ finding: undefined, inputs: INPUTS })
    expect(blocks).toBeGreaterThan(3)
  })

  it('leaves out the frames and the bytes that a fault in a stream does not need', async () => {
    const stream = join(...[1, 2, 3].map((byte) => frameOf(new Uint8Array(20).fill(byte))))
    const target = {
      ...plantedTarget(rejectTwos),
      shape: { headBytes: 0, isFramed: true, words: [] },
      seeds: [stream],
    }

    const { finding } = await new Fuzzer(target, coverage, new Random(1)).run(target.seeds, 1)

    expect(toHex(finding?.shortest ?? stream)).toBe('0000000102')
  })
})

describe('the corpus', () => {
  it.each(Object.entries(TARGETS))('has nothing in it that is wrong: %s', async (name, create) => {
    const target = create()
    const judge = new Judge(target)

    const bad = await judge.findBad([...target.seeds, ...readCorpus(name)])
    await judge.stop()

    expect(bad).toBeUndefined()
  })
})

function fuzz({ isFaulty }: { readonly isFaulty: boolean }): Promise<Outcome> {
  const target = plantedTarget((input) => openLocks(input, isFaulty))
  return new Fuzzer(target, coverage, new Random(7)).run(target.seeds, INPUTS)
}

function plantedTarget(run: (input: Uint8Array) => void): Target {
  const shape = { headBytes: 0, isFramed: false, words: [] }
  return { name: 'planted', shape, seeds: [new Uint8Array(8)], regression: '', inputs: 0, batch: 100, run }
}

/** Each check is passed by one byte of 256, and only if all before it are. */
function openLocks([first, second, third]: Uint8Array, isFaulty: boolean): number {
  if (first !== 0x2f) return 1
  if (second !== 0x80) return 2
  if (third !== 0xed) return 3
  if (isFaulty) throw new BrokenLaw('the planted fault')
  return 4
}

function rejectTwos(stream: Uint8Array): void {
  for (const frame of cutFrames(stream).frames) if (frame.includes(2)) throw new BrokenLaw('no twos')
}
