/**
 * Survivors that may live, each with its reason: a change that cannot be seen from outside, or one that only costs time. They stand in
 * `survivors.json` by their code, not by their lines, so that they stay where they are when something moves.
 */
import { readFile } from 'node:fs/promises'
import type { Survivor } from './report.js'

/** One line of the list. */
export interface Excuse {
  readonly file: string
  readonly was: string
  readonly became: string
  readonly why: string
  /** How many such changes of the file live; 1 unless given. */
  readonly times?: number
}

/** The list. @throws Error if a line gives no reason */
export async function readExcuses(path: string): Promise<readonly Excuse[]> {
  const excuses: readonly Excuse[] = JSON.parse(await readFile(path, 'utf8'))
  for (const { file, was, why } of excuses)
    if (why.trim() === '') throw new Error(`${path}: the survivor ${file} ${was} has no reason`)
  return excuses
}

/** What is not on the list, and what of the list no longer survives; only files that were judged count. */
export function compareWithExcuses(
  survivors: readonly Survivor[],
  excuses: readonly Excuse[],
  judged: ReadonlySet<string>,
): { readonly unexcused: readonly Survivor[]; readonly idle: readonly Excuse[] } {
  const left = new Map<string, number>()
  for (const excuse of excuses) left.set(keyOf(excuse), (left.get(keyOf(excuse)) ?? 0) + (excuse.times ?? 1))
  const unexcused = survivors.filter((survivor) => {
    const lives = left.get(keyOf(survivor)) ?? 0
    left.set(keyOf(survivor), lives - 1)
    return lives <= 0
  })
  const isIdle = (excuse: Excuse): boolean => judged.has(excuse.file) && (left.get(keyOf(excuse)) ?? 0) > 0
  return { unexcused, idle: excuses.filter(isIdle) }
}

function keyOf({ file, was, became }: Pick<Excuse, 'file' | 'was' | 'became'>): string {
  return JSON.stringify([file, was, became])
}
