/**
 * The texts of the four-letter words, in the words, order and punctuation of ZooKeeper 3.8.0 as captured from one; pure.
 * What does not exist here, such as directories and file descriptors, has no line, rather than a made-up one.
 * Called by the table in four-letter-words.ts only.
 */
import { addTo } from '../base/set-map.js'
import type { EmbeddedZooKeeper } from '../embedded-zookeeper.js'

type Reports = EmbeddedZooKeeper['reports']

/** How long the requests took that were replied to, from the arrival of each to its reply. With a count of 0 the rest is not read. */
export interface LatencyFigures {
  readonly count: number
  readonly totalMs: number
  readonly minMs: number
  readonly maxMs: number
}

/** One connection, as `cons`, `stat` and `dump` list it. Its start is before the handshake; `crst` takes its figures back there. */
export interface FourLetterCnxn {
  /** As the ip scheme sees it: a mapped IPv4 address in its dotted form, no brackets around IPv6. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** 0n before the handshake, and for a connection that asks a word; what belongs to a session is not printed then. */
  readonly sessionId: bigint
  readonly timeoutMs: number
  /** Packets, the handshake and pings included. */
  readonly received: number
  readonly sent: number
  /** Requests without a reply. */
  readonly outstanding: number
  /** As the real server's FinalRequestProcessor calls it: SESS, PING, GETD and so on; NA at the start. */
  readonly lastOperation: string
  /** The last xid that is not negative, 0 after the handshake: a ping leaves it alone. -1 at the start. */
  readonly lastXid: number
  /** The zxid of the last reply; -1n at the start. */
  readonly lastZxid: bigint
  /** When the last reply left, on the monotonic clock, as in the real server; 0 at the start. */
  readonly lastResponseMs: number
  /** 0 at the start. */
  readonly lastLatencyMs: number
  readonly latency: LatencyFigures
  /** When it was accepted, since the epoch. */
  readonly establishedMs: number
}

/** Everything that the four-letter words read and do. The listener is asked anew for each word. */
export interface FourLetterFacts {
  /** Of this package, such as `0.1.0`. */
  readonly version: string
  /** Without the leading v, such as `20.19.4`. */
  readonly nodeVersion: string
  /** Such as `Linux`. */
  readonly osName: string
  /** Such as `x64`. */
  readonly osArch: string
  readonly clientPort: number
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** Connections from one address; 0 for no limit. */
  readonly maxClientCnxns: number
  readonly uptimeMs: number
  /** Of all connections since the start or the last `srst`. */
  readonly latency: LatencyFigures
  /** Packets of all connections since the start or the last `srst`; a word is one, and so is its answer. */
  readonly received: number
  readonly sent: number
  /** Requests of all connections without a reply. */
  readonly outstanding: number
  /** Open connections; the real server lists the one that asks, too. */
  readonly cnxns: readonly FourLetterCnxn[]
  /** What `stmk` has set; `DEFAULT_TRACE_MASK` before. Nothing is traced by it. */
  readonly traceMask: bigint
  readonly reports: Pick<Reports, 'counts' | 'sessions' | 'watchesByPath' | 'watchesBySession'>
  /** When the session expires unless it is heard of, in ms since the epoch; Infinity if there is no such time or nobody knows it. */
  deadlineMsOf(sessionId: bigint): number
  setTraceMask(mask: bigint): void
  /** Sets the latency and the packet counts of the server back to 0. */
  resetStats(): void
  /** Takes the figures of every connection back to their start: counts, last ones and latency, not `outstanding`. */
  resetConnectionStats(): void
}

/** The trace mask of a server that starts: CLIENT_REQUEST, SERVER_PACKET, SESSION and WARNING. */
export const DEFAULT_TRACE_MASK = 306n

// Monitors want digits, a dash and a date after the number: aiozk `(\d+)\.(\d+)\.(\d+)-`, Datadog `([^.]+)\.([^.]+)\.([^-]+)`,
// go-zookeeper `[A-Za-z0-9.\-]+, built on \d{4}-\d\d-\d\d \d\d:\d\d \w+`. The name and the epoch tell people that this is no release.
const IMITATED_VERSION = '3.9.0-zoolet'
const BUILT_ON = '1970-01-01 00:00 UTC'

const STANDALONE = 'standalone'

/** The answer to `conf`: no directories, as there are none. */
export function confReport(facts: FourLetterFacts): string {
  return pairs('=', [
    ['clientPort', facts.clientPort],
    ['tickTime', facts.tickTimeMs],
    ['maxClientCnxns', facts.maxClientCnxns],
    ['minSessionTimeout', facts.minSessionTimeoutMs],
    ['maxSessionTimeout', facts.maxSessionTimeoutMs],
    ['serverId', 0],
  ])
}

