/** Report: what is printed of a failure. The run is made shorter as long as it fails in the same way, and is left as a trace. */
import { mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { say } from '../part.js'
import { shrink } from '../shrink.js'
import { bondsOf } from './bonds.js'
import { type Failure, shapeOf } from './failure.js'
import { type Ended, runOnce } from './run-once.js'
import type { Step } from './step.js'
import type { Start } from './subjects.js'
import { formatTrace } from './trace.js'

/** Where a failure was found. */
export interface Found {
  readonly part: string
  /** The name of the trace that is left, one for each seed and run. */
  readonly file: string
  readonly seed: number
  readonly run: number
  /** The command that does the same run again. */
  readonly repeat: string
  /** Every step up to the one that failed. */
  readonly done: readonly Step[]
  readonly failure: Failure
}

const SHRINK_MS = 180_000
/** Many shorter runs hang, if one did. */
const SHRINK_PATIENCE_MS = 3_000
const SHOWN_STEPS = 20
const OUT = 'verify/out'

/** Looks for a short way to the same failure, shows it, and leaves it as a trace for test/golden/. */
export async function report(found: Found, start: Start, shrinkMs: number = SHRINK_MS): Promise<void> {
  const { part, seed, run, repeat, done, failure } = found
  say(`FAIL ${part}  seed=${seed} run=${run} node=${process.versions.node}`)
  say(`repeat: ${repeat}`)
  // A failure that cannot be had again is shown all the same.
  show(failure)
  say(`shrinking ${done.length} steps, for ${shrinkMs / 1000} s at most`)
  const again = (fewer: readonly Step[]): Promise<Ended> =>
    runOnce(start, (each) => each.replay(fewer), { patienceMs: SHRINK_PATIENCE_MS })
  const shape = shapeOf(failure)
  const isWhole = bondsOf(done)
  const fails = async (fewer: readonly Step[]): Promise<boolean> => {
    if (!isWhole(fewer)) return false
    const { failure: other } = await again(fewer)
    return other !== undefined && shapeOf(other) === shape
  }
  const short = await shrink(done, fails, performance.now() + shrinkMs)
  const ended = await again(short)
  say(`shrunk: ${short.length} of ${done.length} steps`)
  if (ended.failure === undefined) say('These steps have failed before, and now they have not.')
  else show(ended.failure)
  mkdirSync(OUT, { recursive: true })
  const file = `${OUT}/${found.file}.trace.jsonl`
  writeFileSync(file, textOf(ended))
  for (const line of textOf(ended).trimEnd().split('\n').slice(-SHOWN_STEPS)) say(`  ${line}`)
  say(`The trace is in ${file}: once mended, it is a regression test if it lies in test/golden/`)
}

/** The step of a failure is in it, though nothing may have been seen of it. */
function textOf({ done, trace }: Ended): string {
  const unseen = done.slice(trace.length).map((step) => ({ step, sights: new Map() }))
  return formatTrace([...trace, ...unseen])
}

function show({ subject, divergences, error }: Failure): void {
  if (divergences.length === 0) say(`${subject}: ${error instanceof Error ? error.stack : String(error)}`)
  for (const { slot, expected, actual } of divergences) {
    say(`slot ${slot}\n  zoolet:\n${indent(actual)}\n  ${subject}:\n${indent(expected)}`)
  }
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `    ${line}`).join('\n')
}
