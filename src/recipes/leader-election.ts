/**
 * LeaderElection: one leader at a time, in the order of arrival; the others wait, each for the one before it. Laid out as Curator's
 * LeaderLatch or kazoo's Election.
 */
import type { AbortSignalLike } from '../client/abort.js'
import { identifiersOf } from './contenders.js'
import { ContestedLock } from './contested-lock.js'
import type { RecipeClient } from './lasting-client.js'
import { completeLockOptions, type LockOptions, type LockSettings } from './lock-options.js'
import { checkWait, unlessStopped, type WaitOptions } from './patience.js'
import type { Tenure } from './tenure.js'

/** One candidate in the election at a path. */
export class LeaderElection {
  readonly #settings: LockSettings
  readonly #latch: ContestedLock
  #isStanding = false
  #term: Tenure | undefined
  readonly path: string

  /** Nothing is created before it stands. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: LockOptions = {}) {
    const settings = completeLockOptions(client, path, options)
    const contest = { ...settings, kind: 'latch', blocks: () => true, what: `the lead of ${path}` } as const
    this.#settings = settings
    this.#latch = new ContestedLock({ contest, abortOn: settings.abortOn })
    this.path = path
  }

  /** Whether this candidate certainly leads at this moment. */
  get isLeader(): boolean {
    return this.#term?.isHeld === true
  }

  /**
   * Waits until this candidate leads; resolves to its term, which is given up with `release()`.
   * @throws TypeError (it stands or leads already), TimeoutError, the signal's reason, KeeperException SESSIONEXPIRED (with a plain
   * ZooKeeper), AUTHFAILED, NOAUTH
   */
  async lead(options: WaitOptions = {}): Promise<Tenure> {
    this.#requireIdle()
    this.#isStanding = true
    try {
      this.#term = await this.#latch.acquire(options)
      return this.#term
    } finally {
      this.#isStanding = false
    }
  }

  /**
   * Stands again and again: one term after the other, each given up when the loop's body is done with it. Ends when the signal
   * aborts or the loop is left; throws as `lead` does.
   */
  async *terms(options: Pick<WaitOptions, 'signal'> = {}): AsyncGenerator<Tenure, void, undefined> {
    checkWait(options, ['signal'])
    const { signal } = options
    while (!isAborted(signal)) {
      let term: Tenure
      try {
        term = await this.lead({ signal })
      } catch (error) {
        if (isAborted(signal)) return
        throw error
      }
      try {
        yield term
      } finally {
        // The release goes on when the signal aborts before the server can be reached.
        if (!term.isReleased) await unlessStopped(term.release(), signal)
      }
    }
  }

  /** The identifiers of all candidates, the leader's first. @throws KeeperException, TimeoutError, the signal's reason */
  participants(options: WaitOptions = {}): Promise<string[]> {
    return identifiersOf(this.#settings.client, this.path, options)
  }

  #requireIdle(): void {
    const { path } = this
    if (this.#isStanding)
      throw new TypeError(`This candidate stands for the lead of ${path} already: await that first`)
    if (this.#term?.isReleased === false)
      throw new TypeError(`This candidate has a term as the leader of ${path}: release it first`)
  }
}

function isAborted(signal: AbortSignalLike | undefined): boolean {
  return signal?.aborted === true
}