/** The answer to `envi`: the version, which clients such as kazoo ask for. */
export function enviReport(facts: FourLetterFacts): string {
  // Security: whoever reaches the port may ask. The real server tells its paths, host, user and memory; this one tells nothing
  // that helps to break in or to find out on whose machine it runs.
  const entries = pairs('=', [
    ['zookeeper.version', fullVersion(facts)],
    ['node.version', facts.nodeVersion],
    ['os.name', facts.osName],
    ['os.arch', facts.osArch],
  ])
  return `Environment:\n${entries}`
}

/** The answer to `srvr`: the server in nine lines. */
export function srvrReport(facts: FourLetterFacts): string {
  return versionLine(facts) + serverLines(facts)
}

/** The answer to `stat`: `srvr` with the connections in it. */
export function statReport(facts: FourLetterFacts): string {
  const clients = facts.cnxns.map((cnxn) => `${trafficOf(cnxn)})\n`).join('')
  return `${versionLine(facts)}Clients:\n${clients}\n${serverLines(facts)}`
}

/** The answer to `mntr`: the figures for monitors, by the real server's keys and in its order. */
export function mntrReport(facts: FourLetterFacts): string {
  const { minMs, avgMs, maxMs } = printed(facts.latency)
  const counts = facts.reports.counts()
  return pairs('\t', [
    ['zk_version', fullVersion(facts)],
    ['zk_server_state', STANDALONE],
    ['zk_ephemerals_count', counts.ephemerals],
    ['zk_num_alive_connections', facts.cnxns.length],
    ['zk_avg_latency', decimal(avgMs)],
    ['zk_outstanding_requests', facts.outstanding],
    ['zk_znode_count', counts.znodes],
    ['zk_global_sessions', counts.sessions],
    ['zk_packets_sent', facts.sent],
    ['zk_packets_received', facts.received],
    ['zk_watch_count', counts.watches],
    ['zk_min_latency', minMs],
    // The real server counts the characters of the paths in as well.
    ['zk_approximate_data_size', counts.dataBytes],
    ['zk_uptime', whole(facts.uptimeMs)],
    ['zk_max_latency', maxMs],
  ])
}

/** The answer to `cons`: everything about each connection, then an empty line. */
export function consReport({ cnxns }: FourLetterFacts): string {
  return `${cnxns.map((cnxn) => `${trafficOf(cnxn)}${sessionOf(cnxn)})\n`).join('')}\n`
}

/** The answer to `dump`: deadlines of sessions, their ephemerals, deadlines of connections. */
export function dumpReport(facts: FourLetterFacts): string {
  const sessions = facts.reports.sessions()
  const owners = sessions.filter(({ ephemerals }) => ephemerals.length > 0)
  return [
    'SessionTracker dump:\n',
    `Session ${deadlineSets(sessions, { deadlineMsOf: ({ id }) => facts.deadlineMsOf(id), show: ({ id }) => hex(id) })}`,
    'ephemeral nodes dump:\n',
    `Sessions with Ephemerals (${owners.length}):\n`,
    ...owners.map(({ id, ephemerals }) => `${hex(id)}:\n${indented(ephemerals)}`),
    'Connections dump:\n',
    // A connection is given up with its session.
    `Connections ${deadlineSets(facts.cnxns, {
      deadlineMsOf: ({ sessionId }) =>
        sessionId === 0n ? Number.POSITIVE_INFINITY : facts.deadlineMsOf(sessionId),
      show: (cnxn) => `ip: ${addressOf(cnxn)} sessionId: ${hex(cnxn.sessionId)}`,
    })}`,
  ].join('')
}

/** The answer to `wchs`: how many watches there are. Like `wchc` and `wchp` it knows of the data table only, while `mntr` counts both. */
export function wchsReport({ reports }: FourLetterFacts): string {
  const paths = ofDataTable(reports.watchesByPath())
  const connections = ofDataTable(reports.watchesBySession()).length
  const total = paths.reduce((sum, [, watches]) => sum + watches.length, 0)
  return `${connections} connections watching ${paths.length} paths\nTotal watches:${total}\n`
}

/** The answer to `wchc`: the watched paths of each session, then an empty line. */
export function wchcReport({ reports }: FourLetterFacts): string {
  const sessions = ofDataTable(reports.watchesBySession())
  return `${sessions.map(([id, watches]) => `${hex(id)}\n${indented(watches.map(({ path }) => path))}`).join('')}\n`
}

