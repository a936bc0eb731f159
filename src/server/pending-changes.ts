/**
 * The tree as it will be once the operations decided so far in a multi are applied: records of what they change, over the
 * tree as it is. Thrown away with the multi, so a failed one leaves nothing behind.
 */
import { unreachable } from '../base/invariant.js'
import { ownerKind } from '../protocol/ephemeral-owner.js'
import { parentOf } from '../protocol/path.js'
import type { NodeFacts } from './data-node.js'
import type { TreeView, Usage } from './data-tree.js'
import type { MultiTxnOp } from './txn.js'

/** A view of a tree with changes that are decided and not applied. */
export class PendingChanges implements TreeView {
  readonly #tree: TreeView
  /** Null for a znode that will be gone. */
  readonly #records = new Map<string, NodeFacts | null>()
  readonly #quotaPrefixOf: (path: string) => string | undefined
  readonly #pendingUsage = new Map<string, Usage>()
  #nodeCount: number

  constructor(tree: TreeView, quotaPrefixOf: (path: string) => string | undefined) {
    this.#tree = tree
    this.#quotaPrefixOf = quotaPrefixOf
    this.#nodeCount = tree.nodeCount
  }

  get pendingUsage(): ReadonlyMap<string, Usage> {
    return this.#pendingUsage
  }

  get nodeCount(): number {
    return this.#nodeCount
  }

  findNode(path: string): NodeFacts | undefined {
    const record = this.#records.get(path)
    return record === undefined ? this.#tree.findNode(path) : (record ?? undefined)
  }

  findParent(path: string): NodeFacts | undefined {
    return this.findNode(parentOf(path))
  }

  /** Takes in one more decided operation. */
  add(op: MultiTxnOp): void {
    switch (op.type) {
      case 'create': {
        const { path, acl, owner, data } = op
        const dataBytes = data?.length ?? 0
        const facts = { acl, kind: ownerKind(owner), version: 0, createdCount: 0, childCount: 0, dataBytes }
        return this.#replace(path, facts)
      }
      case 'delete':
        return this.#replace(op.path, null)
      case 'setData': {
        const facts = this.findNode(op.path)
        const { version, data } = op
        return facts && this.#replace(op.path, { ...copyFacts(facts), version, dataBytes: data?.length ?? 0 })
      }
      case 'check':
        return
      default:
        return unreachable(op)
    }
  }

  /** Replaces what is known of a znode, with all that this means for its parent and for its quota. */
  #replace(path: string, after: NodeFacts | null): void {
    const before = this.findNode(path)
    const count = Number(after !== null) - Number(before !== undefined)
    this.#records.set(path, after)
    this.#nodeCount += count
    this.#charge(path, count, (after?.dataBytes ?? 0) - (before?.dataBytes ?? 0))
    const parent = count === 0 ? undefined : this.findParent(path)
    if (parent === undefined) return
    const createdCount = parent.createdCount + Math.max(count, 0)
    const childCount = parent.childCount + count
    this.#records.set(parentOf(path), { ...copyFacts(parent), createdCount, childCount })
  }

  #charge(path: string, count: number, bytes: number): void {
    const prefix = this.#quotaPrefixOf(path)
    if (prefix === undefined) return
    const before = this.#pendingUsage.get(prefix)
    this.#pendingUsage.set(prefix, {
      count: (before?.count ?? 0) + count,
      bytes: (before?.bytes ?? 0) + bytes,
    })
  }
}

/** A DataNode has its counts as getters, which a spread would leave out. */
function copyFacts({ acl, kind, version, createdCount, childCount, dataBytes }: NodeFacts): NodeFacts {
  return { acl, kind, version, createdCount, childCount, dataBytes }
}
