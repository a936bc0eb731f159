/**
 * RecordingProxy: stands between a server and its clients, passes bytes on, and notes what goes by in a History. It also breaks
 * connections, as networks do: what then does not get to the server is noted as withheld, and what does not get to the client is not
 * noted at all. A frame that it cannot read is passed on all the same, and ends its noting with an error.
 */
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { decodeRequest, readNotification, readReply, readReplyHeader } from '../../src/protocol/codec.js'
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectRequest, readConnectResponse } from '../../src/protocol/handshake.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { Request } from '../../src/protocol/message.js'
import { NOTIFICATION_XID } from '../../src/protocol/xid.js'
import type { History, Thread } from './history.js'
import type { Losses } from './losses.js'

const MAX_FRAME_BYTES = 64 * 1_048_576

/** What a proxy is made with. */
export interface ProxyOptions {
  readonly targetPort: number
  readonly history: History
  /** Whose connections these are. */
  readonly name: string
  readonly losses: Losses
}

/** One proxy. */
export class RecordingProxy {
  readonly #server: Server
  readonly #options: ProxyOptions
  readonly #sockets = new Set<Socket>()
  readonly #errors: unknown[] = []

  private constructor(server: Server, options: ProxyOptions) {
    this.#server = server
    this.#options = options
    server.on('connection', (client: Socket) => this.#accept(client))
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(options: ProxyOptions): Promise<RecordingProxy> {
    const server = createServer()
    const proxy = new RecordingProxy(server, options)
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
    const { history, name, targetPort, losses } = this.#options
    const server = createConnection({ host: '127.0.0.1', port: targetPort, noDelay: true })
    client.setNoDelay(true)
    const thread = history.begin(`${name}, connection ${history.threads.length + 1}`)
    const tap = new Tap(history, thread)
    const lose = (): void => {
      tap.ended('loss')
      // The client gets all that was noted; the server perhaps not all that it was sent.
      client.end()
      if (losses.isHarsh()) server.destroy()
      else server.end()
    }
    client.on('data', (bytes) => {
      const passed = tap.isOver ? 0 : losses.strike(bytes)
      this.#try(() => tap.said(bytes.subarray(0, passed)))
      if (!tap.isOver) server.write(bytes.subarray(0, passed))
      if (passed !== undefined && !tap.isOver) lose()
      if (passed !== undefined) this.#try(() => tap.said(bytes.subarray(passed)))
    })
    server.on('data', (bytes) => {
      if (tap.isOver) return
      const passed = losses.strike(bytes)
      this.#try(() => tap.heard(bytes.subarray(0, passed)))
      client.write(bytes.subarray(0, passed))
      if (passed !== undefined) lose()
    })
    server.on('end', () => tap.drained())
    this.#join(client, server, () => tap.ended('client'))
    this.#join(server, client, () => tap.ended('server'))
  }

  /** The end of one is that of the other. */
  #join(from: Socket, to: Socket, ended: () => void): void {
    this.#sockets.add(from)
    from.on('end', ended)
    from.on('error', () => {
      ended()
      to.destroy()
    })
    from.on('close', () => {
      ended()
      this.#sockets.delete(from)
      to.end()
    })
  }

  #try(note: () => void): void {
    try {
      note()
    } catch (error) {
      this.#errors.push(error)
    }
  }
}

/** Reads along on one connection. What is heard is noted before it is passed on, and what is said too: so the order of the notes is true. */
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

  get isOver(): boolean {
    return this.#thread.isClosed
  }

  /** After the end, what is said gets nowhere. */
  said(bytes: Uint8Array): void {
    for (const frame of framesOf(this.#saying, bytes)) {
      if (!this.#hasShakenHands) {
        this.#hasShakenHands = true
        const { request } = readConnectRequest(new JuteReader(frame))
        if (!this.isOver)
          this.#history.asked(this.#thread, { ...request, password: request.password.slice() })
        continue
      }
      const { xid, request } = decodeRequest(frame)
      if (this.isOver) {
        this.#history.withheld(this.#thread, request)
        continue
      }
      this.#types.set(xid, [...(this.#types.get(xid) ?? []), request.type])
      this.#history.sent(this.#thread, request, xid)
    }
  }

  heard(bytes: Uint8Array): void {
    for (const frame of framesOf(this.#hearing, bytes)) {
      const input = new JuteReader(frame)
      if (!this.#isAnswered) {
        this.#isAnswered = true
        const answer = readConnectResponse(input)
        this.#history.connected(this.#thread, answer)
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

  /** The server reads nothing any more. */
  drained(): void {
    this.#history.drained(this.#thread)
  }

  ended(by: 'server' | 'client' | 'loss'): void {
    this.#history.ended(this.#thread, by)
  }
}

/** Frames that stay good after the next bytes. */
function framesOf(splitter: FrameSplitter, bytes: Uint8Array): Uint8Array[] {
  splitter.push(bytes.slice())
  const frames: Uint8Array[] = []
  for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) frames.push(frame.slice())
  return frames
}
