/**
 * ClientCnxn: the client's side of its connections, one after the other: what is sent, what waits for a reply, what to do
 * when the connection breaks, and the state that the user sees.
 * Invariants: replies are matched in the order of the requests; a call ends exactly once; CLOSED and AUTH_FAILED are final.
 */
import Denque from 'denque'
import type { Clock, Timer } from '../base/clock.js'
import type { Code } from '../protocol/code.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import type {
  ConnectResponse,
  Notification,
  Reply,
  Request,
  Response,
  SetWatchesRequest,
} from '../protocol/message.js'
import { type KeeperState, NO_ZXID, type WatchedEvent } from '../protocol/watched-event.js'
import type { Watcher } from '../protocol/watcher.js'
import type { ClientEnd, ClientEvents, Dialer } from '../transport/transport.js'
import type { AbortSignalLike } from './abort.js'
import { type AnyCall, Call, type CallSpec } from './call.js'
import type { Chroot } from './chroot.js'
import { Credentials } from './credentials.js'
import type { Completion, EventThread } from './event-thread.js'
import type { ReplyReader } from './reply-reader.js'
import { setWatchesRequests } from './watch-replay.js'
import type { ZKWatchManager } from './zk-watch-manager.js'

/** The state of a client. */
export type ClientState = 'NOT_CONNECTED' | 'CONNECTING' | 'CONNECTED' | 'CLOSED' | 'AUTH_FAILED'

/** What identifies a session to a server, and lets its owner come back to it. */
export interface SavedSession {
  readonly id: bigint
  /** 16 bytes. Whoever has them can take the session over. */
  readonly password: Uint8Array
}

/** What a connection is made with. */
export interface ClientCnxnOptions {
  readonly clock: Clock
  readonly dialer: Dialer
  readonly eventThread: EventThread
  readonly watches: ZKWatchManager
  readonly chroot: Chroot
  readonly sessionTimeoutMs: number
  /** How long a call waits for a connection. */
  readonly connectTimeoutMs: number
  readonly maxPendingRequests: number
  readonly session: SavedSession | undefined
  /** Hears of each change of state, before the user's watchers. */
  readonly stateWatcher: Watcher
}

/** Hears that the watches in a batch live again, and since which zxid they did not. */
export type RestoredListener = (batch: SetWatchesRequest, fromZxid: number, toZxid: number) => void

const AUTH_XID = -4
const MAX_XID = 2 ** 31 - 1
/** A client whose connections break at once dials anew at once this often, then once a second. */
const QUICK_REDIALS = 10
const REDIAL_MS = 1000

/** The connections of one client. */
export class ClientCnxn implements ClientEvents {
  readonly #options: ClientCnxnOptions
  readonly #credentials: Credentials = new Credentials()
  readonly #queued = new Denque<AnyCall>()
  readonly #sent = new Denque<AnyCall>()
  readonly #restoredListeners = new Set<RestoredListener>()
  #state: ClientState = 'NOT_CONNECTED'
  #end: ClientEnd | undefined
  #session: SavedSession
  #sessionTimeoutMs: number
  #lastZxid = 0
  #xid = 0
  #toldState: KeeperState | undefined
  #started: ((code: Code) => void) | undefined
  #closing: Promise<void> | undefined
  #connectTimer: Timer | undefined
  #redialTimer: Timer | undefined
  #redials = QUICK_REDIALS
  #redialMs = 0

  constructor(options: ClientCnxnOptions) {
    this.#options = options
    this.#session = options.session ?? { id: 0n, password: new Uint8Array(16) }
    this.#sessionTimeoutMs = options.sessionTimeoutMs
    this.#redialMs = options.clock.monotonicMs()
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
    return this.#queued.length + this.#sent.length
  }

  /** Starts to connect. Resolves after the first SyncConnected; rejects if the client ends before it. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { eventThread } = this.#options
      this.#started = (code) => {
        this.#started = undefined
        const run = code === 'OK' ? resolve : (): void => reject(new KeeperException(code))
        eventThread.complete({ isCompletion: true, xid: 0, code, run })
      }
      this.#state = 'CONNECTING'
      this.#dial()
    })
  }

  /** Sends a request, now or as soon as there is a connection. The promise settles through the EventThread. */
  submit<T>(spec: CallSpec<T>, signal: AbortSignalLike | undefined): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    return new Promise((resolve, reject) => {
      const call = new Call<T>(spec, resolve, reject)
      if (signal !== undefined) call.abortWith(signal, () => this.#withdraw(call))
      this.#accept(call)
    })
  }

