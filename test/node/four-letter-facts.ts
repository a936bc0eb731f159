/**
 * Facts for the four-letter words: the state of the real server whose answers the tests hold. Three sessions, four data and
 * two child watches, three ephemerals, one connection that never shook hands and the one that asks.
 */
import {
  DEFAULT_TRACE_MASK,
  type FourLetterCnxn,
  type FourLetterFacts,
  type LatencyFigures,
} from '../../src/node/four-letter-reports.js'
import type { Counts, Reports, SessionReport, WatchReport } from '../../src/server/reports.js'

/** The three sessions. */
export const a = 0x10000a8d5390000n
export const b = 0x10000a8d5390001n
export const c = 0x10000a8d5390002n

/** What sets each connection apart, whatever it has done. */
export const who = {
  a: { sessionId: a, remotePort: 46682, timeoutMs: 10_000, establishedMs: 1795227447315 },
  b: { sessionId: b, remotePort: 46692, timeoutMs: 4000, establishedMs: 1795227447353 },
  c: { sessionId: c, remotePort: 46694, timeoutMs: 4000, establishedMs: 1795227447362 },
} as const

const cnxns: readonly FourLetterCnxn[] = [
  cnxn({ remotePort: 46696 }),
  cnxn({
    ...who.b,
    received: 4,
    sent: 4,
    lastOperation: 'EXIS',
    lastXid: 3,
    lastZxid: 8n,
    lastResponseMs: 11205833.2,
    lastLatencyMs: 2.7,
    latency: latency(4, 7, 0.2, 3.9),
  }),
  cnxn({
    ...who.a,
    received: 9,
    sent: 9,
    lastOperation: 'GETC',
    lastXid: 8,
    lastZxid: 8n,
    lastResponseMs: 11205838.9,
    lastLatencyMs: 1,
    latency: latency(9, 40, 0, 14),
  }),
  cnxn({ remotePort: 46708, received: 1 }),
  cnxn({
    ...who.c,
    received: 1,
    sent: 1,
    lastOperation: 'SESS',
    lastXid: 0,
    lastZxid: 3n,
    lastResponseMs: 11205786,
    lastLatencyMs: 1,
    latency: latency(1, 1, 0, 1),
  }),
]

const allSessions: readonly SessionReport[] = [
  { id: b, timeoutMs: 4000, isConnected: true, ephemerals: ['/ephb'] },
  { id: c, timeoutMs: 4000, isConnected: true, ephemerals: [] },
  { id: a, timeoutMs: 10_000, isConnected: true, ephemerals: ['/a/eph2', '/eph1'] },
]

const allWatches: readonly WatchReport[] = [
  watch(b, '/a', 'data'),
  watch(a, '/a', 'data'),
  watch(b, '/missing', 'data'),
  watch(a, '/a/b', 'data'),
  watch(a, '/a', 'child'),
  watch(a, '/', 'child'),
]

/** The facts, with some replaced, and a list of what was ordered. */
export function recorded(changes: Partial<FourLetterFacts> = {}): {
  facts: FourLetterFacts
  orders: string[]
} {
  const orders: string[] = []
  const facts: FourLetterFacts = {
    version: '0.1.0',
    nodeVersion: '20.19.4',
    osName: 'Linux',
    osArch: 'x64',
    clientPort: 56653,
    tickTimeMs: 2000,
    minSessionTimeoutMs: 4000,
    maxSessionTimeoutMs: 40_000,
    maxClientCnxns: 60,
    uptimeMs: 141828.7,
    latency: latency(0, 0, Number.POSITIVE_INFINITY, 0),
    received: 1,
    sent: 1,
    outstanding: 0,
    cnxns,
    traceMask: DEFAULT_TRACE_MASK,
    reports: reportsOf({}),
    deadlineMsOf: (id) => Date.UTC(2026, 10, 21, 2, 17, id === a ? 37 : 31),
    setTraceMask: (mask) => orders.push(`setTraceMask ${mask}`),
    resetStats: () => orders.push('resetStats'),
    resetConnectionStats: () => orders.push('resetConnectionStats'),
    ...changes,
  }
  return { facts, orders }
}

/** A connection at its start, with some figures replaced. */
export function cnxn(figures: Partial<FourLetterCnxn>): FourLetterCnxn {
  return {
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    sessionId: 0n,
    timeoutMs: 0,
    received: 0,
    sent: 0,
    outstanding: 0,
    lastOperation: 'NA',
    lastXid: -1,
    lastZxid: -1n,
    lastResponseMs: 0,
    lastLatencyMs: 0,
    latency: latency(0, 0, 0, 0),
    establishedMs: 0,
    ...figures,
  }
}

/** The figures of some latencies. */
export function latency(count: number, totalMs: number, minMs: number, maxMs: number): LatencyFigures {
  return { count, totalMs, minMs, maxMs }
}

interface State {
  readonly counts?: Partial<Counts>
  readonly sessions?: readonly SessionReport[]
  readonly watches?: readonly WatchReport[]
}

/** The reports, with some of what is in them replaced. */
export function reportsOf(state: State): Pick<Reports, keyof FourLetterFacts['reports']> {
  const { counts = {}, sessions = allSessions, watches = allWatches } = state
  return {
    counts: () => ({
      zxid: 8n,
      znodes: 10,
      ephemerals: 3,
      sessions: 3,
      watches: 6,
      dataBytes: 76,
      ...counts,
    }),
    sessions: () => [...sessions],
    watchesByPath: () => grouped(watches, ({ path }) => path),
    watchesBySession: () => grouped(watches, ({ sessionId }) => sessionId),
  }
}

/** A one-shot watch. */
export function watch(sessionId: bigint, path: string, table: 'data' | 'child'): WatchReport {
  return { sessionId, path, table, modes: ['standard'] }
}

function grouped<K>(
  watches: readonly WatchReport[],
  keyOf: (watch: WatchReport) => K,
): Map<K, WatchReport[]> {
  return new Map(watches.map((one) => [keyOf(one), watches.filter((other) => keyOf(other) === keyOf(one))]))
}
