/** SocketClient: a client over TCP whose socket is at hand, to be destroyed or not to be read, and whose time is virtual. */
import { createConnection, type Socket } from 'node:net'
import type { ZooKeeper } from '../../src/index.js'
import type { Endpoint } from '../../src/node/index.js'
import { SocketLink } from '../../src/node/socket-link.js'
import { completeRemoteOptions, connectRemote, type RemoteConnectOptions } from '../../src/remote-client.js'
import type { WireServer } from '../../src/transport/wire-dialer.js'
import { SoakFault } from './soak-fault.js'

/** A client and its socket. */
export class SocketClient {
  readonly zk: ZooKeeper
  readonly #socket: () => Socket | undefined

  private constructor(zk: ZooKeeper, socket: () => Socket | undefined) {
    this.zk = zk
    this.#socket = socket
  }

  /** Connects to an endpoint of this machine. */
  static async dial(
    { port = 0, connectString }: Endpoint,
    options: RemoteConnectOptions,
  ): Promise<SocketClient> {
    let latest: Socket | undefined
    const server: WireServer = {
      name: connectString,
      open: (events) => {
        const socket = createConnection({ host: '127.0.0.1', port })
        latest = socket
        socket.once('connect', () => events.opened())
        return new SocketLink(socket, events)
      },
    }
    const zk = await connectRemote([server], completeRemoteOptions(options))
    return new SocketClient(zk, () => latest)
  }

  /** Closes the socket at once; with unread bytes in it, that is a reset. */
  destroy(): void {
    this.#requireSocket().destroy()
  }

  /** Closes the socket by a reset. */
  reset(): void {
    this.#requireSocket().resetAndDestroy()
  }

  /** Takes nothing from the socket any more. */
  stopReading(): void {
    this.#requireSocket().pause()
  }

  #requireSocket(): Socket {
    const socket = this.#socket()
    if (socket === undefined) throw new SoakFault('the client has no socket')
    return socket
  }
}