  /** Claims an identity, on this connection and all to come. */
  addAuth(scheme: string, auth: Uint8Array): Promise<void> {
    if (this.#deadCode !== undefined) return Promise.reject(new KeeperException(this.#deadCode))
    const send =
      this.#state === 'CONNECTED' ? (request: Request) => this.#end?.send(AUTH_XID, request) : undefined
    return this.#credentials.add(scheme, auth, send)
  }

  /** Ends the session if there is a connection, and the client in any case. Nobody is called any more once it resolves. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** True if a request under way may leave a watch on the path. */
  mayRegister(path: string): boolean {
    const isOne = (call: AnyCall): boolean =>
      call.change?.isRegistration === true && call.change.path === path
    return this.#sent.toArray().some(isOne) || this.#queued.toArray().some(isOne)
  }

  /** Lets somebody hear when watches live again; returns how to stop. */
  onRestored(listener: RestoredListener): () => void {
    this.#restoredListeners.add(listener)
    return () => void this.#restoredListeners.delete(listener)
  }

  connected(response: ConnectResponse): void {
    if (response.timeoutMs <= 0) return this.#expired()
    this.#state = 'CONNECTED'
    this.#session = { id: response.sessionId, password: response.password }
    this.#sessionTimeoutMs = response.timeoutMs
    this.#options.eventThread.sessionId = response.sessionId
    this.#stopTimers()
    this.#tellState('SyncConnected')
    this.#started?.('OK')
    this.#restore(this.#end)
    while (this.#state === 'CONNECTED' && this.#queued.length > 0) this.#send(this.#queued.shift())
  }

  reply(reply: Reply): void {
    if (reply.xid === AUTH_XID) return this.#authReplied(reply.code)
    const call = this.#sent.shift()
    if (call === undefined || call.xid !== reply.xid) return this.#breakOff(call)
    if (reply.zxid > 0) this.#lastZxid = reply.zxid
    const { request } = call
    if (request.type === 'setWatches') this.#tellRestored(request, reply.zxid)
    if (request.type === 'closeSession') this.#die('CLOSED', 'SESSIONEXPIRED', 'Closed')
    this.#finish(call, reply.code, reply.response)
  }

  notify({ type, path, zxid }: Notification): void {
    const { watches, eventThread, chroot } = this.#options
    const watchers = watches.materialize(type, path)
    eventThread.deliver(watchers, {
      type,
      state: 'SyncConnected',
      path: chroot.toClient(path),
      zxid: BigInt(zxid),
    })
  }

  disconnected(): void {
    this.#end = undefined
    if (this.#deadCode !== undefined && this.#closing === undefined) return
    if (this.#closing !== undefined) return this.#lostWhileClosing()
    this.#state = 'CONNECTING'
    this.#failAll('CONNECTIONLOSS')
    this.#tellState('Disconnected')
    this.#redial()
  }

  get #deadCode(): Code | undefined {
    if (this.#state === 'AUTH_FAILED') return 'AUTHFAILED'
    return this.#state === 'CLOSED' || this.#closing !== undefined ? 'SESSIONEXPIRED' : undefined
  }

  #accept(call: AnyCall): void {
    if (this.#deadCode !== undefined) this.#finish(call, this.#deadCode, undefined)
    else if (this.pendingCount >= this.#options.maxPendingRequests)
      this.#finish(call, 'THROTTLEDOP', undefined)
    else if (this.#state === 'CONNECTED') this.#send(call)
    else this.#enqueue(call)
  }

  #enqueue(call: AnyCall): void {
    this.#queued.push(call)
    this.#connectTimer ??= this.#options.clock.setTimer(() => {
      this.#connectTimer = undefined
      this.#failQueued('CONNECTIONLOSS')
    }, this.#options.connectTimeoutMs)
  }

  #send(call: AnyCall | undefined): void {
    if (call === undefined) return
    this.#xid = this.#xid === MAX_XID ? 1 : this.#xid + 1
    call.xid = this.#xid
    this.#sent.push(call)
    this.#end?.send(call.xid, call.request)
  }

  #withdraw(call: AnyCall): boolean {
    const index = this.#queued.toArray().indexOf(call)
    if (index < 0) return false
    this.#queued.removeOne(index)
    return true
  }

  /** The watch tables change first, so that whoever awaits the outcome finds them so. An abandoned call changes nothing. */
  #finish(call: AnyCall, code: Code, response: Response | undefined): void {
    const codeForUser = call.isSettled || call.change === undefined ? code : call.change.arrive(code)
    call.finish(codeForUser, response)
    this.#options.eventThread.complete(call)
  }

  #failQueued(code: Code): void {
    for (const call of this.#takeAll(this.#queued)) this.#finish(call, code, undefined)
  }

  #failAll(code: Code): void {
    const calls = [...this.#takeAll(this.#sent), ...this.#takeAll(this.#queued)]
    for (const call of calls) this.#finish(call, code, undefined)
  }

  #takeAll(queue: Denque<AnyCall>): AnyCall[] {
    const calls = queue.toArray()
    queue.clear()
    return calls
  }

