/**
 * Ledger: what the server has done, transaction by transaction, against what clients were told and asked for. T1, each transaction
 * takes one zxid; T3, sequence numbers below a znode only grow; T5, a multi is applied as a whole or not at all; S3, what begins after something was known comes after it; S4, what
 * nobody has an answer to happened at most once, and what was refused never; S7, what a connection still had to say when it was
 * replaced has no effect. Every write has a value of its own, by which it is found again.
 */
import { type InspectionEvent, Perms, type Snapshot, type Stat, type ZnodeReport } from '../../src/index.js'
import type { ACL } from '../../src/protocol/acl.js'
import type { Reply, Request } from '../../src/protocol/message.js'
import type { TxnApplied } from '../../src/server/inspection.js'
import type { TxnBody } from '../../src/server/txn.js'
import { Deletions, type WriteOutcome } from './deletions.js'
import { FactTree } from './fact-tree.js'
import { SessionBook } from './session-book.js'

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

/** What was known at a time. */
export interface LedgerMark {
  readonly zxid: number
  /** Undefined for that of a new server. */
  readonly tree: FactTree | undefined
  readonly locked: ReadonlySet<string>
  readonly sequences: ReadonlyMap<string, string>
}

const BEGINNING: LedgerMark = { zxid: 0, tree: undefined, locked: new Set(), sequences: new Map() }
const decoder = new TextDecoder()
/** A value is followed by nothing that could belong to it. */
const VALUE = /c\d+#\d+;/g

/** One for each run. */
export class Ledger {
  readonly #faults: string[] = []
  readonly #txns: TxnApplied[] = []
  readonly #writes: Write[] = []
  readonly #places = new Map<string, Place[]>()
  readonly #forbidden = new Set<string>()
  #locked = new Set<string>()
  /** The last sequence number below each znode. */
  #sequences = new Map<string, string>()
  readonly #onTxn: (zxid: number, txn: TxnBody) => void
  readonly sessions: SessionBook
  readonly deletions: Deletions = new Deletions()
  /** Who has asked last: a transaction that somebody asks for follows at once. */
  #askedBy = 0n
  #tree = new FactTree()
  /** A Stat that somebody was told with the reply to a write, which is told before the transaction is. */
  #toldStat: { readonly path: string; readonly zxid: number; readonly stat: Stat } | undefined
  #zxid = 0
  #knownZxid = 0
  #epoch = 0

  /** `onTxn` is called with each transaction, while `isLocked` is as it was before; `nowMs` is on the monotonic clock. */
  constructor(nowMs: () => number, onTxn: (zxid: number, txn: TxnBody) => void) {
    this.#onTxn = onTxn
    this.sessions = new SessionBook(nowMs, (what) => this.fault(what))
  }

  fault(what: string): void {
    this.#faults.push(what)
  }

  /** Every transaction of every server so far. */
  get txns(): readonly TxnApplied[] {
    return this.#txns
  }

  /** What is known of the server as it is, for a snapshot that is put away. */
  mark(): LedgerMark {
    return {
      zxid: this.#zxid,
      tree: new FactTree(this.#tree),
      locked: new Set(this.#locked),
      sequences: new Map(this.#sequences),
    }
  }

  /** A server begins, with this state or none. With a mark it is the state of then: what came after it has never happened. */
  booted(snapshot: Snapshot | undefined, mark?: LedgerMark): void {
    this.sessions.booted(snapshot?.sessions ?? [], { isOlder: mark !== undefined })
    if (mark !== undefined) this.#goBack(mark)
    if (snapshot !== undefined && BigInt(this.#zxid) !== snapshot.zxid)
      this.fault(`T1: a snapshot of zxid ${snapshot.zxid} where ${this.#zxid} was the last one`)
    if (snapshot === undefined) this.#goBack(BEGINNING)
  }

  /** Takes what the server tells of itself. */
  inspect(event: InspectionEvent): void {
    this.sessions.inspect(event)
    if (event.kind === 'request') this.#askedBy = event.sessionId
    if (event.kind !== 'txn') return
    this.#txns.push(event)
    this.#tree.apply(event.zxid, event.timeMs, event.txn)
    this.#applied(event.zxid, event.txn)
  }

  /** The last zxid. */
  get zxid(): number {
    return this.#zxid
  }

  /** Which server it is by now: one that has lost something counts zxids again. */
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

  /** What is wrong with an answer of the server. `hasClaimed` is whether its connection has claimed an identity. */
  findFaultOfReply(request: Request, reply: Reply, hasClaimed: boolean): string | undefined {
    const { zxid, response } = reply
    if (request.type === 'setData' && response?.type === 'stat')
      this.#toldStat = { path: request.path, zxid, stat: response.stat }
    return this.#tree.findFault(request, reply, (path) => !hasClaimed && this.isLocked(path))
  }

  /** What is wrong with the tree of the server as a whole. */
  findTreeFaults(znodes: readonly ZnodeReport[]): string[] {
    return this.#tree.findTreeFaults(znodes)
  }

  /** Whether only those who have claimed an identity may read the znode. */
  isLocked(path: string): boolean {
    return this.#locked.has(path)
  }

  /** Everything that was broken so far. */
  faults(): readonly string[] {
    return [
      ...this.#faults,
      ...this.deletions.faults(),
      ...this.#writes.flatMap((write) => this.#check(write)),
    ]
  }

  #goBack({ zxid, tree, locked, sequences }: LedgerMark): void {
    this.#epoch += 1
    this.#zxid = zxid
    this.#knownZxid = 0
    this.#tree = new FactTree(tree)
    this.#locked = new Set(locked)
    this.#sequences = new Map(sequences)
  }

  #applied(zxid: number, txn: TxnBody): void {
    if (zxid !== this.#zxid + 1) this.fault(`T1: zxid ${zxid} after ${this.#zxid}`)
    this.#zxid = zxid
    const told = this.#toldStat
    this.#toldStat = undefined
    const fault = told?.zxid === zxid ? this.#tree.findStatFault(told.path, told.stat) : undefined
    if (fault !== undefined) this.fault(fault)
    // Its events went by what was locked before it.
    this.#onTxn(zxid, txn)
    this.deletions.applied(this.#askedBy, txn)
    for (const op of txn.type === 'multi' ? txn.ops : [txn]) {
      if (op.type === 'create' || op.type === 'setACL') this.#setLock(op.path, op.acl)
      if (op.type === 'create') this.#numbered(op.path)
      if (op.type === 'delete') this.#gone(op.path)
      if (op.type === 'closeSession') for (const path of op.ephemerals) this.#gone(path)
      if (op.type === 'create' || op.type === 'setData') this.#note(op.data, zxid)
    }
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
