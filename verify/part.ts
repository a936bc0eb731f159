/** What a part of the verification programme is: a proof that can be run with a seed, for as long as one likes. */
import process from 'node:process'

/** The options that every part understands, and `rest` for its own. */
export interface PartOptions {
  readonly seed: number
  /** Undefined for as many as a commit's time allows. */
  readonly runs: number | undefined
  /** What the part's own options were given. */
  readonly rest: Readonly<Record<string, string>>
}

/** One part. */
export interface Part {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Its own options with what they mean, `STEPS` in the place of a value. */
  readonly options: Readonly<Record<string, string>>
  /** False if it has found something. @throws UsageError for a bad value */
  run(options: PartOptions): Promise<boolean>
}

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError'
}

/** A whole number from 1, or the default. @throws UsageError */
export function countOf(options: PartOptions, name: string, otherwise: number): number {
  const text = options.rest[name]
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,12}$/.test(text)) throw new UsageError(`--${name} ${text}: give a whole number from 1`)
  return Number(text)
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
