/** ContestedLock: what is held by whoever is first in a line. Lock is one, ReadWriteLock two. */
import { type Acquirable, runHolding } from './acquirable.js'
import { type Contest, type Won, win, winAtOnce } from './contest.js'
import type { WaitOptions } from './patience.js'
import { type AbortOn, Tenure } from './tenure.js'

/** How a contest becomes a lock. */
export interface ContestedLockOptions {
  readonly contest: Contest
  readonly abortOn: AbortOn
  /** How the winner gives back what it holds; it takes its znode away unless this is set. */
  readonly giveBack?: (won: Won) => Promise<void>
  /** Told of each tenure as it begins. */
  readonly began?: (tenure: Tenure, won: Won) => void
}

/** A lock over one contest. */
export class ContestedLock implements Acquirable {
  readonly #options: ContestedLockOptions
  readonly path: string

  constructor(options: ContestedLockOptions) {
    this.#options = options
    this.path = options.contest.line.path
  }

  async acquire(options: WaitOptions = {}): Promise<Tenure> {
    return this.#hold(await win(this.#options.contest, options))
  }

  async tryAcquire(options: WaitOptions = {}): Promise<Tenure | null> {
    const won = await winAtOnce(this.#options.contest, options)
    return won === undefined ? null : this.#hold(won)
  }

  run<T>(work: (held: Tenure) => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    return runHolding(this, work, options)
  }

  #hold(won: Won): Tenure {
    const { contest, abortOn, began, giveBack = ({ contender }) => contender.leave() } = this.#options
    const { zk, contender } = won
    const { path, czxid } = contender
    const tenure = new Tenure({ zk, what: contest.what, path, czxid, abortOn, giveBack: () => giveBack(won) })
    began?.(tenure, won)
    return tenure
  }
}
