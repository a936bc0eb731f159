/**
 * WatchRestoration: which watches a new connection still has to be given, and since when they may have missed something. That moment is
 * kept until every batch is answered, over several connections if need be. Driven by ClientCnxn.
 */
import type { SetWatchesRequest } from '../protocol/message.js'
import { setWatchesRequests } from './watch-replay.js'
import type { ZKWatchManager } from './zk-watch-manager.js'

/** Watches that a server has again after a reconnection; between the zxids it had none. */
export interface RestoredWatches {
  readonly persistent: ReadonlySet<string>
  readonly recursive: ReadonlySet<string>
  readonly fromZxid: number
  readonly toZxid: number
}

/** Hears which watches live again. */
export type RestoredListener = (restored: RestoredWatches) => void

/** The restorations of one client, one connection after the other. */
export class WatchRestoration {
  readonly #watches: ZKWatchManager
  readonly #maxRequestBytes: number
  /** Runs what listeners have to hear in its turn. */
  readonly #post: (run: () => void) => void
  readonly #listeners = new Set<RestoredListener>()
  #missedSinceZxid: number | undefined
  #unansweredBatches = 0

  constructor(watches: ZKWatchManager, maxRequestBytes: number, post: (run: () => void) => void) {
    this.#watches = watches
    this.#maxRequestBytes = maxRequestBytes
    this.#post = post
  }

  /** Lets somebody hear when watches live again; returns how to stop. */
  listen(listener: RestoredListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** What a new connection has to be told, if the last thing that was seen before it has this zxid. */
  begin(lastZxid: number): readonly SetWatchesRequest[] {
    this.#missedSinceZxid ??= lastZxid
    const requests = setWatchesRequests(this.#watches, this.#missedSinceZxid, this.#maxRequestBytes)
    this.#unansweredBatches = requests.length
    if (requests.length === 0) this.#missedSinceZxid = undefined
    return requests
  }

  /** The server has taken one of them. */
  answered(request: SetWatchesRequest, zxid: number): void {
    this.#unansweredBatches -= 1
    if (this.#unansweredBatches === 0) this.#missedSinceZxid = undefined
    if (this.#listeners.size === 0) return
    const persistent = new Set(request.persistentWatches)
    const recursive = new Set(request.persistentRecursiveWatches)
    const restored = { persistent, recursive, fromZxid: request.relativeZxid, toZxid: zxid }
    for (const listener of this.#listeners) this.#post(() => listener(restored))
  }
}
