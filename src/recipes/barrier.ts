/** Barrier: all wait as long as a znode is there. Laid out as Curator's DistributedBarrier and kazoo's Barrier. */
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { validatePath } from '../protocol/path.js'
import { checkClient, type RecipeClient, within } from './lasting-client.js'
import type { WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { deleteThis, findCzxid } from './sure-writes.js'
import { untilGone } from './until-changed.js'

/** What a barrier is made with. */
export interface BarrierOptions {
  /** The ACL of its znode, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

/** A barrier at a path, which outlives the session that sets it. */
export class Barrier {
  readonly #client: RecipeClient
  readonly #acl: readonly ACL[] | undefined
  readonly path: string

  /** Nothing is created before it is set. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: BarrierOptions = {}) {
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['acl'])
    this.#client = client
    this.path = path
    this.#acl = options.acl
  }

  /** Holds up all who come from now on; fine if it is set already. @throws KeeperException, TimeoutError, the signal's reason */
  set(options: WaitOptions = {}): Promise<void> {
    return this.#within('set', options, async (zk, signal) => {
      await persist(zk, () => zk.createAll(this.path, null, { acl: this.#acl, signal }), signal)
    })
  }

  /** Lets everybody go on; fine if it is not set. @throws KeeperException, TimeoutError, the signal's reason */
  remove(options: WaitOptions = {}): Promise<void> {
    return this.#within('remove', options, (zk, signal) => this.#remove(zk, signal))
  }

  /** Resolves as soon as it is not set. @throws KeeperException, TimeoutError, the signal's reason */
  wait(options: WaitOptions = {}): Promise<void> {
    return this.#within('wait at', options, (zk, signal) => untilGone(zk, this.path, signal))
  }

  /** The one that is there when the request arrives; what somebody sets after that stays, even if the reply is lost. */
  async #remove(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<void> {
    const czxid = await persist(zk, () => findCzxid(zk, this.path, signal), signal)
    if (czxid !== undefined) await deleteThis(zk, { path: this.path, czxid }, signal)
  }

  #within(
    verb: string,
    options: WaitOptions,
    work: (zk: ZooKeeper, signal: AbortSignalLike | undefined) => Promise<void>,
  ): Promise<void> {
    return within(this.#client, options, `${verb} the barrier ${this.path}`, work)
  }
}
