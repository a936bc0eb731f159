/**
 * A TCP proxy between a client and a server, for what networks do: it can hold everything back without a word, so that both sides
 * believe in their connection, and it can cut. Its target may change, as that of a server that moves.
 */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { listening } from './network.js'

/** One proxy, gone with its test. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly port: number
  #targetPort: number
  #isHeld = false
  #acceptedCount = 0

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server
    this.port = port
    this.#targetPort = targetPort
    server.on('connection', (socket: Socket) => this.#accept(socket))
  }

  /** A proxy that passes on to this port of this machine. */
  static async start(targetPort = 0): Promise<TcpProxy> {
    const server = createServer()
    const proxy = new TcpProxy(server, await listening(server), targetPort)
    onTestFinished(() => proxy.close())
    return proxy
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Connections that it has taken so far. */
  get acceptedCount(): number {
    return this.#acceptedCount
  }

  /** New connections go there. */
  retarget(port: number): void {
    this.#targetPort = port
  }

  /** Passes nothing on any more, either way; what comes waits. New connections are taken, and held too. */
  hold(): void {
    this.#isHeld = true
    for (const socket of this.#sockets) socket.pause()
  }

  /** Passes on again, first of all what has waited. */
  release(): void {
    this.#isHeld = false
    for (const socket of this.#sockets) socket.resume()
  }

  /** Breaks all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.cut()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.#acceptedCount += 1
    const server = createConnection({ host: '127.0.0.1', port: this.#targetPort })
    this.#join(client, server)
    this.#join(server, client)
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => from.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    if (this.#isHeld) from.pause()
  }
}
