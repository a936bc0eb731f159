/**
 * What travels between a client and a server, as plain objects: requests, responses, replies, the handshake.
 * In process they travel as they are; a socket's codec writes and reads them. Whoever hands out bytes says whose they are.
 */
import type { ACL } from './acl.js'
import type { Code } from './code.js'
import type { CreateMode } from './create-mode.js'
import type { OpResult, ReadOpResult } from './op-result.js'
import type { Stat } from './stat.js'
import type { NodeEventType } from './watched-event.js'
import type { AddWatchMode, WatcherType } from './watcher.js'

/** Bytes of a znode. Null and empty differ. */
export type Bytes = Uint8Array | null

/** The operation decides what is answered (`create`: the path; the others: path and Stat) and must fit the mode. */
export interface CreateRequest {
  readonly type: 'create' | 'create2' | 'createContainer' | 'createTTL'
  readonly path: string
  readonly data: Bytes
  readonly acl: readonly ACL[]
  /** Undefined for a number on the wire that is no mode. */
  readonly mode: CreateMode | undefined
  /** Milliseconds; -1 without TTL. */
  readonly ttlMs: number
}

/** Version -1 means any. */
export interface DeleteRequest {
  readonly type: 'delete'
  readonly path: string
  readonly version: number
}

/** A read of one znode that can leave a watch. */
export interface WatchingRead {
  readonly type: 'exists' | 'getData' | 'getChildren' | 'getChildren2'
  readonly path: string
  readonly watch: boolean
}

/** Version -1 means any. */
export interface SetDataRequest {
  readonly type: 'setData'
  readonly path: string
  readonly data: Bytes
  readonly version: number
}

/** A request that is a path and nothing else. */
export interface PathRequest {
  readonly type: 'getACL' | 'getAllChildrenNumber' | 'getEphemerals'
  /** Of getEphemerals a raw prefix. */
  readonly path: string
}

/** Answered when everything before it is; the path is given back as it came. */
export interface SyncRequest {
  readonly type: 'sync'
  readonly path: string | null
}

/** The version is compared with `aversion`; -1 means any. */
export interface SetACLRequest {
  readonly type: 'setACL'
  readonly path: string
  readonly acl: readonly ACL[]
  readonly version: number
}

/** Inside a multi only. Version -1 asks for existence alone. */
export interface CheckRequest {
  readonly type: 'check'
  readonly path: string
  readonly version: number
}

/** An operation of a multi. */
export type MultiOp = CreateRequest | DeleteRequest | SetDataRequest | CheckRequest

/** All or nothing. */
export interface MultiRequest {
  readonly type: 'multi'
  readonly ops: readonly MultiOp[]
}

/** A read of a multiRead; it leaves no watch. */
export interface MultiReadOp {
  readonly type: 'getData' | 'getChildren'
  readonly path: string
}

/** Several reads, each with a result of its own. */
export interface MultiReadRequest {
  readonly type: 'multiRead'
  readonly ops: readonly MultiReadOp[]
}

/** Asks for, or removes, the connection's watches of one path. */
export interface WatchesRequest {
  readonly type: 'checkWatches' | 'removeWatches'
  readonly path: string
  readonly watcherType: WatcherType
}

/** Sets a watch that stays. */
export interface AddWatchRequest {
  readonly type: 'addWatch'
  readonly path: string
  readonly mode: AddWatchMode
}

/** Arms a reconnected client's watches anew, or answers at once with the event that was missed. */
export interface SetWatchesRequest {
  readonly type: 'setWatches'
  readonly relativeZxid: number
  readonly dataWatches: readonly string[]
  readonly existWatches: readonly string[]
  readonly childWatches: readonly string[]
  readonly persistentWatches: readonly string[]
  readonly persistentRecursiveWatches: readonly string[]
}

/** Adds an identity to the connection. */
export interface AuthRequest {
  readonly type: 'auth'
  readonly scheme: string
  /** Null is what no scheme but ip accepts. */
  readonly auth: Bytes
}

/** A step of a SASL exchange. */
export interface SaslRequest {
  readonly type: 'sasl'
  readonly token: Uint8Array
}

/** A request without arguments, or whose arguments change nothing: `reconfig` is refused by a server without an ensemble. */
export interface BareRequest {
  readonly type: 'whoAmI' | 'ping' | 'reconfig' | 'closeSession'
}

/** What came from a wire in the place of a request: a body that cannot be read, or an operation that there is not. */
export interface BadRequest {
  readonly type: 'malformed' | 'unknown'
  /** The number of the operation. */
  readonly opCode: number
}

/** Everything that a connected client can ask. */
export type Request =
  | CreateRequest
  | DeleteRequest
  | WatchingRead
  | SetDataRequest
  | PathRequest
  | SyncRequest
  | SetACLRequest
  | MultiRequest
  | MultiReadRequest
  | WatchesRequest
  | AddWatchRequest
  | SetWatchesRequest
  | AuthRequest
  | SaslRequest
  | BareRequest
  | BadRequest

/** One identity of a connection, as whoAmI shows it. */
export interface ClientInfo {
  readonly scheme: string
  readonly user: string
}

/** What a successful request is answered with, by its shape: several operations share one. */
export type Response =
  | { readonly type: 'done' }
  | { readonly type: 'watchAdded' }
  | { readonly type: 'path'; readonly path: string }
  | { readonly type: 'synced'; readonly path: string | null }
  | { readonly type: 'pathAndStat'; readonly path: string; readonly stat: Stat }
  | { readonly type: 'stat'; readonly stat: Stat }
  | { readonly type: 'data'; readonly data: Bytes; readonly stat: Stat }
  | { readonly type: 'acl'; readonly acl: ACL[]; readonly stat: Stat }
  | { readonly type: 'childNames'; readonly children: string[] }
  | { readonly type: 'children'; readonly children: string[]; readonly stat: Stat }
  | { readonly type: 'totalNumber'; readonly totalNumber: number }
  | { readonly type: 'ephemerals'; readonly ephemerals: string[] }
  | { readonly type: 'results'; readonly results: OpResult[] }
  | { readonly type: 'readResults'; readonly results: ReadOpResult[] }
  | { readonly type: 'clientInfo'; readonly clientInfo: ClientInfo[] }
  | { readonly type: 'token'; readonly token: Uint8Array | null }

/** The response that says no more than that. */
export const DONE: Response = Object.freeze({ type: 'done' })

/** The answer to one request. Replies of a connection leave in the order of its requests. */
export interface Reply {
  readonly xid: number
  /** Of a write, failed or not, its own; of a read the last one applied; of auth 0. */
  readonly zxid: number
  readonly code: Code
  /** Present exactly if `code` is OK. */
  response: Response | undefined
}

/** A watch fired: sent to each connection that has one. */
export interface Notification {
  readonly type: NodeEventType
  readonly path: string
  /** The transaction, or -1 for an event that setWatches caught up with. */
  readonly zxid: number
}

/** The first message of a connection. */
export interface ConnectRequest {
  /** The highest zxid that the client has seen in a reply; a server that is behind it refuses. */
  readonly lastZxidSeen: number
  readonly timeoutMs: number
  /** 0n for a new session. */
  readonly sessionId: bigint
  readonly password: Uint8Array
  /** Whether a server that cannot write will do. */
  readonly canBeReadOnly?: boolean
}

/** The answer to it. A timeout of 0 says that the session is over. */
export interface ConnectResponse {
  readonly timeoutMs: number
  readonly sessionId: bigint
  /** The server's own, which nobody writes to. */
  readonly password: Uint8Array
  /** Whether the server cannot write at the moment. */
  readonly isReadOnly?: boolean
}
