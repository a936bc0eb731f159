/** Failure: what ended a run and is not explained, and what stays the same of it while the run is made shorter. */
import type { Divergence } from './compare.js'
import type { Step } from './step.js'

/** What one subject has shown, or thrown, in the last step that was done. */
export interface Failure {
  readonly subject: string
  readonly step: Step
  readonly divergences: readonly Divergence[]
  /** What was thrown: a missing answer, bytes that are no frame, an invariant of a server that does not hold. */
  readonly error?: unknown
}

/**
 * The failure without what a shorter run changes: numbers, and what is in quotes. Two failures of one shape are taken for the same
 * fault; of all that differs only the first line counts, and in it which of its words.
 */
export function shapeOf({ subject, step, divergences, error }: Failure): string {
  const [first] = divergences
  if (first === undefined) return JSON.stringify([subject, step.do, withoutNumbers(String(error))])
  const { expected, actual } = first
  const at = Array.from(expected).findIndex((line, i) => line !== actual[i])
  const i = at < 0 ? expected.length : at
  const lines = [expected[i] ?? 'nothing', actual[i] ?? 'nothing']
  return JSON.stringify([subject, step.do, ...lines.map(withoutNumbers), differingWords(lines)])
}

/** Which words differ, in words. A number that differs is told from one that does not. */
function differingWords(lines: readonly string[]): readonly string[] {
  const [left = [], right = []] = lines.map(wordsOf)
  return left.filter((word, i) => word !== right[i]).map(withoutNumbers)
}

function wordsOf(line: string): readonly string[] {
  return line.split(' ')
}

function withoutNumbers(text: string): string {
  return text
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\[(?:"",?)+\]/g, '[]')
    .replaceAll(/-?\d+/g, '')
}
