/** The target over message ports: `servePort` and `connectPort`, a channel for each client. */
import type { ZooKeeper } from '../../../src/index.js'
import { connectPort, type RemoteConnectOptions, servePort } from '../../../src/message-port/index.js'
import type { ClientOptions, LinkedClient, Server, Target } from '../target.js'
import { startEmbedded } from './embedded-server.js'
import { PortGate } from './port-gate.js'
import { leastChance } from './stream-server.js'

/** zoolet on message ports. */
export const MESSAGE_PORT: Target = {
  name: 'MessagePort',
  start: async (options = {}) => {
    const zoo = startEmbedded(options)
    const closers: (() => void)[] = []
    const complete = (given: ClientOptions = {}): RemoteConnectOptions => {
      const { maxPendingRequests } = options.limits ?? {}
      return { ...given, maxPendingRequests, randomBytes: leastChance }
    }
    const connect = (given?: ClientOptions): Promise<ZooKeeper> => {
      const { port1, port2 } = new MessageChannel()
      const endpoint = servePort(zoo, port1)
      closers.push(
        () => endpoint.close(),
        () => port1.close(),
      )
      return connectPort(port2, complete(given))
    }
    const connectByLink = async (given?: ClientOptions): Promise<LinkedClient> => {
      const gate = new PortGate(() => zoo.disconnect(zk.sessionId))
      const endpoint = servePort(zoo, gate.serverPort)
      closers.push(
        () => endpoint.close(),
        () => gate.close(),
      )
      const zk = await connectPort(gate.clientPort, complete(given))
      return { zk, link: gate }
    }
    const close = async (): Promise<void> => {
      for (const closer of closers) closer()
      await zoo.close()
    }
    return { connect, connectByLink, close } satisfies Server
  },
}
