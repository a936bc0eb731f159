/** connectPort: the client of this library over a message port, to the embedded server that serves its other side. */
import { runMicrotask } from '../base/platform.js'
import type { ZooKeeper } from '../client/zookeeper.js'
import { completeRemoteOptions, connectRemote, type RemoteConnectOptions } from '../remote-client.js'
import { type MessagePortLike, PortLinks } from '../transport/message-port.js'
import { checkPort } from './check-port.js'

/** Chance finds a place among so many numbers; each client uses few of them. */
const LINK_NUMBERS = 2 ** 48

/**
 * Connects a client over a message port. Several clients need a port each; a client that loses its connection comes back over
 * the same port. The port is kept open while the client lives; close it
 * afterwards, or it may hold its thread open.
 * @throws TypeError, RangeError for a bad port or option; KeeperException CONNECTIONLOSS (nobody serves the port), SESSIONEXPIRED, AUTHFAILED, NONODE (the chroot does not exist)
 */
export async function connectPort(
  port: MessagePortLike,
  options: RemoteConnectOptions = {},
): Promise<ZooKeeper> {
  checkPort(port)
  const settings = completeRemoteOptions(options)
  const links = new PortLinks(port, {
    firstLink: Math.floor(settings.random() * LINK_NUMBERS),
    clock: settings.clock,
  })
  const server = {
    name: 'the message port',
    open: (events: Parameters<typeof links.open>[0] & { opened(): void }) => {
      const link = links.open(events)
      runMicrotask(() => events.opened())
      return link
    },
    isGone: () => links.isClosed,
  }
  return connectRemote([server], settings, () => links.close())
}
