/**
 * Two empty servers with the same settings: `zoolet serve` and a real Apache ZooKeeper (Debian's package), whose answer to the same
 * client is what zoolet's is measured by. Time runs ten times as fast as by default (a tick is 200 ms), so that sessions expire soon.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endOf, type PeerNeed, type ServeProcess, startServe } from '../peer.js'

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

const JAVA = '/usr/bin/java'
/** With a logger that writes to stderr, for a server that does not start. */
const JARS = ['/usr/share/java/zookeeper.jar', '/usr/share/java/slf4j-simple.jar']
/** A file system in memory, where there is one: a busy disk can hold the server up for many seconds. */
const MEMORY_FOLDER = '/dev/shm'
const START_MS = 30_000
const PROBE_INTERVAL_MS = 50
const ANSWER_MS = 1_000

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
  const folder = mkdtempSync(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'zoolet-pair-'))
  const port = await findFreePort()
  writeFileSync(join(folder, 'zoo.cfg'), configuration(folder, port))
  const child = spawn(JAVA, argumentsOf(folder), { stdio: ['ignore', 'ignore', 'pipe'] })
  const removeData = (): void => rmSync(folder, { recursive: true, force: true })
  const kill = (): void => {
    child.kill('SIGKILL')
    removeData()
  }
  const ended = endOf(child, kill).finally(removeData)
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const deadline = AbortSignal.timeout(START_MS)
  // It listens before it serves: until then it closes connections without a word.
  while (!(await ask(port, 'srvr')).includes('Mode: standalone')) {
    if (deadline.aborted || child.exitCode !== null) {
      kill()
      throw new Error(`Apache ZooKeeper did not start: ${output}`)
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
  }
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

/** The answer to a four-letter word; nothing if nobody listens or answers. */
function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(word))
    socket.setTimeout(ANSWER_MS, () => socket.destroy())
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
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