  #dial(): void {
    const end = this.#options.dialer.dial(this)
    this.#end = end
    const { id: sessionId, password } = this.#session
    const timeoutMs = this.#options.sessionTimeoutMs
    end.connect({ lastZxidSeen: this.#lastZxid, timeoutMs, sessionId, password: password.slice() })
  }

  /** At once if the last connections lived; else once a second, so that two clients of one session do not spin. */
  #redial(): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#redials = Math.min(QUICK_REDIALS, this.#redials + (nowMs - this.#redialMs) / REDIAL_MS)
    this.#redialMs = nowMs
    if (this.#redials >= 1) {
      this.#redials -= 1
      return this.#dial()
    }
    this.#redialTimer = this.#options.clock.setBackgroundTimer(() => this.#dial(), REDIAL_MS)
  }

  /** Identities first, since the watches may need them; both before any other request. */
  #restore(end: ClientEnd | undefined): void {
    if (end === undefined) return
    this.#credentials.replay((request) => end.send(AUTH_XID, request))
    const { watches } = this.#options
    if (!watches.hasWatches) return
    for (const request of setWatchesRequests(watches, this.#lastZxid)) {
      if (this.#end !== end) return
      this.#send(new Call({ request, reader: IGNORED, path: undefined, change: undefined }, ignore, ignore))
    }
  }

  #authReplied(code: Code): void {
    if (code === 'OK') {
      const accepted = this.#credentials.accept()
      if (accepted !== undefined) this.#options.eventThread.complete(acceptance(accepted))
    } else this.#die('AUTH_FAILED', 'AUTHFAILED', 'AuthFailed')
  }

  #tellRestored(request: SetWatchesRequest, zxid: number): void {
    for (const listener of this.#restoredListeners) {
      this.#options.eventThread.post(() => listener(request, request.relativeZxid, zxid))
    }
  }

  #tellState(state: KeeperState): void {
    if (state === this.#toldState) return
    this.#toldState = state
    const { watches, eventThread, stateWatcher } = this.#options
    const event: WatchedEvent = { type: 'None', state, path: null, zxid: NO_ZXID }
    eventThread.deliver(new Set([stateWatcher, ...watches.everyWatcher()]), event)
  }

  #expired(): void {
    this.#die('CLOSED', 'SESSIONEXPIRED', 'Expired')
  }

  /** The end of this client. As with the Java client, an expiry is told before the calls it ends, a close after them. */
  #die(state: 'CLOSED' | 'AUTH_FAILED', code: Code, told: KeeperState): void {
    this.#state = state
    this.#stopTimers()
    if (told !== 'Closed') this.#tellState(told)
    this.#failAll(code)
    this.#credentials.refuseAll(new KeeperException(code))
    if (told === 'Closed') this.#tellState(told)
    this.#started?.(code)
    const end = this.#end
    this.#end = undefined
    end?.close()
  }

  #close(): Promise<void> {
    if (this.#deadCode !== undefined) return Promise.resolve()
    const request: Request = { type: 'closeSession' }
    return new Promise((resolve, reject) => {
      const call = new Call({ request, reader: IGNORED, path: undefined, change: undefined }, resolve, reject)
      if (this.#state === 'CONNECTED') return this.#send(call)
      this.#die('CLOSED', 'SESSIONEXPIRED', 'Closed')
      this.#finish(call, 'OK', undefined)
    })
  }

  /** The close was sent: whether the server still got it or not, this client is closed. */
  #lostWhileClosing(): void {
    if (this.#state === 'CLOSED') return
    const close = this.#sent.pop()
    this.#die('CLOSED', 'SESSIONEXPIRED', 'Closed')
    if (close !== undefined) this.#finish(close, 'OK', undefined)
  }

  /** The server answers something that was not asked: nothing on this connection can be trusted. */
  #breakOff(call: AnyCall | undefined): void {
    if (call !== undefined) this.#sent.unshift(call)
    this.#end?.close()
    this.disconnected()
  }

  #stopTimers(): void {
    this.#connectTimer?.cancel()
    this.#connectTimer = undefined
    this.#redialTimer?.cancel()
    this.#redialTimer = undefined
  }
}

const IGNORED: ReplyReader<void> = { read: () => undefined }

function ignore(): void {}

/** Tells whoever added a credential, in the order of everything else. */
function acceptance(run: () => void): Completion {
  return { isCompletion: true, xid: AUTH_XID, code: 'OK', run }
}
