/** What a part of the verification programme is: a proof that can be run with a seed, for as long as one likes. */
import process from 'node:process'

/** The options that every part understands, and `rest` for its own. */
export interface PartOptions {
  readonly seed: number
  /** Undefined for as many as a commit's time allows. */
  readonly runs: number | undefined
  /** What the part's own options were given. */
  readonly rest: Readonly<Record<string, string>>
  /** Which of the part's own flags were given. */
  readonly flags: ReadonlySet<string>
}

/** One part. */
export interface Part {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Whether `--seed` and `--runs` mean something to it; both do unless this says otherwise. */
  readonly ignores?: readonly ('seed' | 'runs')[]
  /** Its own options, which have a value, with what they mean. */
  readonly options: Readonly<Record<string, string>>
  /** Its own options without a value, with what they mean. */
  readonly flags?: Readonly<Record<string, string>>
  /** False if it has found something. @throws UsageError for a bad value */
  run(options: PartOptions): Promise<boolean>
}

const MOST = 2 ** 48

/** The command line is wrong, or asks for what this machine does not have. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** A whole number from 1, or the default. @throws UsageError */
export function countOf(options: PartOptions, name: string, otherwise: number): number {
  const text = options.rest[name]
  return text === undefined ? otherwise : readNumber(name, text, 1)
}

/** What an option was given as a number, decimal or 0x. @throws UsageError if it is none, or not in the range */
export function readNumber(name: string, text: string, least: number): number {
  const number = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= MOST) return number
  throw new UsageError(`--${name} ${text}: give a whole number from ${least} to ${MOST}`)
}

/** One of these words, or the first. @throws UsageError */
export function wordOf<T extends string>(options: PartOptions, name: string, words: readonly [T, ...T[]]): T {
  const [otherwise] = words
  const text = options.rest[name] ?? otherwise
  const word = words.find((each) => each === text)
  if (word === undefined) throw new UsageError(`--${name} ${text}: give ${words.join(' or ')}`)
  return word
}

/** Prints a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
