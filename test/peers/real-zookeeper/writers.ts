/**
 * Clients that write all the time and count what the server has acknowledged: what must still be there after any fault. A call
 * whose outcome is unknown is counted apart, and not made again.
 */
import type { ZooKeeper } from '../../../src/index.js'
import { isKeeperException } from '../../../src/index.js'

/** One client that creates one znode after the other below its own. */
export class Writer {
  readonly zk: ZooKeeper
  readonly root: string
  /** Names that the server has acknowledged. */
  readonly acknowledged: string[] = []
  /** Names of calls that were lost: they may be there or not. */
  readonly unknown: string[] = []
  #isStopping = false
  #done: Promise<void> | undefined

  constructor(zk: ZooKeeper, root: string) {
    this.zk = zk
    this.root = root
  }

  /** Begins to write, with an ephemeral znode of its own as a sign of life. */
  async start(): Promise<void> {
    await this.zk.create(this.root)
    await this.zk.create(`${this.root}-alive`, null, { mode: 'EPHEMERAL' })
    this.#done = this.#write()
  }

  /** Resolves once the call under way has its outcome. */
  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#done
  }

  async #write(): Promise<void> {
    for (let i = 0; !this.#isStopping; i++) {
      const name = `n${i}`
      try {
        await this.zk.create(`${this.root}/${name}`, name)
        this.acknowledged.push(name)
      } catch (error) {
        if (!isKeeperException(error, 'CONNECTIONLOSS')) throw error
        this.unknown.push(name)
      }
    }
  }
}
