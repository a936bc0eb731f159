/**
 * A process of Apache ZooKeeper (Debian's package): standalone, empty, on 127.0.0.1, its data in memory where there is a file system
 * in memory. It is ended by its process id, and at the latest with the process that started it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/** What a server is started with; Debian's defaults hold for the rest. */
export interface ApacheSettings {
  /** System properties, by their names. */
  readonly properties?: Readonly<Record<string, string>>
  /** Lines of zoo.cfg in the place of these, or beside them. */
  readonly configuration?: Readonly<Record<string, string | number>>
  /** Quick to start, rather than quick when it has run for a while. */
  readonly isShortLived?: boolean
  /** Where it keeps its data, which stay when it ends, and where it listens. */
  readonly place?: { readonly folder: string; readonly port: number }
}

/** One that serves. */
export interface ApacheProcess {
  readonly pid: number
  readonly port: number
  /** All that it printed up to now. */
  output(): string
  /** Asks it to stop; resolves with its exit code once it has, null if it was killed. */
  stop(): Promise<number | null>
  /** Ends it without a warning; resolves once it has ended. */
  kill(): Promise<number | null>
}

const JAVA = '/usr/bin/java'
const JARS: readonly string[] = ['/usr/share/java/zookeeper.jar', '/usr/share/java/slf4j-simple.jar']
/** The line after which it is about to serve; until it does, it closes connections without a word. */
const STARTED = /PrepRequestProcessor \(sid:0\) started/
const PROBE_INTERVAL_MS = 10

/** Whether it is installed here. */
export function isApacheInstalled(): boolean {
  return [JAVA, ...JARS].every((path) => existsSync(path))
}

/** A folder for the data of servers; in memory, if there is a file system in memory. */
export function makeDataFolder(): string {
  return mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'zoolet-peer-'))
}

/** Starts one, on a free port unless told where; resolves when it serves. */
export async function startApacheProcess(settings: ApacheSettings = {}): Promise<ApacheProcess> {
  const { place } = settings
  const { folder, port } = place ?? { folder: makeDataFolder(), port: await findFreePort() }
  const child = spawn(JAVA, argumentsOf(folder, port, settings), { stdio: ['ignore', 'pipe', 'pipe'] })
  const removeData = (): void => {
    if (place === undefined) rmSync(folder, { recursive: true, force: true })
  }
  const kill = (): void => {
    child.kill('SIGKILL')
    removeData()
  }
  process.once('exit', kill)
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    process.off('exit', kill)
    removeData()
    return code ?? null
  })
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
  while (!(await ask(port, 'srvr')).includes('Mode:')) {
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS))
  }
  const end = (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    child.kill(signal)
    return ended
  }
  return {
    pid: child.pid ?? 0,
    port,
    output: () => output,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** Writes the configuration, too. */
function argumentsOf(folder: string, port: number, settings: ApacheSettings): string[] {
  const file = join(folder, 'zoo.cfg')
  const configuration = { ...standalone(folder, port), ...settings.configuration }
  writeFileSync(
    file,
    Object.entries(configuration)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  const properties = {
    'zookeeper.forceSync': 'no',
    'zookeeper.extendedTypesEnabled': 'true',
    ...settings.properties,
  }
  return [
    '-Xmx512m',
    ...(settings.isShortLived ? ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'] : []),
    ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
    '-cp',
    JARS.join(':'),
    'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    file,
  ]
}

/** All four-letter words, any number of connections. */
function standalone(folder: string, port: number): Record<string, string | number> {
  return {
    tickTime: 2000,
    dataDir: join(folder, 'data'),
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}

/** The answer to a four-letter word; nothing if there is none. */
export function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(word))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(answer))
  })
}
