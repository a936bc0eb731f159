/** What the tests over message ports begin with: a server, channels that are closed with the test, and clients on them. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import {
  connectPort,
  type PortEndpoint,
  type RemoteConnectOptions,
  type ServePortOptions,
  servePort,
} from '../../src/message-port/index.js'
import { SHORT_SESSIONS } from '../node/network.js'
import { recordEvents } from '../semantics/fixture.js'

/** A server on one side of a channel. */
export interface PortNetwork {
  readonly zoo: EmbeddedZooKeeper
  readonly endpoint: PortEndpoint
  /** The side that is served, and the one for a client. */
  readonly serverPort: MessagePort
  readonly clientPort: MessagePort
}

/** A client, and what its default watcher hears. */
export interface PortClient {
  readonly zk: ZooKeeper
  readonly events: readonly string[]
}

/** A server with short sessions that serves a fresh channel. */
export function startPortNetwork(options?: ServePortOptions): PortNetwork {
  const zoo = new EmbeddedZooKeeper(SHORT_SESSIONS)
  onTestFinished(() => zoo.close())
  return { zoo, ...serveChannel(zoo, options) }
}

/** Serves another channel. */
export function serveChannel(zoo: EmbeddedZooKeeper, options?: ServePortOptions): Omit<PortNetwork, 'zoo'> {
  const { serverPort, clientPort } = openChannel()
  const endpoint = servePort(zoo, serverPort, options)
  onTestFinished(() => endpoint.close())
  return { endpoint, serverPort, clientPort }
}

/** A channel that nobody serves. */
export function openChannel(): { readonly serverPort: MessagePort; readonly clientPort: MessagePort } {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => {
    port1.close()
    port2.close()
  })
  return { serverPort: port1, clientPort: port2 }
}

/** A client on a port. */
export async function dialPort(port: MessagePort, options: RemoteConnectOptions = {}): Promise<PortClient> {
  const { events, watcher } = recordEvents()
  const zk = await connectPort(port, { watcher, ...options })
  onTestFinished(() => zk.close())
  return { zk, events }
}

/** How many listeners a port has that this library sets. */
export function listenersOf(port: MessagePort): number {
  return port.listenerCount('message') + port.listenerCount('close')
}
