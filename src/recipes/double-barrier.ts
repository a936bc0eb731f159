/**
 * DoubleBarrier: so many members begin together and end together. Laid out as Curator's DistributedDoubleBarrier and kazoo's
 * DoubleBarrier: an ephemeral znode for each member, and one named `ready` as soon as all of them are there.
 */

import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import { invariant } from '../base/invariant.js'
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath, nameOf, validatePath } from '../protocol/path.js'
import type { Watcher } from '../protocol/watcher.js'
import { childrenOf } from './contenders.js'
import { ignore } from './ignore.js'
import { checkClient, latestClient, type RecipeClient, withSession } from './lasting-client.js'
import { checkWait, firstOf, patiently, unlessAborted, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { type CreatedZnode, createOnce, deleteEphemeral, deleteThis, findCzxid } from './sure-writes.js'
import { dashed, uniqueHex } from './unique-id.js'
import { OneShot, untilChanged } from './until-changed.js'

/** What a double barrier is made with. */
export interface DoubleBarrierOptions {
  /** What others may read about this member. Empty unless set. */
  readonly identifier?: string | undefined
  /** The ACL of its znodes, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

interface Member {
  readonly zk: ZooKeeper
  readonly znode: CreatedZnode
}

const READY = 'ready'

/** One member of the barrier at a path. */
export class DoubleBarrier {
  readonly #client: RecipeClient
  readonly #memberCount: number
  readonly #options: DoubleBarrierOptions
  #state: 'outside' | 'entering' | 'inside' | 'leaving' = 'outside'
  #member: Member | undefined
  /** What has let it in. */
  #ready: CreatedZnode | undefined
  readonly path: string

  /** Nothing is created before it enters. @throws TypeError, RangeError */
  constructor(client: RecipeClient, path: string, memberCount: number, options: DoubleBarrierOptions = {}) {
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['identifier', 'acl'])
    if (!(Number.isSafeInteger(memberCount) && memberCount >= 1))
      throw new RangeError(`Invalid memberCount ${describe(memberCount)}: pass a whole number, 1 or more`)
    this.#client = client
    this.path = path
    this.#memberCount = memberCount
    this.#options = options
  }

  /**
   * Waits until all members have come. Who gives up is outside again.
   * @throws TypeError (it has entered already), TimeoutError, the signal's reason, KeeperException
   */
  async enter(options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    this.#require('outside', 'enter')
    this.#state = 'entering'
    try {
      await patiently(this.#clock, options, `enter the barrier ${this.path}`, (signal) =>
        withSession(this.#client, signal, async (zk) => {
          this.#ready = await this.#untilReady(zk, signal)
        }),
      )
      this.#state = 'inside'
    } finally {
      if (this.#state !== 'inside') this.#withdraw()
    }
  }

  /**
   * Waits until all members want to leave. Who gives up is outside nevertheless: the others need not wait for it.
   * @throws TypeError (it has not entered), TimeoutError, the signal's reason, KeeperException SESSIONEXPIRED (it was outside then)
   */
  async leave(options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    this.#require('inside', 'leave')
    const [member, ready] = [this.#member, this.#ready]
    invariant(
      member !== undefined && ready !== undefined,
      () => 'who is inside has a znode, and was let in by one',
    )
    this.#state = 'leaving'
    try {
      await patiently(this.#clock, options, `leave the barrier ${this.path}`, async (signal) => {
        await this.#untilLast(member, signal)
        await deleteThis(member.zk, ready, signal)
      })
    } finally {
      this.#withdraw()
    }
  }

  get #clock(): Clock {
    return latestClient(this.#client).clock
  }

  /** Whoever sees that all are there says so by a znode; the others wait for that. Resolves to it. */
  async #untilReady(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<CreatedZnode> {
    const path = childPath(this.path, READY)
    for (;;) {
      const own = await this.#join(zk, signal)
      const watch = new OneShot(zk, path, 'Data')
      const ready = await watch.orRemoved(() =>
        persist(zk, () => this.#findReady(zk, own, watch.watcher, signal), signal),
      )
      if (ready !== undefined) {
        watch.remove()
        return ready
      }
      await firstOf(
        [
          (either) => watch.fired(either),
          // Somebody may delete its own znode: then it comes again.
          (either) => persist(zk, () => untilChanged(zk, own.path, either, own.czxid), either),
        ],
        signal,
      )
      watch.remove()
    }
  }

  /** Its own znode; another one if somebody has deleted that. */
  async #join(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<CreatedZnode> {
    const known = this.#member
    if (known?.zk === zk) {
      const czxid = await persist(zk, () => findCzxid(zk, known.znode.path, signal), signal)
      if (czxid === known.znode.czxid) return known.znode
    }
    const { identifier = '', acl } = this.#options
    const znode = await createOnce(
      zk,
      {
        parent: this.path,
        // What is shared with kazoo has to stay: see parentModeOf.
        parentMode: 'PERSISTENT',
        prefix: dashed(uniqueHex(zk)),
        mode: 'EPHEMERAL',
        data: identifier,
        acl,
      },
      signal,
    )
    this.#member = { zk, znode }
    return znode
  }

  /** The word that the round has begun. One that is older than all members is of a round whose members have died: it goes. */
  async #findReady(
    zk: ZooKeeper,
    own: CreatedZnode,
    watcher: Watcher,
    signal: AbortSignalLike | undefined,
  ): Promise<CreatedZnode | undefined> {
    const path = childPath(this.path, READY)
    const stat = await zk.exists(path, { watcher, signal })
    if (stat !== null && stat.czxid > own.czxid) return { path, czxid: stat.czxid }
    const members = await this.#members(zk, signal)
    if (stat !== null) {
      if (await this.#isAnyOlder(zk, members, stat.czxid, signal)) return { path, czxid: stat.czxid }
      await deleteThis(zk, { path, czxid: stat.czxid }, signal)
      return undefined
    }
    if (members.length < this.#memberCount) return undefined
    await createUnlessThere(zk, path, this.#options.acl, signal)
    const czxid = await findCzxid(zk, path, signal)
    return czxid === undefined ? undefined : { path, czxid }
  }

  /**
   * The first member by name waits for the last one to go, the others go and wait for the first: so each of them wakes one, and all
   * are let go together. Who comes after this one wants to leave is of the next round.
   */
  async #untilLast({ zk, znode }: Member, signal: AbortSignalLike | undefined): Promise<void> {
    const own = nameOf(znode.path)
    const round = new Set(await this.#members(zk, signal))
    for (;;) {
      const members = (await this.#members(zk, signal)).filter((name) => round.has(name))
      const [first, last] = [members[0], members.at(-1)]
      if (first === undefined || last === undefined) return
      if (first === own && last === own) return
      if (first !== own && members.includes(own)) await unlessAborted(deleteEphemeral(zk, znode), signal)
      const other = childPath(this.path, first === own ? last : first)
      await persist(zk, () => untilChanged(zk, other, signal), signal)
    }
  }

  async #isAnyOlder(
    zk: ZooKeeper,
    names: readonly string[],
    czxid: bigint,
    signal: AbortSignalLike | undefined,
  ): Promise<boolean> {
    const stats = await Promise.all(
      names.map((name) => persist(zk, () => zk.exists(childPath(this.path, name), { signal }), signal)),
    )
    return stats.some((stat) => stat !== null && stat.czxid < czxid)
  }

  async #members(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<string[]> {
    const names = await childrenOf(zk, this.path, signal)
    return names.filter((name) => name !== READY).sort()
  }

  #require(state: 'outside' | 'inside', verb: string): void {
    if (this.#state === state) return
    throw new TypeError(`Cannot ${verb} the barrier ${this.path}: this member is ${this.#state}`)
  }

  #withdraw(): void {
    const member = this.#member
    this.#state = 'outside'
    this.#member = undefined
    this.#ready = undefined
    if (member !== undefined) deleteEphemeral(member.zk, member.znode).catch(ignore)
  }
}

async function createUnlessThere(
  zk: ZooKeeper,
  path: string,
  acl: readonly ACL[] | undefined,
  signal: AbortSignalLike | undefined,
): Promise<void> {
  try {
    await zk.create(path, null, { acl, signal })
  } catch (error) {
    if (!isKeeperException(error, 'NODEEXISTS')) throw error
  }
}
