/** The servers whose histories are checked: zoolet, in process and over TCP, and the real one, which proves the checker. */
import { connect as connectSocket } from 'node:net'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { isApacheInstalled, startApacheProcess } from '../../test/peers/apache-process.js'
import { brokenInServer } from '../../test/property/invariants.js'
import type { Dial } from '../differential/cnxn.js'
import { InProcessCnxn } from '../differential/in-process-cnxn.js'

/** One that serves. */
export interface Served {
  readonly port: number
  /** Its own process, if it is in this one. */
  readonly zoo: EmbeddedZooKeeper | undefined
  readonly dialInProcess: Dial | undefined
  readonly eventsHaveZxid: boolean
  readonly goodbyeIsNoEnd: boolean
  readonly strangersCutOwners: boolean
  readonly deletesLagBehindCloses: boolean
  /** What is wrong with its tables at this moment, as far as it can be seen (W10). */
  broken(): readonly string[]
  /** How many watches it keeps. */
  watchCount(): Promise<number>
  close(): Promise<void>
}

/** The unit of time of both: short, so that sessions can expire during a run. */
export const TICK_MS = 500

/** Starts one of them. */
export function startServer(kind: 'zoolet' | 'apache'): Promise<Served> {
  return kind === 'zoolet' ? startZoolet() : startApache()
}

async function startZoolet(): Promise<Served> {
  const zoo = new EmbeddedZooKeeper({ tickTimeMs: TICK_MS })
  const endpoint = await listen(zoo, { port: 0, limits: { maxClientCnxns: 1_000 } })
  return {
    port: endpoint.port ?? 0,
    zoo,
    dialInProcess: (events) => new InProcessCnxn(zoo, events),
    eventsHaveZxid: true,
    goodbyeIsNoEnd: false,
    strangersCutOwners: false,
    deletesLagBehindCloses: false,
    broken: () => brokenInServer(zoo.reports),
    watchCount: async () => [...zoo.reports.watchesByPath().values()].flat().length,
    close: async () => {
      await endpoint.close()
      await zoo.close()
    },
  }
}

async function startApache(): Promise<Served> {
  if (!isApacheInstalled()) throw new Error('There is no Apache ZooKeeper here: apt-get install zookeeper')
  const { port, stop } = await startApacheProcess({ configuration: { tickTime: TICK_MS } })
  return {
    port,
    zoo: undefined,
    dialInProcess: undefined,
    eventsHaveZxid: false,
    goodbyeIsNoEnd: true,
    strangersCutOwners: true,
    deletesLagBehindCloses: true,
    broken: () => [],
    watchCount: async () => Number(/Total watches:(\d+)/.exec(await ask(port, 'wchs'))?.[1] ?? Number.NaN),
    close: async () => void (await stop()),
  }
}

/** The answer to a four-letter word. */
function ask(port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connectSocket({ host: '127.0.0.1', port }, () => socket.write(word))
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
