/**
 * DoubleBarrier: so many members begin together and end together. Laid out as Curator's DistributedDoubleBarrier and kazoo's
 * DoubleBarrier: an ephemeral znode for each member, and one named `ready` as soon as all of them are there.
 */

import type { Clock } from '../base/clock.js'
import { describe } from '../base/describe.js'
import { invariant } from '../base/invariant.js'
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import { Op } from '../client/op.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath, nameOf, validatePath } from '../protocol/path.js'
import { NO_ZXID, type WatchedEvent } from '../protocol/watched-event.js'
import { childrenOf, findChildren } from './contenders.js'
import { ignore } from './ignore.js'
import { checkClient, latestClient, type RecipeClient, within } from './lasting-client.js'
import { checkWait, firstOf, patiently, unlessAborted, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { type CreatedZnode, createOnce, deleteEphemeral, findCzxid } from './sure-writes.js'
import { dashed, uniqueHex } from './unique-id.js'
import { OneShot, untilChanged, untilRead, type WatchableRead } from './until-changed.js'

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

/** What there is to a member that wants to enter: the word, if that is known; or a watch for it, while there is none or an old one. */
type Found =
  | { readonly ready: CreatedZnode | undefined }
  | { readonly watch: OneShot; readonly isStale: boolean }
  | 'look again'

const READY = 'ready'

/** One member of the barrier at a path. */
export class DoubleBarrier {
  readonly #client: RecipeClient
  readonly #memberCount: number
  readonly #options: DoubleBarrierOptions
  #state: 'outside' | 'entering' | 'inside' | 'leaving' = 'outside'
  #member: Member | undefined
  /** What has let it in, if that is known. */
  #ready: CreatedZnode | undefined
  /** Resolves once no znode of its former entries is there any more. */
  #gone: Promise<void> = Promise.resolve()
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
   * Waits until all members have come. Who gives up is outside again. Who has given up leaving, and enters while others of that round
   * are still inside, is let in to them at once.
   * @throws TypeError (it has entered already), TimeoutError, the signal's reason, KeeperException
   */
  async enter(options: WaitOptions = {}): Promise<void> {
    checkWait(options)
    this.#require('outside', 'enter')
    this.#state = 'entering'
    try {
      await within(this.#client, options, `enter the barrier ${this.path}`, async (zk, signal) => {
        // Others, too, would count it, and it would let itself in.
        await unlessAborted(this.#gone, signal)
        this.#ready = await this.#untilReady(zk, signal)
      })
      this.#state = 'inside'
    } finally {
      if (this.#state !== 'inside') {
        this.#withdraw()
        this.#state = 'outside'
      }
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
    invariant(member !== undefined, () => 'who is inside has a znode')
    this.#state = 'leaving'
    try {
      await patiently(this.#clock, options, `leave the barrier ${this.path}`, async (signal) => {
        const isLast = await this.#untilLast(member, signal)
        if (ready !== undefined) await takeAway(member, { ready, isLast }, signal)
        this.#withdraw()
        await unlessAborted(this.#gone, signal)
      })
    } finally {
      this.#withdraw()
      this.#state = 'outside'
    }
  }

  get #readyPath(): string {
    return childPath(this.path, READY)
  }

  get #clock(): Clock {
    return latestClient(this.#client).clock
  }

  /** Whoever sees that all are there says so by a znode; the others wait for that. Resolves to it, if it is known. */
  async #untilReady(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<CreatedZnode | undefined> {
    for (;;) {
      const own = await this.#join(zk, signal)
      const found = await persist(zk, () => this.#look(zk, own, signal), signal)
      if (found === 'look again') continue
      if ('ready' in found) return found.ready
      const { watch, isStale } = found
      await firstOf(
        [
          (either) => watch.fired(either),
          // Somebody may delete its own znode: then it comes again.
          (either) => persist(zk, () => untilChanged(zk, own.path, either, own.czxid), either),
          ...(isStale ? [(either: AbortSignalLike) => this.#untilAllAreThere(zk, either)] : []),
        ],
        signal,
      )
      watch.remove()
      // That it was created is enough, as for kazoo, whose members take it away as soon as they want to leave.
      if (watch.event?.type === 'NodeCreated' && (await isThere(zk, own, signal)))
        return this.#readyOf(zk, watch.event, signal)
    }
  }

  /** Its own znode; another one if somebody has deleted that. */
  async #join(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<CreatedZnode> {
    const known = this.#member
    if (known?.zk === zk && (await isThere(zk, known.znode, signal))) return known.znode
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
        withdrawn: (gone) => this.#goes(gone),
      },
      signal,
    )
    this.#member = { zk, znode }
    return znode
  }

  /**
   * The word that the round has begun, which is given if all are there; or the watch for it. One that is older than all members is of
   * a round whose members have died. It stays until all are there and is replaced in one transaction: who is late with that replaces
   * the new word by another one, and takes none away that somebody has yet to see.
   */
  async #look(zk: ZooKeeper, own: CreatedZnode, signal: AbortSignalLike | undefined): Promise<Found> {
    const path = this.#readyPath
    const watch = new OneShot(zk, path, 'Data')
    const found = await watch.orRemoved(async (): Promise<Found> => {
      const stat = await zk.exists(path, { watcher: watch.watcher, signal })
      const ready = stat === null ? undefined : { path, czxid: stat.czxid }
      if (ready !== undefined && ready.czxid > own.czxid) return { ready }
      const members = await this.#members(zk, signal)
      if (!members.includes(nameOf(own.path))) return 'look again'
      if (ready !== undefined && (await this.#isAnyOlder(zk, members, ready.czxid, signal))) return { ready }
      // Somebody else was faster, or has even taken it away again.
      if (watch.event?.type === 'NodeCreated') return { ready: await this.#readyOf(zk, watch.event, signal) }
      if (members.length < this.#memberCount) return { watch, isStale: ready !== undefined }
      return this.#giveWord(zk, ready !== undefined, signal)
    })
    if (!(typeof found === 'object' && 'watch' in found)) watch.remove()
    return found
  }

  async #giveWord(zk: ZooKeeper, isStale: boolean, signal: AbortSignalLike | undefined): Promise<Found> {
    const path = this.#readyPath
    const create = Op.create(path, null, { acl: this.#options.acl })
    try {
      await zk.multi(isStale ? [Op.delete(path), create] : [create], { signal })
    } catch (error) {
      if (isKeeperException(error, 'NONODE')) return 'look again'
      if (!isKeeperException(error, 'NODEEXISTS')) throw error
    }
    return { ready: await this.#findReady(zk, signal) }
  }

  /** The word that an event tells of; undefined if it is not known and gone already. */
  async #readyOf(
    zk: ZooKeeper,
    { zxid }: WatchedEvent,
    signal: AbortSignalLike | undefined,
  ): Promise<CreatedZnode | undefined> {
    if (zxid !== NO_ZXID) return { path: this.#readyPath, czxid: zxid }
    return persist(zk, () => this.#findReady(zk, signal), signal)
  }

  async #findReady(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<CreatedZnode | undefined> {
    const path = this.#readyPath
    const czxid = await findCzxid(zk, path, signal)
    return czxid === undefined ? undefined : { path, czxid }
  }

  /** Where a word is there that is not replaced yet, nobody gives another one that would be heard of. */
  async #untilAllAreThere(zk: ZooKeeper, signal: AbortSignalLike): Promise<void> {
    const read: WatchableRead<number>['read'] = async ({ watcher }) =>
      ((await findChildren(zk, this.path, signal, watcher)) ?? []).filter(isMember).length
    const members = { path: this.path, type: 'Children', read } as const
    await untilRead(zk, members, (count) => count >= this.#memberCount, signal)
  }

  /**
   * The first member by name waits for the last one to go, the others go and wait for the first: so each of them wakes one, and all
   * are let go together. Who comes after this one wants to leave is of the next round. Resolves to whether it is the last one.
   */
  async #untilLast({ zk, znode }: Member, signal: AbortSignalLike | undefined): Promise<boolean> {
    const own = nameOf(znode.path)
    const round = new Set(await this.#members(zk, signal))
    for (;;) {
      const members = (await this.#members(zk, signal)).filter((name) => round.has(name))
      const [first, last] = [members[0], members.at(-1)]
      if (first === undefined || last === undefined) return false
      if (first === own && last === own) return true
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
    return names.filter(isMember).sort()
  }

  #require(state: 'outside' | 'inside', verb: string): void {
    if (this.#state === state) return
    throw new TypeError(`Cannot ${verb} the barrier ${this.path}: this member is ${this.#state}`)
  }

  #withdraw(): void {
    const member = this.#member
    this.#member = undefined
    this.#ready = undefined
    if (member !== undefined) this.#goes(deleteEphemeral(member.zk, member.znode))
  }

  #goes(gone: Promise<void>): void {
    this.#gone = Promise.allSettled([this.#gone, gone]).then(ignore)
  }
}

function isMember(name: string): boolean {
  return name !== READY
}

async function isThere(
  zk: ZooKeeper,
  { path, czxid }: CreatedZnode,
  signal: AbortSignalLike | undefined,
): Promise<boolean> {
  return (await persist(zk, () => findCzxid(zk, path, signal), signal)) === czxid
}

/**
 * Takes the word away that has let a member in. The last one goes along with it in one transaction: so nobody is let in by the word
 * or by counting this member; and as long as that is there, and older than the word, no other word is given. The others look whether
 * the word is left: that is two steps, and if there are more than so many members, one of the next round may be taken in between.
 */
async function takeAway(
  { zk, znode }: Member,
  { ready, isLast }: { readonly ready: CreatedZnode; readonly isLast: boolean },
  signal: AbortSignalLike | undefined,
): Promise<void> {
  const ops = isLast ? [Op.delete(ready.path), Op.delete(znode.path)] : [Op.delete(ready.path)]
  await persist(
    zk,
    async () => {
      if ((await findCzxid(zk, ready.path, signal)) !== ready.czxid) return
      await zk.multi(ops, { signal }).catch((error: unknown) => {
        if (!isKeeperException(error, 'NONODE')) throw error
      })
    },
    signal,
  )
}
