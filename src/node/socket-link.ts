/** SocketLink: a socket, plain or TLS, as a ByteLink. Invariant: after `end`, `destroy` or `closed` its owner hears nothing. */
import type { Socket } from 'node:net'
import type { ByteLink, ByteLinkEvents } from '../transport/byte-link.js'

/** What a frame begins with: the number of bytes that follow. */
const LENGTH_BYTES = 4
/** How long a peer may take to notice that the connection has ended. */
const LINGER_MS = 2000
/** How an IPv4 address looks to a socket that listens for IPv6 too. */
const MAPPED_IPV4 = '::ffff:'

/** How a link sends. */
export interface SocketLinkOptions {
  /** The address of the other side, as the ip scheme sees it. A client needs none of its server. */
  readonly remoteAddress?: string
  /**
   * On a TLS socket: each frame goes out in a record of its own, as ZooKeeper sends it. A client that takes one frame whenever its
   * socket has news, and does not ask its TLS layer for more (kazoo), would find a second one in the same record much later.
   */
  readonly hasRecordPerFrame?: boolean
}

/** One end of a socket. */
export class SocketLink implements ByteLink {
  readonly #socket: Socket
  readonly #hasRecordPerFrame: boolean
  readonly #events: ByteLinkEvents
  #isDone = false
  #reason: unknown
  readonly remoteAddress: string

  /** What arrives goes to `events`. */
  constructor(socket: Socket, events: ByteLinkEvents, options: SocketLinkOptions = {}) {
    const { remoteAddress = '', hasRecordPerFrame = false } = options
    this.#socket = socket
    this.#hasRecordPerFrame = hasRecordPerFrame
    // Without this hook, which a stream need not have, a socket does not join writes into one.
    if (hasRecordPerFrame) Object.defineProperty(socket, '_writev', { value: null })
    this.#events = events
    this.remoteAddress = remoteAddress
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#isDone || events.received(chunk))
    socket.on('error', (error) => {
      this.#reason = error
    })
    socket.on('close', () => this.#closed())
  }

  write(bytes: Uint8Array, sent: () => void): void {
    const lastFrame = this.#hasRecordPerFrame ? this.#writeAllButLast(bytes) : bytes
    this.#socket.write(lastFrame, () => this.#isDone || sent())
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** What the peer still sends is read and dropped: a socket that is closed over unread bytes takes its last words back. */
  end(): void {
    if (this.#isDone) return
    this.#isDone = true
    // Both sides have said all, and there is no TLS to say that it ends: Node's own way would take longer.
    const isOver = this.#socket.readableEnded && this.#socket.writableLength === 0
    if (isOver && !this.#hasRecordPerFrame) return void this.#socket.destroy()
    this.#socket.end()
    this.#socket.resume()
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS).unref()
    this.#socket.on('close', () => clearTimeout(timer))
  }

  destroy(): void {
    this.#isDone = true
    this.#socket.destroy()
  }

  #writeAllButLast(bytes: Uint8Array): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let start = 0
    while (start + LENGTH_BYTES < bytes.length) {
      const end = start + LENGTH_BYTES + view.getInt32(start)
      if (end >= bytes.length) break
      this.#socket.write(bytes.subarray(start, end))
      start = end
    }
    return bytes.subarray(start)
  }

  #closed(): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#events.closed(this.#reason)
  }
}

/** The address of the other side, an IPv4 one in four parts; undefined if the socket has none, or is closed already. */
export function addressOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress?.startsWith(MAPPED_IPV4) ? remoteAddress.slice(MAPPED_IPV4.length) : remoteAddress
}
