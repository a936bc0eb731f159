/**
 * SessionBook: every session of the server by what was heard of it. S2, replies never show an older state; S5, a session ends when its
 * time is up, rounded up to a tick, and neither sooner nor later; S6, it ends once, by one transaction, and does nothing afterwards.
 */
import type { InspectionEvent, SnapshotSession } from '../../src/index.js'

interface Entry {
  timeoutMs: number
  heardMs: number
  /** When what it was sent was last taken: that, too, is life (D45), though nobody has to note it. */
  readMs: number
  lastZxid: number
  closings: number
  isOver: boolean
  hasExpired: boolean
  /** Whether a connection that cannot vanish unnoticed stands for it. */
  isLocal: boolean
}

/** A server that stood still gives back the time by which it was late (D44). */
interface Pause {
  readonly endMs: number
  readonly lengthMs: number
}

/** The server's unit of time, in milliseconds. */
export const TICK_MS = 2_000

/** All sessions of a run. */
export class SessionBook {
  readonly #nowMs: () => number
  readonly #fault: (what: string) => void
  readonly #vouched = new Set<bigint>()
  #entries = new Map<bigint, Entry>()
  #pauses: Pause[] = []
  #endedByOrder: bigint | undefined
  #expired = 0
  #held = false
  #notBeforeMs = 0

  constructor(nowMs: () => number, fault: (what: string) => void) {
    this.#nowMs = nowMs
    this.#fault = fault
  }

  /** Sessions whose time was up. */
  get expired(): number {
    return this.#expired
  }

  /** A server begins with these sessions: each has its whole time from now. In an older state one may be back, and know less. */
  booted(sessions: readonly SnapshotSession[], { isOlder }: { readonly isOlder: boolean }): void {
    const former = this.#entries
    this.#entries = new Map()
    this.#pauses = []
    this.#notBeforeMs = 0
    for (const { id, timeoutMs } of sessions) {
      const entry = this.#add(id, timeoutMs)
      const before = isOlder ? undefined : former.get(id)
      if (before?.isOver === true) this.#fault(`S6: session ${id}, which is over, is back`)
      entry.lastZxid = before?.lastZxid ?? 0
    }
  }

  /** The connection that this session is just getting is a local one: while it stands, the session never expires. */
  vouchFor(id: bigint): void {
    this.#vouched.add(id)
  }

  /** A session is ended now, whether or not its time is up. */
  ended(id: bigint, end: () => void): void {
    this.#endedByOrder = id
    end()
    this.#endedByOrder = undefined
  }

