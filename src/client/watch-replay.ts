/** What a client sends after it is connected again, so that the server has its watches anew: in batches, none too large. */
import type { SetWatchesRequest } from '../protocol/message.js'
import { type ClientWatchTable, WATCH_TABLES, type ZKWatchManager } from './zk-watch-manager.js'

/** Characters of paths in one batch; a larger request could be over a server's limit, and the client would never get in again. */
export const MAX_BATCH_CHARACTERS: number = 128 * 1024

type Batch = Record<ClientWatchTable, string[]>

/** All watches of the client, in the order data, exist, child, persistent, recursive. */
export function setWatchesRequests(watches: ZKWatchManager, relativeZxid: number): SetWatchesRequest[] {
  const batches: Batch[] = []
  let characters = MAX_BATCH_CHARACTERS
  for (const table of WATCH_TABLES) {
    for (const path of watches.paths(table)) {
      if (characters + path.length > MAX_BATCH_CHARACTERS) {
        batches.push({ data: [], exist: [], child: [], persistent: [], recursive: [] })
        characters = 0
      }
      characters += path.length
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
