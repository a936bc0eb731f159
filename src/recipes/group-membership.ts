/**
 * GroupMembership: who is there. Each member keeps an ephemeral znode below the path of the group. Laid out as Curator's GroupMember
 * (named by the id) or kazoo's Party (named at random, the id is the data).
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDisposeBy } from '../base/async-dispose.js'
import { describe } from '../base/describe.js'
import { decodeUtf8 } from '../base/platform.js'
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { Data } from '../client/data-taker.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath, validatePath } from '../protocol/path.js'
import { checkLayout, type Layout, parentModeOf } from './contender-name.js'
import { childrenOf } from './contenders.js'
import { checkClient, latestClient, type RecipeClient, within, withSession } from './lasting-client.js'
import type { WaitOptions } from './patience.js'
import { PersistentNode } from './persistent-node.js'
import { persist } from './retry.js'
import { tell } from './tell.js'
import { uniqueHex } from './unique-id.js'
import { onLoss, untilReady } from './until-ready.js'
import { watchChildren } from './watch-children.js'
import type { WatchStateOptions } from './watch-data.js'

/** What a group is made with. */
export interface GroupMembershipOptions {
  /** Whose names the znodes get: `'curator'` unless set. All who use a path have to agree. */
  readonly layout?: Layout | undefined
  /** The ACL of the znodes, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
}

/** Who is in a group. */
export interface GroupMember {
  /** What it calls itself. */
  readonly id: string
  /**
   * What it says about itself, empty if that is nothing; with the layout of kazoo that is its id. In a GroupState as it was when the
   * member was first seen: `members()` reads it anew.
   */
  readonly data: Uint8Array | null
}

/** The members of a group now, and what has changed. */
export interface GroupState {
  readonly members: readonly GroupMember[]
  readonly joined: readonly GroupMember[]
  readonly left: readonly GroupMember[]
  /** Whether members may have come and gone in between that were not seen. */
  readonly isGap: boolean
}

/** A member, and what tells it from another one of its name. */
interface Found {
  readonly member: GroupMember
  readonly czxid: bigint
}

const PARTY = '__party__'
const NO_DATA = new Uint8Array(0)

/** What a group emits. */
export interface GroupMembershipEvents {
  /** It is no member any more, for this reason: SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH and the like. */
  lost: (error: unknown) => void
}

/** The group at a path, seen by one who can be a member. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class GroupMembership extends EventEmitter<GroupMembershipEvents> {
  readonly #client: RecipeClient
  readonly #layout: Layout
  readonly #acl: readonly ACL[] | undefined
  #own: PersistentNode | undefined
  readonly path: string

  static {
    addAsyncDisposeBy(GroupMembership.prototype, (group) =>
      group.isMember ? group.leave() : Promise.resolve(),
    )
  }

  /** Nothing is created before it joins. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: GroupMembershipOptions = {}) {
    super()
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['layout', 'acl'])
    const { layout = 'curator', acl } = options
    checkLayout(layout)
    this.#client = client
    this.path = path
    this.#layout = layout
    this.#acl = acl
  }

  /** Whether it has joined, and neither left nor been lost. */
  get isMember(): boolean {
    return this.#own !== undefined
  }

