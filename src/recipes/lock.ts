/**
 * Lock: one holder at a time, in the order of arrival. Each contender is an ephemeral sequential znode that watches the one before
 * it and no other, so a release wakes one. Laid out as Curator's InterProcessMutex or kazoo's Lock.
 */
import type { Acquirable } from './acquirable.js'
import { identifiersOf } from './contenders.js'
import { ContestedLock } from './contested-lock.js'
import type { RecipeClient } from './lasting-client.js'
import { completeLockOptions, type LockOptions, type LockSettings } from './lock-options.js'
import type { WaitOptions } from './patience.js'
import type { Tenure } from './tenure.js'

/** A lock at a path. It is not reentrant: who holds it and asks again waits for itself. */
export class Lock implements Acquirable {
  readonly #settings: LockSettings
  readonly #lock: ContestedLock
  readonly path: string

  /** Nothing is created before somebody asks for it. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: LockOptions = {}) {
    const settings = completeLockOptions(client, path, options)
    const contest = { ...settings, kind: 'lock', blocks: () => true, what: `the lock ${path}` } as const
    this.#settings = settings
    this.#lock = new ContestedLock({ contest, abortOn: settings.abortOn })
    this.path = path
  }

  acquire(options: WaitOptions = {}): Promise<Tenure> {
    return this.#lock.acquire(options)
  }

  tryAcquire(options: WaitOptions = {}): Promise<Tenure | null> {
    return this.#lock.tryAcquire(options)
  }

  run<T>(work: (held: Tenure) => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    return this.#lock.run(work, options)
  }

  /** The identifiers of the holder and of all who wait, in their order. @throws KeeperException */
  contenders(options: WaitOptions = {}): Promise<string[]> {
    return identifiersOf(this.#settings.client, this.path, options)
  }
}
