/** WireCnxn: a connection over TCP, to zoolet or to any other server that speaks the protocol. */
import { createConnection, type Socket } from 'node:net'
import { encodeRequest, readNotification, readReply, readReplyHeader } from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse, writeConnectRequest } from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../src/protocol/jute.js'
import type { ConnectRequest, Request } from '../../src/protocol/message.js'
import { NOTIFICATION_XID, PING_XID } from '../../src/protocol/xid.js'
import type { Cnxn, CnxnEvents } from './cnxn.js'

const MAX_FRAME_BYTES = 64 * 1_048_576
/** How long a server may take for everything that it was asked. */
const PATIENCE_MS = 10_000
/** How long a server may take to notice that a socket was closed. */
const NOTICE_MS = 10
const AUTH_XID = -4
const SET_WATCHES_XID = -8

interface Pending {
  readonly xid: number
  readonly type: Request['type']
}

/** One socket. */
export class WireCnxn implements Cnxn {
  readonly #events: CnxnEvents
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(MAX_FRAME_BYTES)
  readonly #pending: Pending[] = []
  #isShaking = false
  /** The goodbye was said: nothing is over before the server has ended the connection. */
  #isLeaving = false
  #isOpen = true
  #xid = 0
  #settle: (() => void) | undefined

  constructor(port: number, events: CnxnEvents) {
    this.#events = events
    this.#socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    this.#socket.on('data', (chunk) => this.#received(chunk))
    // What went wrong is of no interest: it is over.
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => this.#ended())
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  connect(request: ConnectRequest): void {
    this.#isShaking = true
    const out = new JuteWriter()
    out.frame((frame) => writeConnectRequest(frame, request))
    this.#socket.write(out.take())
  }

  send(requests: readonly Request[]): void {
    if (!this.#isOpen) return
    const out = new JuteWriter()
    for (const request of requests) {
      const { type } = request
      const xid = this.#xidOf(type)
      this.#pending.push({ xid, type })
      if (type === 'closeSession') this.#isLeaving = true
      out.frame((frame) => encodeRequest(frame, xid, request))
    }
    this.#socket.write(out.take())
  }

  async cut(): Promise<void> {
    this.#isOpen = false
    this.#socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, NOTICE_MS))
  }

  settled(): Promise<void> {
    if (this.#isSettled) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`No answer within ${PATIENCE_MS} ms to ${JSON.stringify(this.#pending)}`)),
        PATIENCE_MS,
      )
      this.#settle = () => {
        clearTimeout(timer)
        this.#settle = undefined
        resolve()
      }
    })
  }

  get #isSettled(): boolean {
    return !this.#isOpen || (!this.#isShaking && !this.#isLeaving && this.#pending.length === 0)
  }

  #xidOf(type: Request['type']): number {
    if (type === 'ping') return PING_XID
    if (type === 'auth') return AUTH_XID
    if (type === 'setWatches') return SET_WATCHES_XID
    return ++this.#xid
  }

  #received(chunk: Uint8Array): void {
    if (!this.#isOpen) return
    this.#splitter.push(chunk)
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next()) {
      this.#take(new JuteReader(frame))
    }
    if (this.#isSettled) this.#settle?.()
  }

  #take(input: JuteReader): void {
    if (this.#isShaking) {
      this.#isShaking = false
      this.#events.connected(readConnectResponse(input))
      return
    }
    const header = readReplyHeader(input)
    if (header.xid === NOTIFICATION_XID) return this.#events.notify(readNotification(input, header))
    const at = this.#pending.findIndex(({ xid }) => xid === header.xid)
    const [pending] = at < 0 ? [] : this.#pending.splice(at, 1)
    if (pending === undefined) throw new Error(`A reply to nothing: xid ${header.xid}`)
    this.#events.reply(pending.type, readReply(input, header, pending.type))
  }

  #ended(): void {
    if (this.#isOpen) {
      this.#isOpen = false
      this.#events.closed()
    }
    this.#settle?.()
  }
}
