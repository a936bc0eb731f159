/**
 * CnxnLog: what one connection has carried, noted where the server and the client hand it over and take it. Checks with each word:
 * nothing is lost, made up or out of order on the way; S1, one reply per request and in their order; S2 and W2, no reply before the
 * events it depends on; W5, events in the order of their transactions; W3, one for each arming; W8, none about a znode that may not be read.
 */
import type { Notification, Reply, Request } from '../../src/protocol/message.js'
import { PING_XID } from '../../src/protocol/xid.js'
import { Armings, hasLastingWatch } from '../armings.js'

/** What is known of the world around a connection. */
export interface CnxnSurroundings {
  /** Whether only those who have claimed an identity may read the znode. */
  isLocked(path: string): boolean
  /** Whether its client has claimed an identity on an earlier connection. */
  hasClaimedBefore(): boolean
  /** What is wrong with an answer as such. */
  findFaultOfReply(request: Request, reply: Reply, hasClaimed: boolean): string | undefined
  /** The server has taken it for the connection of its session. */
  accepted(log: CnxnLog): void
  fault(what: string): void
}

/** One connection. */
export class CnxnLog {
  readonly name: string
  readonly #around: CnxnSurroundings
  /** Said by the client, of which so many were received. */
  readonly #said: string[] = []
  #received = 0
  /** Told by the server, of which so many were heard. */
  readonly #told: string[] = []
  #heard = 0
  /** Requests that wait for their replies. */
  readonly #owed: { readonly xid: number; readonly request: Request }[] = []
  readonly #persistent = new Set<string>()
  readonly #recursive = new Set<string>()
  readonly #armings = new Armings()
  /** The setWatches that is being answered. */
  #restoring: Request | undefined
  #lastReplyZxid = 0
  #lastEventZxid = 0
  #hasClaimed = false
  #sessionId: bigint | undefined
  #isOver = false
  #events: Notification[] = []

  constructor(name: string, around: CnxnSurroundings) {
    this.name = name
    this.#around = around
  }

  /** Whether the server takes it for the connection of a session. */
  get isBound(): boolean {
    return this.#sessionId !== undefined && !this.#isOver
  }

  /** Paths with a persistent watch that the server has answered for. */
  get persistent(): ReadonlySet<string> {
    return this.#persistent
  }

  /** The same for recursive ones. */
  get recursive(): ReadonlySet<string> {
    return this.#recursive
  }

  get hasClaimed(): boolean {
    return this.#hasClaimed
  }

  /** The events that the server has told since the last time. */
  takeEvents(): readonly Notification[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** The client sends. */
  said(xid: number, { type }: Request): void {
    this.#said.push(`${xid} ${type}`)
  }

  /** The server takes. */
  received(xid: number, request: Request): void {
    if (request.type === 'auth') this.#hasClaimed = true
    // Who restores them the other way round may not be told what it may read.
    if (request.type === 'setWatches' && !this.#hasClaimed && this.#around.hasClaimedBefore())
      this.#fault('W8: watches are restored before identities')
    if (xid === PING_XID) return
    this.#match(this.#said[this.#received++], `${xid} ${request.type}`, 'the server got')
    if (!this.#isOver) this.#owed.push({ xid, request })
  }

  /** The session whose connection it is, or was; undefined before the handshake. */
  get sessionId(): bigint | undefined {
    return this.#sessionId
  }

  /** The server has answered the handshake. */
  accepted(sessionId: bigint): void {
    this.#sessionId = sessionId
    this.#around.accepted(this)
  }

  /** The server sends a reply. */
  replied(reply: Reply): void {
    const { xid, zxid, code } = reply
    if (this.#isOver) this.#fault(`a reply to ${xid} after the end of the connection`)
    if (xid === PING_XID) return
    this.#told.push(`${xid} ${code} ${zxid}`)
    const owed = this.#owed.shift()
    if (owed?.xid !== xid) this.#fault(`S1: a reply to request ${xid}, where ${owed?.xid ?? 'none'} is due`)
    const fault = owed && this.#around.findFaultOfReply(owed.request, reply, this.#hasClaimed)
    if (fault !== undefined) this.#fault(fault)
    if (owed !== undefined) this.#armings.answered(owed.request, code)
    if (owed !== undefined && code === 'OK') this.#arm(owed.request)
    if (xid < 0) return
    if (zxid < this.#lastReplyZxid)
      this.#fault(`S2: a reply shows zxid ${zxid} after ${this.#lastReplyZxid} was shown`)
    this.#lastReplyZxid = zxid
  }

  /** The server sends an event. */
  notified(event: Notification): void {
    const { type, path, zxid } = event
    if (this.#isOver) this.#fault(`${type} ${path} after the end of the connection`)
    this.#told.push(`${type} ${path} ${zxid}`)
    this.#events.push(event)
    if (!this.#hasClaimed && this.#around.isLocked(path))
      this.#fault(`W8: ${type} ${path} is told to who may not read it`)
    this.#spend(event)
    // A catch-up event has no transaction of its own.
    if (zxid < 0) return
    if (zxid <= this.#lastReplyZxid)
      this.#fault(`W2: ${type} ${path} of ${zxid} comes after a reply that shows ${this.#lastReplyZxid}`)
    if (zxid < this.#lastEventZxid) this.#fault(`W5: ${type} ${path} of ${zxid} after ${this.#lastEventZxid}`)
    this.#lastEventZxid = zxid
  }

  /** The server is done with it. */
  over(): void {
    this.#isOver = true
  }

  /** The client hears a reply. */
  heardReply({ xid, code, zxid }: Reply): void {
    this.#match(this.#told[this.#heard++], `${xid} ${code} ${zxid}`, 'the client heard')
  }

  /** The client hears an event. */
  heardEvent({ type, path, zxid }: Notification): void {
    this.#match(this.#told[this.#heard++], `${type} ${path} ${zxid}`, 'the client heard')
  }

  /** W3: an event uses up a watch, and W9: without a transaction it belongs to the setWatches that is being answered. */
  #spend(event: Notification): void {
    const { type, path, zxid } = event
    const request = this.#owed[0]?.request
    if (zxid < 0 && request?.type !== 'setWatches')
      return this.#fault(`W9: ${type} ${path} has no zxid, and nobody restores watches`)
    if (request?.type === 'setWatches' && request !== this.#restoring) {
      this.#restoring = request
      this.#armings.catchUp(request)
    }
    if (!this.#armings.fire(event) && !hasLastingWatch(this, event))
      this.#fault(`W3: ${type} ${path} of ${zxid}, for which no watch was left`)
  }

  #arm(request: Request): void {
    if (request.type === 'addWatch')
      (request.mode === 'PERSISTENT' ? this.#persistent : this.#recursive).add(request.path)
    if (request.type === 'setWatches') {
      for (const path of request.persistentWatches) this.#persistent.add(path)
      for (const path of request.persistentRecursiveWatches) this.#recursive.add(path)
    }
    if (request.type !== 'removeWatches') return
    const { watcherType, path } = request
    if (watcherType === 'Persistent' || watcherType === 'Any') this.#persistent.delete(path)
    if (watcherType === 'PersistentRecursive' || watcherType === 'Any') this.#recursive.delete(path)
  }

  #match(wanted: string | undefined, got: string, who: string): void {
    if (wanted !== got) this.#fault(`${who} "${got}", where "${wanted ?? 'nothing'}" was sent`)
  }

  #fault(what: string): void {
    this.#around.fault(`${this.name}: ${what}`)
  }
}
