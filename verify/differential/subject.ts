/**
 * Subject: a server that steps are done to. Each slot holds one connection at a time and remembers the session of the last one.
 * Invariant: `run` resolves once every slot has seen all that it will see of the step, because each has then had an answer to a ping.
 * It rejects if an answer is missing, cannot be understood, or if the server itself has said that something is broken in it.
 */
import type { ConnectRequest } from '../../src/protocol/message.js'
import type { Cnxn, Dial } from './cnxn.js'
import { CLOSED, Scribe } from './scribe.js'
import { isRead, SESSION_BOUNDS, type Side, type Sights, type Step } from './step.js'

/** Further ahead than any server gets. */
const AHEAD_ZXID = 2 ** 40
const NO_PASSWORD = new Uint8Array(16)
const WRONG_PASSWORD = new Uint8Array(16).fill(1)
/** How long after its time a session may live. */
const EXPIRY_PATIENCE_MS = 20_000
const EXPIRY_LOOK_MS = 20
const PING = { type: 'ping' } as const

interface Slot {
  cnxn: Cnxn | undefined
  session: { readonly id: bigint; readonly password: Uint8Array; readonly timeoutMs: number } | undefined
  /** It was closed, or has expired. */
  isOver: boolean
  lastZxid: number
  lines: string[]
}

/** What a subject does to its server. */
export interface SubjectOptions {
  readonly dial: Dial
  /** Ends the server if it was started for this. */
  readonly end: () => Promise<void>
  /** Lets a session expire at once; without this its time is waited for. */
  readonly expire?: (sessionId: bigint) => void
}

/** One server. */
export class Subject implements Side {
  readonly name: string
  readonly #dial: Dial
  readonly #end: () => Promise<void>
  readonly #expire: ((sessionId: bigint) => void) | undefined
  readonly #scribe: Scribe = new Scribe()
  readonly #slots: Slot[] = []
  /** Whether the answers are to the pings of this class, which nobody asked for. */
  #isAwaiting = false
  /** The last transaction that such an answer told of. */
  #zxid = 0
  readonly #faults: unknown[] = []

  constructor(name: string, { dial, end, expire }: SubjectOptions) {
    this.name = name
    this.#dial = dial
    this.#end = end
    this.#expire = expire
  }

