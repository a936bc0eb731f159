/** The options of the part `fuzz`: whatever is wrong with them is said before anything is begun. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readFuzzOptions } from '../../verify/fuzz/fuzz-options.js'
import { fuzz } from '../../verify/fuzz/fuzz-part.js'
import { type PartOptions, UsageError } from '../../verify/part.js'

const MOST_BYTES = 262_144

describe('the options of the fuzzer', () => {
  it('are all targets and no input unless given', () => {
    expect(readFuzzOptions(given({}))).toEqual({
      target: 'all',
      seed: 3,
      runs: undefined,
      input: undefined,
      writesCorpus: false,
    })
  })

  it('have an input as hex or in a file', () => {
    const file = fileOf(Uint8Array.of(0, 0xff))

    const inputs = [{ input: '00FF' }, { 'input-file': file }].map(
      (one) => readFuzzOptions(given({ target: 'requests', ...one })).input,
    )

    expect(inputs).toEqual([Uint8Array.of(0, 0xff), Uint8Array.of(0, 0xff)])
  })

  it('take the largest input that is made, and none that is larger', () => {
    const [largest, larger] = [MOST_BYTES, MOST_BYTES + 1].map((bytes) =>
      given({ target: 'server', 'input-file': fileOf(new Uint8Array(bytes)) }),
    )

    expect(largest && readFuzzOptions(largest).input?.length).toBe(MOST_BYTES)
    expect(() => larger && readFuzzOptions(larger)).toThrow(/no input has more than 262144 bytes$/)
  })

  it.each([
    [{ target: 'everything' }, '--target everything: give all or splitter or '],
    [{ target: 'reactions', input: 'zz' }, '--input zz: give hex digits in pairs'],
    [{ target: 'splitter', input: '000' }, '--input 000: give hex digits in pairs'],
    [{ input: '00' }, 'an input needs one --target'],
    [
      { target: 'splitter', 'input-file': 'nowhere/it.bin' },
      '--input-file nowhere/it.bin: there is no such file',
    ],
    [{ target: 'splitter', 'input-file': 'verify' }, '--input-file verify: there is no such file'],
    [{ target: 'splitter', input: '00', 'input-file': 'x' }, 'give --input or --input-file'],
  ])('are refused before anything is begun: %j', async (rest, message) => {
    const running = fuzz.run(given(rest))

    await expect(running).rejects.toThrow(UsageError)
    await expect(running).rejects.toThrow(message)
  })

  it.each([{ target: 'reactions' }, { target: 'splitter', input: '00' }])(
    'do not write a corpus where none is made: %j',
    async (rest) => {
      const running = fuzz.run({ ...given(rest), flags: new Set(['write-corpus']) })

      await expect(running).rejects.toThrow('--write-corpus needs a run on targets that have a corpus')
    },
  )

  it('ask for a real server where there is none', () => {
    const options = given({ target: 'reactions' })

    expect(() => readFuzzOptions(options, false)).toThrow(UsageError)
    expect(() => readFuzzOptions(options, false)).toThrow(
      /^--target reactions: there is no Apache ZooKeeper here/,
    )
    expect(readFuzzOptions(options, true).target).toBe('reactions')
  })
})

function given(rest: PartOptions['rest']): PartOptions {
  return { seed: 3, runs: undefined, rest, flags: new Set() }
}

function fileOf(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-fuzz-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'input.bin')
  writeFileSync(file, bytes)
  return file
}
