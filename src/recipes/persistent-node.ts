/**
 * PersistentNode: an ephemeral znode that is there as long as its owner wants: it is created again when somebody deletes it and,
 * with a LastingClient, when the session that had it has expired. Whoever finds it knows that its owner is alive, or was a moment ago.
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { copyBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { encodeUtf8 } from '../base/platform.js'
import { Aborter, type AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { Data } from '../client/data-copier.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException, isRetryable } from '../protocol/keeper-exception.js'
import { parentOf, validatePath } from '../protocol/path.js'
import { ignore } from './ignore.js'
import { checkClient, latestClient, outlives, type RecipeClient, withSession } from './lasting-client.js'
import { patiently, unlessAborted, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { deleteEphemeral, ensureParent, type Parent, type ParentMode } from './sure-writes.js'
import { tell } from './tell.js'
import { untilChanged } from './until-changed.js'

/** What a persistent node is made with. */
export interface PersistentNodeOptions {
  /** The ACL of the znode, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
  /** What its parent is created as if it is missing: `'CONTAINER'` unless set, which the server removes once it is empty again. */
  readonly parentMode?: ParentMode | undefined
}

/** What a persistent node emits. */
export interface PersistentNodeEvents {
  /** It is there: for the first time, or again. */
  created: (path: string) => void
  /** It cannot be kept any longer, for this reason: SESSIONEXPIRED (with a plain ZooKeeper), AUTHFAILED, NOAUTH, INVALIDACL and the like. */
  lost: (error: unknown) => void
}

