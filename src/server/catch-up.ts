/**
 * What a reconnected client missed: for each watch it brings, either the event at once or the watch armed anew.
 * The decision table of setWatches in one place. Called by FinalRequestProcessor.
 */
import { OPEN_ACL_UNSAFE } from '../protocol/acl.js'
import type { SetWatchesRequest } from '../protocol/message.js'
import type { NodeEventType } from '../protocol/watched-event.js'
import type { DataNode } from './data-node.js'
import type { DataTree } from './data-tree.js'
import type { ServerWatcher } from './server-watcher.js'
import type { Watches } from './watches.js'

/** A catch-up event has no transaction of its own. */
const NO_ZXID = -1

/** A connection, which an event may be too much for: then it is closed, and nobody would ever take its watches away. */
interface CatchingUp extends ServerWatcher {
  readonly isClosed: boolean
}

/**
 * Arms or answers each entry, in the order data, exist, child, persistent, recursive. False once a limit is reached: then the
 * connection has to be closed, since half of the watches would be a lie; or once it is closed.
 */
export function catchUp(
  request: SetWatchesRequest,
  watcher: CatchingUp,
  tree: DataTree,
  watches: Watches,
): boolean {
  const since = request.relativeZxid
  const one = (type: 'Data' | 'Children', path: string, missed: Missed): boolean => {
    const node = tree.findNode(path)
    const event = missed(node, since)
    if (event === undefined) return watches.add(type, path, watcher)
    // Unlike the real server: an event about a znode that may not be read is withheld here too (D7).
    watcher.process({ type: event, path, zxid: NO_ZXID }, node?.acl ?? OPEN_ACL_UNSAFE)
    return !watcher.isClosed
  }
  return (
    request.dataWatches.every((path) => one('Data', path, missedData)) &&
    request.existWatches.every((path) => one('Data', path, missedCreation)) &&
    request.childWatches.every((path) => one('Children', path, missedChildren)) &&
    request.persistentWatches.every((path) => watches.add('Persistent', path, watcher)) &&
    request.persistentRecursiveWatches.every((path) => watches.add('PersistentRecursive', path, watcher))
  )
}

type Missed = (node: DataNode | undefined, since: number) => NodeEventType | undefined

function missedCreation(node: DataNode | undefined): NodeEventType | undefined {
  return node && 'NodeCreated'
}

function missedData(node: DataNode | undefined, since: number): NodeEventType | undefined {
  if (node === undefined) return 'NodeDeleted'
  return node.mzxid > since ? 'NodeDataChanged' : undefined
}

function missedChildren(node: DataNode | undefined, since: number): NodeEventType | undefined {
  if (node === undefined) return 'NodeDeleted'
  return node.pzxid > since ? 'NodeChildrenChanged' : undefined
}
