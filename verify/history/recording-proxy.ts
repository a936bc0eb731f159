/**
 * RecordingProxy: stands between a server and clients that others wrote, passes every byte on, and notes what goes by in a History.
 * A frame that it cannot read is passed on all the same, and ends its noting with an error.
 */
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { decodeRequest, readNotification, readReply, readReplyHeader } from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse } from '../../src/protocol/handshake.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { Request } from '../../src/protocol/message.js'
import { NOTIFICATION_XID } from '../../src/protocol/xid.js'
import type { History, Thread } from './history.js'

const MAX_FRAME_BYTES = 64 * 1_048_576

/** One proxy. */
export class RecordingProxy {
  readonly #server: Server
  readonly #targetPort: number
  readonly #history: History
  readonly #sockets = new Set<Socket>()
  readonly #errors: unknown[] = []

  private constructor(server: Server, targetPort: number, history: History) {
    this.#server = server
    this.#targetPort = targetPort
    this.#history = history
    server.on('connection', (client: Socket) => this.#accept(client))
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(targetPort: number, history: History): Promise<RecordingProxy> {
    const server = createServer()
    const proxy = new RecordingProxy(server, targetPort, history)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Ends all connections. @throws what it could not read */
  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
    for (const error of this.#errors) throw error
  }

  #accept(client: Socket): void {
    const server = createConnection({ host: '127.0.0.1', port: this.#targetPort, noDelay: true })
    const tap = new Tap(
      this.#history,
      this.#history.begin(`a client of others, ${this.#history.threads.length + 1}`),
    )
    this.#pass(client, server, (bytes) => tap.said(bytes))
    this.#pass(server, client, (bytes) => tap.heard(bytes))
    server.on('close', () => tap.ended())
  }

  /** What is heard is noted before it is passed on, and what is said too: so the order of the notes is true. */
  #pass(from: Socket, to: Socket, note: (bytes: Uint8Array) => void): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk) => {
      try {
        note(chunk)
      } catch (error) {
        this.#errors.push(error)
      }
      to.write(chunk)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.end()
    })
  }
}

/** Reads along on one connection. */
class Tap {
  readonly #history: History
  readonly #thread: Thread
  readonly #saying = new FrameSplitter(MAX_FRAME_BYTES)
  readonly #hearing = new FrameSplitter(MAX_FRAME_BYTES)
  readonly #types = new Map<number, Request['type'][]>()
  #hasShakenHands = false
  #isAnswered = false

  constructor(history: History, thread: Thread) {
    this.#history = history
    this.#thread = thread
  }

  said(bytes: Uint8Array): void {
    for (const frame of framesOf(this.#saying, bytes)) {
      if (!this.#hasShakenHands) {
        this.#hasShakenHands = true
        continue
      }
      const { xid, request } = decodeRequest(frame)
      this.#types.set(xid, [...(this.#types.get(xid) ?? []), request.type])
      this.#history.sent(this.#thread, request)
    }
  }

  heard(bytes: Uint8Array): void {
    for (const frame of framesOf(this.#hearing, bytes)) {
      const input = new JuteReader(frame)
      if (!this.#isAnswered) {
        this.#isAnswered = true
        this.#history.connected(this.#thread, readConnectResponse(input))
        continue
      }
      const header = readReplyHeader(input)
      if (header.xid === NOTIFICATION_XID) {
        this.#history.notified(this.#thread, readNotification(input, header))
        continue
      }
      const type = this.#types.get(header.xid)?.shift()
      if (type === undefined) throw new Error(`A reply to nothing: xid ${header.xid}`)
      this.#history.replied(this.#thread, type, readReply(input, header, type))
    }
  }

  ended(): void {
    this.#thread.isClosed = true
  }
}

/** Frames that stay good after the next bytes. */
function framesOf(splitter: FrameSplitter, bytes: Uint8Array): Uint8Array[] {
  splitter.push(bytes.slice())
  const frames: Uint8Array[] = []
  for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame.slice())
  return frames
}
