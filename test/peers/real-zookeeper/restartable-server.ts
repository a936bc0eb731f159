/**
 * A real Apache ZooKeeper (Debian's package) that can be killed and started again on its port with its data, as one that crashes.
 * Sessions may be as short as two ticks of 200 ms. Its data are in a temporary folder; it is ended by its process id.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../node/network.js'
import { endOf } from '../peer.js'

const JAVA = '/usr/bin/java'
const JARS = ['/usr/share/java/zookeeper.jar', '/usr/share/java/slf4j-simple.jar']
/** The line after which it serves. */
const STARTED = /PrepRequestProcessor \(sid:0\) started/
/** Quick to start, and to what a test writes no more durable than the system's cache. */
const JAVA_OPTIONS = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dzookeeper.forceSync=no']

/** For `describePeer`. */
export const REAL_SERVER_NEED = {
  name: 'Apache ZooKeeper and a Java runtime',
  find: (): boolean => [JAVA, ...JARS].every((path) => existsSync(path)),
  install: 'apt-get install zookeeper openjdk-17-jre-headless',
}

/** One server. */
export class RestartableServer {
  readonly #folder: string
  readonly port: number
  #child: ChildProcess | undefined
  #ended: Promise<unknown> = Promise.resolve()

  private constructor(port: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'zoolet-zookeeper-'))
    this.port = port
    writeFileSync(join(this.#folder, 'zoo.cfg'), configuration(this.#folder, port))
  }

  /** A server without data that serves. */
  static async start(): Promise<RestartableServer> {
    const server = new RestartableServer(await freePort())
    await server.run()
    return server
  }

  get connectString(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Starts the process, with the data that there are; resolves when it serves. */
  async run(): Promise<void> {
    const args = [...JAVA_OPTIONS, '-cp', JARS.join(':'), 'org.apache.zookeeper.server.quorum.QuorumPeerMain']
    const child = spawn(JAVA, [...args, join(this.#folder, 'zoo.cfg')], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const ended = endOf(child, () => void child.kill('SIGKILL'))
    this.#ended = ended
    await new Promise<void>((resolve, reject) => {
      let output = ''
      const read = (text: string): void => {
        output += text
        if (STARTED.test(output)) resolve()
      }
      child.stdout.setEncoding('utf8').on('data', read)
      child.stderr.setEncoding('utf8').on('data', read)
      ended.then((code) => reject(new Error(`ZooKeeper ended with ${code}: ${output}`)), reject)
    })
  }

  /** Ends the process without a warning. Its data stay. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL')
    await this.#ended
  }

  /** Ends the process and forgets its data. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function configuration(folder: string, port: number): string {
  const settings = {
    tickTime: 200,
    maxSessionTimeout: 30_000,
    dataDir: join(folder, 'data'),
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: 0,
    'admin.enableServer': false,
    '4lw.commands.whitelist': '*',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
