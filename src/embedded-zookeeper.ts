/**
 * EmbeddedZooKeeper: one server and any number of in-process clients around it; the composition root. Other transports bring
 * their connections in through `attach`. It also holds what tests need: cut links, expiries, snapshots, a way to wait for rest.
 */
import { EventEmitter } from 'eventemitter3'
import { type AsyncDisposableLike, addAsyncDispose } from './base/async-dispose.js'
import type { Clock } from './base/clock.js'
import { describe } from './base/describe.js'
import type { Scheduler } from './base/scheduler.js'
import { Tap } from './base/tap.js'
import type { ClientInspectionEvent } from './client/client-inspection.js'
import { type Client, createClient, startClient, throwLater } from './client/create-client.js'
import { QuickRedial } from './client/redial.js'
import type { PathCheck } from './client/request-builder.js'
import { Turn } from './client/turn.js'
import type { ZooKeeper } from './client/zookeeper.js'
import {
  type ClientSettings,
  type ConnectOptions,
  completeClientOptions,
  completeServerOptions,
  type EmbeddedZooKeeperOptions,
} from './embedded-options.js'
import { KeeperException } from './protocol/keeper-exception.js'
import { KnownPaths } from './protocol/known-paths.js'
import type { WatchedEvent } from './protocol/watched-event.js'
import type { Dump } from './server/dump.js'
import type { ServerInspectionEvent } from './server/inspection.js'
import type { Limits } from './server/limits.js'
import type { Reports } from './server/reports.js'
import type { Snapshot } from './server/snapshot.js'
import { ZooKeeperServer } from './server/zookeeper-server.js'
import { InProcessDialer } from './transport/in-process.js'
import type { Intake, ServerEnd } from './transport/transport.js'

/** What inspection tells, of the server and of its in-process clients. */
export type InspectionEvent = ServerInspectionEvent | ClientInspectionEvent

/** What an in-process client still has to do. */
export interface PendingReport {
  readonly sessionId: bigint
  /** Calls that wait for a reply or for a connection. */
  readonly requests: number
  /** Events and outcomes that wait for the EventThread. */
  readonly deliveries: number
}

/** What an EmbeddedZooKeeper emits. */
export interface EmbeddedZooKeeperEvents {
  /** A watcher of a client without a listener of its own threw, or an inspection listener did. */
  watcherError: (error: unknown, event: WatchedEvent | undefined, zk: ZooKeeper | undefined) => void
}

interface InProcessClient extends Client {
  readonly dialer: InProcessDialer
}

/** Turns of the event loop without rest after which `settle` gives up. */
const MAX_SETTLE_TURNS = 2000

