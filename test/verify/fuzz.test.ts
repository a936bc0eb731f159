/** The fuzzer can fail: it finds planted faults of every kind, which chance alone would not, and shrinks them. And its corpus is in order. */
import process from 'node:process'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { BlockCoverage } from '../../verify/fuzz/block-coverage.js'
import { readCorpus } from '../../verify/fuzz/corpus.js'
import { cutFrames, frameOf } from '../../verify/fuzz/frames.js'
import { reportOf } from '../../verify/fuzz/fuzz-report.js'
import { Fuzzer, type Outcome } from '../../verify/fuzz/fuzzer.js'
import { Judge } from '../../verify/fuzz/judge.js'
import { BrokenLaw, type Target } from '../../verify/fuzz/target.js'
import { TARGETS } from '../../verify/fuzz/targets/targets.js'
import { join, toHex } from '../protocol/hex.js'

const INPUTS = 20_000
const SEED = 7
const SLOW_MS = 70
const KEPT_BYTES = 2_048
/** Runs thousands of inputs, some of them slow on purpose. */
const PATIENT = { timeout: 30_000 }
const coverage = new BlockCoverage(/test\/verify\/fuzz\.test\.ts/)
afterAll(() => coverage.stop())

describe('a fuzzer', PATIENT, () => {
  it('finds a fault behind three checks, of which it passes one after the other, and shrinks it', async () => {
    const { finding, corpus } = await fuzz((input) => openLocks(input, true))

    expect(finding?.fault).toEqual({ what: 'exception', error: new BrokenLaw('the planted fault') })
    expect(finding?.shortest.length).toBe(3)
    expect(corpus.length).toBeGreaterThan(2)
  })

  it('finds the same input again with the same seed', async () => {
    const [one, other] = [
      await fuzz((input) => openLocks(input, true)),
      await fuzz((input) => openLocks(input, true)),
    ]

    expect(one.finding?.run).toBe(other.finding?.run)
    expect(toHex(one.finding?.input ?? new Uint8Array(0))).toBe(
      toHex(other.finding?.input ?? new Uint8Array(1)),
    )
  })

  it('finds nothing where nothing is wrong', async () => {
    const {
      finding,
      inputs,
      blocks,
      growthBytes = Number.NaN,
    } = await fuzz((input) => openLocks(input, false))

    expect({ finding, inputs }).toEqual({ finding: undefined, inputs: INPUTS })
    expect(blocks).toBeGreaterThan(3)
    expect(growthBytes).toBeLessThan(1_048_576)
  })

  it('leaves out the frames and the bytes that a fault in a stream does not need', async () => {
    const stream = join(...[1, 2, 3].map((byte) => frameOf(new Uint8Array(20).fill(byte))))
    const target = {
      ...plantedTarget(rejectTwos),
      shape: { headBytes: 0, isFramed: true, words: [] },
      seeds: [stream],
    }

    const { finding } = await new Fuzzer(target, coverage, { seed: 1 }).run(target.seeds, 1)

    expect(toHex(finding?.shortest ?? stream)).toBe('0000000102')
  })
})

