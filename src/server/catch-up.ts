/**
 * What a reconnected client missed: for each watch it brings, either the event at once or the watch armed anew.
 * The decision table of setWatches in one place. Called by FinalRequestProcessor.
 */
import { type ACL, OPEN_ACL_UNSAFE } from '../protocol/acl.js'
import type { SetWatchesRequest } from '../protocol/message.js'
import type { NodeEventType } from '../protocol/watched-event.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import type { ServerWatcher } from './watch-manager.js'
import type { Watches } from './watches.js'

/** A catch-up event has no transaction of its own. */
const NO_ZXID = -1

/**
 * Arms or answers each entry, in the order data, exist, child, persistent, recursive. False once a limit is reached: then the
 * connection has to be closed, since half of the watches would be a lie.
 */
export function catchUp(
  request: SetWatchesRequest,
  watcher: ServerWatcher,
  tree: DataTree,
  watches: Watches,
): boolean {
  const one = (
    path: string,
    table: 'data' | 'child',
    missed: (node: DataNode | undefined) => NodeEventType | undefined,
  ): boolean => {
    const node = tree.findNode(path)
    const type = missed(node)
    if (type === undefined) return watches.addOneShot(table, path, watcher)
    // Unlike the real server: an event about a znode that may not be read is withheld here too (D7).
    const acl: readonly ACL[] = node === undefined ? OPEN_ACL_UNSAFE : node.acl
    watcher.process({ type, path, zxid: NO_ZXID }, acl)
    return true
  }
  const since = request.relativeZxid
  return (
    request.dataWatches.every((path) => one(path, 'data', (node) => missedData(node, since))) &&
    request.existWatches.every((path) =>
      one(path, 'data', (node) => (node === undefined ? undefined : 'NodeCreated')),
    ) &&
    request.childWatches.every((path) => one(path, 'child', (node) => missedChildren(node, since))) &&
    request.persistentWatches.every((path) => watches.addLasting('PERSISTENT', path, watcher)) &&
    request.persistentRecursiveWatches.every((path) =>
      watches.addLasting('PERSISTENT_RECURSIVE', path, watcher),
    )
  )
}

function missedData(node: DataNode | undefined, since: number): NodeEventType | undefined {
  if (node === undefined) return 'NodeDeleted'
  return node.mzxid > since ? 'NodeDataChanged' : undefined
}

function missedChildren(node: DataNode | undefined, since: number): NodeEventType | undefined {
  if (node === undefined) return 'NodeDeleted'
  return node.pzxid > since ? 'NodeChildrenChanged' : undefined
}
