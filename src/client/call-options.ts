/** What the calls of a client take besides their arguments. Every option is optional; an unknown one is a TypeError. */
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import type { AbortSignalLike } from './abort.js'
import type { CreateShape } from './arguments.js'

/** What every call takes. */
export interface CallOptions {
  /**
   * Gives up: a request that was not sent is not sent any more; else RequestAbortedError, since it may have been applied.
   * A reply that has arrived wins. In process it is there as soon as a connected client has made the request, so an abort
   * right after that rejects nothing.
   */
  readonly signal?: AbortSignalLike | undefined
}

/** What a read takes. */
export interface ReadOptions extends CallOptions {
  /** Leaves a one-shot watch for this function. */
  readonly watcher?: Watcher | undefined
  /** Leaves a one-shot watch for the default watcher. */
  readonly watch?: boolean | undefined
}

/** What a create takes. */
export interface CreateOptions extends CallOptions, CreateShape {}

/** What removeWatches takes. */
export interface RemoveWatchesOptions extends CallOptions {
  /** The one watcher to remove; all of the type unless set. */
  readonly watcher?: Watcher | undefined
  /** `'Any'` unless set. */
  readonly type?: WatcherType | undefined
  /** Whether the watcher goes even if the server cannot be asked. */
  readonly local?: boolean | undefined
}

/** What addWatch takes. */
export interface AddWatchOptions extends CallOptions {
  /** Whether everything below the path counts too; then no NodeChildrenChanged comes. */
  readonly recursive?: boolean | undefined
}

/** What watch takes. */
export interface WatchOptions extends AddWatchOptions {
  /** Events that may wait for the reader before the iteration fails; 10,000 unless set. */
  readonly bufferSize?: number | undefined
}

/** What createAll takes: the shape of the last znode; the parents are persistent and have the same ACL. */
export type CreateAllOptions = Omit<CreateOptions, 'withStat'>
