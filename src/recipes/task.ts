/** Task: an entry of a TaskQueue that is claimed: to be done, or put back. */
import { type AsyncDisposableLike, addAsyncDisposeBy } from '../base/async-dispose.js'
import type { PlatformAbortSignal } from '../base/platform.js'
import { Op } from '../client/op.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { checkWait, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { type CreatedZnode, deleteEphemeral } from './sure-writes.js'
import { type AbortOn, Tenure } from './tenure.js'

/** What a task is made of. */
export interface TaskGround {
  readonly zk: ZooKeeper
  readonly id: string
  readonly data: Uint8Array | null
  readonly entryPath: string
  readonly claim: CreatedZnode
  readonly abortOn: AbortOn
  /** Told why it could not be taken off the queue. */
  readonly notDone: (task: Task, error: unknown) => void
}

/** A task that this process has claimed. `await using` puts it back, unless it is done. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class Task {
  readonly #tenure: Tenure
  #isDone = false
  /** Its name in the queue: the same whoever takes it. What was put twice has two. */
  readonly id: string
  readonly data: Uint8Array | null

  static {
    addAsyncDisposeBy(Task.prototype, (task) => (task.isOver ? Promise.resolve() : task.putBack()))
  }

  /** For TaskQueue; users get theirs from it. */
  constructor({ zk, id, data, entryPath, claim, abortOn, notDone }: TaskGround) {
    const done = (): Promise<void> =>
      consume(zk, entryPath, claim).catch((error: unknown) => {
        notDone(this, error)
        throw error
      })
    this.id = id
    this.data = data
    this.#tenure = new Tenure({
      zk,
      what: `the task ${entryPath}`,
      ...claim,
      abortOn,
      giveBack: () => (this.#isDone ? done() : deleteEphemeral(zk, claim)),
    })
  }

  /** Aborts as soon as the claim is not certain any more: somebody else may do the task, too. */
  get signal(): PlatformAbortSignal {
    return this.#tenure.signal
  }

  /** The czxid of the claim: larger than that of everybody who has claimed this task before. It is another one at each claim. */
  get fencingToken(): bigint {
    return this.#tenure.fencingToken
  }

  /** Whether `done` or `putBack` was called. */
  get isOver(): boolean {
    return this.#tenure.isReleased
  }

  /**
   * Takes it off the queue.
   * @throws TypeError (done or put back before), KeeperException SESSIONEXPIRED or NONODE (the claim was lost: somebody else does it
   * again, or has done it), another one if the server refuses it (then it is left to somebody else), TimeoutError, the signal's reason
   */
  async done(options: WaitOptions = {}): Promise<void> {
    // What is refused here must not make a later give-back the end of the task.
    checkWait(options)
    this.#isDone = !this.isOver
    await this.#tenure.release(options)
  }

  /** Leaves it to somebody else. @throws TypeError (done or put back before), TimeoutError, the signal's reason */
  putBack(options: WaitOptions = {}): Promise<void> {
    return this.#tenure.release(options)
  }
}

/** The method for `await using`, where the types know it. */
export interface Task extends AsyncDisposableLike {}

/** Takes the task off the queue or, if that is refused, leaves it to somebody else. @throws KeeperException why it was refused */
async function consume(zk: ZooKeeper, entryPath: string, claim: CreatedZnode): Promise<void> {
  try {
    await deleteBoth(zk, entryPath, claim.path)
  } catch (error) {
    await deleteEphemeral(zk, claim)
    throw error
  }
}

/** Both znodes at once: an entry without its claim would be taken again. */
async function deleteBoth(zk: ZooKeeper, entryPath: string, claimPath: string): Promise<void> {
  await persist(zk, async (tries) => {
    try {
      await zk.multi([Op.delete(entryPath), Op.delete(claimPath)])
    } catch (error) {
      // An earlier try was applied, and its reply was lost.
      if (tries === 1 || !isKeeperException(error, 'NONODE')) throw error
    }
  })
}
