/** The command line of the verification programme: which part, which seed, how many runs. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { bugBank } from './bugs/bug-bank-part.js'
import { differential } from './differential/differential-part.js'
import { golden } from './differential/golden-part.js'
import { fuzz } from './fuzz/fuzz-part.js'
import { history } from './history/history-part.js'
import { mutation } from './mutation/mutation-part.js'
import { type Part, say, UsageError } from './part.js'
import { simulation } from './simulation/simulation-part.js'
import { soak } from './soak/soak-part.js'

const PARTS: readonly Part[] = [differential, golden, history, simulation, fuzz, soak, bugBank, mutation]

const USAGE = `npm run verify -- PART [--seed S] [--runs N] [options of the part]

Parts:
${PARTS.map(({ name, summary, options }) => {
  const own = Object.entries(options).map(([option, meaning]) => `      --${option}: ${meaning}\n`)
  return `  ${name}: ${summary}\n${own.join('')}`
}).join('')}
Without --runs a part takes about the time that a commit allows it. A failure prints how to repeat it, and ends with exit code 1.`

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help') {
    say(USAGE)
    return name === undefined ? 2 : 0
  }
  const part = PARTS.find((each) => each.name === name)
  if (part === undefined) throw new UsageError(`there is no part "${name}"`)
  const { seed, runs, ...own } = readOptions(part, rest)
  const startMs = performance.now()
  const isRight = await part.run({
    seed: readNumber('seed', seed) ?? 1,
    runs: readRuns(runs),
    rest: own,
  })
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  say(`${isRight ? 'OK' : 'FAILED'}: ${name}, ${seconds} s`)
  return isRight ? 0 : 1
}

function readOptions(part: Part, args: readonly string[]): Record<string, string> {
  const names = ['seed', 'runs', ...Object.keys(part.options)]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true })
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function readRuns(text: string | undefined): number | undefined {
  const runs = readNumber('runs', text)
  if (runs === 0) throw new UsageError('--runs 0: nothing would be proved; give a number from 1')
  return runs
}

function readNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^(\d{1,15}|0x[0-9a-f]{1,12})$/i.test(text))
    throw new UsageError(`--${name} ${text}: give a whole number`)
  return Number(text)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`verify: ${error.message}\n\n${USAGE}\n`)
  process.exitCode = 2
}
