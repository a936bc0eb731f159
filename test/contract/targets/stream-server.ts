/** A server that is reached by a connect string, over TCP or a Unix socket, and the proxies in front of it. */
import { randomBytes } from 'node:crypto'
import type { ZooKeeper } from '../../../src/index.js'
import { connect, type NetworkConnectOptions } from '../../../src/node/index.js'
import type { ClientOptions, LinkedClient, Server } from '../target.js'
import { type Place, StreamProxy } from './stream-proxy.js'

/** What there is to know about it. */
export interface StreamServerOptions {
  readonly place: Place
  /** For all clients. */
  readonly maxPendingRequests: number | undefined
  /** A place where a proxy can listen, another one each time. */
  readonly nextPlace: () => Place
  readonly close: () => Promise<void>
}

/** Connects clients, directly or through a proxy each. */
export class StreamServer implements Server {
  readonly #options: StreamServerOptions
  readonly #proxies: StreamProxy[] = []

  constructor(options: StreamServerOptions) {
    this.#options = options
  }

  connect(options: ClientOptions = {}): Promise<ZooKeeper> {
    return connect(connectStringOf(this.#options.place), this.#complete(options))
  }

  async connectByLink(options: ClientOptions = {}): Promise<LinkedClient> {
    const { place, nextPlace } = this.#options
    const proxyPlace = nextPlace()
    const link = await StreamProxy.start(proxyPlace, place)
    this.#proxies.push(link)
    const at = 'path' in proxyPlace ? proxyPlace : { ...proxyPlace, port: link.port }
    const zk = await connect(connectStringOf(at), this.#complete(options))
    return { zk, link }
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()))
    await this.#options.close()
  }

  #complete(options: ClientOptions): NetworkConnectOptions {
    const { maxPendingRequests } = this.#options
    return { ...options, maxPendingRequests, randomBytes: leastChance }
  }
}

function connectStringOf(place: Place): string {
  return 'path' in place ? `unix:${place.path}` : `${place.host}:${place.port}`
}

/** The pauses before a redial are as short as chance may make them; what has to be unique, which takes more bytes, is. */
export function leastChance(length: number): Uint8Array {
  return length > 4 ? randomBytes(length) : new Uint8Array(length)
}
