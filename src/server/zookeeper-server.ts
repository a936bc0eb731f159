/**
 * ZooKeeperServer: one tree, its watches and its sessions, and the turn in which everything happens.
 * Invariant: one request runs at a time, from decision to reply; what arrives meanwhile waits for the end of the turn (law 2).
 * It keeps one timer, and only while a session or a sweep has something due (law 5).
 */
import Denque from 'denque'
import { copyBytes } from '../base/bytes.js'
import type { Clock, Timer } from '../base/clock.js'
import { IdPool } from '../base/id-pool.js'
import type { Telling } from '../base/tap.js'
import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import type { KnownPaths } from '../protocol/known-paths.js'
import { LentData } from '../protocol/lent-data.js'
import type { ConnectRequest, Request, Response } from '../protocol/message.js'
import type { Intake, ServerEnd } from '../transport/transport.js'
import type { VersionTraits } from './compatibility.js'
import { DataTree } from './data-tree.js'
import { type Dump, dumpTree, loadOps } from './dump.js'
import { FinalRequestProcessor, type SessionEnder } from './final-request-processor.js'
import { copyRequest, type ServerInspectionEvent } from './inspection.js'
import type { Limits } from './limits.js'
import { PrepRequestProcessor } from './prep-request-processor.js'
import { Quota } from './quota.js'
import { Reads } from './reads.js'
import { Reports } from './reports.js'
import { type CnxnServer, ServerCnxn } from './server-cnxn.js'
import { PASSWORD_BYTES, type Session, SessionTracker } from './session-tracker.js'
import { restoreSnapshot, type Snapshot, takeSnapshot } from './snapshot.js'
import { checkSnapshot } from './snapshot-check.js'
import { findSweepable, type SweepOptions } from './sweep.js'
import type { TxnBody } from './txn.js'
import { Watches } from './watches.js'

/** Everything that a server is made with. */
export interface ZooKeeperServerOptions extends SweepOptions {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  readonly hasLazyPasswords: boolean
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly limits: Limits
  readonly superDigest: string | undefined
  readonly enforceQuota: boolean
  readonly ttlNodes: boolean
  readonly containerCheckIntervalMs: number
  readonly snapshot: Snapshot | undefined
  readonly traits: VersionTraits
  readonly knownPaths: KnownPaths
  readonly tap: ServerTap
  /** Takes what transports and injected parts throw. */
  readonly failed: (error: unknown) => void
  /** Runs a callback after the event loop had its turn. */
  readonly later: (callback: () => void) => void
}

/** Where the server tells what goes on: held while a transaction is half done. */
export interface ServerTap extends Telling<ServerInspectionEvent> {
  hold(): void
  release(): void
}

/** Turns that follow each other without the event loop having one. */
const MAX_TURNS_IN_A_ROW = 1000
/**
 * A timer that is later than this tells of a process that stood still (a debugger, a suspended machine, long work of its host).
 * The time by which it is late is given back once, lest clients that are well expire before their pings are read.
 */
const LATE_MS = 100
/** Sessions and their ephemerals that end before the event loop has its turn. */
const DELETIONS_A_TURN = 1000
const NEVER = Number.POSITIVE_INFINITY
const NO_ZXID = -1
const SUPERUSER = { sessionId: 0n, ids: [{ scheme: 'super', id: '' }] } as const

/** A server without a transport: `attach` brings it connections. */
export class ZooKeeperServer implements CnxnServer, SessionEnder {
  readonly #options: ZooKeeperServerOptions
  readonly #tree: DataTree = new DataTree()
  readonly #watches: Watches
  readonly #tracker: SessionTracker
  readonly #prep: PrepRequestProcessor
  readonly #final: FinalRequestProcessor
  readonly #cnxnIds = new IdPool()
  readonly #cnxns = new Set<ServerCnxn>()
  readonly #waiting = new Denque<() => void>()
  /** Sessions whose time is up, and whose turn has not come. */
  readonly #over = new Denque<Session>()
  readonly #tap: ServerTap
  readonly #startMs: number
  #isInTurn = false
  #isClosed = false
  #timer: Timer | undefined
  #timerDueMs = NEVER
  #sweepDueMs = NEVER
  /** Until then nothing is due: this process stood still, and has yet to read what came in meanwhile. */
  #notBeforeMs = 0
  /** When that was found out last: what was due by then has had its time given back. */
  #stoodStillMs = 0
  /** What the bytes of a request that has to wait are copied with. */
  readonly #lent = new LentData()
  /** Shows what there is. */
  readonly reports: Reports