/** A ZooKeeper server inside this process. Idle, it keeps no timer and does not keep the process alive. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class EmbeddedZooKeeper extends EventEmitter<EmbeddedZooKeeperEvents> {
  readonly #server: ZooKeeperServer
  readonly #scheduler: Scheduler
  readonly #randomBytes: (length: number) => Uint8Array
  readonly #turn: Turn
  readonly #knownPaths: KnownPaths = new KnownPaths()
  /** A path that names a znode is valid, and looking for that is half of what is asked for next. */
  readonly #pathCheck: PathCheck = {
    validate: (path) => {
      if (!this.#server.hasNode(path)) this.#knownPaths.validate(path)
    },
  }
  readonly #limits: Limits
  readonly #tap: Tap<InspectionEvent>
  readonly #clients = new Map<ZooKeeper, InProcessClient>()
  readonly #ending = new Set<InProcessClient>()
  readonly #leaveClock: (() => void) | undefined
  #closing: Promise<void> | undefined
  /** The time that the server and its clients go by. */
  readonly clock: Clock

  static {
    addAsyncDispose(EmbeddedZooKeeper.prototype)
  }

  /** @throws TypeError for an unknown option, RangeError for a bad value */
  constructor(options: EmbeddedZooKeeperOptions = {}) {
    super()
    const settings = completeServerOptions(options)
    this.clock = settings.clock
    this.#scheduler = settings.scheduler
    this.#randomBytes = settings.randomBytes
    this.#limits = settings.limits
    this.#turn = new Turn(settings.scheduler)
    this.#tap = new Tap((error) => this.#surface(error))
    this.#server = new ZooKeeperServer({
      ...settings,
      knownPaths: this.#knownPaths,
      tap: this.#tap,
      failed: (error) => this.#surface(error),
      later: (callback) => settings.scheduler.macrotask(callback),
    })
    this.#leaveClock = this.clock.join?.(this)
  }

  /** Read-only views of what there is: znodes, watches, sessions. */
  get reports(): Reports {
    return this.#server.reports
  }

  /**
   * Connects a new in-process client. Resolves once it has its session, after its default watcher heard of it.
   * @throws KeeperException SESSIONEXPIRED (the session to come back to is over, or this server is closed), AUTHFAILED, QUOTAEXCEEDED (too many sessions)
   */
  async connect(options: ConnectOptions = {}): Promise<ZooKeeper> {
    const settings = completeClientOptions(options)
    if (this.#closing !== undefined) throw new KeeperException('SESSIONEXPIRED')
    const client = this.#createClient(settings)
    this.#clients.set(client.zk, client)
    return startClient(
      client,
      settings.auth.map((credential) => client.cnxn.addAuth(credential, undefined)),
    )
  }

  /** Takes in a connection of another transport. What arrives on it is handed to the result. */
  attach(end: ServerEnd): Intake {
    return this.#server.attach(end)
  }

  /**
   * Breaks the link of an in-process client and holds it down until `reconnect`: its calls in flight get CONNECTIONLOSS, later
   * ones wait for one connect timeout. A client of another transport, named by its session id, is cut off once.
   * @throws TypeError for a client that is not of this server
   */
  disconnect(who: ZooKeeper | bigint): void {
    if (typeof who === 'bigint' && this.#findClient(who) === undefined) this.#server.cut(who)
    else this.#requireClient(who).dialer.cut()
  }

  /** Lets a link that `disconnect` holds down come up again. @throws TypeError for a client that is not of this server */
  reconnect(who: ZooKeeper | bigint): void {
    this.#requireClient(who).dialer.raise()
  }

  /** Ends a session as if its time were up: its ephemerals go, its watchers hear of it. @throws TypeError for an unknown session */
  expire(who: ZooKeeper | bigint): void {
    const sessionId = typeof who === 'bigint' ? who : this.#requireClient(who).zk.sessionId
    if (!this.#server.expire(sessionId))
      throw new TypeError(`There is no session ${sessionId} on this server`)
  }

  /** Applies the next request of a client and breaks the link before its reply: the outcome that callers must be ready for. */
  loseNextReply(zk: ZooKeeper): void {
    const { cnxn, dialer } = this.#requireClient(zk)
    cnxn.beforeNextRequest((xid) => dialer.loseReply(xid))
  }

  /**
   * Resolves once nothing moves any more in the queues of the in-process clients, and sessions whose time is up have ended.
   * @throws Error naming the watcher that was called last, if they never rest
   */
  async settle(): Promise<void> {
    let before = this.#progress()
    let quietTurns = 0
    for (let turns = 0; quietTurns < 2; turns++) {
      if (turns === MAX_SETTLE_TURNS) throw new Error(this.#describeBusy())
      await new Promise<void>((resolve) => this.#scheduler.macrotask(resolve))
      const now = this.#progress()
      quietTurns = now === before ? quietTurns + 1 : 0
      before = now
    }
  }

  /** The whole state as plain data that survives `structuredClone`; a server made with it goes on from there. */
  snapshot(): Snapshot {
    return this.#server.snapshot()
  }

  /**
   * The data of all znodes but those below /zookeeper, by path. Nothing else: whoever loads it begins with new Stats, and with
   * sequence numbers that count from the znodes there are. `snapshot()` keeps everything.
   */
  dump(): Dump {
    return this.#server.dump()
  }

  /**
   * Creates or sets every path of a dump, with missing parents, in one transaction that no ACL stops. Paths at or below
   * /zookeeper are written too if the dump has them, and so can set a quota, although `dump()` leaves them out.
   * @throws TypeError for a bad path or bad data, KeeperException if the server refuses; then nothing is changed
   */
  load(dump: Dump): void {
    this.#server.load(dump)
  }

  /**
   * Hears of everything: what the server does, what clients queue and deliver. Called inside the turn, with whole transactions
   * only; a call that it makes waits for the end of the turn. Returns how to stop.
   */
  inspect(listener: (event: InspectionEvent) => void): () => void {
    if (typeof listener !== 'function')
      throw new TypeError(`Invalid listener ${describe(listener)}: pass a function`)
    return this.#tap.listen(listener)
  }

  /** What in-process clients still have to do. */
  pending(): PendingReport[] {
    return Array.from(this.#clients.values(), ({ zk, cnxn, eventThread }) => ({
      sessionId: zk.sessionId,
      requests: cnxn.pendingCount,
      deliveries: eventThread.length,
    }))
  }

  /** Closes all in-process clients, ends all other connections, and stops. A second call does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all(Array.from(this.#clients.keys(), (zk) => zk.close()))
    this.#server.close()
    this.#leaveClock?.()
  }

  #createClient(settings: ClientSettings): InProcessClient {
    const dialer = new InProcessDialer((end) => this.#server.attach(end), settings.remoteAddress)
    const client = createClient({
      ...this.#limits,
      ...settings,
      clock: this.clock,
      scheduler: this.#scheduler,
      randomBytes: this.#randomBytes,
      turn: this.#turn,
      pathCheck: this.#pathCheck,
      tap: this.#tap,
      dialer,
      redial: new QuickRedial(this.clock),
      // In process a request has no size.
      maxRequestBytes: Number.POSITIVE_INFINITY,
      canBeReadOnly: false,
      expiresLocally: false,
      failed: (error, event, zk) => this.#surface(error, event, zk),
      ended: (zk) => this.#ended(zk),
    })
    return { ...client, dialer }
  }

  /** Gives an error to whoever listens; else it gets a task of its own, like any uncaught error, and stops nobody here. */
  #surface(error: unknown, event?: WatchedEvent, zk?: ZooKeeper): void {
    try {
      if (!this.emit('watcherError', error, event, zk)) throw error
    } catch (uncaught) {
      throwLater(this.#scheduler, uncaught)
    }
  }

  #findClient(who: ZooKeeper | bigint): InProcessClient | undefined {
    if (typeof who !== 'bigint') return this.#clients.get(who)
    return Array.from(this.#clients.values()).find(({ zk }) => zk.sessionId === who)
  }

  #requireClient(who: ZooKeeper | bigint): InProcessClient {
    const client = this.#findClient(who)
    if (client === undefined) throw new TypeError('That client is not one of this server, or it is closed')
    return client
  }

  /** It is no client any more, but what it still has to deliver is waited for. */
  #ended(zk: ZooKeeper): void {
    const client = this.#clients.get(zk)
    if (client === undefined) return
    this.#clients.delete(zk)
    this.#ending.add(client)
    client.eventThread.post(() => this.#ending.delete(client))
  }

  /** How much was handed over so far; no number, which equals nothing, while something waits. */
  #progress(): number {
    let handed = this.#server.isBusy ? Number.NaN : 0
    for (const { eventThread } of [...this.#clients.values(), ...this.#ending])
      handed += eventThread.isIdle ? eventThread.handed : Number.NaN
    return handed
  }

  #describeBusy(): string {
    const names = Array.from(this.#clients.values(), ({ eventThread }) => eventThread.lastWatcher)
      .filter((watcher) => watcher !== undefined)
      .map((watcher) => watcher.name || 'an anonymous watcher')
    return `The clients do not come to rest in ${MAX_SETTLE_TURNS} turns: look at ${names.join(', ') || 'a loop of calls'}, which was called last`
  }
}

/** Adds `Symbol.asyncDispose` where the consumer's types know it. */
export interface EmbeddedZooKeeper extends AsyncDisposableLike {}
