/**
 * Horizon: what the order of the notes says about when a transaction can have happened. What was heard before a moment had happened
 * before it; what was sent after a moment happened later. Both are answered in O(log n) by binary search.
 */
import type { Exchange, History, Thread } from './history.js'
import { isWrite } from './requests.js'

/** Zxids at the places of one order. */
interface Marks {
  readonly places: readonly number[]
  readonly zxids: readonly number[]
}

/** One history's. */
export class Horizon {
  readonly #heard: Marks
  readonly #sent: Marks

  constructor({ threads }: History) {
    const answered = threads.flatMap(({ exchanges }) => exchanges.filter(({ reply }) => reply !== undefined))
    this.#heard = running(answered, {
      place: ({ heardAt }) => heardAt,
      better: (a, b) => Math.max(a, b),
      start: 0,
    })
    const writes = answered.filter(isWrite)
    const reversed = running(writes, {
      place: ({ sentAt }) => -sentAt,
      better: (a, b) => Math.min(a, b),
      start: Number.POSITIVE_INFINITY,
    })
    this.#sent = reversed
  }

  /** The highest zxid that anybody had heard of before this place: what began here has a later one. */
  seenBefore(place: number): number {
    return lastBelow(this.#heard, place) ?? 0
  }

  /** The lowest zxid of a write that was sent after this place: what was over here has an earlier one. */
  writtenAfter(place: number): number {
    return lastBelow(this.#sent, -place) ?? Number.POSITIVE_INFINITY
  }
}

/** The zxid of the last answer of a connection; 0 if there was none. */
export function lastZxidOf({ exchanges }: Thread): number {
  return exchanges.reduce((highest, { reply }) => Math.max(highest, reply?.zxid ?? 0), 0)
}

function running(
  exchanges: readonly Exchange[],
  by: {
    readonly place: (exchange: Exchange) => number
    readonly better: (a: number, b: number) => number
    readonly start: number
  },
): Marks {
  const marks = exchanges.flatMap((exchange) => {
    const zxid = exchange.reply?.zxid ?? 0
    return zxid > 0 ? [{ place: by.place(exchange), zxid }] : []
  })
  marks.sort((a, b) => a.place - b.place)
  let best = by.start
  const zxids = marks.map(({ zxid }) => {
    best = by.better(best, zxid)
    return best
  })
  return { places: marks.map(({ place }) => place), zxids }
}

function lastBelow({ places, zxids }: Marks, place: number): number | undefined {
  let [from, until] = [0, places.length]
  while (from < until) {
    const middle = (from + until) >> 1
    if ((places[middle] ?? 0) < place) from = middle + 1
    else until = middle
  }
  return zxids[from - 1]
}
