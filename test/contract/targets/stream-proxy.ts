/**
 * A proxy in front of a server on a stream, TCP or Unix, that one client connects through: it passes everything on until it is
 * told to cut, then holds whoever dials until it is told to restore. It knows nothing of what it carries.
 */
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import type { Link } from '../target.js'

/** Where something listens. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string }

/** The way of one client to a server. */
export class StreamProxy implements Link {
  readonly #server: NetServer
  readonly #target: Place
  /** Of the clients, each with the socket to the server once there is one. */
  readonly #pairs = new Map<Socket, Socket | undefined>()
  #isCut = false
  #losesNext = false

  private constructor(server: NetServer, target: Place) {
    this.#server = server
    this.#target = target
    server.on('connection', (client) => this.#accept(client))
  }

  /** Listens at `place` for a server at `target`. */
  static start(place: Place, target: Place): Promise<StreamProxy> {
    const server = createServer()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(place, () => resolve(new StreamProxy(server, target)))
    })
  }

  /** The port that it took; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  cut(): void {
    this.#isCut = true
    this.#breakAll()
  }

  restore(): void {
    this.#isCut = false
    for (const client of this.#pairs.keys()) this.#passOn(client)
  }

  loseNextReply(): void {
    this.#losesNext = true
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#breakAll()
    })
  }

  #accept(client: Socket): void {
    this.#pairs.set(client, undefined)
    client.on('error', () => client.destroy())
    client.on('close', () => {
      this.#pairs.get(client)?.destroy()
      this.#pairs.delete(client)
    })
    if (!this.#isCut) this.#passOn(client)
  }

  #passOn(client: Socket): void {
    const server = connect(this.#target)
    this.#pairs.set(client, server)
    server.on('error', () => server.destroy())
    server.on('close', () => client.destroy())
    server.on('data', (bytes) => this.#passBack(bytes, client))
    client.pipe(server)
  }

  #passBack(bytes: Buffer, client: Socket): void {
    if (!this.#losesNext) return void client.write(bytes)
    this.#losesNext = false
    this.#breakAll()
  }

  #breakAll(): void {
    for (const [client, server] of this.#pairs) {
      server?.destroy()
      client.destroy()
    }
  }
}
