/** The part `history`: connections that run free, in process and over TCP, and a checker that knows what each must have heard. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { EmbeddedZooKeeper } from '../../src/index.js'
import { listen } from '../../src/node/index.js'
import { isApacheInstalled, startApacheProcess } from '../../test/peers/apache-process.js'
import type { Dial } from '../differential/cnxn.js'
import { InProcessCnxn } from '../differential/in-process-cnxn.js'
import { WireCnxn } from '../differential/wire-cnxn.js'
import { countOf, type Part, say, wordOf } from '../part.js'
import { Random } from '../random.js'
import { check, type Violation } from './checker.js'
import { History } from './history.js'
import { work } from './load.js'
import { RecordingProxy } from './recording-proxy.js'

const RUNS = 4
const REQUESTS = 2_000
const WORKERS_OF_A_KIND = 4
const PYTHON = '/usr/bin/python3'
const KAZOO_LOAD = 'verify/history/kazoo_load.py'
const KAZOO_PART = 4
const KAZOO_MS = 120_000

interface Served {
  readonly port: number
  readonly dials: Readonly<Record<string, Dial>>
  readonly eventsHaveZxid: boolean
  close(): Promise<void>
}

/** Checks what ran at the same time. */
export const history: Part = {
  name: 'history',
  summary: 'connections that run free, and a checker that knows what each of them must have heard',
  options: {
    server: 'zoolet (the default) or apache, which proves the checker',
    requests: `requests of each of the ${WORKERS_OF_A_KIND} workers of a kind, ${REQUESTS} unless given`,
  },
  run: async (options) => {
    const server = wordOf(options, 'server', ['zoolet', 'apache'])
    const requests = countOf(options, 'requests', REQUESTS)
    const runs = options.runs ?? RUNS
    if (!hasKazoo()) say('SKIPPED: clients of others; install kazoo with: apt-get install python3-kazoo')
    let noted = 0
    for (let run = 1; run <= runs; run++) {
      const { history: each, violations } = await runOne(server, options.seed, run, requests)
      noted += each.length
      if (violations.length === 0) continue
      say(`FAIL history  seed=${options.seed} run=${run} node=${process.versions.node}`)
      say(
        `repeat: npm run verify -- history --server ${server} --seed ${options.seed} --runs ${run} --requests ${requests}`,
      )
      for (const { rule, thread, what } of violations.slice(0, 10)) say(`${rule}  ${thread}: ${what}`)
      return false
    }
    say(`${runs} histories on ${server}, ${noted} requests, replies and events: no rule is broken`)
    return true
  },
}

async function runOne(
  server: 'zoolet' | 'apache',
  seed: number,
  run: number,
  requests: number,
): Promise<{ history: History; violations: readonly Violation[] }> {
  const served = await (server === 'zoolet' ? startZoolet() : startApache())
  const { eventsHaveZxid, dials } = served
  const each = new History()
  const workers = Object.entries(dials).flatMap(([kind, dial], i) =>
    Array.from({ length: WORKERS_OF_A_KIND }, (_, j) => ({
      name: `${kind} ${j + 1}`,
      dial,
      random: new Random(seed, run * 100 + i * WORKERS_OF_A_KIND + j),
      requests,
      hasLastingWatches: eventsHaveZxid,
    })),
  )
  const proxy = await RecordingProxy.start(served.port, each)
  try {
    await Promise.all([
      ...workers.map((worker) => work(each, worker)),
      runKazoo(proxy.port, requests, seed + run),
    ])
  } finally {
    await proxy.close()
    await served.close()
  }
  return {
    history: each,
    violations: check(each, { eventsHaveZxid, goodbyeIsNoEnd: server === 'apache', firstZxid: 0 }),
  }
}

/** Two kazoo clients, with a part of the requests: Python takes longer. */
async function runKazoo(port: number, requests: number, seed: number): Promise<void> {
  if (!hasKazoo()) return
  const args = [KAZOO_LOAD, `127.0.0.1:${port}`, '2', String(Math.ceil(requests / KAZOO_PART)), String(seed)]
  const child = spawn(PYTHON, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: KAZOO_MS })
  const [code]: (number | null)[] = await once(child, 'close')
  if (code !== 0) throw new Error(`The load of kazoo ended with ${code}`)
}

function hasKazoo(): boolean {
  return [PYTHON, '/usr/lib/python3/dist-packages/kazoo'].every((path) => existsSync(path))
}

async function startZoolet(): Promise<Served> {
  const zoo = new EmbeddedZooKeeper()
  const endpoint = await listen(zoo, { port: 0 })
  return {
    dials: {
      'in process': (events) => new InProcessCnxn(zoo, events),
      TCP: (events) => new WireCnxn(endpoint.port ?? 0, events),
    },
    port: endpoint.port ?? 0,
    eventsHaveZxid: true,
    close: async () => {
      await endpoint.close()
      await zoo.close()
    },
  }
}

async function startApache(): Promise<Served> {
  if (!isApacheInstalled()) throw new Error('There is no Apache ZooKeeper here: apt-get install zookeeper')
  const { port, stop } = await startApacheProcess()
  return {
    dials: { TCP: (events) => new WireCnxn(port, events) },
    port,
    eventsHaveZxid: false,
    close: async () => void (await stop()),
  }
}
