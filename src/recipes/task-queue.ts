/**
 * TaskQueue: tasks that are each done at least once. A task stays in the queue until its taker says that it is done; meanwhile an
 * ephemeral znode claims it, so that the task of a taker that has died is taken by another. Laid out as kazoo's LockingQueue.
 */

import { copyBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { decodeUtf8, encodeUtf8 } from '../base/platform.js'
import type { AbortSignalLike } from '../client/abort.js'
import { checkOptions } from '../client/arguments.js'
import type { Data } from '../client/data-taker.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath, validatePath } from '../protocol/path.js'
import { childrenOf, findChildren } from './contenders.js'
import { ignore } from './ignore.js'
import { checkClient, outlives, type RecipeClient, within } from './lasting-client.js'
import { checkWait, firstOf, unlessStopped, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { deleteEphemeral, ensureParent } from './sure-writes.js'
import { Task } from './task.js'
import { type AbortOn, checkAbortOn } from './tenure.js'
import { uniqueHex } from './unique-id.js'
import { OneShot } from './until-changed.js'

/** What a queue is made with. */
export interface TaskQueueOptions {
  /** The ACL of the znodes, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
  /** When a claim counts as lost; see `LockOptions`. */
  readonly abortOn?: AbortOn | undefined
}

/** What `put` takes. */
export interface PutOptions extends WaitOptions {
  /** 0 to 999, the least first; 100 unless set. */
  readonly priority?: number | undefined
}

const ENTRY = /^entry-(\d{3})-(-?\d{9,10})$/

/**
 * A queue at a path. Every taker looks at all entries and is woken by every change, so it is for hundreds of tasks, not for
 * thousands a second: ZooKeeper coordinates work, it does not carry it.
 */
export class TaskQueue {
  readonly #client: RecipeClient
  readonly #entriesPath: string
  readonly #takenPath: string
  readonly #acl: readonly ACL[] | undefined
  readonly #abortOn: AbortOn
  /** Why `done` has failed, by the task. */
  readonly #failures = new WeakMap<Task, unknown>()
  readonly path: string

  /** Nothing is created before it is used. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: TaskQueueOptions = {}) {
    checkClient(client)
    validatePath(path)
    checkOptions(options, ['acl', 'abortOn'])
    this.#client = client
    this.#entriesPath = childPath(path, 'entries')
    this.#takenPath = childPath(path, 'taken')
    this.#acl = options.acl
    this.#abortOn = checkAbortOn(options.abortOn)
    this.path = path
  }

  /**
   * Adds a task behind all others of its priority; resolves to its id. If the connection breaks before the reply, it is put again,
   * and may be there twice: that is the "at least" of at least once. Who gives up may have put it.
   * @throws RangeError (a bad priority), KeeperException, TimeoutError, the signal's reason
   */
  async put(data: Data, options: PutOptions = {}): Promise<string> {
    const { priority = 100, ...wait } = options
    if (!(Number.isInteger(priority) && priority >= 0 && priority <= 999))
      throw new RangeError(`Invalid priority ${describe(priority)}: pass 0 to 999`)
    const own = typeof data === 'string' ? encodeUtf8(data) : data && copyBytes(data)
    const prefix = childPath(this.#entriesPath, `entry-${String(priority).padStart(3, '0')}-`)
    const mode = 'PERSISTENT_SEQUENTIAL'
    return within(this.#client, wait, `put into the queue ${this.path}`, (zk, signal) =>
      persist(
        zk,
        async () => {
          const path = await zk.createAll(prefix, own, { mode, acl: this.#acl, signal })
          return path.slice(this.#entriesPath.length + 1)
        },
        signal,
      ),
    )
  }

  /** Waits for a task and claims it. @throws KeeperException, TimeoutError, the signal's reason */
  take(options: WaitOptions = {}): Promise<Task> {
    return within(this.#client, options, `take from the queue ${this.path}`, async (zk, signal) => {
      for (;;) {
        const task = await this.#takeOne(zk, (await this.#available(zk, undefined, signal)) ?? [], signal)
        if (task !== undefined) return task
        const late = await this.#await(zk, signal)
        if (late !== undefined) return late
      }
    })
  }

  /** Claims a task if there is one that nobody has claimed; else null. @throws KeeperException, TimeoutError, the signal's reason */
  tryTake(options: WaitOptions = {}): Promise<Task | null> {
    return within(this.#client, options, `take from the queue ${this.path}`, async (zk, signal) => {
      const names = (await this.#available(zk, undefined, signal)) ?? []
      return (await this.#takeOne(zk, names, signal)) ?? null
    })
  }

  /**
   * Takes one task after the other and gives each to the worker; it is done when the worker's promise resolves, or when the worker
   * calls `task.done()`. When the promise rejects, the task is put back for somebody else, and this rejects with the same. Only what
   * `task.done()` itself says of a lost claim is no reason to stop: somebody does the task again. With a LastingClient that goes for
   * the end of the session, too. Ends when the signal aborts and the worker has finished the task at hand; taking that off the queue
   * goes on in the background.
   * @throws what the worker throws, and as `take`; TypeError
   */
  async process(worker: (task: Task) => unknown, options: Pick<WaitOptions, 'signal'> = {}): Promise<void> {
    if (typeof worker !== 'function')
      throw new TypeError(`Invalid worker ${describe(worker)}: pass a function that does a task`)
    checkWait(options, ['signal'])
    const { signal } = options
    for (;;) {
      // Not let go at the signal: who gives up in take() has no claim, or has the task.
      const task = await this.take({ signal }).catch((error: unknown) => {
        if (signal?.aborted === true) return undefined
        throw error
      })
      if (task === undefined) return
      try {
        await worker(task)
        if (!task.isOver) await unlessStopped(task.done(), signal)
      } catch (error) {
        if (!this.#hasLostClaim(task, error)) throw error
      } finally {
        if (!task.isOver) await unlessStopped(task.putBack(), signal)
      }
    }
  }

  /** How many tasks there are, claimed ones too. @throws KeeperException, TimeoutError, the signal's reason */
  size(options: WaitOptions = {}): Promise<number> {
    return within(this.#client, options, `count the queue ${this.path}`, async (zk, signal) => {
      return (await childrenOf(zk, this.#entriesPath, signal)).length
    })
  }

  /** Whether this is the error of `done`, and says that the claim was lost meanwhile. A worker may have a NONODE of its own. */
  #hasLostClaim(task: Task, error: unknown): boolean {
    if (!this.#failures.has(task) || this.#failures.get(task) !== error) return false
    return (
      isKeeperException(error, 'NONODE') ||
      (outlives(this.#client) && isKeeperException(error, 'SESSIONEXPIRED'))
    )
  }

  /** Looks again with watches, and waits for a change if there is still nothing. */
  async #await(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<Task | undefined> {
    await persist(zk, () => this.#ensure(zk, signal), signal)
    const watches = [
      new OneShot(zk, this.#entriesPath, 'Children'),
      new OneShot(zk, this.#takenPath, 'Children'),
    ] as const
    try {
      const names = await this.#available(zk, watches, signal)
      // Somebody has deleted one of the two: it has no watch.
      if (names === undefined) return undefined
      const task = await this.#takeOne(zk, names, signal)
      if (task === undefined)
        await firstOf(
          watches.map((watch) => (either) => watch.fired(either)),
          signal,
        )
      return task
    } finally {
      for (const watch of watches) watch.remove()
    }
  }

  async #ensure(zk: ZooKeeper, signal: AbortSignalLike | undefined): Promise<void> {
    // What is shared with kazoo has to stay: see parentModeOf.
    for (const path of [this.#entriesPath, this.#takenPath])
      await ensureParent(zk, { path, mode: 'PERSISTENT', acl: this.#acl }, signal)
  }

  /** The entries that nobody has claimed, the first one first; undefined if there is no queue yet. */
  async #available(
    zk: ZooKeeper,
    watches: readonly [OneShot, OneShot] | undefined,
    signal: AbortSignalLike | undefined,
  ): Promise<readonly string[] | undefined> {
    // In this order: of a task that is done in between, the other one would show the entry without its claim.
    const [taken, entries] = await Promise.all([
      findChildren(zk, this.#takenPath, signal, watches?.[1].watcher),
      findChildren(zk, this.#entriesPath, signal, watches?.[0].watcher),
    ])
    if (entries === undefined || taken === undefined) return undefined
    const claimed = new Set(taken)
    return entries.filter((name) => ENTRY.test(name) && !claimed.has(name)).sort(byPriorityAndNumber)
  }

  async #takeOne(
    zk: ZooKeeper,
    names: readonly string[],
    signal: AbortSignalLike | undefined,
  ): Promise<Task | undefined> {
    for (const name of names) {
      const task = await this.#claim(zk, name, signal)
      if (task !== undefined) return task
    }
    return undefined
  }

  /** Undefined if somebody else was faster, with the claim or with the whole task. */
  async #claim(zk: ZooKeeper, id: string, signal: AbortSignalLike | undefined): Promise<Task | undefined> {
    const [entryPath, claimPath] = [childPath(this.#entriesPath, id), childPath(this.#takenPath, id)]
    const owner = uniqueHex(zk)
    let mayExist = false
    try {
      const czxid = await persist(
        zk,
        (tries) => {
          mayExist = true
          return this.#createClaim(zk, claimPath, owner, tries, signal)
        },
        signal,
      )
      if (czxid === undefined) {
        mayExist = false
        return undefined
      }
      const { data } = await persist(zk, () => zk.getData(entryPath, { signal }), signal)
      mayExist = false
      const claim = { path: claimPath, czxid }
      const notDone = (task: Task, error: unknown): void => void this.#failures.set(task, error)
      return new Task({ zk, id, data, entryPath, claim, abortOn: this.#abortOn, notDone })
    } catch (error) {
      if (!isKeeperException(error, 'NONODE')) throw error
      return undefined
    } finally {
      if (mayExist) this.#unclaim(zk, claimPath, owner)
    }
  }

  async #createClaim(
    zk: ZooKeeper,
    path: string,
    owner: string,
    tries: number,
    signal: AbortSignalLike | undefined,
  ): Promise<bigint | undefined> {
    for (;;) {
      try {
        const { stat } = await zk.create(path, owner, {
          mode: 'EPHEMERAL',
          acl: this.#acl,
          withStat: true,
          signal,
        })
        return stat.czxid
      } catch (error) {
        if (isKeeperException(error, 'NODEEXISTS'))
          return tries === 1 ? undefined : findOwn(zk, path, owner, signal)
        if (!isKeeperException(error, 'NONODE')) throw error
      }
      await this.#ensure(zk, signal)
    }
  }

  /** Nobody waits for this. */
  #unclaim(zk: ZooKeeper, path: string, owner: string): void {
    const gone = persist(zk, async () => {
      const czxid = await findOwn(zk, path, owner, undefined)
      if (czxid !== undefined) await deleteEphemeral(zk, { path, czxid })
    })
    gone.catch(ignore)
  }
}

/** The czxid of a claim, if it is this owner's. The sync lets a server that lags behind catch up with the create first. */
async function findOwn(
  zk: ZooKeeper,
  path: string,
  owner: string,
  signal: AbortSignalLike | undefined,
): Promise<bigint | undefined> {
  try {
    await zk.sync(path, { signal })
    const { data, stat } = await zk.getData(path, { signal })
    return data !== null && decodeUtf8(data) === owner ? stat.czxid : undefined
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return undefined
    throw error
  }
}

/** The numbers of a queue go on after 2^31 - 1 at -2^31: the difference, in 32 bits, tells who was earlier. */
function byPriorityAndNumber(a: string, b: string): number {
  const [, priorityA = '', numberA] = ENTRY.exec(a) ?? []
  const [, priorityB = '', numberB] = ENTRY.exec(b) ?? []
  return Number(priorityA) - Number(priorityB) || (Number(numberA) - Number(numberB)) | 0
}
