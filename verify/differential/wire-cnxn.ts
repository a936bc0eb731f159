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
/** How long a server may take for everything that it was asked, unless told otherwise. */
const PATIENCE_MS = 10_000
const AUTH_XID = -4
const SET_WATCHES_XID = -8

interface Pending {
  readonly xid: number
  readonly type: Request['type']
}

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/** One socket. What a server sends that cannot be understood ends it, and is told by `settled`: nothing is thrown in a handler. */
export class WireCnxn implements Cnxn {
  readonly #events: CnxnEvents
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(MAX_FRAME_BYTES)
  readonly #pending: Pending[] = []
  #isShaking = false
  /** The goodbye was said, or the last answer given: nothing is over before the server has ended the connection. */
  #isLeaving = false
  #isOpen = true
  #xid = 0
  #fault: Error | undefined
  #waiting: Waiting | undefined
  readonly #patienceMs: number

  constructor(port: number, events: CnxnEvents, patienceMs: number = PATIENCE_MS) {
    this.#events = events
    this.#patienceMs = patienceMs
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
      out.frame((frame) => write(frame, xid, request))
    }
    this.#socket.write(out.take())
  }

  /** The server ends its side once it has noticed, and has dropped all that belonged to the connection before. */
  async cut(): Promise<void> {
    this.#isOpen = false
    const ended = new Promise((resolve) => this.#socket.once('close', resolve))
    if (this.#socket.closed) return
    this.#socket.end()
    const timer = setTimeout(() => this.#socket.destroy(), this.#patienceMs)
    await ended
    clearTimeout(timer)
  }

  settled(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault)
    if (this.#isSettled) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error(this.#describeMissing())), this.#patienceMs)
      this.#waiting = {
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
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
    try {
      this.#splitter.push(chunk)
      for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next()) {
        this.#take(new JuteReader(frame))
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#isSettled) this.#rest()
  }

  /** Nothing more can be understood or waited for. */
  #fail(error: Error): void {
    this.#fault ??= error
    this.#isOpen = false
    this.#socket.destroy()
    this.#rest()
  }

  /** Whoever waits learns that there is nothing more to wait for. */
  #rest(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#fault === undefined) waiting?.resolve()
    else waiting?.reject(this.#fault)
  }

  #describeMissing(): string {
    const types = this.#pending.map(({ type }) => type).join(', ')
    const missing = this.#isShaking ? 'the handshake' : types === '' ? 'the end of the connection' : types
    return `No answer within ${this.#patienceMs} ms to ${missing}`
  }

  #take(input: JuteReader): void {
    if (this.#isShaking) {
      this.#isShaking = false
      const response = readConnectResponse(input)
      if (response.timeoutMs <= 0) this.#isLeaving = true
      this.#events.connected(response)
      return
    }
    const header = readReplyHeader(input)
    if (header.xid === NOTIFICATION_XID) return this.#events.notify(readNotification(input, header))
    const at = this.#pending.findIndex(({ xid }) => xid === header.xid)
    const [pending] = at < 0 ? [] : this.#pending.splice(at, 1)
    if (pending === undefined) throw new Error(`A reply to nothing: xid ${header.xid}`)
    const reply = readReply(input, header, pending.type)
    if (pending.type === 'unknown' || reply.code === 'AUTHFAILED') this.#isLeaving = true
    this.#events.reply(pending.type, reply)
  }

  #ended(): void {
    if (this.#isOpen) {
      this.#isOpen = false
      this.#events.closed()
    }
    this.#rest()
  }
}

/** What the library never sends, too: an operation that there is not. */
function write(frame: JuteWriter, xid: number, request: Request): void {
  if (request.type !== 'unknown') return encodeRequest(frame, xid, request)
  frame.int(xid)
  frame.int(request.opCode)
}
