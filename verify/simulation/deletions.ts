/**
 * Deletions: which session has deleted what, against what its client has asked for. They have no value by which to find them, so that
 * they are counted: S4, at least as many as were confirmed, and no more than were asked for and not refused.
 */
import type { TxnBody } from '../../src/server/txn.js'

/** How a write ended for who asked for it. */
export type WriteOutcome = 'applied' | 'not applied' | 'unknown'

/** Whose deletions they are; it may get its session later. */
export interface SessionOwner {
  readonly sessionId: bigint
}

interface Call {
  readonly owner: SessionOwner
  readonly path: string
  outcome: WriteOutcome
}

interface Count {
  confirmed: number
  possible: number
  applied: number
}

/** All deletions of a run. */
export class Deletions {
  readonly #calls: Call[] = []
  readonly #applied: string[] = []

  /** Somebody asks that this path of the server goes, with everything below it or by itself. */
  begin(owner: SessionOwner, path: string): { end(outcome: WriteOutcome): void } {
    const call: Call = { owner, path, outcome: 'unknown' }
    this.#calls.push(call)
    return {
      end: (outcome) => {
        call.outcome = outcome
      },
    }
  }

  /** A transaction that this session has asked for. What is deleted as a whole goes from the bottom up. */
  applied(sessionId: bigint, txn: TxnBody): void {
    const ops = txn.type === 'multi' ? txn.ops : [txn]
    const last = ops.at(-1)
    if (last?.type !== 'delete') return
    for (const op of ops)
      if (op.type !== 'delete' || !(op.path === last.path || op.path.startsWith(`${last.path}/`)))
        this.#applied.push(`${sessionId} ${'path' in op ? op.path : op.type}`)
    this.#applied.push(`${sessionId} ${last.path}`)
  }

  /** What is wrong by now. */
  faults(): string[] {
    const counts = new Map<string, Count>()
    const countOf = (key: string): Count => {
      const count = counts.get(key) ?? { confirmed: 0, possible: 0, applied: 0 }
      counts.set(key, count)
      return count
    }
    for (const { owner, path, outcome } of this.#calls) {
      const count = countOf(`${owner.sessionId} ${path}`)
      if (outcome === 'applied') count.confirmed += 1
      if (outcome !== 'not applied') count.possible += 1
    }
    for (const key of this.#applied) countOf(key).applied += 1
    return [...counts].flatMap(([key, { confirmed, possible, applied }]) =>
      applied >= confirmed && applied <= possible
        ? []
        : [`S4: ${key} was deleted ${applied} times, where it was ${confirmed} to ${possible} times`],
    )
  }
}
