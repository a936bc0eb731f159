/**
 * A real Apache ZooKeeper with the face of a `zoolet serve` process: what a suite of peers runs against to learn what it has to
 * expect.
 */
import { isApacheInstalled, startApacheProcess } from './apache-process.js'
import type { PeerNeed, ServeProcess } from './peer.js'

/** For `describePeer`. */
export const APACHE_ZOOKEEPER: PeerNeed = {
  name: 'Apache ZooKeeper',
  find: isApacheInstalled,
  install: 'apt-get install zookeeper',
}

/** Starts the server on a free port; resolves when it serves. `properties` are system properties, by their names. */
export async function startApache(properties: Readonly<Record<string, string>> = {}): Promise<ServeProcess> {
  const { pid, port, output, stop } = await startApacheProcess({ properties })
  return {
    pid,
    port,
    connectString: `127.0.0.1:${port}`,
    output,
    stop: async () => ({ code: await stop(), output: output() }),
  }
}
