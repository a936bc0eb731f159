/**
 * The tree as it will be once the operations decided so far in a multi are applied: records of what they change, over the
 * tree as it is. Thrown away with the multi, so a failed one leaves nothing behind.
 */
import { unreachable } from '../base/invariant.js'
import type { Bytes } from '../protocol/message.js'
import { parentOf } from '../protocol/path.js'
import type { NodeFacts } from './data-node.js'
import type { TreeView, Usage } from './data-tree.js'
import type { CreateTxn, TxnOp } from './txn.js'

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

  /** Takes in one more decided operation. */
  add(op: TxnOp): void {
    switch (op.type) {
      case 'create':
        return this.#create(op)
      case 'delete':
        return this.#delete(op.path)
      case 'setData': {
        const dataBytes = bytesOf(op.data)
        this.#charge(op.path, 0, dataBytes - (this.findNode(op.path)?.dataBytes ?? 0))
        return this.#change(op.path, () => ({ version: op.version, dataBytes }))
      }
      case 'setACL':
        return this.#change(op.path, () => ({ acl: op.acl, aversion: op.aversion }))
      case 'check':
        return
      default:
        return unreachable(op)
    }
  }

  #create({ path, acl, owner, data }: CreateTxn): void {
    const dataBytes = bytesOf(data)
    this.#records.set(path, {
      acl,
      owner,
      version: 0,
      aversion: 0,
      createdCount: 0,
      childCount: 0,
      dataBytes,
    })
    this.#nodeCount += 1
    this.#change(parentOf(path), ({ createdCount, childCount }) => ({
      createdCount: createdCount + 1,
      childCount: childCount + 1,
    }))
    this.#charge(path, 1, dataBytes)
  }

  #delete(path: string): void {
    this.#charge(path, -1, -(this.findNode(path)?.dataBytes ?? 0))
    this.#records.set(path, null)
    this.#nodeCount -= 1
    this.#change(parentOf(path), ({ childCount }) => ({ childCount: childCount - 1 }))
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

  #change(path: string, change: (facts: NodeFacts) => Partial<NodeFacts>): void {
    const facts = this.findNode(path)
    if (facts === undefined) return
    const { acl, owner, version, aversion, createdCount, childCount, dataBytes } = facts
    const copy = { acl, owner, version, aversion, createdCount, childCount, dataBytes }
    this.#records.set(path, { ...copy, ...change(facts) })
  }
}

function bytesOf(data: Bytes): number {
  return data === null ? 0 : data.length
}
