/**
 * ReadWriteLock: many readers or one writer, in the order of arrival: a reader that comes after a waiting writer waits for it. Laid
 * out as Curator's InterProcessReadWriteLock or kazoo's ReadLock and WriteLock.
 */

import { invariant } from '../base/invariant.js'
import { Op } from '../client/op.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import { childPath } from '../protocol/path.js'
import type { Acquirable } from './acquirable.js'
import type { Line } from './contender.js'
import { contenderPrefix } from './contender-name.js'
import { identifiersOf } from './contenders.js'
import type { Won } from './contest.js'
import { ContestedLock } from './contested-lock.js'
import { ignore } from './ignore.js'
import type { RecipeClient } from './lasting-client.js'
import { completeLockOptions, type LockOptions, type LockSettings } from './lock-options.js'
import { checkWait, type WaitOptions } from './patience.js'
import { persist } from './retry.js'
import { type CreatedZnode, deleteEphemeral } from './sure-writes.js'
import { Tenure } from './tenure.js'
import { uniqueHex } from './unique-id.js'

/** Two locks over one path. Neither is reentrant. */
export class ReadWriteLock {
  readonly #settings: LockSettings
  readonly #writers = new WeakMap<Tenure, Won>()
  /** What is written instead of the end of a writer, by its path. */
  readonly #downgrades = new Map<string, () => Promise<void>>()
  /** Held along with other readers, but not while there is a writer, nor after one that waits. */
  readonly read: Acquirable
  /** Held alone. */
  readonly write: Acquirable

  /** Nothing is created before somebody asks for it. @throws TypeError */
  constructor(client: RecipeClient, path: string, options: LockOptions = {}) {
    const settings = completeLockOptions(client, path, options)
    const { abortOn } = settings
    const read = { ...settings, kind: 'read', what: `the read lock ${path}` } as const
    const write = { ...settings, kind: 'write', what: `the write lock ${path}` } as const
    this.#settings = settings
    this.read = new ContestedLock({ contest: { ...read, blocks: ({ kind }) => kind !== 'read' }, abortOn })
    this.write = new ContestedLock({
      contest: { ...write, blocks: () => true },
      abortOn,
      began: (tenure, won) => void this.#writers.set(tenure, won),
      giveBack: ({ contender }) => this.#downgrades.get(contender.path)?.() ?? contender.leave(),
    })
  }

  /**
   * Turns a held write lock into a read lock, with no moment in between: nobody else has written when this resolves. The write
   * tenure is released by it. Readers that waited come in, too; writers go on waiting.
   * @throws TypeError (no write lock of this object, or released), TimeoutError, the signal's reason,
   * KeeperException NONODE or SESSIONEXPIRED (it was lost before)
   */
  async downgrade(held: Tenure, options: WaitOptions = {}): Promise<Tenure> {
    checkWait(options)
    const won = this.#writers.get(held)
    if (won === undefined) {
      throw new TypeError("Not a tenure of this lock's write side: pass what its write.acquire() has given")
    }
    const { line, abortOn } = this.#settings
    const { zk, contender } = won
    let replaced: Promise<CreatedZnode> | undefined
    this.#downgrades.set(contender.path, async () => {
      replaced = replaceByReader(zk, line, contender.path)
      await replaced
    })
    try {
      await held.release(options)
    } catch (error) {
      // Whichever of the two is there goes: nobody holds it any more.
      replaced
        ?.then((reader) => deleteEphemeral(zk, reader))
        .catch(() => contender.leave())
        .catch(ignore)
      throw error
    } finally {
      this.#downgrades.delete(contender.path)
    }
    const znode = await replaced
    invariant(znode !== undefined, () => 'a released writer was replaced')
    return new Tenure({
      zk,
      what: `the read lock ${line.path}`,
      ...znode,
      // The writer that follows has come before this znode, and its token has to be larger.
      fencingToken: contender.czxid,
      abortOn,
      giveBack: () => deleteEphemeral(zk, znode),
    })
  }

  /** The identifiers of all who hold it, read or write, or wait, in their order. @throws KeeperException */
  contenders(options: WaitOptions = {}): Promise<string[]> {
    return identifiersOf(this.#settings.client, this.#settings.line.path, options)
  }
}

/** In one transaction, under the same number, so that nobody who waits comes between. */
function replaceByReader(zk: ZooKeeper, line: Line, writerPath: string): Promise<CreatedZnode> {
  const number = /-?\d{9,10}$/.exec(writerPath)?.[0] ?? ''
  const path = childPath(line.path, contenderPrefix(line.layout, 'read', uniqueHex(zk)) + number)
  const { data, acl } = line
  return persist(zk, async (tries) => {
    try {
      await zk.multi([Op.create(path, data, { mode: 'EPHEMERAL', acl }), Op.delete(writerPath)])
    } catch (error) {
      // An earlier try was applied, and its reply was lost.
      if (tries === 1 || !isKeeperException(error, 'NODEEXISTS')) throw error
    }
    const { stat } = await zk.getData(path)
    return { path, czxid: stat.czxid }
  })
}