  async run(step: Step): Promise<Sights> {
    try {
      await this.#do(step, this.#slot(step.slot))
      if (!isQuiet(step)) await this.#settleAll()
      for (const { cnxn } of this.#slots) await cnxn?.settled()
    } catch (error) {
      this.#faults.push(error)
    }
    // What the server said is broken comes first: that an answer is missing follows from it.
    if (this.#faults.length > 0) throw this.#faults[0]
    const sights = new Map<number, readonly string[]>()
    for (const [at, slot] of this.#slots.entries()) {
      if (slot.lines.length > 0) sights.set(at, slot.lines)
      slot.lines = []
    }
    return sights
  }

  /** Something is broken in the server: the step that it happens in, or the next one, is rejected with it. */
  fail(error: unknown): void {
    this.#faults.push(error)
  }

  /** Ends every connection, and the server. */
  async close(): Promise<void> {
    for (const { cnxn } of this.#slots) if (cnxn?.isOpen) await cnxn.cut()
    await this.#end()
  }

  async #do(step: Step, slot: Slot): Promise<void> {
    switch (step.do) {
      case 'open':
        slot.session = undefined
        slot.lastZxid = 0
        slot.cnxn = this.#connect(slot, { timeoutMs: step.timeoutMs })
        return slot.cnxn.settled()
      case 'send':
        slot.cnxn?.send(step.requests)
        return slot.cnxn?.settled()
      case 'cut':
        if (slot.cnxn?.isOpen) await slot.cnxn.cut()
        return
      case 'expire': {
        const { session } = slot
        if (session === undefined || !this.#canExpire(slot)) return
        slot.isOver = true
        if (this.#expire === undefined) return this.#awaitTransaction(session.timeoutMs)
        this.#expire(session.id)
        return
      }
      case 'resume': {
        const cnxn = this.#connect(slot, {
          timeoutMs: step.timeoutMs ?? slot.session?.timeoutMs ?? 0,
          sessionId: slot.session?.id ?? 0n,
          password: step.password === 'right' ? (slot.session?.password ?? NO_PASSWORD) : WRONG_PASSWORD,
          lastZxidSeen: step.seen === 'ahead' ? AHEAD_ZXID : slot.lastZxid,
        })
        await cnxn.settled()
        // The old connection, if it still stands, learns that it was taken over.
        await this.#settleAll()
        if (cnxn.isOpen) slot.cnxn = cnxn
        // Where the owner is not cut off by somebody with a wrong password (D1), it goes now: servers are alike again.
        else if (step.password === 'wrong' && slot.cnxn?.isOpen) await slot.cnxn.cut()
      }
    }
  }

  /** A run that was made shorter may leave nothing that could expire soon, or nobody who would notice. */
  #canExpire({ session, isOver, cnxn }: Slot): boolean {
    const isShort = session !== undefined && session.timeoutMs <= SESSION_BOUNDS.minMs
    return isShort && !isOver && cnxn?.isOpen === false && this.#slots.some((other) => other.cnxn?.isOpen)
  }

  /** Nobody sends anything: the next transaction is the end of the session that is to expire. */
  async #awaitTransaction(timeoutMs: number): Promise<void> {
    const before = this.#zxid
    const deadlineMs = performance.now() + timeoutMs + EXPIRY_PATIENCE_MS
    while (this.#zxid === before) {
      if (performance.now() > deadlineMs) throw new Error(`No session has expired after ${timeoutMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, EXPIRY_LOOK_MS))
      await this.#settleAll()
    }
  }

  /** Connections that were ended say so; whoever answers has had all events before. */
  async #settleAll(): Promise<void> {
    const cnxns = this.#slots.map(({ cnxn }) => cnxn).filter((cnxn) => cnxn?.isOpen)
    this.#isAwaiting = true
    for (const cnxn of cnxns) cnxn?.send([PING])
    for (const cnxn of cnxns) await cnxn?.settled()
    this.#isAwaiting = false
  }

  #connect(slot: Slot, request: Partial<ConnectRequest>): Cnxn {
    const cnxn = this.#dial({
      connected: (response) => {
        slot.lines.push(this.#scribe.connected(response))
        if (response.timeoutMs <= 0) return
        const { sessionId: id, password, timeoutMs } = response
        slot.session = { id, password: password.slice(), timeoutMs }
        slot.isOver = false
      },
      reply: (type, reply) => {
        if (type === 'ping' && this.#isAwaiting) {
          this.#zxid = reply.zxid
          return
        }
        if (type === 'closeSession') slot.isOver = true
        slot.lastZxid = Math.max(slot.lastZxid, reply.zxid)
        slot.lines.push(this.#scribe.reply(type, reply))
      },
      notify: (notification) => slot.lines.push(this.#scribe.event(notification)),
      closed: () => slot.lines.push(CLOSED),
    })
    cnxn.connect({ lastZxidSeen: 0, timeoutMs: 0, sessionId: 0n, password: NO_PASSWORD, ...request })
    return cnxn
  }

  #slot(at: number): Slot {
    while (this.#slots.length <= at) {
      this.#slots.push({ cnxn: undefined, session: undefined, isOver: false, lastZxid: 0, lines: [] })
    }
    const slot = this.#slots[at]
    if (slot === undefined) throw new RangeError(`There is no slot ${at}`)
    return slot
  }
}

/** Whether nobody but who asked is told anything because of it. */
function isQuiet(step: Step): boolean {
  return step.do === 'send' && step.requests.every(({ type }) => isRead(type))
}
