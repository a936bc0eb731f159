/**
 * The target that the others are measured by: a real Apache ZooKeeper, one process for the whole suite, reached with this library's
 * client. Its data are in a temporary folder; it is ended by its process id.
 */
import { type ApacheProcess, isApacheInstalled, startApacheProcess } from '../../peers/apache-process.js'
import { SERVER_SETTINGS, type ServerOptions, SUPER_DIGEST, type Target } from '../target.js'
import { StreamServer } from './stream-server.js'

const HOST = '127.0.0.1'

/** For `describePeer`. */
export const REAL_ZOOKEEPER_NEED = {
  name: 'Apache ZooKeeper and a Java runtime',
  find: isApacheInstalled,
  install: 'apt-get install zookeeper openjdk-17-jre-headless',
}

/** Debian's package. The process that `start` begins is shared by all further starts, and ends with the first server. */
export function createRealZooKeeper(): Target {
  let running: Promise<ApacheProcess> | undefined
  return {
    name: 'Apache ZooKeeper 3.8.0',
    start: async (options = {}) => {
      refuse(options)
      const isFirst = running === undefined
      running ??= startProcess()
      const { port, kill } = await running
      return new StreamServer({
        place: { host: HOST, port },
        maxPendingRequests: options.limits?.maxPendingRequests,
        nextPlace: () => ({ host: HOST, port: 0 }),
        close: async () => {
          if (isFirst) await kill()
        },
      })
    },
  }
}

/** What would take a process of its own. */
function refuse({ ttlNodes, limits = {} }: ServerOptions): void {
  if (ttlNodes === false) throw new Error('The real server of this suite has TTL znodes')
  const { maxPendingRequests: _, ...ofServer } = limits
  const [limit] = Object.keys(ofServer)
  if (limit !== undefined) throw new Error(`A real server has no limit ${limit}`)
}

function startProcess(): Promise<ApacheProcess> {
  return startApacheProcess({
    isShortLived: true,
    configuration: {
      tickTime: SERVER_SETTINGS.tickTimeMs,
      minSessionTimeout: SERVER_SETTINGS.minSessionTimeoutMs,
      maxSessionTimeout: SERVER_SETTINGS.maxSessionTimeoutMs,
    },
    properties: {
      'zookeeper.enforceQuota': 'true',
      'zookeeper.DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
      'znode.container.checkIntervalMs': String(SERVER_SETTINGS.containerCheckIntervalMs),
    },
  })
}
