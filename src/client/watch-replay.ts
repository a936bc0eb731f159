/** What a client sends after it is connected again, so that the server has its watches anew: in batches, none too large. */
import type { SetWatchesRequest } from '../protocol/message.js'
import { type ClientWatchTable, WATCH_TABLES, type ZKWatchManager } from './zk-watch-manager.js'

/** Bytes of one batch, as in the Java client; a larger request could be over a server's limit, and the client would never get in again. */
export const MAX_BATCH_BYTES: number = 128 * 1024
/** What a batch has beside its paths: header, zxid and five lengths, rounded up. */
const FIXED_BYTES = 64
/** The length before a path. */
const LENGTH_BYTES = 4

type Batch = Record<ClientWatchTable, string[]>

/** All watches of the client, in the order data, exist, child, persistent, recursive. No request has more than `maxBytes`. */
export function setWatchesRequests(
  watches: ZKWatchManager,
  relativeZxid: number,
  maxBytes: number,
): SetWatchesRequest[] {
  const room = Math.min(maxBytes, MAX_BATCH_BYTES) - FIXED_BYTES
  const batches: Batch[] = []
  let bytes = room
  for (const table of WATCH_TABLES) {
    for (const path of watches.paths(table)) {
      const length = LENGTH_BYTES + utf8Length(path)
      // A path that is larger than a batch goes alone.
      if (bytes + length > room) {
        batches.push({ data: [], exist: [], child: [], persistent: [], recursive: [] })
        bytes = 0
      }
      bytes += length
      batches.at(-1)?.[table].push(path)
    }
  }
  return batches.map(({ data, exist, child, persistent, recursive }) => ({
    type: 'setWatches',
    relativeZxid,
    dataWatches: data,
    existWatches: exist,
    childWatches: child,
    persistentWatches: persistent,
    persistentRecursiveWatches: recursive,
  }))
}

/** Bytes of a path in UTF-8; there are no surrogates in paths. */
function utf8Length(path: string): number {
  let bytes = path.length
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1
  }
  return bytes
}