/** The answer to `wchp`: the watching sessions of each path, then an empty line. */
export function wchpReport({ reports }: FourLetterFacts): string {
  const paths = ofDataTable(reports.watchesByPath())
  return `${paths.map(([path, watches]) => `${path}\n${indented(watches.map(({ sessionId }) => hex(sessionId)))}`).join('')}\n`
}

function versionLine(facts: FourLetterFacts): string {
  return `Zookeeper version: ${fullVersion(facts)}\n`
}

function fullVersion({ version }: FourLetterFacts): string {
  return `${IMITATED_VERSION}-${version}, built on ${BUILT_ON}`
}

function serverLines(facts: FourLetterFacts): string {
  const { minMs, avgMs, maxMs } = printed(facts.latency)
  const counts = facts.reports.counts()
  return pairs(': ', [
    ['Latency min/avg/max', `${minMs}/${decimal(avgMs)}/${maxMs}`],
    ['Received', facts.received],
    ['Sent', facts.sent],
    ['Connections', facts.cnxns.length],
    ['Outstanding', facts.outstanding],
    ['Zxid', hex(counts.zxid)],
    ['Mode', STANDALONE],
    ['Node count', counts.znodes],
  ])
}

// The real server's digit in brackets is the selector's interest: 1 means that it reads.
function trafficOf(cnxn: FourLetterCnxn): string {
  const { outstanding, received, sent } = cnxn
  return ` ${addressOf(cnxn)}[1](queued=${outstanding},recved=${received},sent=${sent}`
}

function sessionOf(cnxn: FourLetterCnxn): string {
  if (cnxn.sessionId === 0n) return ''
  const { minMs, avgMs, maxMs } = printed(cnxn.latency)
  const lastXid = cnxn.lastXid < 0 ? [] : [`lcxid=${hex(BigInt(cnxn.lastXid))}`]
  const fields = [
    `sid=${hex(cnxn.sessionId)}`,
    `lop=${cnxn.lastOperation}`,
    `est=${whole(cnxn.establishedMs)}`,
    `to=${cnxn.timeoutMs}`,
    ...lastXid,
    `lzxid=${hex(cnxn.lastZxid)}`,
    `lresp=${whole(cnxn.lastResponseMs)}`,
    `llat=${whole(cnxn.lastLatencyMs)}`,
    `minlat=${minMs}`,
    `avglat=${whole(avgMs)}`,
    `maxlat=${maxMs}`,
  ]
  return `,${fields.join(',')}`
}

function addressOf({ remoteAddress, remotePort }: FourLetterCnxn): string {
  const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress
  return `/${host}:${remotePort}`
}

function ofDataTable<K, W extends { readonly table: string }>(
  watches: ReadonlyMap<K, readonly W[]>,
): (readonly [K, readonly W[]])[] {
  return Array.from(
    watches,
    ([key, all]) => [key, all.filter(({ table }) => table === 'data')] as const,
  ).filter(([, ofData]) => ofData.length > 0)
}

interface Listing<T> {
  readonly deadlineMsOf: (item: T) => number
  readonly show: (item: T) => string
}

function deadlineSets<T>(items: readonly T[], { deadlineMsOf, show }: Listing<T>): string {
  const sets = new Map<number, Set<T>>()
  for (const item of items) addTo(sets, deadlineMsOf(item), item)
  const lines = [...sets]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([dueMs, due]) => `${due.size} expire at ${dateOf(dueMs)}:\n${indented(Array.from(due, show))}`)
  return `Sets (${sets.size})/(${items.length}):\n${lines.join('')}`
}

/** As Java prints a Date, but always in UTC: the time zone is nobody's business. */
function dateOf(timeMs: number): string {
  if (timeMs === Number.POSITIVE_INFINITY) return 'no set time'
  const utc = new Date(timeMs).toUTCString()
  return utc.replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 UTC $4')
}

function pairs(separator: string, entries: readonly (readonly [string, string | number])[]): string {
  return entries.map(([key, value]) => `${key}${separator}${value}\n`).join('')
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `\t${line}\n`).join('')
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`
}

function printed({
  count,
  totalMs,
  minMs,
  maxMs,
}: LatencyFigures): Record<'minMs' | 'avgMs' | 'maxMs', number> {
  if (count === 0) return { minMs: 0, avgMs: 0, maxMs: 0 }
  return { minMs: whole(minMs), avgMs: totalMs / count, maxMs: whole(maxMs) }
}

/** As Java prints a double of at most four decimals: with one digit after the point at least. */
function decimal(value: number): string {
  const rounded = Number(value.toFixed(4))
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded)
}

function whole(value: number): number {
  return Math.trunc(value)
}
