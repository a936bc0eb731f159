/**
 * A real Apache ZooKeeper (Debian's package), standalone and empty, with the face of a `zoolet serve` process: what a suite of peers
 * runs against to learn what it has to expect. Its data lies in memory where there is a file system in memory.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endOf, type PeerNeed, type ServeProcess } from './peer.js'

/** For `describePeer`. */
export const APACHE_ZOOKEEPER: PeerNeed = {
  name: 'Apache ZooKeeper',
  find: () => [JAVA, ...JARS].every((path) => existsSync(path)),
  install: 'apt-get install zookeeper',
}

const JAVA = '/usr/bin/java'
const JARS: readonly string[] = ['/usr/share/java/zookeeper.jar', '/usr/share/java/slf4j-simple.jar']
/** The line after which it serves. */
const STARTED = /PrepRequestProcessor \(sid:0\) started/

/** Starts the server on a free port; resolves when it serves. `properties` are system properties, by their names. */
export async function startApache(properties: Readonly<Record<string, string>> = {}): Promise<ServeProcess> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'zoolet-peer-'))
  const port = await findFreePort()
  writeFileSync(join(folder, 'zoo.cfg'), configuration(folder, port))
  const settings = { 'zookeeper.forceSync': 'no', 'zookeeper.extendedTypesEnabled': 'true', ...properties }
  const child = spawn(
    JAVA,
    [
      '-Xmx512m',
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      '-cp',
      JARS.join(':'),
      'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      join(folder, 'zoo.cfg'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const removeData = (): void => rmSync(folder, { recursive: true, force: true })
  const ended = endOf(child, () => {
    child.kill('SIGKILL')
    removeData()
  }).finally(removeData)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const read = (text: string): void => {
      output += text
      if (STARTED.test(output)) resolve()
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    ended.then((code) => reject(new Error(`Apache ZooKeeper ended with ${code}: ${output}`)), reject)
  })
  return {
    pid: child.pid ?? 0,
    port,
    connectString: `127.0.0.1:${port}`,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM')
      return { code: await ended, output }
    },
  }
}

/** As `zoolet serve` is started here: all four-letter words, any number of connections, and TTL znodes. */
function configuration(folder: string, port: number): string {
  return [
    'tickTime=2000',
    `dataDir=${join(folder, 'data')}`,
    `clientPort=${port}`,
    'clientPortAddress=127.0.0.1',
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=*',
    '',
  ].join('\n')
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