/** A znode that is kept at a path from now on, until `close`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class PersistentNode extends EventEmitter<PersistentNodeEvents> {
  readonly #client: RecipeClient
  readonly #acl: readonly ACL[] | undefined
  readonly #parentMode: ParentMode
  readonly #closing = new Aborter()
  readonly #kept: Promise<void>
  #data: Data
  /** What was written into it last. */
  #sent: Data = null
  /** Where it is kept now. */
  #zk: ZooKeeper | undefined
  #isThere = false
  /** Whether what is there in this session can have been created here: not by somebody else who uses the same client. */
  #mayBeOurs = false
  /** Of the znode that was created last in this session, as far as that is known. */
  #czxid: bigint | undefined
  readonly path: string
  /** Resolves once the znode is there for the first time. @throws what makes that impossible; TypeError when it is closed before */
  readonly ready: Promise<void>

  static {
    addAsyncDispose(PersistentNode.prototype)
  }

  /**
   * Begins at once. If there is such a znode already, of another session, it waits until that is gone: a process that has restarted
   * takes over from itself when its old session expires. @throws TypeError
   */
  constructor(client: RecipeClient, path: string, data: Data = null, options: PersistentNodeOptions = {}) {
    super()
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['acl', 'parentMode'])
    this.#client = client
    this.path = path
    this.#data = copyData(data)
    this.#acl = options.acl
    this.#parentMode = checkParentMode(options.parentMode)
    let fail: (error: unknown) => void = ignore
    this.ready = new Promise((resolve, reject) => {
      this.once('created', () => resolve())
      fail = reject
    })
    // Who does not wait for it is told by `lost`.
    this.ready.catch(ignore)
    this.#kept = this.#keep(fail)
  }

  /** Whether the znode was there when it was last heard of, in a session that is not over. */
  get isPresent(): boolean {
    return this.#isThere && this.#zk?.state !== 'CLOSED'
  }

  /**
   * Replaces the data: in the znode if it is there, and in each one that is created later. A znode of somebody else is not touched.
   * @throws KeeperException, TimeoutError, the signal's reason
   */
  async setData(data: Data, options: WaitOptions = {}): Promise<void> {
    const { clock } = latestClient(this.#client)
    this.#data = copyData(data)
    const zk = this.#zk
    // Who creates it writes the new data, too.
    if (zk === undefined || !this.#isThere) return
    this.#sent = this.#data
    await patiently(clock, options, `set the data of ${this.path}`, async (signal) => {
      try {
        await persist(zk, () => this.#write(zk, signal), signal)
      } catch (error) {
        // The next session creates it with the new data.
        if (!outlives(this.#client) || !isKeeperException(error, 'SESSIONEXPIRED')) throw error
      }
    })
  }

  /** Stops keeping it, and deletes it. A second call does nothing. @throws TimeoutError, the signal's reason; the delete goes on then */
  async close(options: WaitOptions = {}): Promise<void> {
    this.#closing.abort(new TypeError(`The persistent node ${this.path} was closed`))
    const { clock } = latestClient(this.#client)
    await patiently(clock, options, `close the persistent node ${this.path}`, (signal) =>
      unlessAborted(this.#kept, signal),
    )
  }

  async #keep(fail: (error: unknown) => void): Promise<void> {
    const signal = this.#closing
    try {
      for (;;) {
        await withSession(this.#client, signal, async (zk) => {
          this.#isThere = false
          this.#mayBeOurs = false
          this.#czxid = undefined
          this.#zk = zk
          for (;;) {
            await persist(zk, () => this.#appear(zk), signal)
            await persist(zk, () => untilChanged(zk, this.path, signal, this.#czxid), signal)
          }
        })
      }
    } catch (error) {
      this.#isThere = false
      fail(error)
      if (this.#zk !== undefined && this.#mayBeOurs) await this.#disappear(this.#zk)
      if (!signal.aborted) tell(() => this.emit('lost', error))
    }
  }

  /** Creates it unless it is there. One of somebody else stays for now: its end is waited for. */
  async #appear(zk: ZooKeeper): Promise<void> {
    const signal = this.#closing
    const stat = await zk.exists(this.path, { signal })
    const isOurs = stat !== null && stat.ephemeralOwner === zk.sessionId && this.#mayBeOurs
    if (isOurs) return this.#found(zk, stat.czxid)
    this.#isThere = false
    this.#czxid = undefined
    if (stat !== null) {
      this.#mayBeOurs = false
      return
    }
    const czxid = await this.#create(zk)
    if (czxid !== undefined) await this.#found(zk, czxid)
  }

  /** Undefined if somebody else was faster, or a parent was missing. */
  async #create(zk: ZooKeeper): Promise<bigint | undefined> {
    const signal = this.#closing
    const shape = { mode: 'EPHEMERAL', acl: this.#acl, withStat: true } as const
    try {
      this.#mayBeOurs = true
      this.#sent = this.#data
      return (await zk.create(this.path, this.#data, { ...shape, signal })).stat.czxid
    } catch (error) {
      if (isRetryable(error) || signal.aborted) throw error
      this.#mayBeOurs = false
      if (isKeeperException(error, 'NODEEXISTS')) return undefined
      if (!isKeeperException(error, 'NONODE')) throw error
    }
    await ensureParent(zk, this.#parent, signal)
    return undefined
  }

  /** Writes what was set while it was created, too. */
  async #found(zk: ZooKeeper, czxid: bigint): Promise<void> {
    this.#czxid = czxid
    while (this.#sent !== this.#data) {
      const data = this.#data
      await this.#write(zk, this.#closing)
      this.#sent = data
    }
    if (this.#isThere) return
    this.#isThere = true
    tell(() => this.emit('created', this.path))
  }

  /** Only into the znode of this session. */
  async #write(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<void> {
    for (;;) {
      const stat = await zk.exists(this.path, { signal })
      if (stat === null || stat.ephemeralOwner !== zk.sessionId) return
      try {
        await zk.setData(this.path, this.#data, stat.version, { signal })
        return
      } catch (error) {
        if (!isKeeperException(error, 'BADVERSION') && !isKeeperException(error, 'NONODE')) throw error
      }
    }
  }

  get #parent(): Parent {
    return { path: parentOf(this.path), mode: this.#parentMode, acl: this.#acl }
  }

  /** Also one that its own ACL does not let it see. */
  async #disappear(zk: ZooKeeper): Promise<void> {
    const gone = persist(zk, async () => {
      const stat = await zk.exists(this.path).catch(unlessHidden)
      const isOwn = stat?.ephemeralOwner === zk.sessionId
      const czxid = stat === undefined ? this.#czxid : isOwn ? stat?.czxid : undefined
      if (czxid !== undefined) await deleteEphemeral(zk, { path: this.path, czxid })
    })
    await gone.catch(ignore)
  }
}

/** The method for `await using`, where the types know it. */
export interface PersistentNode extends AsyncDisposableLike {}

function unlessHidden(error: unknown): undefined {
  if (!isKeeperException(error, 'NOAUTH')) throw error
}

function checkParentMode(mode: unknown = 'CONTAINER'): ParentMode {
  if (mode === 'CONTAINER' || mode === 'PERSISTENT') return mode
  throw new TypeError(`Invalid parentMode ${describe(mode)}: there are CONTAINER, PERSISTENT`)
}

function copyData(data: Data): Data {
  return typeof data === 'string' ? encodeUtf8(data) : data === null ? null : copyBytes(data)
}
