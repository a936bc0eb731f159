/**
 * PersistentNode: an ephemeral znode that is there as long as its owner wants: it is created again when somebody deletes it and,
 * with a LastingClient, when the session that had it has expired. Whoever finds it knows that its owner is alive, or was a moment ago.
 */

import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { copyBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { invariant } from '../base/invariant.js'
import { encodeUtf8 } from '../base/platform.js'
import { Aborter } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { Data } from '../client/data-taker.js'
import { Op } from '../client/op.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException, isRetryable, isSessionFatal } from '../protocol/keeper-exception.js'
import type { OpResult } from '../protocol/op-result.js'
import { parentOf, validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
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
  /**
   * Whether it takes the place of a znode that is there when it begins; unless set, it waits for the end of that. The one who kept that
   * hears of nothing, and waits in its turn. It needs the permissions to delete that one and to write into its own (else NOAUTH), and that
   * one may have no children (else NOTEMPTY).
   */
  readonly takesOver?: boolean | undefined
}

/** The writing into one znode, as long as it takes. */
interface Writing {
  readonly czxid: bigint
  readonly done: Promise<void>
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
  #takesOver: boolean
  /** What it is to say: what was set last. */
  #data: Data
  /** What was written into it last. */
  #sent: Data = null
  #writing: Writing | undefined
  /** What was refused last, and why. */
  #refusal: { readonly data: Data; readonly error: unknown } | undefined
  /** The znode whose place this one takes. */
  #replaced: bigint | undefined
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
   * is there again when its old session expires. With `takesOver` it replaces that one. @throws TypeError
   */
  constructor(client: RecipeClient, path: string, data: Data = null, options: PersistentNodeOptions = {}) {
    super()
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['acl', 'parentMode', 'takesOver'])
    this.#client = client
    this.path = path
    this.#data = copyData(data)
    this.#acl = options.acl
    this.#parentMode = checkParentMode(options.parentMode)
    this.#takesOver = options.takesOver === true
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
   * Replaces the data: in the znode if it is there, and in each one that is created later. A znode of somebody else is not touched. What
   * was set last is what it keeps: who gives up stops waiting and takes nothing back, and the data is written as soon as it can be; while
   * the znode is not there, this resolves at once. What is refused (NOAUTH, too long) is not kept: it goes on with what it said before.
   * When it is closed, there is nothing left to wait for.
   * @throws KeeperException, TimeoutError, the signal's reason
   */
  async setData(data: Data, options: WaitOptions = {}): Promise<void> {
    const { clock } = latestClient(this.#client)
    const own = copyData(data)
    await patiently(clock, options, `set the data of ${this.path}`, async (signal) => {
      this.#data = own
      const zk = this.#zk
      // Who creates it writes the new data, too.
      if (zk === undefined || !this.#isThere || this.#czxid === undefined) return
      try {
        await unlessAborted(this.#write(zk, this.#czxid), signal)
      } catch (error) {
        if (error === this.#closing.reason) return
        // The next session creates it with the new data.
        if (!outlives(this.#client) || !isKeeperException(error, 'SESSIONEXPIRED')) throw error
      }
      if (this.#refusal?.data === own) throw this.#refusal.error
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

  /** Creates it unless it is there. One of somebody else stays for now, and its end is waited for; or it is replaced. */
  async #appear(zk: ZooKeeper): Promise<void> {
    const signal = this.#closing
    if (this.#isInDoubt) await zk.sync(this.path, { signal })
    const stat = await zk.exists(this.path, { signal })
    if (stat !== null && this.#isOurs(stat, zk)) return this.#found(zk, stat.czxid)
    this.#isThere = false
    this.#czxid = undefined
    if (stat !== null) {
      if (this.#takesOver) return this.#takeOver(zk, stat)
      this.#mayBeOurs = false
      return
    }
    const czxid = await this.#create(zk)
    if (czxid !== undefined) return this.#found(zk, czxid)
    if (this.#takesOver) await this.#appear(zk)
  }

  /** Whether a create was sent and its reply was lost: a server that lags behind would not show what it has made. */
  get #isInDoubt(): boolean {
    return this.#mayBeOurs && this.#czxid === undefined
  }

  #isOurs({ ephemeralOwner, czxid }: Stat, zk: ZooKeeper): boolean {
    const isKnown = this.#czxid === undefined || this.#czxid === czxid
    return ephemeralOwner === zk.sessionId && this.#mayBeOurs && isKnown && czxid !== this.#replaced
  }

  /** In one step, so that whoever keeps the one that is there cannot be faster; and once, so that two who do so come to an end. */
  async #takeOver(zk: ZooKeeper, { version, czxid }: Stat): Promise<void> {
    const signal = this.#closing
    const { path } = this
    const data = this.#data
    const create = Op.create(path, data, { mode: 'EPHEMERAL', acl: this.#acl })
    const ops: Op[] = [Op.delete(path, version), create, Op.setData(path, data)]
    // Another version than the one that is replaced: what its keeper is just writing into that does not come here.
    if (version === 1) ops.push(Op.setData(path, data))
    let results: OpResult[]
    try {
      this.#mayBeOurs = true
      this.#replaced = czxid
      this.#sent = data
      results = await zk.multi(ops, { signal })
    } catch (error) {
      if (isRetryable(error) || signal.aborted) throw error
      this.#mayBeOurs = false
      // It has gone, or changed, by itself.
      if (isKeeperException(error, 'NONODE') || isKeeperException(error, 'BADVERSION'))
        return this.#appear(zk)
      throw error
    }
    const written = results.at(-1)
    invariant(written?.type === 'setData', () => 'the result of a setData is one')
    await this.#found(zk, written.stat.czxid)
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
    this.#takesOver = false
    await this.#write(zk, czxid)
    if (this.#isThere) return
    this.#isThere = true
    tell(() => this.emit('created', this.path))
  }

  /** All who write into one znode at a time wait for the same: until it says what was set last. */
  #write(zk: ZooKeeper, czxid: bigint): Promise<void> {
    if (this.#writing?.czxid === czxid) return this.#writing.done
    if (this.#sent === this.#data) return Promise.resolve()
    const done = this.#writeNewest(zk, czxid)
    this.#writing = { czxid, done }
    return done
  }

  /** Rejects for what concerns all who wait; what was refused concerns the one who has set it. */
  async #writeNewest(zk: ZooKeeper, czxid: bigint): Promise<void> {
    try {
      while (this.#czxid === czxid && this.#sent !== this.#data) {
        const data = this.#data
        const isThere = await persist(zk, () => this.#writeOnce(zk, czxid, data), this.#closing).catch(
          (error: unknown) => this.#refused(data, error),
        )
        // Who creates the next one writes what is to be said then.
        if (isThere === false || this.#czxid !== czxid) return
        if (isThere !== true) continue
        this.#sent = data
        if (this.#refusal?.data === data) this.#refusal = undefined
      }
    } finally {
      if (this.#writing?.czxid === czxid) this.#writing = undefined
    }
  }

  #refused(data: Data, error: unknown): undefined {
    if (this.#closing.aborted || isSessionFatal(error)) throw error
    this.#refusal = { data, error }
    if (this.#data === data) this.#data = this.#sent
  }

  /** Only into this very znode. Resolves to whether it is there. */
  async #writeOnce(zk: ZooKeeper, czxid: bigint, data: Data): Promise<boolean> {
    const signal = this.#closing
    for (;;) {
      const stat = await zk.exists(this.path, { signal })
      if (stat?.czxid !== czxid) return false
      try {
        await zk.setData(this.path, data, stat.version, { signal })
        return true
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
      if (this.#isInDoubt) await zk.sync(this.path)
      const stat = await zk.exists(this.path).catch(unlessHidden)
      const isOwn = stat?.ephemeralOwner === zk.sessionId && stat.czxid !== this.#replaced
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
