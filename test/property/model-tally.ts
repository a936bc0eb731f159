/**
 * What a run of the model has met: how often each (operation, code) pair and each cell of the trigger matrix occurred.
 * The generator's floor test reads it, so that a generator that no longer reaches a corner is noticed.
 */
import type { Call, ModelCode } from './model-calls.js'
import { isBelow, parentOf } from './model-paths.js'
import type { ModelWatch } from './model-watches.js'

/** Occurrences by name. */
export class Tally {
  readonly #counts: Map<string, number>

  constructor(counts: ReadonlyMap<string, number> = new Map()) {
    this.#counts = new Map(counts)
  }

  /** Counts one occurrence. */
  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1)
  }

  /** Adds what another tally has counted. */
  merge(other: Tally): void {
    for (const [name, count] of other.#counts) this.#counts.set(name, this.of(name) + count)
  }

  /** How often a name occurred. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** All names with their counts, sorted by name. */
  entries(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** A copy that counts on its own. */
  fork(): Tally {
    return new Tally(this.#counts)
  }
}

/** Counts a call and, of a multi or multiRead, each of its operations. */
export function tallyCall(tally: Tally, call: Call, code: string, results: readonly unknown[]): void {
  // How a removeWatches ends is decided at the client, and counted there.
  if (call.op !== 'removeWatches') tally.add(`${call.op}:${code}`)
  if (call.op !== 'multi' && call.op !== 'multiRead') return
  for (const [i, { op }] of call.ops.entries()) tally.add(`${call.op}.${op}:${codeOf(results[i])}`)
}

function codeOf(result: unknown): string {
  return typeof result === 'object' && result !== null && 'code' in result ? String(result.code) : 'OK'
}

/** Counts the cells of section 6.5 that a single write meets: each watch by where it is, seen from the changed znode. */
export function tallyCells(
  tally: Tally,
  call: Call,
  code: ModelCode,
  path: string,
  watches: readonly ModelWatch[],
): void {
  const cells = new Set<string>()
  for (const watch of watches) {
    const where = placeOf(watch.path, path)
    if (where !== undefined) cells.add(`${code === 'OK' ? call.op : 'failed'} ${where}|${watch.kind}`)
  }
  for (const cell of cells) tally.add(cell)
}

function placeOf(watched: string, changed: string): 'self' | 'child' | 'grandchild' | undefined {
  if (watched === changed) return 'self'
  if (!isBelow(changed, watched)) return undefined
  return parentOf(changed) === watched ? 'child' : 'grandchild'
}