  /** What a session was sent was taken from the server. */
  read(id: bigint): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.readMs = this.#nowMs()
  }

  /** The server stands still from now on. */
  held(): void {
    this.#held = true
  }

  /** It goes on, after so many milliseconds, and gives so many of them back. */
  released({ lengthMs, givenBackMs }: { readonly lengthMs: number; readonly givenBackMs: number }): void {
    this.#held = false
    const endMs = this.#nowMs()
    this.#pauses.push({ endMs, lengthMs })
    if (givenBackMs > 0) this.#notBeforeMs = endMs + givenBackMs
  }

  /** Until then the server looks at nobody's time, as it has given some back. */
  get notBeforeMs(): number {
    return this.#notBeforeMs
  }

  /** Whether a session of this id goes on. */
  isAlive(id: bigint): boolean {
    return this.#entries.get(id)?.isOver === false
  }

  /** Whether a session is over because its time was up. */
  hasExpired(id: bigint): boolean {
    return this.#entries.get(id)?.hasExpired === true
  }

  /** Takes what the server tells of itself. */
  inspect(event: InspectionEvent): void {
    if (event.kind === 'txn' && event.txn.type === 'closeSession') this.#closing(event.txn.sessionId)
    if (event.kind === 'sessionOpened') this.#opened(event.sessionId, event.timeoutMs, event.isResumed)
    if (event.kind === 'sessionExpired') this.#expire(event.sessionId)
    if (event.kind === 'sessionClosed') this.#over(event.sessionId)
    if (event.kind === 'disconnected') this.#disconnected(event.sessionId)
    if (event.kind === 'request') this.#requested(event.sessionId, event.request.type)
    if (event.kind === 'reply' && event.xid >= 0) this.#replied(event.sessionId, event.zxid)
  }

  /** S5: nobody outlives its time. */
  findOverdue(): void {
    if (this.#held) return
    const nowMs = this.#nowMs()
    for (const [id, entry] of this.#entries) {
      if (entry.isOver || entry.isLocal || nowMs <= this.#latestMs(entry)) continue
      this.#fault(`S5: session ${id} was heard ${nowMs - entry.heardMs} ms ago, and is not expired`)
      entry.isOver = true
    }
  }

  #add(id: bigint, timeoutMs: number): Entry {
    const nowMs = this.#nowMs()
    const entry: Entry = {
      timeoutMs,
      heardMs: nowMs,
      readMs: nowMs,
      lastZxid: 0,
      closings: 0,
      isOver: false,
      hasExpired: false,
      isLocal: false,
    }
    this.#entries.set(id, entry)
    return entry
  }

  #opened(id: bigint, timeoutMs: number, isResumed: boolean): void {
    const known = this.#entries.get(id)
    if (!isResumed && known !== undefined) this.#fault(`S6: session ${id} is given out twice`)
    if (isResumed && known?.isOver !== false) this.#fault(`S6: session ${id}, which is over, is resumed`)
    const entry = known ?? this.#add(id, timeoutMs)
    entry.timeoutMs = timeoutMs
    entry.heardMs = this.#nowMs()
    entry.isLocal = this.#vouched.delete(id)
  }

  /** A local client was alive until now. */
  #disconnected(id: bigint): void {
    const entry = this.#entries.get(id)
    if (entry?.isLocal !== true) return
    entry.isLocal = false
    entry.heardMs = this.#nowMs()
  }

  #requested(id: bigint, type: string): void {
    const entry = this.#entries.get(id)
    if (entry?.isOver !== false)
      return this.#fault(`S6: a ${type} of session ${id}, which is over, is served`)
    if (type !== 'auth' && type !== 'sasl') entry.heardMs = this.#nowMs()
  }

  #replied(id: bigint, zxid: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    if (zxid < entry.lastZxid)
      this.#fault(`S2: session ${id} is shown zxid ${zxid} after it has seen ${entry.lastZxid}`)
    entry.lastZxid = zxid
  }

  #closing(id: bigint): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return this.#fault(`S6: session ${id}, which nobody knows, is closed`)
    entry.closings += 1
    if (entry.closings > 1) this.#fault(`S6: session ${id} is closed twice`)
  }

  #expire(id: bigint): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined && id !== this.#endedByOrder) {
      this.#expired += 1
      entry.hasExpired = true
      const silentMs = this.#nowMs() - entry.heardMs
      if (silentMs < entry.timeoutMs || entry.isLocal)
        this.#fault(`S5: session ${id} expires ${silentMs} ms after it was heard, and has ${entry.timeoutMs}`)
      if (this.#nowMs() > this.#latestMs(entry)) this.#fault(`S5: session ${id} expires after ${silentMs} ms`)
    }
    this.#over(id)
  }

  #over(id: bigint): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.isOver) return this.#fault(`S6: session ${id} ends twice`)
    if (entry.closings !== 1) this.#fault(`S6: session ${id} ends by ${entry.closings} transactions`)
    entry.isOver = true
  }

  #latestMs({ heardMs, readMs, timeoutMs }: Entry): number {
    const latestMs = Math.max(heardMs, readMs) + timeoutMs + TICK_MS
    return this.#pauses.reduce((ms, { endMs, lengthMs }) => Math.max(ms, endMs + lengthMs), latestMs)
  }
}
