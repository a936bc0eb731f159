/** The command line of the verification programme, on a part of its own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../verify/command-line.js'
import { countOf, type Part, type PartOptions, UsageError, wordOf } from '../../verify/part.js'

let asked: PartOptions[] = []
let said = ''
let complained = ''
let outcome: () => boolean = () => true

const part: Part = {
  name: 'probe',
  summary: 'looks',
  options: { steps: 'how far', mode: 'fast or slow' },
  flags: { all: 'everything' },
  run: async (options) => {
    asked.push(options)
    countOf(options, 'steps', 1)
    wordOf(options, 'mode', ['fast', 'slow'])
    return outcome()
  },
}
const blind: Part = {
  name: 'blind',
  summary: 'takes nothing',
  ignores: ['seed', 'runs'],
  options: {},
  run: part.run,
}

beforeEach(() => {
  asked = []
  said = ''
  complained = ''
  outcome = () => true
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text)
    return true
  })
})
afterEach(() => void vi.restoreAllMocks())

describe('a command', () => {
  it('hands its options to the part', async () => {
    const code = await run('probe --seed 7 --runs 0x10 --steps 3 --all')

    expect([code, asked]).toEqual([0, [{ seed: 7, runs: 16, rest: { steps: '3' }, flags: new Set(['all']) }]])
    expect(said).toMatch(/^OK: probe, \d+\.\d s\n$/)
  })

  it('that says nothing has seed 1 and as many runs as the part likes', async () => {
    await run('probe')

    expect(asked).toEqual([{ seed: 1, runs: undefined, rest: {}, flags: new Set() }])
  })

  it('of a part that has found something ends with 1', async () => {
    outcome = () => false

    expect([await run('probe'), said]).toEqual([1, expect.stringMatching(/^FAILED: probe/)])
  })

  it('of a part that throws keeps the seed, and says how to repeat it', async () => {
    outcome = () => {
      throw new Error('broken')
    }

    expect(await run('probe --seed 7')).toBe(1)
    expect(said).toContain('FAIL probe  seed=7 ')
    expect(said).toContain('repeat: npm run verify -- probe --seed 7\n')
    expect(said).toContain('verdict: Error: broken')
  })

  it('of a part that cannot be run here ends with 2, in one line', async () => {
    outcome = () => {
      throw new UsageError('there is no server here')
    }

    expect([await run('probe'), complained]).toEqual([2, 'verify: there is no server here\n'])
  })

  it.each([
    ['nothing', 'there is no part "nothing"; npm run verify lists them'],
    ['probe --deep', "Unknown option '--deep'; npm run verify -- probe --help lists the options"],
    ['probe deep', "Unexpected argument 'deep'. "],
    ['probe --steps', "Option '--steps <value>' argument missing; "],
    ['probe --all=1', "Option '--all' does not take an argument; "],
    ['probe --steps 0', '--steps 0: give a whole number from 1 to 281474976710656'],
    ['probe --steps 1.5', '--steps 1.5: give a whole number from 1 '],
    ['probe --runs 0', '--runs 0: give a whole number from 1 '],
    ['probe --runs -3', '--runs -3: give a whole number from 1 '],
    ['probe --seed -1', '--seed -1: give a whole number from 0 '],
    ['probe --seed 99999999999999999999', '--seed 99999999999999999999: give a whole number from 0 '],
    ['probe --seed x', '--seed x: give a whole number from 0 '],
    ['probe --mode best', '--mode best: give fast or slow'],
    ['blind --seed 1', "Unknown option '--seed'"],
    ['blind --runs 1', "Unknown option '--runs'"],
  ])('that is wrong is told so in one line, and ends with 2: %s', async (command, complaint) => {
    expect(await run(command)).toBe(2)
    expect(complained).toMatch(/^verify: [^\n]+\n$/)
    expect(complained).toContain(complaint)
  })

  it('without a part shows the parts, and with --help what one takes', async () => {
    const codes = [await run(''), await run('--help'), await run('-h')]
    const all = said
    said = ''
    codes.push(await run('probe --help'), await run('blind --seed -h'))

    expect([codes, asked]).toEqual([[2, 0, 0, 0, 0], []])
    expect(all).toContain('  probe         looks\n')
    expect(said).toContain('  --seed ...: ')
    expect(said).toContain('  --steps ...: how far\n  --mode ...: fast or slow\n  --all: everything\n')
    expect(said.split('npm run verify -- blind')[1]).not.toContain('--seed')
  })
})

function run(command: string): Promise<number> {
  return runCommand([part, blind], command === '' ? [] : command.split(' '))
}
