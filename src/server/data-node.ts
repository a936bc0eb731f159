/** One znode: its data, ACL, versions, owner and the names of its children. Changed by DataTree alone. */
import type { ACL } from '../protocol/acl.js'
import { visibleOwner } from '../protocol/ephemeral-owner.js'
import type { Bytes } from '../protocol/message.js'
import { Stat } from '../protocol/stat.js'

const NO_CHILDREN: ReadonlySet<string> = new Set<string>()

/** What deciding a request needs to know of a znode, as it is or as it will be. */
export interface NodeFacts {
  readonly acl: readonly ACL[]
  readonly owner: bigint
  readonly version: number
  /** How many children were ever created: the next sequence number. */
  readonly createdCount: number
  readonly childCount: number
  readonly dataBytes: number
}

/** What is known of a znode at its creation. */
export interface NewNode {
  readonly data: Bytes
  readonly acl: readonly ACL[]
  readonly owner: bigint
  readonly zxid: bigint
  readonly timeMs: number
}

/** A znode. `createdCount` never falls: the visible cversion and the sequence numbers come from it. */
export class DataNode implements NodeFacts {
  data: Bytes
  acl: readonly ACL[]
  readonly owner: bigint
  readonly czxid: bigint
  mzxid: bigint
  pzxid: bigint
  readonly ctimeMs: number
  mtimeMs: number
  version = 0
  aversion = 0
  createdCount = 0
  #children: Set<string> | undefined

  constructor(init: NewNode) {
    this.data = init.data
    this.acl = init.acl
    this.owner = init.owner
    this.czxid = init.zxid
    this.mzxid = init.zxid
    this.pzxid = init.zxid
    this.ctimeMs = init.timeMs
    this.mtimeMs = init.timeMs
  }

  get childCount(): number {
    return this.#children === undefined ? 0 : this.#children.size
  }

  get dataBytes(): number {
    return this.data === null ? 0 : this.data.length
  }

  /** The names of the children, in the order of their creation. */
  get children(): ReadonlySet<string> {
    return this.#children ?? NO_CHILDREN
  }

  addChild(name: string): void {
    this.#children ??= new Set()
    this.#children.add(name)
  }

  removeChild(name: string): void {
    if (this.#children === undefined) return
    this.#children.delete(name)
    if (this.#children.size === 0) this.#children = undefined
  }

  /** A Stat as of now. */
  stat(): Stat {
    return new Stat(
      this.czxid,
      this.mzxid,
      this.ctimeMs,
      this.mtimeMs,
      this.version,
      // The stored counter counts creations; clients see creations plus deletions.
      (2 * this.createdCount - this.childCount) | 0,
      this.aversion,
      visibleOwner(this.owner),
      this.dataBytes,
      this.childCount,
      this.pzxid,
    )
  }
}
