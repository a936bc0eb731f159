/**
 * Reaction: what a server makes of one frame, on a connection of its own: the replies, and whether it closes. A request that every server
 * answers is sent after the first reply, or when none has come for a while: silence is known by the answer to it. It is not sent
 * sooner, since the real server may or may not answer what comes right behind a frame that it closes for.
 */
import { createConnection, type Socket } from 'node:net'
import { type Code, codeOf } from '../../../src/protocol/code.js'
import { encodeRequest, readNotification, readReplyHeader } from '../../../src/protocol/codec.js'
import { FrameSplitter } from '../../../src/protocol/frame.js'
import { readConnectResponse, writeConnectRequest } from '../../../src/protocol/handshake.js'
import { JuteReader, JuteWriter } from '../../../src/protocol/jute.js'
import type { Request } from '../../../src/protocol/message.js'
import { NOTIFICATION_XID } from '../../../src/protocol/xid.js'

/** Nothing that the mutator makes is likely to have it. */
const SENTINEL_XID = 0x7a11_cafe
const SENTINEL: Request = { type: 'exists', path: '/', watch: false }
const GOODBYE: Request = { type: 'closeSession' }
/** No session expires while inputs are compared: when one does is no business of a comparison. */
const SESSION_TIMEOUT_MS = 600_000
/** After so long without a reply there will be none. */
const SILENCE_MS = 40
/** After so long, a server that has answered with a code after which it may close will not. */
const CLOSING_MS = 1_000
const MAX_REPLY_BYTES = 64 * 1_048_576
/** Codes after which a server closes, or may. */
const CLOSING: readonly Code[] = ['UNIMPLEMENTED', 'AUTHFAILED']
const CLOSED = 'closed'
/** What a server does that has not answered in time. */
export const STUCK = 'no answer, not even to the next request'
const SILENT = 'silence'
/** What a reaction may end with that depends on time. */
export const ENDS: readonly string[] = [CLOSED, STUCK, SILENT]

/** The reaction of the server on this port, as text: `OK +70`, `NONODE`, `closed`, `silence`; with the bytes of the body, if it has one. */
export function reactionOf(port: number, frame: Uint8Array, patienceMs: number): Promise<string> {
  return new Promise((resolve) => {
    const cnxn = new ReactionCnxn(port, frame, resolve)
    cnxn.start(patienceMs)
  })
}

class ReactionCnxn {
  readonly #frame: Uint8Array
  readonly #resolve: (reaction: string) => void
  readonly #socket: Socket
  readonly #splitter = new FrameSplitter(MAX_REPLY_BYTES)
  readonly #seen: string[] = []
  #isConnected = false
  #isLeaving = false
  #hasSentinel = false
  #silence: NodeJS.Timeout | undefined

  constructor(port: number, frame: Uint8Array, resolve: (reaction: string) => void) {
    this.#frame = frame
    this.#resolve = resolve
    this.#socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
  }

  start(patienceMs: number): void {
    const socket = this.#socket
    socket.setTimeout(patienceMs, () => {
      if (!this.#isLeaving) this.#seen.push(STUCK)
      this.#isLeaving = true
      socket.destroy()
    })
    socket.on('data', (chunk) => this.#received(chunk))
    // Whatever went wrong, it is over.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(this.#silence)
      if (!this.#isLeaving) this.#seen.push(CLOSED)
      this.#resolve(this.#seen.length === 0 ? SILENT : this.#seen.join(', '))
    })
    const password = new Uint8Array(16)
    const handshake = { lastZxidSeen: 0, timeoutMs: SESSION_TIMEOUT_MS, sessionId: 0n, password }
    this.#send((out) => writeConnectRequest(out, handshake))
  }

  #received(chunk: Uint8Array): void {
    this.#splitter.push(chunk)
    for (let frame = this.#splitter.next(); frame !== undefined; frame = this.#splitter.next()) {
      this.#take(new JuteReader(frame))
    }
  }

  #take(input: JuteReader): void {
    if (!this.#isConnected) {
      readConnectResponse(input)
      this.#isConnected = true
      this.#socket.write(this.#frame)
      this.#sendSentinelAfter(SILENCE_MS)
      return
    }
    const header = readReplyHeader(input)
    if (this.#isLeaving) return
    // The real server may take a while to close.
    if (CLOSING.includes(codeOf(header.errno))) this.#sendSentinelAfter(CLOSING_MS)
    else this.#sendSentinel()
    if (header.xid === NOTIFICATION_XID) {
      const { type, path } = readNotification(input, header)
      this.#seen.push(`${type} ${JSON.stringify(path)}`)
    } else if (header.xid !== SENTINEL_XID) {
      const body = input.remaining > 0 ? ` +${input.remaining}` : ''
      this.#seen.push(`${header.xid} ${codeOf(header.errno)}${body}`)
    } else if (codeOf(header.errno) === 'OK') {
      // What ephemerals it has left go before the next input.
      this.#isLeaving = true
      this.#send((out) => encodeRequest(out, SENTINEL_XID + 1, GOODBYE))
    }
  }

  #sendSentinelAfter(ms: number): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#sendSentinel(), ms)
  }

  #sendSentinel(): void {
    clearTimeout(this.#silence)
    if (this.#hasSentinel) return
    this.#hasSentinel = true
    this.#send((out) => encodeRequest(out, SENTINEL_XID, SENTINEL))
  }

  #send(write: (out: JuteWriter) => void): void {
    const out = new JuteWriter()
    out.frame(write)
    this.#socket.write(out.take())
  }
}
