/**
 * Contender: an ephemeral sequential znode that stands in line. It survives everything but the end of its session, is found again
 * when the reply to its create was lost, waits by a watch on one predecessor alone, and leaves nothing behind when it goes.
 */
import type { AbortSignalLike } from '../client/abort.js'
import type { Data } from '../client/data-taker.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import type { ACL } from '../protocol/acl.js'
import { childPath, nameOf } from '../protocol/path.js'
import {
  type ContenderKind,
  type ContenderName,
  contenderPrefix,
  type Layout,
  parentModeOf,
} from './contender-name.js'
import { contendersOf } from './contenders.js'
import { persist } from './retry.js'
import { createOnce, deleteEphemeral } from './sure-writes.js'
import { uniqueHex } from './unique-id.js'
import { untilChanged } from './until-changed.js'

/** Where and how to stand in line. */
export interface Line {
  /** The parent of the contenders. */
  readonly path: string
  readonly layout: Layout
  /** What others may read about this contender. */
  readonly data: Data
  readonly acl: readonly ACL[] | undefined
}

/** A place in a line, held by a session. */
export class Contender {
  readonly #zk: ZooKeeper
  readonly #linePath: string
  readonly #name: string
  readonly path: string
  /** Grows from one contender of a line to the next, and from one line to the next. */
  readonly czxid: bigint

  private constructor(zk: ZooKeeper, linePath: string, path: string, czxid: bigint) {
    this.#zk = zk
    this.#linePath = linePath
    this.#name = nameOf(path)
    this.path = path
    this.czxid = czxid
  }

  /** Goes to the end of the line. @throws KeeperException, the signal's reason; then there is no znode, or none for long */
  static async enter(
    zk: ZooKeeper,
    line: Line,
    kind: ContenderKind,
    signal: AbortSignalLike | undefined,
  ): Promise<Contender> {
    const { path: parent, layout, data, acl } = line
    const prefix = contenderPrefix(layout, kind, uniqueHex(zk))
    const { path, czxid } = await createOnce(
      zk,
      { parent, parentMode: parentModeOf(layout), prefix, mode: 'EPHEMERAL_SEQUENTIAL', data, acl },
      signal,
    )
    return new Contender(zk, parent, path, czxid)
  }

  /**
   * The last contender before this one that stands in its way, if any; null if somebody has deleted this one's own znode.
   * @throws KeeperException
   */
  async findBlocker(
    blocks: (other: ContenderName) => boolean,
    signal?: AbortSignalLike,
  ): Promise<ContenderName | undefined | null> {
    const all = await contendersOf(this.#zk, this.#linePath, signal)
    const place = all.findIndex(({ name }) => name === this.#name)
    return place < 0 ? null : all.slice(0, place).findLast(blocks)
  }

  /**
   * Waits until nobody stands in its way; false if somebody has deleted its znode, or if there is no hope before a wait.
   * @throws KeeperException, the signal's reason
   */
  async untilFirst(
    blocks: (other: ContenderName) => boolean,
    signal: AbortSignalLike | undefined,
    hasHope?: () => Promise<boolean>,
  ): Promise<boolean> {
    for (;;) {
      const blocker = await this.findBlocker(blocks, signal)
      if (blocker === null) return false
      if (blocker === undefined) return true
      if (hasHope !== undefined && !(await hasHope())) return false
      const path = childPath(this.#linePath, blocker.name)
      await persist(this.#zk, () => untilChanged(this.#zk, path, signal), signal)
    }
  }

  /** Gives up the place; resolves once the znode is gone, or the session is. */
  leave(): Promise<void> {
    return deleteEphemeral(this.#zk, this)
  }
}
