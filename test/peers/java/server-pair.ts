/**
 * Two empty servers with the same settings: `zoolet serve` and a real Apache ZooKeeper (Debian's package), whose answer to the same
 * client is what zoolet's is measured by. Time runs ten times as fast as by default (a tick is 200 ms), so that sessions expire soon.
 */
import { isApacheInstalled, startApacheProcess } from '../apache-process.js'
import { type PeerNeed, type ServeProcess, startServe } from '../peer.js'

/** What both kinds of server have in common for a test. */
export type Server = Pick<ServeProcess, 'port' | 'connectString' | 'stop'>

/** The two that are compared. */
export type ServerKind = 'zoolet' | 'apache'

/** One of each kind. */
export interface ServerPair {
  readonly zoolet: Server
  readonly apache: Server
  /** Asks both to stop and resolves at their end. */
  stop(): Promise<void>
}

/** For `describePeer`. */
export const APACHE_SERVER: PeerNeed = {
  name: 'Apache ZooKeeper',
  find: isApacheInstalled,
  install: 'apt-get install zookeeper',
}

const TICK_TIME_MS = 200
const MIN_SESSION_TIMEOUT_MS = 400
const MAX_SESSION_TIMEOUT_MS = 600_000
const CONTAINER_CHECK_INTERVAL_MS = 200
/** The digest of super:secret. */
const SUPER_DIGEST = 'super:lK75jTNcA+U9vtVEw5vB51mj/w4='

/** The options of `zoolet serve` that both servers are started with. */
export const SERVE_ARGUMENTS: readonly string[] = [
  ...['--tick-time', `${TICK_TIME_MS}`],
  ...['--min-session-timeout', `${MIN_SESSION_TIMEOUT_MS}`],
  ...['--max-session-timeout', `${MAX_SESSION_TIMEOUT_MS}`],
  ...['--container-check-interval', `${CONTAINER_CHECK_INTERVAL_MS}`],
  ...['--max-client-cnxns', '0'],
  ...['--super-digest', SUPER_DIGEST],
  '--enforce-quota',
]

/** Starts one; resolves when it listens. */
export function startServer(kind: ServerKind): Promise<Server> {
  return kind === 'zoolet' ? startServe(SERVE_ARGUMENTS) : startFastApache()
}

/** Starts both; resolves when both listen. */
export async function startPair(): Promise<ServerPair> {
  const [zoolet, apache] = await Promise.all([startServer('zoolet'), startServer('apache')])
  return {
    zoolet,
    apache,
    stop: async () => {
      await Promise.all([zoolet.stop(), apache.stop()])
    },
  }
}

async function startFastApache(): Promise<Server> {
  const { port, output, kill } = await startApacheProcess({
    isShortLived: true,
    configuration: {
      tickTime: TICK_TIME_MS,
      minSessionTimeout: MIN_SESSION_TIMEOUT_MS,
      maxSessionTimeout: MAX_SESSION_TIMEOUT_MS,
    },
    properties: {
      'zookeeper.enforceQuota': 'true',
      'zookeeper.DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
      'znode.container.checkIntervalMs': String(CONTAINER_CHECK_INTERVAL_MS),
    },
  })
  return {
    port,
    connectString: `127.0.0.1:${port}`,
    stop: async () => ({ code: await kill(), output: output() }),
  }
}
