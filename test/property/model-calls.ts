/**
 * The vocabulary of the property tests: plain values, calls of the public face, replies and what watchers are told.
 * Written from the reference; imports nothing of the product, so that the two cannot share a mistake.
 */

/** One entry of an access control list. */
export interface Acl {
  readonly perms: number
  readonly scheme: string
  readonly id: string
}

/** An identity that a connection has. */
export interface Id {
  readonly scheme: string
  readonly id: string
}

/** The seven kinds of create. */
export type Mode =
  | 'PERSISTENT'
  | 'PERSISTENT_SEQUENTIAL'
  | 'EPHEMERAL'
  | 'EPHEMERAL_SEQUENTIAL'
  | 'CONTAINER'
  | 'PERSISTENT_WITH_TTL'
  | 'PERSISTENT_SEQUENTIAL_WITH_TTL'

/** The codes that the model can answer. */
export type ModelCode =
  | 'OK'
  | 'RUNTIMEINCONSISTENCY'
  | 'CONNECTIONLOSS'
  | 'MARSHALLINGERROR'
  | 'BADARGUMENTS'
  | 'NONODE'
  | 'NOAUTH'
  | 'BADVERSION'
  | 'NOCHILDRENFOREPHEMERALS'
  | 'NODEEXISTS'
  | 'NOTEMPTY'
  | 'SESSIONEXPIRED'
  | 'INVALIDACL'
  | 'AUTHFAILED'
  | 'NOWATCHER'
  | 'QUOTAEXCEEDED'

/** A Stat as a client sees it: reference section 2. */
export interface ModelStat {
  readonly czxid: bigint
  readonly mzxid: bigint
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly ephemeralOwner: bigint
  readonly dataLength: number
  readonly numChildren: number
  readonly pzxid: bigint
}

/** The name of a watcher object; each session has these, `default` is the one given to connect. */
export type WatcherName = 'default' | 'w1' | 'w2'

/** Types of removeWatches and checkWatches, as of 3.9. */
export type RemoveType = 'Children' | 'Data' | 'Any' | 'Persistent' | 'PersistentRecursive'

/** A create, alone or in a multi. */
export interface CreateCall {
  readonly op: 'create'
  readonly path: string
  readonly data: string | null
  readonly mode: Mode
  readonly acl: readonly Acl[]
  readonly ttlMs: number | undefined
  readonly withStat: boolean
}

/** A write that may stand in a multi. */
export type MultiCall =
  | CreateCall
  | { readonly op: 'delete'; readonly path: string; readonly version: number }
  | { readonly op: 'setData'; readonly path: string; readonly data: string | null; readonly version: number }
  | { readonly op: 'check'; readonly path: string; readonly version: number }

/** A read that may leave a one-shot watch. */
export interface WatchingCall {
  readonly op: 'exists' | 'getData' | 'getChildren'
  readonly path: string
  readonly watcher: WatcherName | undefined
}

/** A read of a multiRead. */
export interface SubRead {
  readonly op: 'getData' | 'getChildren'
  readonly path: string
}

/** A removeWatches; without a watcher all of the path. */
export interface RemoveCall {
  readonly op: 'removeWatches'
  readonly path: string
  readonly type: RemoveType
  readonly watcher: WatcherName | undefined
  readonly local: boolean
}

/** One call of the public face. */
export type Call =
  | Exclude<MultiCall, { op: 'check' }>
  | WatchingCall
  | RemoveCall
  | { readonly op: 'setACL'; readonly path: string; readonly acl: readonly Acl[]; readonly version: number }
  | { readonly op: 'getACL' | 'getAllChildrenNumber' | 'sync'; readonly path: string }
  | { readonly op: 'getEphemerals'; readonly prefix: string }
  | { readonly op: 'whoAmI' }
  | { readonly op: 'multi'; readonly ops: readonly MultiCall[] }
  | { readonly op: 'multiRead'; readonly ops: readonly SubRead[] }
  | {
      readonly op: 'addWatch'
      readonly path: string
      readonly recursive: boolean
      readonly watcher: WatcherName
    }
  | { readonly op: 'checkWatches'; readonly path: string; readonly type: RemoveType }
  | { readonly op: 'addAuthInfo'; readonly scheme: string; readonly auth: string }

/** One entry of a multi's result list. */
export type MultiResult =
  | { readonly type: 'create'; readonly path: string; readonly stat?: ModelStat }
  | { readonly type: 'delete' | 'check' }
  | { readonly type: 'setData'; readonly stat: ModelStat }
  | { readonly type: 'error'; readonly code: ModelCode }

/** How a call ends: with a value, with a code, or refused as misuse before anything is sent. */
export type Reply =
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly path: string | undefined
      /** Of a failed multi. */
      readonly results?: readonly unknown[]
    }
  | { readonly kind: 'misuse' }

/** Types of node events, as a watcher sees them. */
export type NodeEventType = 'NodeCreated' | 'NodeDeleted' | 'NodeDataChanged' | 'NodeChildrenChanged'

/** What a watcher is called with. */
export interface ModelEvent {
  readonly type: NodeEventType | 'None' | 'DataWatchRemoved' | 'ChildWatchRemoved' | 'PersistentWatchRemoved'
  readonly state: 'SyncConnected' | 'Disconnected' | 'Expired' | 'AuthFailed' | 'Closed'
  readonly path: string | null
  /** -1 where there is none: None events, catch-up events and removals. */
  readonly zxid: number
}

/** What a session sees, in order: its watchers being called and its calls being answered. */
export type LogEntry =
  | { readonly kind: 'event'; readonly event: ModelEvent; readonly watchers: readonly WatcherName[] }
  | { readonly kind: 'reply'; readonly call: number; readonly reply: Reply }

/** Thrown inside the model to end a request with a code. */
export class ModelFailure extends Error {
  readonly code: ModelCode

  constructor(code: ModelCode) {
    super(code)
    this.code = code
  }
}

/** Runs a step of the model; gives the value, or the code it failed with. */
export function attempt<T>(body: () => T): { readonly value: T } | { readonly code: ModelCode } {
  try {
    return { value: body() }
  } catch (error) {
    if (error instanceof ModelFailure) return { code: error.code }
    throw error
  }
}
