/**
 * What each test of the contract begins with: a znode of its own, which is the root of its clients, and one of them. Whatever it
 * connects and starts is closed after it.
 */
import type { Watcher, ZooKeeper } from '../../src/index.js'
import { recordEvents } from '../semantics/fixture.js'
import type { ClientOptions, LinkedClient, Server, ServerOptions, Target } from './target.js'

/** What a world is made with. */
export interface WorldParts {
  readonly target: Target
  readonly server: Server
  /** A client for all worlds of the server. */
  readonly admin: ZooKeeper
  /** Another one each time. */
  readonly number: number
}

/** The surroundings of one test. */
export class World {
  readonly target: Target
  readonly server: Server
  /** The server path of the root of its clients. */
  readonly top: string
  /** What the default watcher of `zk` heard. */
  readonly events: string[]
  readonly #admin: ZooKeeper
  readonly #watcher: Watcher
  readonly #clients: ZooKeeper[] = []
  readonly #servers: Server[] = []
  #zk: ZooKeeper | undefined

  constructor({ target, server, admin, number }: WorldParts) {
    this.target = target
    this.server = server
    this.#admin = admin
    this.top = `/contract-${number}`
    const { events, watcher } = recordEvents()
    this.events = events
    this.#watcher = watcher
  }

  /** A client with a default watcher that records. */
  get zk(): ZooKeeper {
    if (this.#zk === undefined) throw new Error('The world is not open')
    return this.#zk
  }

  /** Makes the znode and connects `zk`. */
  async open(): Promise<void> {
    await this.#admin.create(this.top)
    this.#zk = await this.connect({ watcher: this.#watcher })
  }

  /** Another client below the same znode. */
  connect(options: ClientOptions = {}): Promise<ZooKeeper> {
    return this.connectAnywhere({ chroot: this.top, ...options })
  }

  /** A client that sees the whole tree unless its options say otherwise. */
  async connectAnywhere(options: ClientOptions = {}): Promise<ZooKeeper> {
    return this.keep(await this.server.connect(options))
  }

  /** Lets a client of another server be closed with the others. */
  keep(zk: ZooKeeper): ZooKeeper {
    this.#clients.push(zk)
    return zk
  }

  /** A client below the same znode whose connection can be cut. */
  async connectByLink(options: ClientOptions = {}): Promise<LinkedClient> {
    const client = await this.server.connectByLink({ chroot: this.top, ...options })
    this.keep(client.zk)
    return client
  }

  /** Another server, which is no part of the others; it is closed with this world. */
  async startServer(options: ServerOptions): Promise<Server> {
    const server = await this.target.start(options)
    this.#servers.push(server)
    return server
  }

  /** Closes everything that the test opened. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((zk) => zk.close()))
    await Promise.all(this.#servers.map((server) => server.close()))
  }
}
