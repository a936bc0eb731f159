/** What a Watcher is called with: something happened to a znode, or to the connection. With the numbers of the wire. */

/** What happened, and its number on the wire. */
export const EventType = {
  /** Nothing to a znode: the state of the connection changed. */
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  /** Made by the client itself, as the two that follow: a watch was removed by request. */
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const

/** What happened. */
export type EventType = keyof typeof EventType

/** An event that a server sends. */
export type NodeEventType = 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged' | 'NodeChildrenChanged'

/** The state of the connection as an event tells it, and its number on the wire. */
export const KeeperState = {
  Disconnected: 0,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const

/** The state of the connection as an event tells it. */
export type KeeperState = keyof typeof KeeperState

/** The zxid of an event that no single transaction caused: a state change, a catch-up event, a removed watch. */
export const NO_ZXID = -1n

/** One event, the same object for each watcher of one client. */
export interface WatchedEvent {
  readonly type: EventType
  readonly state: KeeperState
  /** The client's path of the znode that changed, which can lie below the watched one; null for `None`. */
  readonly path: string | null
  /** The transaction that caused it, or -1n. */
  readonly zxid: bigint
}
