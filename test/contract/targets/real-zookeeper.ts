/**
 * The target that the others are measured by: a real Apache ZooKeeper, one process for the whole suite, reached with this library's
 * client. Its data are in a temporary folder; it is ended by its process id.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { SERVER_SETTINGS, type ServerOptions, SUPER_DIGEST, type Target } from '../target.js'
import { StreamServer } from './stream-server.js'

const HOST = '127.0.0.1'
const JAVA = '/usr/bin/java'
const JARS = [
  '/usr/share/java/zookeeper.jar',
  '/usr/share/java/slf4j-log4j12.jar',
  '/usr/share/java/log4j-1.2.jar',
]
const START_MS = 30_000

/** For `describePeer`. */
export const REAL_ZOOKEEPER_NEED = {
  name: 'Apache ZooKeeper and a Java runtime',
  find: (): boolean => [JAVA, ...JARS].every((path) => existsSync(path)),
  install: 'apt-get install zookeeper openjdk-17-jre-headless',
}

/** Debian's package. The process that `start` begins is shared by all further starts, and ends with the first server. */
export function createRealZooKeeper(): Target {
  let running: Promise<RunningProcess> | undefined
  return {
    name: 'Apache ZooKeeper 3.8.0',
    start: async (options = {}) => {
      refuse(options)
      const isFirst = running === undefined
      running ??= startProcess()
      const { port, end } = await running
      return new StreamServer({
        place: { host: HOST, port },
        maxPendingRequests: options.limits?.maxPendingRequests,
        nextPlace: () => ({ host: HOST, port: 0 }),
        close: async () => {
          if (isFirst) await end()
        },
      })
    },
  }
}

interface RunningProcess {
  readonly port: number
  end(): Promise<void>
}

/** What would take a process of its own. */
function refuse({ ttlNodes, limits = {} }: ServerOptions): void {
  if (ttlNodes === false) throw new Error('The real server of this suite has TTL znodes')
  const { maxPendingRequests: _, ...ofServer } = limits
  const [limit] = Object.keys(ofServer)
  if (limit !== undefined) throw new Error(`A real server has no limit ${limit}`)
}

async function startProcess(): Promise<RunningProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'zoolet-zookeeper-'))
  const port = await findFreePort()
  await writeFile(join(folder, 'zoo.cfg'), configuration(folder, port))
  await writeFile(join(folder, 'log4j.properties'), LOGGING)
  const log: string[] = []
  const child = spawn(JAVA, argumentsOf(folder), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.setEncoding('utf8').on('data', (text: string) => log.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text))
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()))
  const end = async (): Promise<void> => {
    kill()
    await ended
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true })
  }
  if (await isServing(port, child)) return { port, end }
  await end()
  throw new Error(`ZooKeeper did not start: ${log.join('')}`)
}

/** With the class path of Debian's /etc/zookeeper and no JMX. */
function argumentsOf(folder: string): string[] {
  const properties = {
    'zookeeper.extendedTypesEnabled': true,
    'zookeeper.enforceQuota': true,
    'zookeeper.forceSync': 'no',
    'zookeeper.DigestAuthenticationProvider.superDigest': SUPER_DIGEST,
    'znode.container.checkIntervalMs': SERVER_SETTINGS.containerCheckIntervalMs,
  }
  return [
    '-Xmx512m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    [folder, ...JARS].join(':'),
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    join(folder, 'zoo.cfg'),
  ]
}

function configuration(folder: string, port: number): string {
  const { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs } = SERVER_SETTINGS
  const settings = {
    tickTime: tickTimeMs,
    minSessionTimeout: minSessionTimeoutMs,
    maxSessionTimeout: maxSessionTimeoutMs,
    dataDir: join(folder, 'data'),
    clientPort: port,
    clientPortAddress: HOST,
    '4lw.commands.whitelist': '*',
    'admin.enableServer': false,
    maxClientCnxns: 0,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const LOGGING = [
  'log4j.rootLogger=WARN, C',
  'log4j.appender.C=org.apache.log4j.ConsoleAppender',
  'log4j.appender.C.layout=org.apache.log4j.SimpleLayout',
].join('\n')

function findFreePort(): Promise<number> {
  const probe = createServer()
  return new Promise((resolve, reject) => {
    probe.once('error', reject)
    probe.listen({ host: HOST, port: 0 }, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

/** Asks with a four-letter word until it answers, the process ends, or the time is up. */
async function isServing(port: number, child: ChildProcess): Promise<boolean> {
  const deadline = AbortSignal.timeout(START_MS)
  while (!deadline.aborted && child.exitCode === null) {
    if ((await ask(port, 'srvr')).includes('Mode:')) return true
    await new Promise((resolve) => AbortSignal.timeout(50).addEventListener('abort', resolve))
  }
  return false
}

/** What the server answers to a four-letter word; nothing if it does not listen. */
function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: HOST, port }, () => socket.write(word))
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
    })
    socket.on('error', () => resolve(''))
    socket.on('close', () => resolve(answer))
  })
}
