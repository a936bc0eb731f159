/** Which containers and TTL znodes have had their time. Only looks; each deletion is decided and applied on its own. */
import { ttlOf } from '../protocol/ephemeral-owner.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'

/** How sweeps judge. */
export interface SweepOptions {
  /** A container that never had a child is removed after this many milliseconds; 0 never, as in ZooKeeper 3.9. */
  readonly maxNeverUsedContainerMs: number
}

/** One sweep removes no more than this; the rest waits for the next. */
export const MAX_DELETIONS_A_SWEEP = 10_000

/** The paths to delete, containers first. */
export function findSweepable(tree: DataTree, nowMs: number, options: SweepOptions): string[] {
  const containers = Array.from(tree.owned.containers).filter((path) => {
    const node = tree.findNode(path)
    return node !== undefined && isContainerDone(node, nowMs, options.maxNeverUsedContainerMs)
  })
  const ttls = Array.from(tree.owned.ttls).filter((path) => {
    const node = tree.findNode(path)
    return node !== undefined && node.childCount === 0 && nowMs - node.mtimeMs > ttlOf(node.owner)
  })
  return [...containers, ...ttls].slice(0, MAX_DELETIONS_A_SWEEP)
}

function isContainerDone(node: DataNode, nowMs: number, maxNeverUsedMs: number): boolean {
  if (node.childCount > 0) return false
  if (node.createdCount > 0) return true
  return maxNeverUsedMs > 0 && nowMs - node.mtimeMs > maxNeverUsedMs
}
