/**
 * ClientCnxn: the client's side of its connections, one after the other: what is sent, what waits for a reply, what to do
 * when the connection breaks, and the state that the user sees.
 * Invariants: replies are matched in the order of the requests; a call ends exactly once; CLOSED and AUTH_FAILED are final.
 */
import Denque from 'denque'
import { copyBytes } from '../base/bytes.js'
import type { Clock, Timer } from '../base/clock.js'
import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import type { ConnectResponse, Notification, Reply, Request, Response } from '../protocol/message.js'
import { type KeeperState, NO_ZXID, type WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher, WatcherType } from '../protocol/watcher.js'
import { AUTH_XID, nextXid } from '../protocol/xid.js'
import type { ClientEnd, ClientEvents, Dialer, Disconnection } from '../transport/transport.js'
import type { AbortSignalLike } from './abort.js'
import { type AnyCall, Call, type CallSpec, settled } from './call.js'
import type { Chroot } from './chroot.js'
import { type Credential, Credentials } from './credentials.js'
import type { EventThread } from './event-thread.js'
import type { Redial } from './redial.js'
import { RegistrationsUnderWay } from './registrations-under-way.js'
import type { ReplyReader } from './reply-reader.js'
import { NO_SESSION, type SavedSession, savedSession } from './saved-session.js'
import { LASTING_TYPES, outcomeAfter, type RemovalSink } from './watch-registration.js'
import { type RestoredListener, WatchRestoration } from './watch-restoration.js'
import type { RemovedWatchers, ZKWatchManager } from './zk-watch-manager.js'

/** The state of a client. */
export type ClientState =
  | 'NOT_CONNECTED'
  | 'CONNECTING'
  | 'CONNECTED'
  | 'CONNECTED_READ_ONLY'
  | 'CLOSED'
  | 'AUTH_FAILED'

/** What a connection is made with. */
export interface ClientCnxnOptions {
  readonly clock: Clock
  readonly dialer: Dialer
  readonly redial: Redial
  readonly eventThread: EventThread
  readonly watches: ZKWatchManager
  readonly chroot: Chroot
  readonly sessionTimeoutMs: number
  /** How long a call waits for a connection. */
  readonly connectTimeoutMs: number
  /** Bytes of one request that servers take. */
  readonly maxRequestBytes: number
  /** Whether a server that cannot write will do. */
  readonly canBeReadOnly: boolean
  /** Whether the session is taken for expired once no server was heard for 4/3 of its timeout. */
  readonly expiresLocally: boolean
  readonly maxPendingRequests: number
  /** Gives a request that has to wait data of its own. */
  readonly own: (request: Request) => Request
  readonly session: SavedSession | undefined
  /** Hears of each change of state, before the user's watchers. */
  readonly stateWatcher: Watcher
}

/** How long a client that closes waits for the answer to its goodbye; a server that has not heard it lets the session expire. */
const GOODBYE_MS = 5_000

/** The connections of one client. */
export class ClientCnxn implements ClientEvents, RemovalSink {
  readonly #options: ClientCnxnOptions
  readonly #credentials: Credentials = new Credentials()
  /** Not sent yet. */
  readonly #queued = new Set<AnyCall>()
  /** Sent and not answered; auth apart, whose replies may overtake. */
  readonly #sent = new Denque<AnyCall>()
  readonly #sentAuths = new Denque<AnyCall>()
  readonly #registrations: RegistrationsUnderWay = new RegistrationsUnderWay()
  readonly #restoration: WatchRestoration
  #state: ClientState = 'NOT_CONNECTED'
  #end: ClientEnd | undefined
  #session: SavedSession
  /** Whether a server that can write knows the session; one that can only read makes up ids of its own. */
  #isSessionKnown: boolean
  #sessionTimeoutMs: number
  #lastZxid = 0
  #xid = 0
  #toldState: KeeperState = 'Disconnected'
  #started: ((code: Code) => void) | undefined
  #beforeNext: ((xid: number) => void) | undefined
  #closing: Promise<void> | undefined
  #closeCall: AnyCall | undefined
  #connectTimer: Timer | undefined
  #closeTimer: Timer | undefined
  #expiryTimer: Timer | undefined
  /** Why there is no connection. */
  #cause: unknown

