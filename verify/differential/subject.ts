/**
 * Subject: a server that steps are done to. Each slot holds one connection at a time and remembers the session of the last one.
 * Invariant: `run` resolves once every slot has seen all that it will see of the step, because each has then had an answer to a ping.
 */
import type { ConnectRequest, Request } from '../../src/protocol/message.js'
import type { Cnxn, Dial } from './cnxn.js'
import { CLOSED, Scribe } from './scribe.js'
import type { Side, Sights, Step } from './step.js'

/** What changes nothing that others could be told of. */
const READS: ReadonlySet<Request['type']> = new Set([
  'exists',
  'getData',
  'getChildren',
  'getChildren2',
  'getACL',
  'getAllChildrenNumber',
  'getEphemerals',
  'multiRead',
  'sync',
  'ping',
  'whoAmI',
  'addWatch',
  'removeWatches',
  'checkWatches',
  'setWatches',
])

/** Further ahead than any server gets. */
const AHEAD_ZXID = 2 ** 40
const NO_PASSWORD = new Uint8Array(16)
const WRONG_PASSWORD = new Uint8Array(16).fill(1)
const PING = { type: 'ping' } as const

interface Slot {
  cnxn: Cnxn | undefined
  session: { readonly id: bigint; readonly password: Uint8Array; readonly timeoutMs: number } | undefined
  lastZxid: number
  lines: string[]
}

/** One server. */
export class Subject implements Side {
  readonly name: string
  readonly #dial: Dial
  readonly #end: () => Promise<void>
  readonly #scribe: Scribe = new Scribe()
  readonly #slots: Slot[] = []
  /** Whether the answers are to the pings of this class, which nobody asked for. */
  #isAwaiting = false

  /** `end` ends the server if it was started for this. */
  constructor(name: string, dial: Dial, end: () => Promise<void>) {
    this.name = name
    this.#dial = dial
    this.#end = end
  }

  async run(step: Step): Promise<Sights> {
    await this.#do(step, this.#slot(step.slot))
    if (!isRead(step)) await this.#settleAll()
    const sights = new Map<number, readonly string[]>()
    for (const [at, slot] of this.#slots.entries()) {
      if (slot.lines.length > 0) sights.set(at, slot.lines)
      slot.lines = []
    }
    return sights
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
      case 'resume': {
        const cnxn = this.#connect(slot, {
          timeoutMs: slot.session?.timeoutMs ?? 0,
          sessionId: slot.session?.id ?? 0n,
          password: step.password === 'right' ? (slot.session?.password ?? NO_PASSWORD) : WRONG_PASSWORD,
          lastZxidSeen: step.seen === 'ahead' ? AHEAD_ZXID : slot.lastZxid,
        })
        await cnxn.settled()
        // The old connection, if it still stands, learns that it was taken over.
        await this.#settleAll()
        if (cnxn.isOpen) slot.cnxn = cnxn
      }
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
      },
      reply: (type, reply) => {
        if (type === 'ping' && this.#isAwaiting) return
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
      this.#slots.push({ cnxn: undefined, session: undefined, lastZxid: 0, lines: [] })
    }
    const slot = this.#slots[at]
    if (slot === undefined) throw new RangeError(`There is no slot ${at}`)
    return slot
  }
}

/** Whether nobody but who asked is told anything because of it. */
function isRead(step: Step): boolean {
  return step.do === 'send' && step.requests.every(({ type }) => READS.has(type))
}
