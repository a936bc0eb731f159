/** What the part `fuzz` was told, all of it read before anything is begun. */
import { readFileSync, statSync } from 'node:fs'
import { isApacheInstalled } from '../../test/peers/apache-process.js'
import { hex } from '../../test/protocol/hex.js'
import { type PartOptions, UsageError, wordOf } from '../part.js'
import { MOST_LARGE_BYTES } from './mutator.js'
import { TARGETS } from './targets/targets.js'

/** All targets but the one that needs a real server, one after the other. */
export const ALL = 'all'
/** What a real server and zoolet do about the same frames. */
export const REACTIONS = 'reactions'
/** What `--target` may be. */
export const TARGET_NAMES: readonly [string, ...string[]] = [ALL, ...Object.keys(TARGETS), REACTIONS]

/** All of it. */
export interface FuzzOptions {
  readonly target: string
  readonly seed: number
  readonly runs: number | undefined
  /** This one and no other. */
  readonly input: Uint8Array | undefined
  /** Whether what is found replaces the corpus in the repository. */
  readonly writesCorpus: boolean
}

/** @throws UsageError for a bad value, or what cannot be done together, or here */
export function readFuzzOptions(options: PartOptions, hasApache = isApacheInstalled()): FuzzOptions {
  const target = wordOf(options, 'target', TARGET_NAMES)
  const input = readInput(options)
  const writesCorpus = options.flags.has('write-corpus')
  if (input !== undefined && target === ALL) throw new UsageError('an input needs one --target')
  if (writesCorpus && (input !== undefined || target === REACTIONS))
    throw new UsageError('--write-corpus needs a run on targets that have a corpus')
  if (target === REACTIONS && !hasApache)
    throw new UsageError(
      `--target ${REACTIONS}: there is no Apache ZooKeeper here: apt-get install zookeeper`,
    )
  return { target, seed: options.seed, runs: options.runs, input, writesCorpus }
}

function readInput({ rest: { input, 'input-file': file } }: PartOptions): Uint8Array | undefined {
  if (input !== undefined && file !== undefined) throw new UsageError('give --input or --input-file')
  if (file !== undefined) return readInputFile(file)
  if (input === undefined) return undefined
  if (!/^([\da-f]{2})*$/i.test(input)) throw new UsageError(`--input ${input}: give hex digits in pairs`)
  return hex(input.toLowerCase())
}

function readInputFile(file: string): Uint8Array {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats?.isFile() !== true) throw new UsageError(`--input-file ${file}: there is no such file`)
  if (stats.size > MOST_LARGE_BYTES)
    throw new UsageError(`--input-file ${file}: no input has more than ${MOST_LARGE_BYTES} bytes`)
  return new Uint8Array(readFileSync(file))
}
