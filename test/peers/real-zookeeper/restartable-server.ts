/**
 * A real Apache ZooKeeper (Debian's package) that can be killed and started again on its port with its data, as one that crashes.
 * Sessions may be as short as two ticks of 200 ms.
 */
import { rmSync } from 'node:fs'
import { freePort } from '../../node/network.js'
import {
  type ApacheProcess,
  isApacheInstalled,
  makeDataFolder,
  startApacheProcess,
} from '../apache-process.js'

/** For `describePeer`. */
export const REAL_SERVER_NEED = {
  name: 'Apache ZooKeeper and a Java runtime',
  find: isApacheInstalled,
  install: 'apt-get install zookeeper openjdk-17-jre-headless',
}

/** One server. */
export class RestartableServer {
  readonly #folder: string = makeDataFolder()
  readonly port: number
  #process: ApacheProcess | undefined

  private constructor(port: number) {
    this.port = port
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
    this.#process = await startApacheProcess({
      place: { folder: this.#folder, port: this.port },
      configuration: { tickTime: 200, maxSessionTimeout: 30_000 },
      isShortLived: true,
    })
  }

  /** Ends the process without a warning. Its data stay. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  /** Ends the process and forgets its data. */
  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