  constructor(options: ZooKeeperServerOptions) {
    const { tap, snapshot } = options
    const tree = this.#tree
    const watches = new Watches(options.limits, tap, options.traits)
    const quota = new Quota(tree, options)
    const reads = new Reads(tree, watches, options)
    this.#options = options
    this.#startMs = options.clock.monotonicMs()
    this.#tap = tap
    this.#watches = watches
    this.#tracker = new SessionTracker(options)
    this.reports = new Reports(tree, watches, this.#tracker)
    this.#final = new FinalRequestProcessor({ tree, watches, quota, reads, sessions: this, tap })
    this.#prep = new PrepRequestProcessor(tree, quota, options, this.#final)
    if (snapshot === undefined) return
    checkSnapshot(snapshot)
    restoreSnapshot(snapshot, tree, this.#tracker)
    quota.restore()
    this.#rearm()
  }

  /** Takes in a connection of any transport; what arrives on it goes into the result. */
  attach(end: ServerEnd): Intake {
    const cnxn = new ServerCnxn(this.#cnxnIds.take(), this, end, this.#tap)
    this.#cnxns.add(cnxn)
    if (this.#isClosed) cnxn.close()
    return cnxn
  }

  openSession(cnxn: ServerCnxn, request: ConnectRequest): void {
    const own = this.#isInTurn ? { ...request, password: copyBytes(request.password) } : request
    this.#inTurn(() => {
      try {
        this.#openSession(cnxn, own)
      } catch (error) {
        cnxn.fail(error)
      }
    })
  }

  submit(cnxn: ServerCnxn, xid: number, request: Request): void {
    if (this.#isInTurn) {
      const own = this.#lent.own(request)
      this.#waiting.push(() => this.#process(cnxn, xid, own))
      return
    }
    this.#beginTurn()
    this.#process(cnxn, xid, request)
    this.#endTurn()
  }

  /** The shortest way through a turn, for a client that waits for it in the same process. */
  ask(cnxn: ServerCnxn, request: Request): Response | Code | undefined {
    if (this.#isInTurn || this.#tap.isOpen || cnxn.session === undefined) return undefined
    this.#isInTurn = true
    const outcome = this.#answer(cnxn, request)
    // Whoever waits has a turn after the answer, which is given when this returns.
    if (this.#waiting.isEmpty()) this.#rest()
    else this.#options.later(this.#endTurn)
    // What breaks the connection takes the reply along.
    return cnxn.isClosed ? 'CONNECTIONLOSS' : outcome
  }

  get lastZxid(): number {
    return this.#tree.lastZxid
  }

  /** Whether there is a znode at the path, which then is a valid one. */
  hasNode(path: string): boolean {
    return this.#tree.has(path)
  }

  heard({ session }: ServerCnxn): void {
    if (session !== undefined && this.#tracker.find(session.id) === session) this.#tracker.touch(session)
  }

  cnxnClosed(cnxn: ServerCnxn): void {
    // Part of the turn that closes it, or a turn of its own.
    if (this.#isInTurn) this.#drop(cnxn)
    else this.#inTurn(() => this.#drop(cnxn))
  }

  cnxnFailed(error: unknown): void {
    this.#options.failed(error)
  }

  sessionClosed(sessionId: bigint): void {
    const session = this.#tracker.find(sessionId)
    if (session !== undefined) this.#forget(session, 'sessionClosed')
  }

  /** Ends a session now, as if its time were up. False if there is none. */
  expire(sessionId: bigint): boolean {
    const session = this.#tracker.find(sessionId)
    if (session !== undefined) this.#inTurn(() => this.#expire(session))
    return session !== undefined
  }

  /** Cuts the connection of a session, if it has one; the session lives on. */
  cut(sessionId: bigint): void {
    this.#tracker.find(sessionId)?.cnxn?.close()
  }

  /** A copy of the whole state. */
  snapshot(): Snapshot {
    return takeSnapshot(this.#tree, this.#tracker)
  }

  /** The data of all znodes of users. */
  dump(): Dump {
    return dumpTree(this.#tree)
  }

  /** Creates or sets every path of the dump in one transaction, past all ACLs. @throws TypeError, KeeperException; then nothing is changed */
  load(dump: Dump): void {
    if (this.#isInTurn)
      throw new TypeError('load() cannot be called by an inspection listener: call it later')
    if (this.#isClosed) throw new KeeperException('SESSIONEXPIRED')
    const ops = loadOps(dump, this.#tree)
    const body = this.#prep.decideMulti({ type: 'multi', ops }, SUPERUSER)
    if (body.type === 'failedMulti') throw new KeeperException(body.code, ops[body.failedIndex]?.path)
    this.#inTurn(() => this.#commit(body))
  }

  /** Whether sessions whose time is up have yet to end, or requests wait for their turn. */
  get isBusy(): boolean {
    return this.#over.length + this.#waiting.length > 0
  }

  /** Ends all connections; nothing is served any more. */
  close(): void {
    this.#isClosed = true
    this.#over.clear()
    for (const cnxn of [...this.#cnxns]) cnxn.close()
    this.#rearm()
  }

  /** What breaks here is a bug, of ours or of an injected part; it costs the one connection and no other request. */
  #process(cnxn: ServerCnxn, xid: number, request: Request): void {
    const { session } = cnxn
    if (cnxn.isClosed) return
    // A session whose time is up ends as soon as its turn comes; nothing is done for it any more.
    if (session === undefined || session.isOver) return cnxn.close()
    // A claim of identity is no sign of life on the real server either, and the reply to it says nothing about the tree.
    const isClaim = request.type === 'auth' || request.type === 'sasl'
    if (!cnxn.isLocal && !isClaim) this.#tracker.touch(session)
    if (this.#tap.isOpen)
      this.#tap.tell({ kind: 'request', sessionId: session.id, xid, request: copyRequest(request) })
    // The client speaks another protocol, or a later one: nothing that follows can be trusted.
    const isUnknown = request.type === 'unknown'
    const answer = isUnknown ? 'UNIMPLEMENTED' : this.#answer(cnxn, request)
    cnxn.sendReply(xid, isUnknown ? NO_ZXID : isClaim ? 0 : this.#tree.lastZxid, answer)
    if (isUnknown || request.type === 'closeSession' || answer === 'AUTHFAILED') cnxn.close()
  }

  #answer(cnxn: ServerCnxn, request: Request): Response | Code {
    try {
      return this.#prep.processRequest(cnxn, request)
    } catch (error) {
      cnxn.fail(error)
      return 'SYSTEMERROR'
    }
  }

  #drop(cnxn: ServerCnxn): void {
    this.#cnxns.delete(cnxn)
    this.#watches.removeWatcher(cnxn)
    this.#cnxnIds.release(cnxn.id)
    const { session } = cnxn
    if (session?.cnxn !== cnxn) return
    session.cnxn = undefined
    if (this.#tracker.find(session.id) === undefined) return
    // A remote client's time runs from the last sign of life; a local one was alive until now.
    if (cnxn.isLocal) this.#tracker.touch(session)
    if (this.#tap.isOpen) this.#tap.tell({ kind: 'disconnected', sessionId: session.id })
    this.#rearm()
  }

  #openSession(cnxn: ServerCnxn, request: ConnectRequest): void {
    if (cnxn.isClosed) return
    if (cnxn.session !== undefined) return cnxn.close()
    const { sessionId, password, timeoutMs, lastZxidSeen } = request
    const known = sessionId === 0n ? undefined : this.#tracker.findWithPassword(sessionId, password)
    // First of all: a stranger must not cut off the owner (D1), and a client of a server that has started anew has to learn that its
    // session is over, whatever zxid it has seen (D48).
    if (sessionId !== 0n && known === undefined) return this.#refuse(cnxn)
    // A client that has seen more than this server knows must not be shown an older state.
    if (lastZxidSeen > this.#tree.lastZxid) return cnxn.close()
    if (known !== undefined) return this.#resumeSession(cnxn, known, timeoutMs)
    if (this.#tracker.size >= this.#options.limits.maxSessions) return cnxn.close('QUOTAEXCEEDED')
    const session = this.#tracker.open(timeoutMs)
    try {
      this.#commit({ type: 'createSession', sessionId: session.id, timeoutMs: session.timeoutMs })
    } catch (error) {
      this.#tracker.remove(session)
      throw error
    }
    this.#bind(cnxn, session, false)
  }

  #resumeSession(cnxn: ServerCnxn, session: Session, timeoutMs: number): void {
    session.cnxn?.close()
    session.timeoutMs = this.#tracker.negotiate(timeoutMs)
    this.#bind(cnxn, session, true)
  }

  /** Tells a client that its session is over. */
  #refuse(cnxn: ServerCnxn): void {
    cnxn.sendConnected({ timeoutMs: 0, sessionId: 0n, password: new Uint8Array(PASSWORD_BYTES) })
    cnxn.close()
  }

  #bind(cnxn: ServerCnxn, session: Session, isResumed: boolean): void {
    session.cnxn = cnxn
    cnxn.session = session
    if (cnxn.isLocal) this.#tracker.vouchFor(session)
    else this.#tracker.touch(session)
    const { id, timeoutMs } = session
    if (this.#tap.isOpen) this.#tap.tell({ kind: 'sessionOpened', sessionId: id, timeoutMs, isResumed })
    const response = {
      timeoutMs,
      sessionId: id,
      get password() {
        return session.password
      },
    }
    cnxn.sendConnected(response)
    this.#rearm()
  }

  #expire(session: Session): void {
    if (this.#tracker.find(session.id) !== session) return
    const ephemerals = [...this.#tree.owned.ephemeralsOf(session.id)]
    this.#commit({ type: 'closeSession', sessionId: session.id, ephemerals })
    this.#forget(session, 'sessionExpired')
    session.cnxn?.close()
  }

  #forget(session: Session, kind: 'sessionClosed' | 'sessionExpired'): void {
    this.#tracker.remove(session)
    if (this.#tap.isOpen) this.#tap.tell({ kind, sessionId: session.id })
    this.#rearm()
  }

  #commit(body: TxnBody): void {
    this.#final.apply(this.#prep.stamp(body))
  }

  #inTurn(work: () => void): void {
    if (this.#isInTurn) {
      this.#waiting.push(work)
      return
    }
    this.#beginTurn()
    this.#attempt(work)
    this.#endTurn()
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#options.failed(error)
    }
  }

  #beginTurn(): void {
    this.#isInTurn = true
    this.#tap.hold()
  }

  /**
   * Listeners hear of the whole turn while it still is one; then whatever waited gets turns of its own. A listener that answers
   * each event with a request would go on for ever, so after many turns in a row the event loop goes first.
   */
  readonly #endTurn = (): void => {
    this.#tap.release()
    for (let turns = 0; this.#waiting.length > 0; turns++) {
      if (turns === MAX_TURNS_IN_A_ROW) return this.#options.later(this.#endTurn)
      this.#tap.hold()
      this.#attempt(this.#waiting.shift() ?? nothing)
      this.#tap.release()
    }
    this.#rest()
  }

  #rest(): void {
    this.#isInTurn = false
    if (this.#tree.owned.needsSweep !== this.#sweepDueMs < NEVER) this.#rearm()
  }

  /** Sets the timer to the earliest thing that is due, or takes it away. */
  #rearm(): void {
    const { clock } = this.#options
    const dueMs = this.#isClosed ? NEVER : this.#nextDueMs()
    if (dueMs === this.#timerDueMs) return
    this.#timer?.cancel()
    this.#timerDueMs = dueMs
    if (dueMs < NEVER)
      this.#timer = clock.setBackgroundTimer(() => this.#tick(), Math.max(dueMs - clock.monotonicMs(), 0))
  }

  #nextDueMs(): number {
    if (!this.#tree.owned.needsSweep) this.#sweepDueMs = NEVER
    else if (this.#sweepDueMs === NEVER) this.#sweepDueMs = this.#nextSweepMs()
    return Math.max(Math.min(this.#tracker.nextDueMs, this.#sweepDueMs), this.#notBeforeMs)
  }

  /** Sweeps come at whole intervals after the start, as those of a server that never sleeps. */
  #nextSweepMs(): number {
    const { clock, containerCheckIntervalMs } = this.#options
    const elapsedMs = clock.monotonicMs() - this.#startMs
    return this.#startMs + (Math.floor(elapsedMs / containerCheckIntervalMs) + 1) * containerCheckIntervalMs
  }

  #tick(): void {
    const { clock } = this.#options
    const overMs = this.#giveBack(clock.monotonicMs())
    this.#timerDueMs = NEVER
    this.#expireAll(this.#tracker.takeExpired(overMs))
    if (this.#sweepDueMs <= overMs) {
      this.#sweepDueMs = NEVER
      this.#sweep(clock.nowMs())
    }
    this.#rearm()
  }

  #expireAll(due: readonly Session[]): void {
    const isUnderWay = this.#over.length > 0
    for (const session of due) this.#over.push(session)
    if (!isUnderWay) this.#expireSome()
  }

  /** If many are due at once, the event loop has its turn in between. */
  readonly #expireSome = (): void => {
    let cost = 0
    for (let session = this.#over.shift(); session !== undefined; session = this.#over.shift()) {
      const dying = session
      cost += 1 + this.#tree.owned.ephemeralsOf(dying.id).size
      this.#inTurn(() => this.#expire(dying))
      if (cost >= DELETIONS_A_TURN && this.#over.length > 0) return this.#options.later(this.#expireSome)
    }
  }

  /** Until when the time of what is due is really up: after a standstill, of what has had it given back before, lest it never ends. */
  #giveBack(nowMs: number): number {
    const lateMs = nowMs - this.#timerDueMs
    if (lateMs <= LATE_MS) return nowMs
    const givenBackMs = this.#stoodStillMs
    this.#stoodStillMs = nowMs
    this.#notBeforeMs = nowMs + lateMs
    return givenBackMs
  }

  #sweep(nowMs: number): void {
    for (const path of findSweepable(this.#tree, nowMs, this.#options)) {
      this.#inTurn(() => {
        const body = this.#prep.decideSweep(path, nowMs)
        if (body !== undefined) this.#commit(body)
      })
    }
  }
}

function nothing(): void {}