describe('each oracle of a fuzzer notices', PATIENT, () => {
  it('an input that takes the processor too long', async () => {
    const { finding } = await fuzz(([first]) => burn(first === 0x2f ? SLOW_MS : 0))

    expect(finding?.fault.what).toBe('turn over 50 ms')
    expect(toHex(finding?.shortest ?? new Uint8Array(0))).toBe('2f')
  })

  it('not an input that took long once', async () => {
    let left = 1

    const { finding } = await fuzz(() => burn(left-- === 1 ? SLOW_MS : 0))

    expect([finding, left < 0]).toEqual([undefined, true])
  })

  it.each([
    ['unhandled rejection', (error: BrokenLaw) => void Promise.reject(error)],
    ['uncaught exception', (error: BrokenLaw) => queueMicrotask(() => raise(error))],
  ])('whose fault an error is that nobody caught: %s', async (what, betray) => {
    hearErrorsAlone()

    const { finding } = await fuzz(([first]) => {
      if (first === 0x2f) betray(new BrokenLaw('nobody hears it'))
    })

    expect(finding?.fault).toEqual({ what, error: new BrokenLaw('nobody hears it') })
    expect(toHex(finding?.shortest ?? new Uint8Array(0))).toBe('2f')
  })

  it('an error that comes from many inputs together', async () => {
    hearErrorsAlone()
    let runs = 0

    const { finding } = await fuzz(() => {
      runs += 1
      if (runs === 250) void Promise.reject(new BrokenLaw('too many'))
    })

    expect(finding?.fault).toEqual({ what: 'unhandled rejection', error: new BrokenLaw('too many') })
    expect(finding?.run).toBe(301)
  })

  it('memory that inputs leave behind', async () => {
    const kept: Uint8Array[] = []

    const outcome = await fuzz(() => void kept.push(new Uint8Array(KEPT_BYTES)))

    expect(outcome.finding).toBeUndefined()
    expect(reportOf(plantedTarget(rejectTwos), outcome, SEED)).toEqual({
      isRight: false,
      lines: [
        expect.stringMatching(/, 3\d\.\d MiB more held$/),
        expect.stringMatching(/^FAIL fuzz\/planted {2}seed=7 run=20000 /),
        'repeat: npm run verify -- fuzz --target planted --seed 7 --runs 20000',
        expect.stringMatching(
          /^verdict: 3\d\.\d MiB more held, where 16 MiB are allowed, over 20000 inputs$/,
        ),
        'a regression test belongs in test/planted.test.ts',
      ],
    })
  })

  it('that nothing was measured when there were too few inputs for it', async () => {
    const outcome = await fuzz(() => undefined, 100)

    expect(outcome.growthBytes).toBeUndefined()
    expect(reportOf(plantedTarget(rejectTwos), outcome, SEED).lines).toEqual([
      expect.stringMatching(/, growth not measured$/),
    ])
  })
})

describe('the corpus', () => {
  it.each(Object.entries(TARGETS))('has nothing in it that is wrong: %s', async (name, create) => {
    const target = create()
    const judge = new Judge(target, { seed: SEED })

    const bad = await judge.findFirst([...target.seeds, ...readCorpus(name)], 0)
    await judge.stop()

    expect(bad).toBeUndefined()
  })
})

function fuzz(run: Target['run'], inputs = INPUTS): Promise<Outcome> {
  const target = plantedTarget(run)
  return new Fuzzer(target, coverage, { seed: SEED }).run(target.seeds, inputs)
}

function plantedTarget(run: Target['run']): Target {
  const shape = { headBytes: 0, isFramed: false, words: [] }
  const regression = 'test/planted.test.ts'
  return { name: 'planted', shape, seeds: [new Uint8Array(8)], regression, inputs: 0, batch: 100, run }
}

/** Each check is passed by one byte of 256, and only if all before it are. */
function openLocks([first, second, third]: Uint8Array, isFaulty: boolean): void {
  if (first !== 0x2f) return
  if (second !== 0x80) return
  if (third !== 0xed) return
  if (isFaulty) raise(new BrokenLaw('the planted fault'))
}

function rejectTwos(stream: Uint8Array): void {
  for (const frame of cutFrames(stream).frames) if (frame.includes(2)) raise(new BrokenLaw('no twos'))
}

function raise(error: BrokenLaw): never {
  throw error
}

/** Keeps the processor busy for so many milliseconds of its own time. */
function burn(ms: number): void {
  const start = process.cpuUsage()
  for (let spent = 0; spent < ms * 1_000; ) {
    const { user, system } = process.cpuUsage(start)
    spent = user + system
  }
}

/** The errors that nobody catches are meant for the fuzzer: the test runner does not hear of them. */
function hearErrorsAlone(): void {
  const [uncaught, unhandled] = [
    process.listeners('uncaughtException'),
    process.listeners('unhandledRejection'),
  ]
  process.removeAllListeners('uncaughtException').removeAllListeners('unhandledRejection')
  onTestFinished(() => {
    for (const listener of uncaught) process.on('uncaughtException', listener)
    for (const listener of unhandled) process.on('unhandledRejection', listener)
  })
}
