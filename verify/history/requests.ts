/** What the checkers ask about requests: which of them change something, and which bytes they write. */
import type { Bytes, Reply, Request, SetWatchesRequest } from '../../src/protocol/message.js'
import type { Exchange, Thread } from './history.js'

const WRITES: ReadonlySet<Request['type']> = new Set([
  'create',
  'create2',
  'createContainer',
  'createTTL',
  'delete',
  'setData',
  'setACL',
  'multi',
  'closeSession',
])

/** Whether it takes a zxid. */
export function isWrite({ request }: { readonly request: Request }): boolean {
  return WRITES.has(request.type)
}

/** Whether it has a place in the order of all requests: pings say nothing. */
export function hasPlace({ request }: Exchange): boolean {
  return request.type !== 'ping' && request.type !== 'auth'
}

/** Whether a connection has ended by a closeSession that was answered, or not at all: then it has heard all that there was. */
export function isComplete({ heard, isClosed }: Thread): boolean {
  if (!isClosed) return true
  return heard.some((each) => 'exchange' in each && each.exchange.request.type === 'closeSession')
}

/** The setWatches of a connection that broke before its answer came: its catch-up events can have come. */
export function lostSetWatches({ exchanges }: Thread): SetWatchesRequest | undefined {
  const first = exchanges.find((exchange) => hasPlace(exchange) && exchange.reply === undefined)
  return first?.request.type === 'setWatches' ? first.request : undefined
}

/** The texts that a request writes. */
export function writtenBy(request: Request): string[] {
  if (request.type === 'multi') return request.ops.flatMap((op) => ('data' in op ? textOf(op.data) : []))
  return 'data' in request ? textOf(request.data) : []
}

/** The texts that a reply shows, each with the zxid of the write that it comes from. */
export function shownBy({ response }: Reply): { readonly text: string; readonly zxid: number }[] {
  if (response?.type === 'data') {
    const zxid = Number(response.stat.mzxid)
    return textOf(response.data).map((text) => ({ text, zxid }))
  }
  if (response?.type !== 'readResults') return []
  return response.results.flatMap((result) =>
    result.type === 'getData'
      ? textOf(result.data).map((text) => ({ text, zxid: Number(result.stat.mzxid) }))
      : [],
  )
}

function textOf(data: Bytes): string[] {
  return data === null || data.length === 0 ? [] : [Buffer.from(data).toString('latin1')]
}
