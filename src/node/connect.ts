/** connect: the client of this library over TCP, TLS or a Unix socket, to zoolet or to an Apache ZooKeeper ensemble. */
import { createConnection, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { describe } from '../base/describe.js'
import { formatServer, parseConnectString, type ServerAddress } from '../client/connect-string.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import {
  completeRemoteOptions,
  connectRemote,
  REMOTE_OPTIONS,
  type RemoteConnectOptions,
} from '../remote-client.js'
import type { OpenLink } from '../transport/wire-client-end.js'
import type { WireServer } from '../transport/wire-dialer.js'
import { SocketLink } from './socket-link.js'
import { checkSocketPath } from './socket-path.js'
import { checkTls } from './tls-options.js'

/** What a client of a network is made with. */
export interface NetworkConnectOptions extends RemoteConnectOptions {
  /** Speaks TLS, with these options of Node's `tls.connect`. The server's certificate is checked against its host name. */
  readonly tls?: ConnectionOptions | undefined
}

/** How a connection is begun. */
interface Dial {
  readonly start: (server: ServerAddress) => Socket
  readonly readyEvent: 'connect' | 'secureConnect'
}

const PLAINLY: Dial = { start: createConnection, readyEvent: 'connect' }
const NETWORK_OPTIONS = [...REMOTE_OPTIONS, 'tls'] as const

/**
 * Connects a client to one server of the list, `host:port,host:port/chroot` or `unix:/path`, in random order; it goes to another
 * when its server fails. Resolves once it has its session.
 * @throws TypeError, RangeError for a bad connect string or option; KeeperException CONNECTIONLOSS (none could be reached within
 * `connectTimeoutMs`; `cause` says why), SESSIONEXPIRED, AUTHFAILED, NONODE (the chroot does not exist)
 */
export async function connect(
  connectString: string,
  options: NetworkConnectOptions = {},
): Promise<ZooKeeper> {
  const { servers, chroot } = parseConnectString(connectString)
  checkOptions(options)
  if (chroot !== undefined && options.chroot !== undefined)
    throw new TypeError('There are two chroots: name one, in the connect string or in the options')
  for (const server of servers) if ('path' in server) checkSocketPath(server.path)
  const settings = completeRemoteOptions({ ...options, chroot: options.chroot ?? chroot }, NETWORK_OPTIONS)
  const dial = options.tls === undefined ? PLAINLY : await securely(options.tls)
  return connectRemote(
    servers.map((server) => remoteServer(server, dial)),
    settings,
  )
}

function checkOptions(options: NetworkConnectOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `Invalid options ${describe(options)}: pass an object with any of ${NETWORK_OPTIONS.join(', ')}`,
    )
  checkTls(options.tls, 'tls.connect')
}

/** Loading TLS takes as long as all of zoolet, and hardly anybody needs it. */
async function securely(options: ConnectionOptions): Promise<Dial> {
  const tls = await import('node:tls')
  return {
    start: (server) => tls.connect({ ...nameFor(server), ...options, ...server }),
    readyEvent: 'secureConnect',
  }
}

function remoteServer(server: ServerAddress, { start, readyEvent }: Dial): WireServer {
  const open: OpenLink = (events) => {
    const socket = start(server)
    socket.once(readyEvent, () => events.opened())
    return new SocketLink(socket, events)
  }
  return { name: formatServer(server), open }
}

/** The name that the certificate is checked for. */
function nameFor(server: ServerAddress): ConnectionOptions {
  return 'host' in server ? { host: server.host } : { host: 'localhost' }
}
