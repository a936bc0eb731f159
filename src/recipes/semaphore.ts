/**
 * Semaphore: so many leases at a time. A lock guards the count: the first in its line watches the leases, the others wait for the
 * line, so a lease that is given back wakes one. Laid out as Curator's InterProcessSemaphoreV2 or kazoo's Semaphore.
 */

import { describe } from '../base/describe.js'
import { decodeUtf8 } from '../base/platform.js'
import type { AbortSignalLike } from '../client/abort.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath } from '../protocol/path.js'
import { type Acquirable, runHolding } from './acquirable.js'
import { parentModeOf } from './contender-name.js'
import { identifiersIn } from './contenders.js'
import { type Contest, winWhile, winWithin } from './contest.js'
import { ignore } from './ignore.js'
import { type RecipeClient, within } from './lasting-client.js'
import { completeLockOptions, type LockOptions, type LockSettings } from './lock-options.js'
import type { WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { createOnce, deleteEphemeral } from './sure-writes.js'
import { Tenure } from './tenure.js'
import { dashed, uniqueHex } from './unique-id.js'
import { untilRead, type WatchableRead } from './until-changed.js'

/** A semaphore at a path. All who use it have to pass the same number; with the layout of kazoo that is checked. */
export class Semaphore implements Acquirable {
  readonly #settings: LockSettings
  readonly #maxLeases: number
  readonly #guard: Omit<Contest, 'client'>
  readonly #leasesPath: string
  readonly path: string

  /** Nothing is created before somebody asks for it. @throws TypeError, RangeError */
  constructor(client: RecipeClient, path: string, maxLeases: number, options: LockOptions = {}) {
    if (!(Number.isSafeInteger(maxLeases) && maxLeases >= 1))
      throw new RangeError(`Invalid maxLeases ${describe(maxLeases)}: pass a whole number, 1 or more`)
    const settings = completeLockOptions(client, path, options)
    const isKazoo = settings.line.layout === 'kazoo'
    const guardPath = isKazoo ? `${path}-__lock__` : childPath(path, 'locks')
    this.#settings = settings
    this.#maxLeases = maxLeases
    this.#guard = {
      line: { ...settings.line, path: guardPath },
      kind: 'lock',
      blocks: () => true,
      what: `the semaphore ${path}`,
    }
    this.#leasesPath = isKazoo ? path : childPath(path, 'leases')
    this.path = path
  }

  /** Waits for a lease. @throws as `Acquirable` says, and RangeError if others use another number of leases (layout of kazoo) */
  acquire(options: WaitOptions = {}): Promise<Tenure> {
    const { client } = this.#settings
    return within(client, options, `acquire ${this.#guard.what}`, async (zk, signal) => {
      await this.#agree(zk, signal)
      for (;;) {
        const { contender } = await winWithin(zk, this.#guard, signal)
        try {
          await untilRead(zk, this.#leases(zk), (count) => count < this.#maxLeases, signal)
          const lease = await this.#lease(zk, contender.path, signal)
          if (lease !== null) return lease
        } finally {
          contender.leave().catch(ignore)
        }
      }
    })
  }

  /** Takes a lease if there is one; waits for those who are about to take theirs, but not for a lease. @throws as `acquire` */
  tryAcquire(options: WaitOptions = {}): Promise<Tenure | null> {
    const { client } = this.#settings
    return within(client, options, `try to acquire ${this.#guard.what}`, async (zk, signal) => {
      await this.#agree(zk, signal)
      const guard = await winWhile(zk, this.#guard, () => this.#hasLease(zk, signal), signal)
      if (guard === undefined) return null
      try {
        return (await this.#hasLease(zk, signal)) ? await this.#lease(zk, guard.contender.path, signal) : null
      } finally {
        guard.contender.leave().catch(ignore)
      }
    })
  }

  run<T>(work: (held: Tenure) => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    return runHolding(this, work, options)
  }

  /** The identifiers of those who have a lease, in no order. @throws KeeperException */
  holders(options: WaitOptions = {}): Promise<string[]> {
    const { client } = this.#settings
    return identifiersIn(client, this.#leasesPath, options, (names) => names)
  }

  async #hasLease(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<boolean> {
    const count = await persist(zk, () => this.#leases(zk).read({ signal }), signal)
    return count < this.#maxLeases
  }

  #leases(zk: ZooKeeper): WatchableRead<number> {
    const path = this.#leasesPath
    return {
      path,
      type: 'Children',
      read: async (options) => {
        try {
          return (await zk.getChildren(path, options)).children.length
        } catch (error) {
          if (isKeeperException(error, 'NONODE')) return 0
          throw error
        }
      },
    }
  }

  /** Null if somebody has deleted the guard, so that others may be counting, too. */
  async #lease(
    zk: ZooKeeper,
    guardPath: string,
    signal: AbortSignalLike | undefined,
  ): Promise<Tenure | null> {
    const { line, abortOn } = this.#settings
    const hex = uniqueHex(zk)
    const { layout, data, acl } = line
    const named =
      layout === 'kazoo'
        ? ({ prefix: hex, mode: 'EPHEMERAL' } as const)
        : ({ prefix: `_c_${dashed(hex)}-lease-`, mode: 'EPHEMERAL_SEQUENTIAL' } as const)
    const parent = { parent: this.#leasesPath, parentMode: parentModeOf(layout) }
    try {
      const znode = await createOnce(zk, { ...parent, ...named, data, acl, onlyWith: guardPath }, signal)
      const giveBack = (): Promise<void> => deleteEphemeral(zk, znode)
      return new Tenure({ zk, what: `a lease of ${this.#guard.what}`, ...znode, abortOn, giveBack })
    } catch (error) {
      if (isKeeperException(error, 'NONODE') && error.path === guardPath) return null
      throw error
    }
  }

  /** kazoo writes the number of leases down where it makes the path. */
  async #agree(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<void> {
    const { layout, acl } = this.#settings.line
    if (layout !== 'kazoo') return
    const { data } = await persist(
      zk,
      async () => {
        await zk.createAll(this.path, String(this.#maxLeases), { acl, signal })
        return zk.getData(this.path, { signal })
      },
      signal,
    )
    const text = decodeUtf8(data ?? new Uint8Array(0))
    if (/^\s*[-+]?\d+\s*$/.test(text) && Number(text) !== this.#maxLeases)
      throw new RangeError(
        `The semaphore ${this.path} has ${Number(text)} leases, not ${this.#maxLeases}: agree on one number`,
      )
  }
}
