/**
 * Two empty servers with the same settings: `zoolet serve` and a real Apache ZooKeeper (Debian's package), whose answer to the same
 * client is what zoolet's is measured by. Time runs ten times as fast as by default (a tick is 200 ms), so that sessions expire soon.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type PeerNeed, type ServeProcess, startServe } from '../peer.js'

/** What both kinds of server have in common for a test. */
export type Server = Pick<ServeProcess, 'port' | 'connectString' | 'stop'>

/** One of each kind. */
export interface ServerPair {
  readonly zoolet: Server
  readonly apache: Server
  /** Asks both to stop and resolves at their end. */
  stop(): Promise<void>
}

const JAVA = '/usr/bin/java'
/** With a logger that writes to stderr: its line says when the server is ready. */
const JARS = ['/usr/share/java/zookeeper.jar', '/usr/share/java/slf4j-simple.jar']
const READY = 'PrepRequestProcessor (sid:0) started'

/** For `describePeer`. */
export const APACHE_SERVER: PeerNeed = {
  name: 'Apache ZooKeeper',
  find: () => [JAVA, ...JARS].every((path) => existsSync(path)),
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

/** Starts both; resolves when both listen. */
export async function startPair(): Promise<ServerPair> {
  const [zoolet, apache] = await Promise.all([startServe(SERVE_ARGUMENTS), startFastApache()])
  return {
    zoolet,
    apache,
    stop: async () => {
      await Promise.all([zoolet.stop(), apache.stop()])
    },
  }
}

async function startFastApache(): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-pair-'))
  const port = await findFreePort()
  writeFileSync(join(folder, 'zoo.cfg'), configuration(folder, port))
  const child = spawn(JAVA, argumentsOf(folder), { stdio: ['ignore', 'ignore', 'pipe'] })
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    process.off('exit', kill)
    rmSync(folder, { recursive: true })
    return code ?? null
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes(READY)) resolve()
    })
    ended.then((code) => reject(new Error(`Apache ZooKeeper ended with ${code}: ${output}`)), reject)
  })
  return {
    port,
    connectString: `127.0.0.1:${port}`,
    stop: async () => {
      kill()
      return { code: await ended, output }
    },
  }
}

/** A small machine that starts soon: what is measured here is not its speed. */
function argumentsOf(folder: string): string[] {
  const properties = {
    'zookeeper.forceSync': 'no',
    'zookeeper.extendedTypesEnabled': 'true',
    'zookeeper.enforceQuota': 'true',
    'zookeeper.DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
    'znode.container.checkIntervalMs': CONTAINER_CHECK_INTERVAL_MS,
  }
  return [
    ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', JARS.join(':')],
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    join(folder, 'zoo.cfg'),
  ]
}

function configuration(folder: string, port: number): string {
  const settings = {
    tickTime: TICK_TIME_MS,
    minSessionTimeout: MIN_SESSION_TIMEOUT_MS,
    maxSessionTimeout: MAX_SESSION_TIMEOUT_MS,
    dataDir: join(folder, 'data'),
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': false,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port is free')
  return address.port
}
