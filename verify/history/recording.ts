/**
 * Recording: a history with all that its checkers need, and how it was made. As text it has one line for how it was made, one for each
 * note in their order, and one for each journal: so it can be kept, read, and checked again without a server.
 */
import { createReadStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { Stat } from '../../src/protocol/stat.js'
import { History } from './history.js'
import type { Journalled } from './journal.js'
import type { Note } from './note.js'
import type { TableLook } from './table-rules.js'
import type { CheckOptions } from './violation.js'

/** How a history is made. */
export interface MixOptions {
  readonly server: 'zoolet' | 'apache'
  readonly seed: number
  readonly run: number
  /** Of each worker; others make fewer. */
  readonly requests: number
}

/** What is known beside the notes. */
export interface Heading {
  readonly made: MixOptions
  readonly options: CheckOptions
  readonly tables: TableLook
  /** What broke it off, if it was not finished. */
  readonly failure?: string | undefined
}

/** One of them. */
export interface Recording extends Heading {
  readonly history: History
  readonly journals: readonly Journalled[]
}

/** One line. */
type Line = { readonly heading: Heading } | Note | { readonly journal: Journalled }

/** As so many lines it goes to the disk at a time. */
const BATCH = 1_000

/** Its lines. */
export function* linesOf({ history, journals, ...heading }: Recording): Generator<string> {
  yield textOf({ heading })
  for (const note of history.notes) yield textOf(note)
  for (const { name, sessionId, pending, entries } of journals)
    yield textOf({ journal: { name, sessionId, pending, entries } })
}

/** A recording from its lines. @throws SyntaxError for what is none, or not whole */
export async function readLines(lines: Iterable<string> | AsyncIterable<string>): Promise<Recording> {
  const notes: Note[] = []
  const journals: Journalled[] = []
  let heading: Heading | undefined
  for await (const text of lines) {
    const line: Line = JSON.parse(text, revive)
    if ('heading' in line) heading = line.heading
    else if ('journal' in line) journals.push(line.journal)
    else notes.push(line)
  }
  if (heading === undefined) throw new SyntaxError('There is no line that tells how the history was made')
  return { ...heading, history: History.of(notes), journals }
}

/** Writes it into a file, whose folder need not be there. */
export async function writeRecording(path: string, recording: Recording): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'w')
  try {
    let batch: string[] = []
    for (const line of linesOf(recording)) {
      batch.push(`${line}\n`)
      if (batch.length < BATCH) continue
      await file.write(batch.join(''))
      batch = []
    }
    await file.write(batch.join(''))
  } finally {
    await file.close()
  }
}

/** Reads it from a file. @throws Error if there is none, SyntaxError if it is something else */
export function readRecording(path: string): Promise<Recording> {
  return readLines(createInterface({ input: createReadStream(path) }))
}

function textOf(line: Line): string {
  return JSON.stringify(line, replace)
}

/** A Buffer or a Stat has made itself something else before it comes here as a value. */
function replace(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const original = this[key]
  if (original instanceof Uint8Array) return { bytes: Buffer.from(original).toString('latin1') }
  if (original instanceof Stat) return { ...original }
  return typeof value === 'bigint' ? { bigint: String(value) } : value
}

function revive(_key: string, value: unknown): unknown {
  const { bytes, bigint } = Object(value)
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'latin1'))
  return typeof bigint === 'string' ? BigInt(bigint) : value
}
