/** The scenario `sessions`: sessions that open, create an ephemeral, and end: most are closed, a fifth expire. */
import type { ZooKeeper } from '../../src/index.js'
import type { Random } from '../random.js'
import type { Scenario, Stage, Work } from './scenario.js'
import { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

const MIB = 1_048_576
/** Sessions that live at the same time. */
const BATCH = 250
/** Of five sessions, one expires. */
const EXPIRING = 5
/** An entry in a Map, 40 bytes, left by each of them is half as much again as the limit. */
const LEAST = 20_000
const TIMEOUT_MS = 10_000
const TICK_MS = 2_000

/** One million. */
export const sessions: Scenario = {
  name: 'sessions',
  operation: 'one session opened, with an ephemeral, and ended',
  limit: { floorBytes: MIB / 2, bytesPerOperation: 2 },
  stages: [
    { title: 'a fifth by expiry', operations: 1_000_000, leastOperations: LEAST, warmUp: 2_000, open },
  ],
}

async function open(world: SoakWorld, random: Random): Promise<Stage> {
  const server = new StageServer(world, { tickTimeMs: TICK_MS })
  const keeper = await server.connect()
  await keeper.create('/sessions')
  return new SessionsStage(world, server, random)
}

class SessionsStage implements Stage {
  readonly #world: SoakWorld
  readonly server: StageServer
  readonly #random: Random

  constructor(world: SoakWorld, server: StageServer, random: Random) {
    this.#world = world
    this.server = server
    this.#random = random
  }

  async work(operations: number): Promise<Work> {
    const faults: string[] = []
    let expired = 0
    for (let done = 0; done < operations && faults.length === 0; done += BATCH) {
      const before = this.server.zoo.reports.counts()
      expired += await this.#batch(Math.min(BATCH, operations - done))
      const after = this.server.zoo.reports.counts()
      for (const name of ['sessions', 'ephemerals', 'znodes'] as const)
        if (after[name] !== before[name])
          faults.push(`${name}: ${after[name]} in the place of ${before[name]}`)
    }
    return { operations, faults, notes: [`${expired} of the sessions expired`] }
  }

  /** Those that expire hear of it when their links are up again. Returns how many did. */
  async #batch(size: number): Promise<number> {
    const clients = await Promise.all(
      Array.from({ length: size }, () =>
        this.#world.connect(this.server.zoo, { sessionTimeoutMs: TIMEOUT_MS }),
      ),
    )
    await Promise.all(clients.map((zk) => zk.create('/sessions/e-', 'x', { mode: 'EPHEMERAL_SEQUENTIAL' })))
    const offset = this.#random.int(EXPIRING)
    const leaving: ZooKeeper[] = []
    const expiring: ZooKeeper[] = []
    for (const [i, zk] of clients.entries()) (i % EXPIRING === offset ? expiring : leaving).push(zk)
    for (const zk of expiring) this.server.zoo.disconnect(zk)
    await Promise.all(leaving.map((zk) => zk.close()))
    await this.server.clock.advance(TIMEOUT_MS + TICK_MS)
    for (const zk of expiring) this.server.zoo.reconnect(zk)
    await this.server.zoo.settle()
    return expiring.filter(({ state }) => state === 'CLOSED').length
  }
}
