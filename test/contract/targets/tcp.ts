/** The target over TCP: `listen` and `connect`. */
import { listen } from '../../../src/node/index.js'
import type { Target } from '../target.js'
import { startEmbedded } from './embedded-server.js'
import { StreamServer } from './stream-server.js'

const HOST = '127.0.0.1'

/** zoolet on a port. */
export const TCP: Target = {
  name: 'TCP',
  start: async (options = {}) => {
    const zoo = startEmbedded(options)
    const limits = { maxClientCnxns: Number.POSITIVE_INFINITY }
    const endpoint = await listen(zoo, { port: 0, limits })
    return new StreamServer({
      place: { host: HOST, port: endpoint.port ?? 0 },
      maxPendingRequests: options.limits?.maxPendingRequests,
      nextPlace: () => ({ host: HOST, port: 0 }),
      close: async () => {
        await endpoint.close()
        await zoo.close()
      },
    })
  },
}