  constructor(options: ClientCnxnOptions) {
    this.#options = options
    const { watches, maxRequestBytes, eventThread } = options
    this.#restoration = new WatchRestoration(watches, maxRequestBytes, (run) => eventThread.post(run))
    this.#session = options.session ?? NO_SESSION
    this.#isSessionKnown = options.session !== undefined
    this.#sessionTimeoutMs = options.sessionTimeoutMs
  }

  get state(): ClientState {
    return this.#state
  }

  get session(): SavedSession {
    return this.#session
  }

  /** Milliseconds; the negotiated one once connected. */
  get sessionTimeoutMs(): number {
    return this.#sessionTimeoutMs
  }

  /** Requests that wait for a reply or for a connection. */
  get pendingCount(): number {
    return this.#queued.size + this.#sent.length + this.#sentAuths.length
  }

  /** Starts to connect. Resolves after the first SyncConnected; rejects if the client ends before it. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#started = (code) => {
        this.#started = undefined
        const error = code === 'OK' ? undefined : new KeeperException(code, undefined, { cause: this.#cause })
        const run = error === undefined ? resolve : (): void => reject(error)
        this.#options.eventThread.complete({ isCompletion: true, xid: 0, code, run })
      }
      this.#state = 'CONNECTING'
      this.#dial()
    })
  }

  /** Sends a request, now or as soon as there is a connection. The promise settles through the EventThread. */
  submit<T>(spec: CallSpec<T>, signal: AbortSignalLike | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    const fault = this.#options.dialer.findFault?.(spec.request)
    if (fault !== undefined) return Promise.reject(fault)
    const outcome = signal === undefined ? this.#ask(spec) : undefined
    if (outcome !== undefined) return this.#answered(spec, outcome)
    const call = new Call<T>(spec, this.#options.own(spec.request))
    if (signal !== undefined) call.abortWith(signal, () => this.#withdraw(call))
    this.#accept(call)
    return call.promise()
  }

  /** Claims an identity on this connection and, whatever comes of that, on all later ones. */
  addAuth(credential: Credential, signal: AbortSignalLike | undefined): Promise<void> {
    return this.submit({ request: { type: 'auth', ...credential }, reader: IGNORED }, signal)
  }

  /** Ends the client, whose server is out of reach: what waits ends with CONNECTIONLOSS. */
  giveUp(): void {
    if (this.#deadCode === undefined) this.#die('Closed', 'CONNECTIONLOSS')
  }

  /** Ends the session if there is a connection, and the client in any case. Nobody is called any more once it resolves. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  tellRemoved({ type, watchers }: RemovedWatchers, path: string, state: KeeperState): void {
    const { eventThread, chroot } = this.#options
    const event = { type, state, path: chroot.toClient(path), zxid: NO_ZXID } as const
    eventThread.deliver(watchers, Object.freeze(event))
  }

  releaseWatches(path: string, types: readonly WatcherType[]): void {
    if (!this.#isConnected || this.#registrations.postpones(path, types)) return
    const { watches } = this.#options
    if (!watches.contains(path, 'Any')) return this.#removeAtServer(path, 'Any')
    const hasLasting = LASTING_TYPES.some((type) => watches.contains(path, type))
    for (const type of types) {
      // A server before 3.9 would take a lasting watch of the path along with a one-shot.
      const isSafe = !hasLasting || LASTING_TYPES.includes(type)
      if (isSafe && !watches.contains(path, type)) this.#removeAtServer(path, type)
    }
  }

  /** Calls back, once, just before the next request of the user's goes out, with its xid. */
  beforeNextRequest(callback: (xid: number) => void): void {
    this.#beforeNext = callback
  }

  /** Lets somebody hear when watches live again; returns how to stop. */
  onRestored(listener: RestoredListener): () => void {
    return this.#restoration.listen(listener)
  }

  connected(response: ConnectResponse): void {
    if (response.timeoutMs <= 0) return this.#die('Expired')
    this.#state = response.isReadOnly === true ? 'CONNECTED_READ_ONLY' : 'CONNECTED'
    this.#cause = undefined
    this.#options.redial.connected(response.timeoutMs)
    this.#session = savedSession(response)
    this.#isSessionKnown ||= response.isReadOnly !== true
    this.#sessionTimeoutMs = response.timeoutMs
    this.#options.eventThread.sessionId = response.sessionId
    this.#stopTimers()
    this.#tellState(response.isReadOnly === true ? 'ConnectedReadOnly' : 'SyncConnected')
    this.#started?.('OK')
    const end = this.#end
    // Identities first, since the watches may need them; both before any other request.
    this.#restoreIdentities(end)
    if (this.#isOn(end)) this.#restoreWatches(end)
    for (const call of this.#queued) if (this.#isOn(end)) this.#sendQueued(call)
  }

  reply(reply: Reply): void {
    if (reply.xid === AUTH_XID) return this.#authReplied(reply.code)
    const call = this.#sent.shift()
    if (call === undefined || call.xid !== reply.xid) return this.#breakOff(call)
    if (reply.zxid > this.#lastZxid) this.#lastZxid = reply.zxid
    if (call === this.#closeCall) return this.#die('Closed')
    if (call.request.type === 'setWatches') {
      // Half of the watches would be a lie.
      if (reply.code !== 'OK') return this.#breakOff(call)
      this.#restoration.answered(call.request, reply.zxid)
    }
    this.#finish(call, reply.code, reply.response)
  }

  notify({ type, path, zxid }: Notification): void {
    const { watches, eventThread, chroot } = this.#options
    const watchers = watches.materialize(type, path)
    if (watchers === undefined) return
    const event = { type, state: 'SyncConnected', path: chroot.toClient(path), zxid: BigInt(zxid) } as const
    // One object for all watchers of a client: none of them may change it for the next. A single one has it to itself.
    eventThread.deliver(watchers, typeof watchers === 'function' ? event : Object.freeze(event))
  }

  disconnected({ refusal, isFinal, cause, heardMs }: Disconnection = {}): void {
    this.#end = undefined
    if (cause !== undefined) this.#cause = cause
    if (this.#state === 'CLOSED' || this.#state === 'AUTH_FAILED') return
    // The close was sent: whether the server still got it or not, this client is closed.
    if (this.#closeCall !== undefined) return this.#die('Closed')
    if (refusal !== undefined && this.#started !== undefined) return this.#die('Closed', refusal)
    this.#state = 'CONNECTING'
    if (isFinal === true) return this.#die('Closed', 'CONNECTIONLOSS')
    this.#failSent('CONNECTIONLOSS')
    this.#tellState('Disconnected')
    if (heardMs !== undefined) this.#expireAfter(heardMs)
    this.#options.redial.schedule(() => this.#dial())
  }

  get #isConnected(): boolean {
    return this.#state === 'CONNECTED' || this.#state === 'CONNECTED_READ_ONLY'
  }

  get #deadCode(): Code | undefined {
    if (this.#state === 'AUTH_FAILED') return 'AUTHFAILED'
    return this.#state === 'CLOSED' || this.#closeCall !== undefined ? 'SESSIONEXPIRED' : undefined
  }

  /** The outcome of a call that a server in the same process can answer now, ahead of nobody; undefined if it has to be sent. */
  #ask({ request, change }: CallSpec<unknown>): Response | Code | undefined {
    const isNext = this.#sent.isEmpty() && this.#sentAuths.isEmpty() && this.#beforeNext === undefined
    if (!isNext || !this.#isConnected || this.#closeCall !== undefined || request.type === 'auth')
      return undefined
    const end = this.#end
    const outcome = end?.ask?.(request)
    if (outcome === undefined) return undefined
    this.#xid = nextXid(this.#xid)
    const zxid = end?.lastZxid ?? 0
    // What broke the connection is not seen: the events about it have not come.
    if (zxid > this.#lastZxid && this.#isOn(end)) this.#lastZxid = zxid
    return change === undefined ? outcome : outcomeAfter(change, outcome)
  }

  #answered<T>(spec: CallSpec<T>, outcome: Response | Code): Promise<T> {
    if (this.#options.eventThread.mayComplete()) return settled(spec, outcome, this.#cause)
    const call = new Call<T>(spec)
    const isCode = typeof outcome === 'string'
    this.#hand(call, isCode ? outcome : 'OK', isCode ? undefined : outcome)
    return call.promise()
  }

  #accept(call: AnyCall): void {
    const refusal = this.#deadCode ?? (this.#isFull(call) ? 'THROTTLEDOP' : undefined)
    if (refusal !== undefined) return this.#hand(call, refusal)
    if (this.#isConnected) this.#send(call)
    else this.#enqueue(call)
    // In process the answer is mostly here already, and the watch with it.
    if (!call.isFinished && !call.isSettled) this.#registrations.begin(call)
  }

  #isFull({ request }: AnyCall): boolean {
    const { maxPendingRequests } = this.#options
    const hasManyClaims = request.type === 'auth' && this.#credentials.all.length >= maxPendingRequests
    return hasManyClaims || this.pendingCount >= maxPendingRequests
  }

  #enqueue(call: AnyCall): void {
    this.#queued.add(call)
    this.#connectTimer ??= this.#options.clock.setTimer(() => {
      this.#connectTimer = undefined
      const calls = [...this.#queued]
      this.#queued.clear()
      for (const queued of calls) this.#failUnsent(queued)
    }, this.#options.connectTimeoutMs)
  }

  /** An identity is claimed on the next connection all the same, as the Java client does it. */
  #failUnsent(call: AnyCall): void {
    if (call.request.type === 'auth') this.#credentials.add(call.request)
    this.#finish(call, 'CONNECTIONLOSS')
  }

  /** Sends a request of the user's. */
  #send(call: AnyCall): void {
    const beforeNext = this.#beforeNext
    this.#beforeNext = undefined
    this.#transmit(call, beforeNext)
  }

  #transmit(call: AnyCall, before?: (xid: number) => void): void {
    const { request } = call
    if (request.type === 'auth') {
      call.xid = AUTH_XID
      this.#sentAuths.push(call)
      this.#credentials.add(request)
    } else {
      this.#xid = nextXid(this.#xid)
      call.xid = this.#xid
      this.#sent.push(call)
    }
    before?.(call.xid)
    this.#end?.send(call.xid, request)
  }

  #sendQueued(call: AnyCall): void {
    this.#queued.delete(call)
    this.#send(call)
  }

  /** Nobody waits for it any more. True if the request had not been sent, and will not be. */
  #withdraw(call: AnyCall): boolean {
    this.#registrations.end(call)
    if (!this.#queued.delete(call)) return false
    if (this.#queued.size === 0) this.#stopConnectTimer()
    return true
  }

  /** The watch tables change first, so that whoever awaits the outcome finds them so. */
  #finish(call: AnyCall, code: Code, response?: Response): void {
    const { change } = call
    if (change === undefined) return this.#hand(call, code, response)
    const { path } = change
    // Nobody waits for it any more, but the server may have set its watch; what it removed is removed here too.
    const isLeft = call.isSettled && change.isRegistration
    this.#registrations.end(call)
    if (!isLeft) this.#hand(call, change.arrive(code), response)
    const types = this.#registrations.takePostponed(path).concat(isLeft ? change.types : [])
    if (types.length > 0) this.releaseWatches(path, types)
  }

  #hand(call: AnyCall, code: Code, response?: Response): void {
    call.finish(code, response, this.#cause)
    this.#options.eventThread.complete(call)
  }

  #failAll(code: Code): void {
    this.#failSent(code)
    const calls = [...this.#queued]
    this.#queued.clear()
    this.#stopConnectTimer()
    this.#endAll(calls, code)
  }

  #failSent(code: Code): void {
    const calls = [...this.#sent.toArray(), ...this.#sentAuths.toArray()]
    this.#sent.clear()
    this.#sentAuths.clear()
    this.#endAll(calls, code)
  }

  #endAll(calls: readonly AnyCall[], code: Code): void {
    for (const call of calls) if (call !== this.#closeCall) this.#finish(call, code)
  }

  #removeAtServer(path: string, watcherType: WatcherType): void {
    this.#sendOwn({ type: 'removeWatches', path, watcherType })
  }

  /** Sends a request of the client's own, whose outcome nobody awaits. */
  #sendOwn(request: Request): void {
    this.#transmit(new Call({ request, reader: IGNORED }))
  }

  #dial(): void {
    const end = this.#options.dialer.dial(this, this.#sessionTimeoutMs)
    this.#end = end
    const { id: sessionId, password } = this.#isSessionKnown ? this.#session : NO_SESSION
    const timeoutMs = this.#options.sessionTimeoutMs
    const { canBeReadOnly } = this.#options
    const request = { lastZxidSeen: this.#lastZxid, timeoutMs, sessionId, canBeReadOnly }
    end.connect({ ...request, password: copyBytes(password) })
  }

  /** Whether this is the connection still: what is sent may break it, and the next one may be there already. */
  #isOn(end: ClientEnd | undefined): boolean {
    return this.#end === end
  }

  #restoreIdentities(end: ClientEnd | undefined): void {
    const claims = [...this.#queued].filter(({ request }) => request.type === 'auth')
    const others = this.#credentials.unclaimedBy(claims.map(({ request }) => request))
    for (const known of others) if (this.#isOn(end)) this.#sendOwn(known)
    for (const call of claims) if (this.#isOn(end)) this.#sendQueued(call)
  }

  #restoreWatches(end: ClientEnd | undefined): void {
    for (const request of this.#restoration.begin(this.#lastZxid)) if (this.#isOn(end)) this.#sendOwn(request)
  }

  #authReplied(code: Code): void {
    const call = this.#sentAuths.shift()
    if (code !== 'OK') this.#die('AuthFailed', 'AUTHFAILED')
    if (call !== undefined) this.#finish(call, code)
  }

  #tellState(state: KeeperState): void {
    if (state === this.#toldState) return
    this.#toldState = state
    const { watches, eventThread, stateWatcher } = this.#options
    const event: WatchedEvent = Object.freeze({ type: 'None', state, path: null, zxid: NO_ZXID })
    eventThread.deliver(watches.everyWatcher(), event, stateWatcher)
  }

  /** The end of this client. As with the Java client, an expiry is told before the calls it ends, a close after them. */
  #die(told: 'Closed' | 'Expired' | 'AuthFailed', code: Code = 'SESSIONEXPIRED'): void {
    this.#state = told === 'AuthFailed' ? 'AUTH_FAILED' : 'CLOSED'
    this.#stopTimers()
    if (told !== 'Closed') this.#tellState(told)
    this.#failAll(code)
    if (told === 'Closed') this.#tellState(told)
    this.#started?.(code)
    this.#options.watches.clear()
    this.#end?.close()
    this.#end = undefined
    if (this.#closeCall !== undefined) this.#hand(this.#closeCall, 'OK')
  }

  #close(): Promise<void> {
    const call = new Call({ request: { type: 'closeSession' }, reader: IGNORED })
    if (this.#deadCode !== undefined) this.#hand(call, 'OK')
    else this.#sayGoodbye(call)
    return call.promise()
  }

  #sayGoodbye(call: AnyCall): void {
    this.#closeCall = call
    if (!this.#isConnected) return this.#die('Closed')
    this.#send(call)
    // In process the answer is here already.
    if (this.#state === 'CLOSED') return
    const { clock, connectTimeoutMs } = this.#options
    this.#closeTimer = clock.setTimer(() => this.#die('Closed'), Math.min(connectTimeoutMs, GOODBYE_MS))
  }

  /** The server answered something that was not asked, or refused what it may not: nothing on this connection can be trusted. */
  #breakOff(call: AnyCall | undefined): void {
    if (call !== undefined) this.#sent.unshift(call)
    this.#end?.close()
    this.disconnected()
  }

  #stopConnectTimer(): void {
    this.#connectTimer?.cancel()
    this.#connectTimer = undefined
  }

  #stopTimers(): void {
    this.#stopConnectTimer()
    this.#closeTimer?.cancel()
    this.#expiryTimer?.cancel()
    this.#expiryTimer = undefined
    this.#options.redial.cancel()
  }

  /** As the Java client since 3.9.3: the server would have expired the session by now, whether or not it can be reached. */
  #expireAfter(heardMs: number): void {
    const { clock, expiresLocally } = this.#options
    if (!expiresLocally) return
    const dueMs = heardMs + (this.#sessionTimeoutMs * 4) / 3
    this.#expiryTimer ??= clock.setTimer(() => this.#die('Expired'), dueMs - clock.monotonicMs())
  }
}

const IGNORED: ReplyReader<void> = { read: () => undefined }
