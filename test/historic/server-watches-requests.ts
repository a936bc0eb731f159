/** What the tests of the server's watches share: requests that arm, all frames of a peer with their zxids, and the state of the watch tables. */
import { type EmbeddedZooKeeper, WatcherType } from '../../src/index.js'
import { readNotification, readReplyHeader } from '../../src/protocol/codec.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { Request, SetWatchesRequest } from '../../src/protocol/message.js'
import { NOTIFICATION_XID } from '../../src/protocol/xid.js'
import { brokenInServer } from '../property/invariants.js'
import { read } from '../semantics/fixture.js'
import { type WatchKind, watchLines } from '../semantics/watches/trigger-matrix.js'
import type { Peer } from '../transport/fake-link.js'

/** Every type that a removal can name. */
export const WATCHER_TYPES: readonly WatcherType[] = Object.keys(WatcherType).filter(
  (name): name is WatcherType => Object.hasOwn(WatcherType, name),
)

/** The request that leaves a watch of this kind. */
export function armRequest(kind: WatchKind, path: string): Request {
  switch (kind) {
    case 'data':
      return read('getData', path, true)
    case 'exists':
      return read('exists', path, true)
    case 'child':
      return read('getChildren2', path, true)
    case 'persistent':
      return { type: 'addWatch', path, mode: 'PERSISTENT' }
    case 'recursive':
      return { type: 'addWatch', path, mode: 'PERSISTENT_RECURSIVE' }
  }
}

/** A setWatches with some lists; the others are empty. */
export function setWatches(fields: Partial<SetWatchesRequest>): SetWatchesRequest {
  return {
    type: 'setWatches',
    relativeZxid: 0,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
    ...fields,
  }
}

/** One frame that a peer was sent: an event if the type is there, else a reply. */
export interface HeardFrame {
  readonly xid: number
  readonly zxid: number
  readonly event?: string
}

/** The frames that came to a peer since the last time. */
export function takeHeardFrames(peer: Peer): HeardFrame[] {
  return peer.takeFrames().map((frame) => {
    const input = new JuteReader(frame)
    const header = readReplyHeader(input)
    if (header.xid !== NOTIFICATION_XID) return { xid: header.xid, zxid: header.zxid }
    const { type, path, zxid } = readNotification(input, header)
    return { xid: header.xid, zxid, event: `${type} ${path}` }
  })
}

/** The id and the password of a peer's session. */
export function sessionOf({ session }: Peer): { readonly sessionId: bigint; readonly password: Uint8Array } {
  if (session === undefined) throw new Error('the peer has no session')
  return { sessionId: session.sessionId, password: session.password }
}

/** What the tables hold, how many entries they count, and what is wrong with them. */
export function tablesOf(zoo: EmbeddedZooKeeper): {
  readonly lines: readonly string[]
  readonly count: number
  readonly broken: readonly string[]
} {
  const { reports } = zoo
  return { lines: watchLines(zoo), count: reports.counts().watches, broken: brokenInServer(reports) }
}

/** Tables without a watch, and in order. */
export const EMPTY_TABLES: Readonly<ReturnType<typeof tablesOf>> = { lines: [], count: 0, broken: [] }
