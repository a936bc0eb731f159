/** Cut: a way to a server of this machine that can be cut, closed and held, so that its clients meet a bad network. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What can be done to it: `hold` keeps all bytes back, without a word, until `open` undoes it and `close`. */
export const CUT_VERBS = ['cut', 'close', 'open', 'hold'] as const

/** One of them. */
export type CutVerb = (typeof CUT_VERBS)[number]

/** Passes bytes between its own port and that of the server while it is open. */
export class Cut {
  readonly #serverPort: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #isHeld = false
  #port = 0

  private constructor(serverPort: number) {
    this.#serverPort = serverPort
  }

  /** An open way to the server at a port. */
  static async to(serverPort: number): Promise<Cut> {
    const cut = new Cut(serverPort)
    await cut.open()
    return cut
  }

  /** The port of this way; the same as long as it lives. */
  get port(): number {
    return this.#port
  }

  /** Takes connections again, and lets all bytes through. */
  async open(): Promise<void> {
    this.#isHeld = false
    for (const socket of this.#sockets) socket.resume()
    if (this.#server !== undefined) return
    const server = createServer((client) => this.#pass(client))
    this.#server = server
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
  }

  /** Refuses connections, after it has cut those there are. */
  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.close()
    this.cut()
    if (server?.listening) await once(server, 'close')
  }

  /** Cuts the connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  /** Keeps bytes back. */
  hold(): void {
    this.#isHeld = true
    for (const socket of this.#sockets) socket.pause()
  }

  #pass(client: Socket): void {
    const server = connect(this.#serverPort, '127.0.0.1')
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (bytes) => to.write(bytes))
      // An error ends the socket, and so the way of both.
      from.on('error', () => undefined)
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      if (this.#isHeld) from.pause()
    }
  }
}