  /**
   * Becomes a member, and stays one until it leaves: its znode is created again if it is lost, with a LastingClient after an expiry
   * too. Who gives up is no member.
   * @throws TypeError (a bad id, a member already), TimeoutError, the signal's reason, KeeperException
   */
  async join(id: string, data: Data = null, options: WaitOptions = {}): Promise<void> {
    if (this.#own !== undefined) throw new TypeError(`Already a member of ${this.path}: leave it first`)
    if (typeof id !== 'string' || id.includes('/'))
      throw new TypeError(`Invalid id ${describe(id)}: pass text without "/"`)
    const isKazoo = this.#layout === 'kazoo'
    if (isKazoo && data !== null)
      throw new TypeError('With the layout of kazoo a member has no data but its id')
    const name = isKazoo ? uniqueHex(latestClient(this.#client)) + PARTY : id
    // A member without any data is more than Curator's GroupMember can bear.
    const own = new PersistentNode(this.#client, childPath(this.path, name), isKazoo ? id : (data ?? ''), {
      acl: this.#acl,
      parentMode: parentModeOf(this.#layout),
    })
    this.#own = own
    onLoss(own, (error) => {
      if (this.#own === own) this.#own = undefined
      tell(() => this.emit('lost', error))
    })
    try {
      await untilReady(this.#client, own, `join ${this.path}`, options)
    } catch (error) {
      if (this.#own === own) this.#own = undefined
      throw error
    }
  }

  /**
   * Replaces what this member says about itself; who gives up stops waiting and takes nothing back, as with a PersistentNode.
   * @throws TypeError (no member; the layout of kazoo), KeeperException, TimeoutError, the signal's reason
   */
  async setData(data: Data, options: WaitOptions = {}): Promise<void> {
    if (this.#layout === 'kazoo')
      throw new TypeError('With the layout of kazoo a member has no data but its id')
    await this.#requireOwn().setData(data ?? '', options)
  }

  /** Is a member no longer. @throws TypeError (no member), TimeoutError, the signal's reason; it leaves all the same then */
  async leave(options: WaitOptions = {}): Promise<void> {
    const own = this.#requireOwn()
    this.#own = undefined
    await own.close(options)
  }

  /** All members now, in the order of their znodes' names. @throws KeeperException, TimeoutError, the signal's reason */
  members(options: WaitOptions = {}): Promise<GroupMember[]> {
    return within(this.#client, options, `list ${this.path}`, async (zk, signal) => {
      const names = await childrenOf(zk, this.path, signal)
      return Array.from((await this.#readByName(zk, [...names].sort(), signal)).values(), memberOf)
    })
  }

  /** Iterates over the states of the group: the present one, then each one that differs. @throws as `watchChildren` */
  async *watch(options: WatchStateOptions = {}): AsyncGenerator<GroupState, void, undefined> {
    try {
      yield* this.#states(options)
    } catch (error) {
      // It ends with the signal, also in the middle of reading who has come.
      if (options.signal?.aborted !== true) throw error
    }
  }

  async *#states(options: WatchStateOptions): AsyncGenerator<GroupState, void, undefined> {
    const { signal } = options
    let known: ReadonlyMap<string, Found> | undefined
    for await (const { children, isGap } of watchChildren(this.#client, this.path, options)) {
      const before = known ?? new Map<string, Found>()
      // In a gap, one may have left and another have come under its name.
      const isKnown = (name: string): boolean => !isGap && before.has(name)
      const read = await withSession(this.#client, signal, (zk) =>
        this.#readByName(
          zk,
          children.filter((name) => !isKnown(name)),
          signal,
        ),
      )
      const now = new Map<string, Found>()
      for (const name of children) {
        const found = read.get(name) ?? (isKnown(name) ? before.get(name) : undefined)
        if (found !== undefined) now.set(name, found)
      }
      const [joined, left] = [without(now, before), without(before, now)]
      const isFirst = known === undefined
      known = now
      if (isFirst || isGap || joined.length + left.length > 0)
        yield { members: Array.from(now.values(), memberOf), joined, left, isGap }
    }
  }

  async #readByName(
    zk: ZooKeeper,
    names: readonly string[],
    signal: AbortSignalLike | undefined,
  ): Promise<Map<string, Found>> {
    const found = await Promise.all(names.map((name) => this.#find(zk, name, signal)))
    const byName = new Map<string, Found>()
    for (const [i, name] of names.entries()) {
      const one = found[i]
      if (one !== undefined) byName.set(name, one)
    }
    return byName
  }

  /** Undefined for one that has left meanwhile, and for what is no member. */
  async #find(zk: ZooKeeper, name: string, signal: AbortSignalLike | undefined): Promise<Found | undefined> {
    const isKazoo = this.#layout === 'kazoo'
    if (isKazoo && !name.includes(PARTY)) return undefined
    try {
      const { data, stat } = await persist(
        zk,
        () => zk.getData(childPath(this.path, name), { signal }),
        signal,
      )
      return { member: { id: isKazoo ? decodeUtf8(data ?? NO_DATA) : name, data }, czxid: stat.czxid }
    } catch (error) {
      if (isKeeperException(error, 'NONODE')) return undefined
      throw error
    }
  }

  #requireOwn(): PersistentNode {
    if (this.#own !== undefined) return this.#own
    throw new TypeError(`No member of ${this.path}: join it first`)
  }
}

/** The method for `await using`, where the types know it: it leaves the group. */
export interface GroupMembership extends AsyncDisposableLike {}

/** Those of the ones that are not among the others. */
function without(ones: ReadonlyMap<string, Found>, others: ReadonlyMap<string, Found>): GroupMember[] {
  const left = [...ones].filter(([name, { czxid }]) => others.get(name)?.czxid !== czxid)
  return left.map(([, found]) => memberOf(found))
}

function memberOf({ member }: Found): GroupMember {
  return member
}
