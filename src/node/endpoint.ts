/**
 * Endpoint: a listening socket of an embedded server and the connections that came in through it.
 * Invariant: a socket counts from its acceptance until it is closed, whatever is spoken on it.
 */

import type { AddressInfo, Server, Socket } from 'node:net'
import { type AsyncDisposableLike, addAsyncDispose } from '../base/async-dispose.js'
import { EventLoopScheduler } from '../base/scheduler.js'
import { formatServer } from '../client/connect-string.js'
import type { EmbeddedZooKeeper } from '../embedded-zookeeper.js'
import { ReadingMemory } from '../protocol/reading-memory.js'
import { TurnTaker } from '../transport/turn-taker.js'
import { UnsentTotal } from '../transport/unsent.js'
import type { WireLimits } from '../transport/wire-limits.js'
import { answerFourLetterWord, type FourLetterWord } from './four-letter-words.js'
import { ListenerFigures, type ServedFigures } from './listener-figures.js'
import { addressOf } from './socket-link.js'
import { TcpCnxn, type TcpCnxnHost } from './tcp-cnxn.js'

/** A Unix socket has no address; whoever can open it is on this machine. */
const LOCAL_ADDRESS = '127.0.0.1'

/** What an endpoint is made with. */
export interface EndpointOptions {
  readonly limits: WireLimits
  readonly words: ReadonlySet<FourLetterWord>
  readonly isTls: boolean
}

/** An embedded server on a port or a Unix socket; made by `listen`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the method is added to the prototype in the static block
export class Endpoint {
  readonly #zoo: EmbeddedZooKeeper
  readonly #server: Server
  readonly #address: AddressInfo | string | null
  readonly #options: EndpointOptions
  readonly #figures: ListenerFigures = new ListenerFigures()
  /** Every socket, those among them that still shake hands in TLS. */
  readonly #sockets = new Set<Socket>()
  readonly #socketsByAddress = new Map<string, number>()
  readonly #cnxns = new Set<TcpCnxn>()
  readonly #host: TcpCnxnHost
  #closing: Promise<void> | undefined

  static {
    addAsyncDispose(Endpoint.prototype)
  }

  /** For `listen`: the server listens already. */
  constructor(zoo: EmbeddedZooKeeper, server: Server, options: EndpointOptions) {
    const { limits, isTls } = options
    this.#zoo = zoo
    this.#server = server
    this.#address = server.address()
    this.#options = options
    const turns = new TurnTaker(new EventLoopScheduler())
    const unsent = new UnsentTotal(limits.maxTotalUnsentBytes)
    const memory = new ReadingMemory()
    this.#host = {
      clock: zoo.clock,
      wire: { clock: zoo.clock, limits, turns, unsent, memory },
      latency: this.#figures.latency,
      attach: (end) => zoo.attach(end),
      answer: (word, extra) => this.#answer(word, extra),
      closed: (cnxn) => this.#closed(cnxn),
    }
    server.on('connection', (socket: Socket) => this.#accept(socket, isTls))
    server.on('secureConnection', (socket: Socket) => this.#serve(socket))
    // Whoever fails to shake hands in TLS is gone, and the others are not concerned.
    server.on('tlsClientError', (_error, socket: Socket) => socket.destroy())
  }

  /** What `connect` and other clients take: `127.0.0.1:2181`; for a Unix socket `unix:/path`, which is zoolet's own way to name one. */
  get connectString(): string {
    const { host = '', port = 0, path } = this
    return formatServer(path === undefined ? { host, port } : { path })
  }

  /** The address that it listens on; undefined for a Unix socket. */
  get host(): string | undefined {
    return typeof this.#address === 'object' ? this.#address?.address : undefined
  }

  /** The port that it listens on; undefined for a Unix socket. */
  get port(): number | undefined {
    return typeof this.#address === 'object' ? this.#address?.port : undefined
  }

  /** The path of its Unix socket; undefined for a port. */
  get path(): string | undefined {
    return typeof this.#address === 'string' ? this.#address : undefined
  }

  /** What it has served so far. */
  get served(): ServedFigures {
    return this.#figures.served(this.#cnxns)
  }

  /** Stops to listen and ends all connections; the sessions live on at the server. Resolves once every socket is closed. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
    return this.#closing
  }

  /** Counts from the first moment, so that handshakes of TLS that lead nowhere count too. */
  #accept(socket: Socket, isTls: boolean): void {
    const address = this.#addressOf(socket)
    // It was reset before it was accepted. Nobody's address must not pass for another's, neither in an ACL nor in a count.
    if (address === undefined) return void socket.destroy()
    const count = this.#socketsByAddress.get(address) ?? 0
    const { maxClientCnxns, maxCnxns } = this.#options.limits
    if (this.#closing !== undefined || count >= maxClientCnxns || this.#sockets.size >= maxCnxns) {
      this.#figures.refused()
      socket.destroy()
      return
    }
    this.#figures.accepted()
    this.#socketsByAddress.set(address, count + 1)
    this.#sockets.add(socket)
    socket.once('close', () => this.#left(socket, address))
    if (!isTls) this.#serve(socket)
  }

  #serve(socket: Socket): void {
    const address = this.#addressOf(socket)
    if (address === undefined) return void socket.destroy()
    this.#cnxns.add(new TcpCnxn(socket, address, this.#host))
  }

  #addressOf(socket: Socket): string | undefined {
    return this.path === undefined ? addressOf(socket) : LOCAL_ADDRESS
  }

  #left(socket: Socket, address: string): void {
    this.#sockets.delete(socket)
    const count = (this.#socketsByAddress.get(address) ?? 0) - 1
    if (count > 0) this.#socketsByAddress.set(address, count)
    else this.#socketsByAddress.delete(address)
  }

  #closed(cnxn: TcpCnxn): void {
    this.#cnxns.delete(cnxn)
    this.#figures.closed(cnxn)
  }

  #answer(word: FourLetterWord, extra: Uint8Array): string {
    const { limits, words } = this.#options
    const facts = this.#figures.facts(this.#zoo, [...this.#cnxns], this.port ?? 0, limits)
    return answerFourLetterWord(word, facts, words, extra)
  }
}

/** Adds `Symbol.asyncDispose` where the consumer's types know it. */
export interface Endpoint extends AsyncDisposableLike {}
