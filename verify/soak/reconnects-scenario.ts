/** The scenario `reconnects`: storms in which all clients lose their connections at once, come back, and have their watches. */
import type { ZooKeeper } from '../../src/index.js'
import type { Random } from '../random.js'
import { ArmedWatches, type Holder } from './armed-watches.js'
import { type Cut, reconnectInProcess, reconnectOverTcp } from './reconnections.js'
import type { Scenario, Stage, Work } from './scenario.js'
import type { SocketClient } from './socket-client.js'
import { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

const MIB = 1_048_576
const SMALL_WATCHES = 10
const LARGE_WATCHES = 1_000
const IN_PROCESS_CLIENTS = 99
const TCP_CLIENTS = 24
/** The client with many watches takes part in one of so many storms. */
const LARGE_EVERY = 10
const CUTS: readonly Cut[] = ['destroy', 'reset', 'by the server']

/** One million. */
export const reconnects: Scenario = {
  name: 'reconnects',
  operation: 'one client cut off and back with its watches',
  limit: { floorBytes: MIB, bytesPerOperation: 0 },
  stages: [
    { title: 'in process', operations: 970_000, warmUp: 3_000, open: openInProcess },
    { title: 'over TCP', operations: 30_000, warmUp: 400, open: openOverTcp },
  ],
}

/** How the clients of a stage are cut off and come back; what happens while they are away is done in between. */
type Storm = (numbers: readonly number[], whileAway?: () => Promise<void>) => Promise<void>

interface ReconnectsParts {
  readonly watches: ArmedWatches
  /** The one with many watches is the last. */
  readonly clients: readonly ZooKeeper[]
  readonly storm: Storm
}

class ReconnectsStage implements Stage {
  readonly server: StageServer
  readonly #parts: ReconnectsParts

  constructor(server: StageServer, parts: ReconnectsParts) {
    this.server = server
    this.#parts = parts
  }

  async work(operations: number): Promise<Work> {
    const { watches, clients, storm } = this.#parts
    const all = [...clients.keys()]
    const small = all.slice(0, -1)
    const faults: string[] = []
    await watches.arm()
    const before = this.server.zoo.reports.counts().watches
    let done = 0
    for (let storms = 1; done < operations && faults.length === 0; storms++) {
      const numbers = storms % LARGE_EVERY === 0 ? all : small
      await storm(numbers)
      done += numbers.length
      const { watches: count } = this.server.zoo.reports.counts()
      if (count !== before)
        faults.push(`after storm ${storms} there are ${count} watches in the place of ${before}`)
    }
    faults.push(...(await this.#fireAll()))
    return { operations: done, faults, notes: [`${before} watches in the server's tables during the storms`] }
  }

  /** Every second client is away while everything changes. */
  async #fireAll(): Promise<string[]> {
    const { watches, clients, storm } = this.#parts
    const away = [...clients.keys()].filter((number) => number % 2 === 1)
    const awayClients = new Set(clients.filter((_, number) => number % 2 === 1))
    await storm(away, () => watches.touchAll())
    await Promise.all(clients.map((zk) => zk.sync('/')))
    await this.server.zoo.settle()
    const faults = watches.findFaults((zk) => awayClients.has(zk))
    await watches.restore()
    await this.server.zoo.settle()
    return faults
  }
}

async function openInProcess(world: SoakWorld): Promise<Stage> {
  const server = new StageServer(world)
  const clients: ZooKeeper[] = []
  for (let i = 0; i <= IN_PROCESS_CLIENTS; i++) clients.push(await server.connect())
  const storm: Storm = (numbers, whileAway) =>
    reconnectInProcess(server.zoo, server.clock, chosen(clients, numbers), whileAway)
  return open(server, clients, storm)
}

async function openOverTcp(world: SoakWorld, random: Random): Promise<Stage> {
  const server = new StageServer(world)
  const remote: SocketClient[] = []
  for (let i = 0; i <= TCP_CLIENTS; i++) remote.push(await server.dial())
  const storm: Storm = (numbers, whileAway) =>
    reconnectOverTcp(server.zoo, server.clock, chosen(remote, numbers), () => random.pick(CUTS), whileAway)
  return open(
    server,
    remote.map(({ zk }) => zk),
    storm,
  )
}

async function open(server: StageServer, clients: readonly ZooKeeper[], storm: Storm): Promise<Stage> {
  const holders = clients.map((zk, number): Holder => {
    return { zk, watchCount: number === clients.length - 1 ? LARGE_WATCHES : SMALL_WATCHES }
  })
  const watches = new ArmedWatches(await server.connect(), holders)
  await watches.prepare()
  return new ReconnectsStage(server, { watches, clients, storm })
}

function chosen<T>(items: readonly T[], numbers: readonly number[]): T[] {
  return items.filter((_, number) => numbers.includes(number))
}
