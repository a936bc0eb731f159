/** The command line of the verification programme: which part, which seed, how many runs, and what else the part wants to know. */
import process from 'node:process'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type Part, type PartOptions, readNumber, say, UsageError } from './part.js'

const HELP: readonly string[] = ['--help', '-h']
const COMMON = { seed: 'a number that all choices come from; 1 unless given', runs: 'how many' }
const WIDTH = 14

/** Runs the part that the arguments name. Returns the exit code: 1 if the part has found something, 2 if the command is wrong. */
export async function runCommand(parts: readonly Part[], args: readonly string[]): Promise<number> {
  try {
    return await run(parts, args)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`verify: ${error.message}\n`)
    return 2
  }
}

const usageOfAll = (
  parts: readonly Part[],
): string => `npm run verify -- PART [--seed S] [--runs N] [options of the part]

Parts:
${parts.map(({ name, summary }) => `  ${name.padEnd(WIDTH)}${summary}\n`).join('')}
Without --runs a part takes about the time that a commit allows it. A failure prints how to repeat it, and ends with exit code 1.
npm run verify -- PART --help: the options of the part`

async function run(parts: readonly Part[], args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || HELP.includes(name)) {
    say(usageOfAll(parts))
    return name === undefined ? 2 : 0
  }
  const part = parts.find((each) => each.name === name)
  if (part === undefined) throw new UsageError(`there is no part "${name}"; npm run verify lists them`)
  if (rest.some((each) => HELP.includes(each))) {
    say(usageOf(part))
    return 0
  }
  const options = readOptions(part, rest)
  const startMs = performance.now()
  const isRight = await part.run(options).catch((error: unknown) => sayThrown(error, args, options))
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  say(`${isRight ? 'OK' : 'FAILED'}: ${name}, ${seconds} s`)
  return isRight ? 0 : 1
}

/** The programme itself has failed, or what it runs has brought it down; that must not lose the seed. */
function sayThrown(error: unknown, args: readonly string[], { seed }: PartOptions): false {
  if (error instanceof UsageError) throw error
  say(`FAIL ${args[0]}  seed=${seed} node=${process.versions.node}`)
  say(`repeat: npm run verify -- ${args.join(' ')}`)
  say(`verdict: ${error instanceof Error ? error.stack : String(error)}`)
  return false
}

function usageOf({ name, summary, options, flags = {}, ignores = [] }: Part): string {
  const common = Object.entries(COMMON).filter(([option]) => !ignores.some((each) => each === option))
  const valued = [...common, ...Object.entries(options)].map(([option, meaning]) => [
    `${option} ...`,
    meaning,
  ])
  const lines = [...valued, ...Object.entries(flags)].map(([option, meaning]) => `  --${option}: ${meaning}`)
  return [`npm run verify -- ${name} [options]`, summary, '', ...lines].join('\n')
}

function readOptions(part: Part, args: readonly string[]): PartOptions {
  const { ignores = [], flags = {} } = part
  const common = Object.keys(COMMON).filter((option) => !ignores.some((each) => each === option))
  const valued = [...common, ...Object.keys(part.options)].map((name) => [name, { type: 'string' }] as const)
  const plain = Object.keys(flags).map((name) => [name, { type: 'boolean' }] as const)
  const { seed, runs, ...own } = parse(args, Object.fromEntries([...valued, ...plain]), part)
  const given = Object.entries(own)
  return {
    seed: typeof seed === 'string' ? readNumber('seed', seed, 0) : 1,
    runs: typeof runs === 'string' ? readNumber('runs', runs, 1) : undefined,
    rest: Object.fromEntries(
      given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
    flags: new Set(given.flatMap(([name, value]) => (value === true ? [name] : []))),
  }
}

function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  { name }: Part,
): Readonly<Record<string, unknown>> {
  // A number below 0 is a bad number, not another option.
  const joined = args.join('\n').replaceAll(/\n(-\d)/g, '=$1')
  try {
    return parseArgs({ args: joined === '' ? [] : joined.split('\n'), options, strict: true }).values
  } catch (error) {
    const [what] = (error instanceof Error ? error.message : String(error)).split('. To specify')
    throw new UsageError(`${what}; npm run verify -- ${name} --help lists the options`, { cause: error })
  }
}
