/**
 * Sessions: their ids, passwords, timeouts and deadlines. A session outlives its connections.
 * Invariant: a session is in the expiry queue exactly while nothing else vouches for it: a local connection does.
 */

import { bytesEqual, copyBytes } from '../base/bytes.js'
import type { Clock } from '../base/clock.js'
import { ExpiryQueue } from './expiry-queue.js'

/** Bytes in a session's password. */
export const PASSWORD_BYTES = 16

/** What speaks for a session at the moment. */
export interface SessionConnection {
  close(): void
}

/** One session. */
export class Session {
  readonly id: bigint
  timeoutMs: number
  /** Undefined while it is disconnected. */
  cnxn: SessionConnection | undefined
  /** Its time is up: nobody can take it up again, and it ends as soon as its turn comes. */
  isOver = false
  #password: Uint8Array | (() => Uint8Array)

  /** The password, or what makes it. */
  constructor(id: bigint, timeoutMs: number, password: Uint8Array | (() => Uint8Array)) {
    this.id = id
    this.timeoutMs = timeoutMs
    this.#password = password
  }

  /** A client of the same process hardly ever needs it, and the platform's source of strong random bytes takes milliseconds to load. */
  get password(): Uint8Array {
    if (typeof this.#password === 'function') this.#password = this.#password()
    return this.#password
  }
}

/** The unit of time and the bounds of session timeouts, in milliseconds. */
export interface Timing {
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
}

/** What a tracker needs. */
export interface SessionTrackerOptions extends Timing {
  readonly clock: Clock
  readonly randomBytes: (length: number) => Uint8Array
  /** Whether a password is made when it is asked for, and not with its session. */
  readonly hasLazyPasswords: boolean
}

const SERVER_ID = 1n

/** All sessions of a server. */
export class SessionTracker {
  readonly #options: SessionTrackerOptions
  readonly #sessions = new Map<bigint, Session>()
  readonly #expiry: ExpiryQueue<Session>
  #nextId: bigint

  constructor(options: SessionTrackerOptions) {
    this.#options = options
    this.#expiry = new ExpiryQueue(options.tickTimeMs)
    // ZooKeeper's layout: the server id on top, 40 bits of the time of start, 16 bits of counter.
    this.#nextId = (SERVER_ID << 56n) | ((BigInt(Math.floor(options.clock.nowMs())) & 0xff_ffff_ffffn) << 16n)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** All sessions, in the order of their opening. */
  get sessions(): Iterable<Session> {
    return this.#sessions.values()
  }

  /** The id that the next new session gets. */
  get nextId(): bigint {
    return this.#nextId
  }

  /** A new session with a random password. */
  open(requestedTimeoutMs: number): Session {
    const password = this.#options.hasLazyPasswords ? this.#makePassword : this.#makePassword()
    const session = new Session(this.#nextId++, this.negotiate(requestedTimeoutMs), password)
    this.#sessions.set(session.id, session)
    return session
  }

  /** The live session with this id and password. The comparison takes the same time whichever byte differs. */
  findWithPassword(id: bigint, password: Uint8Array): Session | undefined {
    const session = this.#sessions.get(id)
    const isKnown = session !== undefined && !session.isOver && bytesEqual(session.password, password)
    return isKnown ? session : undefined
  }

  find(id: bigint): Session | undefined {
    return this.#sessions.get(id)
  }

  /** The requested timeout within the bounds of the server; zero and less, or no number, give the least. */
  negotiate(requestedMs: number): number {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options
    if (!(requestedMs > minSessionTimeoutMs)) return minSessionTimeoutMs
    return Math.min(Math.trunc(requestedMs), maxSessionTimeoutMs)
  }

  /** Notes a sign of life, or the moment at which the signs ended. */
  touch(session: Session): void {
    if (!session.isOver) this.#expiry.touch(session, this.#options.clock.monotonicMs(), session.timeoutMs)
  }

  /** A local connection speaks for the session: it cannot vanish unnoticed, so there is no deadline. */
  vouchFor(session: Session): void {
    this.#expiry.remove(session)
  }

  /** The session is over. */
  remove(session: Session): void {
    this.#expiry.remove(session)
    this.#sessions.delete(session.id)
  }

  get timing(): Timing {
    const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options
    return { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs }
  }

  /** Milliseconds until it expires; `Infinity` if it will not, or there is no such session. */
  expiresInMs(id: bigint): number {
    const session = this.#sessions.get(id)
    if (session === undefined) return Number.POSITIVE_INFINITY
    if (session.isOver) return 0
    const dueMs = this.#expiry.findDueMs(session) ?? Number.POSITIVE_INFINITY
    return Math.max(dueMs - this.#options.clock.monotonicMs(), 0)
  }

  /** When the next session would expire, on the monotonic clock; `Infinity` if none will. */
  get nextDueMs(): number {
    return this.#expiry.nextDueMs
  }

  /** Takes the sessions that were due by then, on the monotonic clock. */
  takeExpired(byMs: number): Session[] {
    const due = this.#expiry.takeDue(byMs)
    for (const session of due) session.isOver = true
    return due
  }

  /** Puts back a session from a snapshot, with a full timeout from now. */
  restore({ id, password, timeoutMs }: Pick<Session, 'id' | 'password' | 'timeoutMs'>): void {
    const restored = new Session(id, timeoutMs, password)
    this.#sessions.set(id, restored)
    this.touch(restored)
  }

  /** Goes on counting ids where a snapshot stopped. */
  restoreNextId(nextId: bigint): void {
    this.#nextId = nextId
  }

  readonly #makePassword = (): Uint8Array => copyBytes(this.#options.randomBytes(PASSWORD_BYTES))
}
