/**
 * Claimant: a connection of bytes that asks for a session, its own or somebody else's. Who gets it may leave watches, and is told of
 * what happens like anybody else; what comes is read at once, and checked by the log.
 */
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse } from '../../src/protocol/handshake.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { ConnectRequest, ConnectResponse, Request } from '../../src/protocol/message.js'
import type { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { connectFrame, FakeLink, requestFrame } from '../../test/transport/fake-link.js'
import { CnxnLog } from './cnxn-log.js'
import type { HostedCnxn } from './connection.js'
import type { Host } from './host.js'
import type { Ledger } from './ledger.js'
import { tapServer } from './log-tap.js'

/** Where a claimant lives. */
export interface ClaimantSurroundings {
  readonly host: Host
  readonly ledger: Ledger
  /** The server takes the handshake. */
  readonly accepted?: () => void
}

/** Watches of every kind. */
const WATCHES: readonly Request[] = [
  { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' },
  { type: 'getData', path: '/a', watch: true },
  { type: 'exists', path: '/b', watch: true },
  { type: 'getChildren2', path: '/a', watch: true },
]

/** One connection. */
export class Claimant implements HostedCnxn {
  readonly log: CnxnLog
  readonly #ledger: Ledger
  readonly #link = new FakeLink()
  readonly #end: WireServerEnd
  readonly #splitter = new FrameSplitter(Number.POSITIVE_INFINITY)
  #sessionId = 0n

  /** Sends its handshake. */
  constructor(
    name: string,
    { host, ledger, accepted }: ClaimantSurroundings,
    fields: Partial<ConnectRequest>,
  ) {
    this.#ledger = ledger
    this.log = new CnxnLog(name, {
      isLocked: (path) => ledger.isLocked(path),
      fault: (what) => ledger.fault(what),
      findFaultOfReply: (...reply) => ledger.findFaultOfReply(...reply),
      hasClaimedBefore: () => false,
      accepted: (log) => {
        this.#sessionId = log.sessionId ?? 0n
        accepted?.()
      },
    })
    this.#end = host.accept(this.#link, (end, attach) => tapServer(this.log, end, attach))
    this.#end.received(connectFrame(fields))
  }

  /** Whether the server has ended the connection. */
  get isOverForServer(): boolean {
    return this.#link.log.some((what) => what === 'end' || what === 'destroy')
  }

  /** The answer to the handshake; undefined if there is none. To be asked for once all is at rest. */
  takeAnswer(): ConnectResponse | undefined {
    this.#link.send()
    for (const bytes of this.#link.takeLeft()) this.#splitter.push(bytes)
    const frame = this.#splitter.next()
    return frame && readConnectResponse(new JuteReader(frame))
  }

  /** Leaves watches of every kind. */
  watch(): void {
    for (const [xid, request] of WATCHES.entries()) {
      this.log.said(xid, request)
      this.#end.received(requestFrame(xid, request))
    }
  }

  /** Reads what has come; who reads is alive. */
  swallow(): boolean {
    if (this.#link.unsentBytes === 0) return false
    this.#ledger.sessions.read(this.#sessionId)
    this.#link.send()
    this.#link.takeLeft()
    return true
  }

  serverDied(): void {
    this.log.over()
  }
}
