/**
 * What a listener has done, as the four-letter words and the `served` figures of an endpoint show it: the sum over its open
 * connections and those that are gone. Kept by Endpoint.
 */
import { arch, type as osType } from 'node:os'
import { monotonicMs } from '../base/platform.js'
import type { EmbeddedZooKeeper } from '../embedded-zookeeper.js'
import { type LastRequest, Latency } from '../transport/cnxn-meter.js'
import type { WireLimits } from '../transport/wire-limits.js'
import { DEFAULT_TRACE_MASK, type FourLetterCnxn, type FourLetterFacts } from './four-letter-reports.js'
import type { TcpCnxn } from './tcp-cnxn.js'
import { VERSION } from './version.js'

/** What an endpoint has served since it was opened. */
export interface ServedFigures {
  /** All that came, refused ones among them, whether or not they became sessions. */
  readonly connections: number
  /** Handshakes and pings included. */
  readonly requests: number
  readonly replies: number
  readonly notifications: number
  /** Connections that were closed at once because there were too many. */
  readonly refusedConnections: number
  /** Connections that were closed because they did not read what was sent to them. */
  readonly slowReaders: number
  /** Connections that were closed because they did not speak the protocol. */
  readonly badConnections: number
}

/** The real server's names of what a connection was last asked. */
const OPERATION_NAMES: Readonly<Record<NonNullable<LastRequest>, string>> = {
  connect: 'SESS',
  ping: 'PING',
  closeSession: 'CLOS',
  create: 'CREA',
  create2: 'CREA',
  createContainer: 'CREA',
  createTTL: 'CREA',
  delete: 'DELE',
  setData: 'SETD',
  setACL: 'SETA',
  reconfig: 'RECO',
  multi: 'MULT',
  exists: 'EXIS',
  getData: 'GETD',
  getACL: 'GETA',
  getChildren: 'GETC',
  getChildren2: 'GETC',
  getEphemerals: 'GETE',
  getAllChildrenNumber: 'GETACN',
  multiRead: 'MLTR',
  addWatch: 'ADDW',
  removeWatches: 'REMW',
  checkWatches: 'CHKW',
  setWatches: 'SETW',
  sync: 'SYNC',
  whoAmI: 'HOMI',
  auth: 'AUTH',
  sasl: 'SASL',
  malformed: 'NA',
  unknown: 'NA',
}

/** The counters of one listener. */
export class ListenerFigures {
  readonly latency: Latency = new Latency()
  readonly #startedMs: number = monotonicMs()
  #traceMask = DEFAULT_TRACE_MASK
  #connections = 0
  #refused = 0
  #gone = { received: 0, sent: 0, notifications: 0, slow: 0, bad: 0 }
  #atReset = { received: 0, sent: 0 }

  accepted(): void {
    this.#connections += 1
  }

  refused(): void {
    this.#connections += 1
    this.#refused += 1
  }

  /** A connection is gone; its figures stay. */
  closed({ meter }: TcpCnxn): void {
    const { received, sent, notifications, slow, bad } = this.#gone
    this.#gone = {
      received: received + meter.received,
      sent: sent + meter.sent,
      notifications: notifications + meter.notifications,
      slow: slow + Number(meter.isSlow),
      bad: bad + Number(meter.isBad),
    }
  }

  served(cnxns: Iterable<TcpCnxn>): ServedFigures {
    let { received, sent, notifications, slow, bad } = this.#gone
    for (const { meter } of cnxns) {
      received += meter.received
      sent += meter.sent
      notifications += meter.notifications
      slow += Number(meter.isSlow)
      bad += Number(meter.isBad)
    }
    return {
      connections: this.#connections,
      requests: received,
      replies: sent - notifications,
      notifications,
      refusedConnections: this.#refused,
      slowReaders: slow,
      badConnections: bad,
    }
  }

  /** What the four-letter words show. */
  facts(
    zoo: EmbeddedZooKeeper,
    cnxns: readonly TcpCnxn[],
    port: number,
    limits: WireLimits,
  ): FourLetterFacts {
    const { requests, replies, notifications } = this.served(cnxns)
    const sent = replies + notifications
    const nowMs = zoo.clock.nowMs()
    return {
      ...zoo.reports.timing(),
      version: VERSION,
      nodeVersion: process.versions.node,
      osName: osType(),
      osArch: arch(),
      clientPort: port,
      maxClientCnxns: Number.isFinite(limits.maxClientCnxns) ? limits.maxClientCnxns : 0,
      uptimeMs: monotonicMs() - this.#startedMs,
      latency: this.latency,
      received: requests - this.#atReset.received,
      sent: sent - this.#atReset.sent,
      // A request is answered in the turn in which it is read.
      outstanding: 0,
      cnxns: cnxns.map(describeCnxn),
      traceMask: this.#traceMask,
      reports: zoo.reports,
      deadlineMsOf: (sessionId) => nowMs + zoo.reports.expiresInMs(sessionId),
      setTraceMask: (mask) => {
        this.#traceMask = mask
      },
      resetStats: () => {
        this.latency.reset()
        this.#atReset = { received: requests, sent }
      },
      resetConnectionStats: () => {
        for (const { meter } of cnxns) meter.reset()
      },
    }
  }
}

function describeCnxn({ meter, remoteAddress, remotePort }: TcpCnxn): FourLetterCnxn {
  return {
    remoteAddress,
    remotePort,
    sessionId: meter.sessionId,
    timeoutMs: meter.timeoutMs,
    received: meter.receivedSinceReset,
    sent: meter.sentSinceReset,
    outstanding: 0,
    lastOperation: meter.lastRequest === undefined ? 'NA' : OPERATION_NAMES[meter.lastRequest],
    lastXid: meter.lastXid,
    lastZxid: BigInt(meter.lastZxid),
    lastResponseMs: meter.lastReplyMs,
    lastLatencyMs: meter.lastLatencyMs,
    latency: meter.latency,
    establishedMs: meter.establishedMs,
  }
}
