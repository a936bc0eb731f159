/** The door `zoolet`: the embedded server, its in-process clients, and the values and types of the protocol. Names only. */
export type { Clock, Settling, Timer } from './base/clock.js'
export type { Scheduler } from './base/scheduler.js'
export { type AbortSignalLike, RequestAbortedError } from './client/abort.js'
export type { CreateShape } from './client/arguments.js'
export type {
  AddWatchOptions,
  CallOptions,
  CreateAllOptions,
  CreateOptions,
  ReadOptions,
  RemoveWatchesOptions,
  WatchOptions,
} from './client/call-options.js'
export type { ClientState } from './client/client-cnxn.js'
export type { ClientInspectionEvent } from './client/client-inspection.js'
export type { Data } from './client/data-taker.js'
export { Op, type ReadOp } from './client/op.js'
export type { ACLAndStat, ChildrenAndStat, DataAndStat, PathAndStat } from './client/reply-reader.js'
export type { SavedSession } from './client/saved-session.js'
export type { Transaction } from './client/transaction.js'
export type { WatchGap, WatchItem, WatchStream } from './client/watch-stream.js'
export { ZooKeeper, type ZooKeeperEvents } from './client/zookeeper.js'
export type { ConnectOptions, EmbeddedZooKeeperOptions } from './embedded-options.js'
export {
  EmbeddedZooKeeper,
  type EmbeddedZooKeeperEvents,
  type InspectionEvent,
  type PendingReport,
} from './embedded-zookeeper.js'
export { type ACL, CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Perms, READ_ACL_UNSAFE } from './protocol/acl.js'
export type { Code } from './protocol/code.js'
export { CreateMode } from './protocol/create-mode.js'
export {
  isKeeperException,
  isRetryable,
  isSessionFatal,
  KeeperException,
} from './protocol/keeper-exception.js'
export type { ClientInfo } from './protocol/message.js'
export type { ErrorResult, OpResult, ReadOpResult } from './protocol/op-result.js'
export { Stat, type StatJson } from './protocol/stat.js'
export { EventType, KeeperState, type WatchedEvent } from './protocol/watched-event.js'
export { type Watcher, WatcherType } from './protocol/watcher.js'
export { digestId } from './server/digest.js'
export type { Dump, DumpData } from './server/dump.js'
export type { ServerInspectionEvent } from './server/inspection.js'
export type { Limits } from './server/limits.js'
export type { Counts, Reports, SessionReport, WatchReport, ZnodeReport } from './server/reports.js'
export type { Snapshot, SnapshotNode, SnapshotSession } from './server/snapshot.js'
export type { WatchModeName, WatchTableName } from './server/watch-modes.js'
export type { Intake, ServerEnd } from './transport/transport.js'
