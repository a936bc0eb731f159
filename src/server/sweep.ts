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
  return [...tree.owned.containers, ...tree.owned.ttls]
    .filter((path) => isSweepable(tree.findNode(path), nowMs, options))
    .slice(0, MAX_DELETIONS_A_SWEEP)
}

/** True if the znode has had its time. Asked again before each deletion: meanwhile it may have become another. */
export function isSweepable(node: DataNode | undefined, nowMs: number, options: SweepOptions): boolean {
  if (node === undefined || node.childCount > 0) return false
  const { createdCount, mtimeMs, owner, kind } = node
  const { maxNeverUsedContainerMs } = options
  if (kind === 'ttl') return nowMs - mtimeMs > ttlOf(owner)
  if (kind !== 'container') return false
  return createdCount > 0 || (maxNeverUsedContainerMs > 0 && nowMs - mtimeMs > maxNeverUsedContainerMs)
}
