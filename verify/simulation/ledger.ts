/**
 * Ledger: what the server has done, transaction by transaction, against what clients were told and asked for. T1, each transaction
 * takes one zxid; T3, sequence numbers below a znode only grow; T5, a multi is applied as a whole or not at all; S3, what begins after something was known comes after it; S4, what
 * nobody has an answer to happened at most once, and what was refused never; S7, what a connection still had to say when it was
 * replaced has no effect. Every write has a value of its own, by which it is found again.
 */
import type { InspectionEvent, Snapshot } from '../../src/index.js'
import { Perms } from '../../src/index.js'
import type { ACL } from '../../src/protocol/acl.js'
import type { TxnBody } from '../../src/server/txn.js'
import { SessionBook } from './session-book.js'

/** How a write ended for who asked for it. */
export type WriteOutcome = 'applied' | 'not applied' | 'unknown'

/** A write that somebody waits for. */
export interface PendingWrite {
  end(outcome: WriteOutcome): void
}

interface Write {
  readonly values: readonly string[]
  /** What was known when it began, and to which server. */
  readonly knownZxid: number
  readonly epoch: number
  outcome: WriteOutcome
}

interface Place {
  readonly zxid: number
  readonly epoch: number
}

const decoder = new TextDecoder()
/** A value is followed by nothing that could belong to it. */
const VALUE = /c\d+#\d+;/g

/** One for each run. */
export class Ledger {
  readonly #faults: string[] = []
  readonly #writes: Write[] = []
  readonly #places = new Map<string, Place[]>()
  readonly #forbidden = new Set<string>()
  readonly #locked = new Set<string>()
  /** The last sequence number below each znode. */
  readonly #sequences = new Map<string, string>()
  readonly #onTxn: (zxid: number, txn: TxnBody) => void
  readonly sessions: SessionBook
  #zxid = 0
  #knownZxid = 0
  #epoch = 0

  /** `onTxn` is called after each transaction; `nowMs` is on the monotonic clock. */
  constructor(nowMs: () => number, onTxn: (zxid: number, txn: TxnBody) => void) {
    this.#onTxn = onTxn
    this.sessions = new SessionBook(nowMs, (what) => this.fault(what))
  }

  fault(what: string): void {
    this.#faults.push(what)
  }

  /** A server begins, with this state or none. */
  booted(snapshot: Snapshot | undefined): void {
    this.sessions.booted(snapshot?.sessions ?? [])
    if (snapshot !== undefined && BigInt(this.#zxid) !== snapshot.zxid)
      this.fault(`T1: a snapshot of zxid ${snapshot.zxid} where ${this.#zxid} was the last one`)
    if (snapshot !== undefined) return
    this.#epoch += 1
    this.#zxid = 0
    this.#knownZxid = 0
    this.#locked.clear()
    this.#sequences.clear()
  }

  /** Takes what the server tells of itself. */
  inspect(event: InspectionEvent): void {
    this.sessions.inspect(event)
    if (event.kind === 'txn') this.#applied(event.zxid, event.txn)
  }

  /** Which server it is by now: one that was begun with nothing counts from 1 again. */
  get epoch(): number {
    return this.#epoch
  }

  /** A client has seen what this transaction of that server did. */
  saw(zxid: bigint, epoch: number): void {
    if (epoch === this.#epoch) this.#knownZxid = Math.max(this.#knownZxid, Number(zxid))
  }

  /** Somebody asks for a write of these values, all of them or none. */
  begin(values: readonly string[]): PendingWrite {
    const write: Write = { values, knownZxid: this.#knownZxid, epoch: this.#epoch, outcome: 'unknown' }
    this.#writes.push(write)
    return {
      end: (outcome) => {
        write.outcome = outcome
        const place = outcome === 'applied' ? this.#places.get(values[0] ?? '')?.[0] : undefined
        if (place !== undefined) this.saw(BigInt(place.zxid), place.epoch)
      },
    }
  }

  /** What stands in this text may not happen any more. */
  forbid(text: string): void {
    for (const [value] of text.matchAll(VALUE)) this.#forbidden.add(value)
  }

  /** Whether only those who have claimed an identity may read the znode. */
  isLocked(path: string): boolean {
    return this.#locked.has(path)
  }

  /** Everything that was broken so far. */
  faults(): readonly string[] {
    return [...this.#faults, ...this.#writes.flatMap((write) => this.#check(write))]
  }

  #applied(zxid: number, txn: TxnBody): void {
    if (zxid !== this.#zxid + 1) this.fault(`T1: zxid ${zxid} after ${this.#zxid}`)
    this.#zxid = zxid
    for (const op of txn.type === 'multi' ? txn.ops : [txn]) {
      if (op.type === 'create' || op.type === 'setACL') this.#setLock(op.path, op.acl)
      if (op.type === 'create') this.#numbered(op.path)
      if (op.type === 'delete') this.#gone(op.path)
      if (op.type === 'closeSession') for (const path of op.ephemerals) this.#gone(path)
      if (op.type === 'create' || op.type === 'setData') this.#note(op.data, zxid)
    }
    this.#onTxn(zxid, txn)
  }

  #note(data: Uint8Array | null, zxid: number): void {
    const [value] = data === null ? [] : (decoder.decode(data).match(VALUE) ?? [])
    if (value === undefined) return
    if (this.#forbidden.has(value))
      this.fault(`S7: ${value} is written by a connection that was replaced before it was heard`)
    const places = this.#places.get(value) ?? []
    places.push({ zxid, epoch: this.#epoch })
    this.#places.set(value, places)
  }

  /** Its last event was told in the turn that is over now. */
  #gone(path: string): void {
    this.#locked.delete(path)
    this.#sequences.delete(path)
  }

  #numbered(path: string): void {
    const [, parent, number] = /^(.*)\/[^/]*-m?(\d{10})$/.exec(path) ?? []
    if (parent === undefined || number === undefined) return
    const last = this.#sequences.get(parent)
    if (last !== undefined && number <= last) this.fault(`T3: ${path} after ${last}`)
    this.#sequences.set(parent, number)
  }

  #setLock(path: string, acl: readonly ACL[]): void {
    const isOpen = acl.some(({ scheme, perms }) => scheme === 'world' && (perms & Perms.READ) !== 0)
    if (isOpen) this.#locked.delete(path)
    else this.#locked.add(path)
  }

  #check({ values, knownZxid, epoch, outcome }: Write): string[] {
    const places = values.map((value) => this.#places.get(value) ?? [])
    const name = values.join(' ')
    if (places.some(({ length }) => length > 1)) return [`S4: ${name} is written twice`]
    const [first] = places
    const zxid = first?.[0]?.zxid
    if (places.some((each) => each[0]?.zxid !== zxid)) return [`T5: ${name} are not written as one`]
    if (outcome === 'applied' && zxid === undefined) return [`S4: ${name} was confirmed, and is not written`]
    if (outcome === 'not applied' && zxid !== undefined) return [`S4: ${name} was refused, and is written`]
    const isSameServer = first?.[0]?.epoch === epoch
    return isSameServer && zxid !== undefined && zxid <= knownZxid
      ? [`S3: ${name} has zxid ${zxid}, though ${knownZxid} was known before it was asked for`]
      : []
  }
}
