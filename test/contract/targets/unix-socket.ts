/** The target over a Unix socket: `listen` and `connect` with a path. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listen } from '../../../src/node/index.js'
import type { Target } from '../target.js'
import { startEmbedded } from './embedded-server.js'
import { StreamServer } from './stream-server.js'

/** zoolet on a Unix socket, in a folder of its own. */
export const UNIX_SOCKET: Target = {
  name: 'Unix socket',
  start: async (options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'zoolet-contract-'))
    const zoo = startEmbedded(options)
    const path = join(folder, 'server')
    const limits = { maxClientCnxns: Number.POSITIVE_INFINITY }
    const endpoint = await listen(zoo, { path, limits })
    let proxies = 0
    return new StreamServer({
      place: { path },
      maxPendingRequests: options.limits?.maxPendingRequests,
      nextPlace: () => ({ path: join(folder, `proxy-${++proxies}`) }),
      close: async () => {
        await endpoint.close()
        await zoo.close()
        await rm(folder, { recursive: true, force: true })
      },
    })
  },
}
