/** The scenario `watches`: watches of all kinds armed and fired on a thousand paths, in process and over TCP. */
import type { ZooKeeper } from '../../src/index.js'
import type { Scenario, Stage, Work } from './scenario.js'
import { StageServer } from './stage-server.js'
import { WATCHES_A_ROUND, type WatchCast, WatchRounds } from './watch-rounds.js'
import type { SoakWorld } from './world.js'

const PATHS = 1_000
const READERS = 2
/** Paths that are worked on at the same time. */
const BATCH = 50
const MIB = 1_048_576

/** Ten million. */
export const watches: Scenario = {
  name: 'watches',
  operation: 'one watch armed, fired and gone',
  limit: { floorBytes: MIB, bytesPerOperation: 0 },
  stages: [
    { title: 'in process', operations: 9_500_000, warmUp: 20_000, open: openInProcess },
    { title: 'over TCP', operations: 500_000, warmUp: 7_000, open: openOverTcp },
  ],
}

/** Rounds on all paths in turn. */
class WatchesStage implements Stage {
  readonly server: StageServer
  readonly #cast: WatchCast

  constructor(server: StageServer, cast: WatchCast) {
    this.server = server
    this.#cast = cast
  }

  async work(operations: number): Promise<Work> {
    const rounds = new WatchRounds(this.#cast)
    const needed = Math.ceil(operations / (this.#cast.readers.length * WATCHES_A_ROUND))
    for (let first = 0; first < needed; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, needed - first) }, (_, i) => first + i)
      await Promise.all(numbers.map((number) => rounds.run(pathOf(number % PATHS))))
    }
    const { readers, writer } = this.#cast
    await Promise.all([...readers, writer].map((zk) => zk.sync('/')))
    await this.server.zoo.settle()
    return { operations: rounds.armed, faults: [...rounds.findFaults(), ...this.#findLeft()], notes: [] }
  }

  /** A watch that the warm-up left on a path would not be one more after the rest. */
  #findLeft(): string[] {
    const { watches: left } = this.server.zoo.reports.counts()
    const [first] = this.server.zoo.reports.watchesByPath().keys()
    return left === 0 ? [] : [`${left} watches are left in the server's tables, the first on ${first}`]
  }
}

function openInProcess(world: SoakWorld): Promise<Stage> {
  return open(world, (server) => server.connect())
}

function openOverTcp(world: SoakWorld): Promise<Stage> {
  return open(world, async (server) => (await server.dial()).zk)
}

async function open(world: SoakWorld, connect: (server: StageServer) => Promise<ZooKeeper>): Promise<Stage> {
  const server = new StageServer(world)
  const writer = await connect(server)
  const readers: ZooKeeper[] = []
  for (let i = 0; i < READERS; i++) readers.push(await connect(server))
  await writer.create('/soak')
  await Promise.all(Array.from({ length: PATHS }, (_, number) => writer.create(pathOf(number), 'x')))
  return new WatchesStage(server, { readers, writer })
}

function pathOf(number: number): string {
  return `/soak/watched-${number}`
}
