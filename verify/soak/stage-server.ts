/** StageServer: what most stages are made of: a server on a virtual clock, its clients in process and over TCP, and their end. */
import type {
  ConnectOptions,
  EmbeddedZooKeeper,
  EmbeddedZooKeeperOptions,
  ZooKeeper,
} from '../../src/index.js'
import type { Endpoint } from '../../src/node/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { WireLimits } from '../../src/transport/wire-limits.js'
import { within } from './patience.js'
import { countRearmed, reconnectInProcess, reconnectOverTcp } from './reconnections.js'
import { SocketClient } from './socket-client.js'
import type { SoakWorld } from './world.js'

/** A session outlives whatever virtual time a stage lets pass without a word from its client. */
const SESSION_TIMEOUT_MS = 86_400_000

/** A server, and whoever it serves. */
export class StageServer {
  readonly clock: VirtualClock = new VirtualClock()
  readonly zoo: EmbeddedZooKeeper
  readonly #world: SoakWorld
  readonly #local: ZooKeeper[] = []
  readonly #remote: SocketClient[] = []
  readonly #clocks: VirtualClock[] = [this.clock]
  #endpoint: Endpoint | undefined

  constructor(world: SoakWorld, options: EmbeddedZooKeeperOptions = {}) {
    this.#world = world
    this.zoo = world.createServer({ maxSessionTimeoutMs: SESSION_TIMEOUT_MS, ...options, clock: this.clock })
  }

  /** All time that passes here: their timers are counted. */
  get clocks(): readonly VirtualClock[] {
    return this.#clocks
  }

  /** A time of its own for some of the clients. */
  addClock(): VirtualClock {
    const clock = new VirtualClock()
    this.#clocks.push(clock)
    return clock
  }

  /** A client in process. */
  async connect(options: ConnectOptions = {}): Promise<ZooKeeper> {
    const zk = await this.#world.connect(this.zoo, { sessionTimeoutMs: SESSION_TIMEOUT_MS, ...options })
    this.#local.push(zk)
    return zk
  }

  /** Opens a port. */
  async listen(limits: Partial<WireLimits> = {}): Promise<Endpoint> {
    this.#endpoint = await this.#world.listen(this.zoo, {
      port: 0,
      limits: { maxClientCnxns: Number.POSITIVE_INFINITY, maxCnxns: Number.POSITIVE_INFINITY, ...limits },
    })
    return this.#endpoint
  }

  /** A client over TCP. */
  async dial(): Promise<SocketClient> {
    const endpoint = this.#endpoint ?? (await this.listen())
    const options = { clock: this.clock, sessionTimeoutMs: SESSION_TIMEOUT_MS }
    // The client's own deadline is virtual.
    const client = await within(SocketClient.dial(endpoint, options), 'a connection')
    this.#remote.push(client)
    return client
  }

  /** Watches in the tables of the clients, as they send them to a server anew. */
  async countClientWatches(): Promise<number> {
    return countRearmed(this.zoo, async () => {
      await reconnectInProcess(this.zoo, this.clock, this.#local)
      await reconnectOverTcp(this.zoo, this.clock, this.#remote, () => 'reset')
    })
  }

  /** Ends the clients, then the server. */
  async close(): Promise<void> {
    await Promise.all(this.#remote.map(({ zk }) => zk.close()))
    await this.#endpoint?.close()
    await this.zoo.close()
  }
}
