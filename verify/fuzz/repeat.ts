/** How what was found is run again: the whole run by its seed, and its input alone, through a file if it is too long for a command. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { toHex } from '../../test/protocol/hex.js'

/** What a report begins with. */
export interface Origin {
  readonly target: string
  readonly seed: number
}

const FOLDER = 'verify/out'
/** A command of 128 KiB does not start, and nobody reads one of much less. */
const MOST_WRITTEN_BYTES = 2048

/** The first lines of every report; `run` is how many inputs had been run. */
export function headingOf({ target, seed }: Origin, run: number | string): string[] {
  return [
    `FAIL fuzz/${target}  seed=${seed} run=${run} node=${process.versions.node}`,
    `repeat: npm run verify -- fuzz --target ${target} --seed ${seed} --runs ${run}`,
  ]
}

/** An input and what it was shortened to, as lines. A long one is written to a file. */
export function linesOfInputs(origin: Origin, input: Uint8Array, shortest: Uint8Array): string[] {
  return [
    `input: ${isLong(input) ? keep(input, fileOf(origin)) : toHex(input)}`,
    `shrunk: ${shortest.length} of ${input.length} bytes`,
    ...linesOfShortest(origin, shortest),
  ]
}

function linesOfShortest(origin: Origin, shortest: Uint8Array): string[] {
  if (!isLong(shortest))
    return [`minimised input: ${toHex(shortest)}`, commandOf(origin, `--input ${toHex(shortest)}`)]
  const file = fileOf(origin, '-minimised')
  return [`minimised input: ${keep(shortest, file)}`, commandOf(origin, `--input-file ${file}`)]
}

/** The file for a long input. */
export function fileOf({ target, seed }: Origin, ending = ''): string {
  return `${FOLDER}/fuzz-${target}-${seed}${ending}.bin`
}

/** The command that runs one input; `option` says which. */
export function commandOf({ target }: Origin, option: string): string {
  return `this input alone: npm run verify -- fuzz --target ${target} ${option}`
}

function isLong({ length }: Uint8Array): boolean {
  return length > MOST_WRITTEN_BYTES
}

function keep(input: Uint8Array, file: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, input)
  return `${input.length} bytes, in ${file}`
}
