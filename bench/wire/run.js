/**
 * `npm run bench:wire`: `zoolet serve` beside Apache ZooKeeper (its data on a memory file system, forceSync=no), under the same
 * load of requests that were encoded before, in one run. Rounds alternate between the two; what counts is the median of ratios.
 */
import { Buffer } from 'node:buffer'
import { openCnxn } from './cnxn.js'
import { create, getData, setData } from './requests.js'
import { hasZooKeeper, startZooKeeper, startZoolet } from './servers.js'

const ROUNDS = Number(process.env.ROUNDS ?? 15)
const WARM_UP_ROUNDS = 12
const CNXNS = 4
const ZNODES = 1000
const WINDOW = 100
const BATCHES = 25
const ROUND_TRIPS = 300
const DATA = Buffer.alloc(100, 'd')

const paths = Array.from({ length: ZNODES }, (_, i) => `/bench/node-${String(i).padStart(10, '0')}`)

/** Each kind of load: the bytes of one batch of a connection, and how many requests and frames that is. */
const loads = [
  {
    name: 'read (getData, 100 bytes)',
    batch: (/** @type {string[]} */ own) => own.map((path, i) => getData(i, path)),
    frames: 1,
  },
  {
    name: 'write (setData, 100 bytes)',
    batch: (/** @type {string[]} */ own) => own.map((path, i) => setData(i, path, DATA)),
    frames: 1,
  },
  {
    name: 'write that fires a watch',
    // A read that leaves a watch, and the write that fires it: three frames come back.
    batch: (/** @type {string[]} */ own) =>
      own.map((path, i) => Buffer.concat([getData(i, path, true), setData(i, path, DATA)])),
    frames: 3,
  },
]

const servers = [await startZoolet(), ...(hasZooKeeper ? [await startZooKeeper()] : [])]
if (!hasZooKeeper) console.log('Apache ZooKeeper is not installed here: zoolet is measured alone')
/** @type {Map<string, Awaited<ReturnType<typeof openCnxn>>[]>} */
const cnxns = new Map()
for (const server of servers) {
  const own = []
  while (own.length < CNXNS) own.push(await openCnxn(server.port))
  cnxns.set(server.name, own)
  await own[0]?.send(create(0, '/bench', DATA), 1)
  await own[0]?.send(Buffer.concat(paths.map((path, i) => create(i, path, DATA))), ZNODES)
}

/** @type {{ name: string, unit: string, figures: Awaited<ReturnType<typeof alternate>> }[]} */
const rows = []
for (const load of loads) {
  // Each connection has znodes of its own, so that no event goes to another.
  const batches = Array.from({ length: CNXNS }, (_, k) =>
    Buffer.concat(load.batch(paths.slice(k * WINDOW, (k + 1) * WINDOW))),
  )
  const figures = await alternate(async (own) => {
    const startMs = performance.now()
    await Promise.all(
      own.map(async (cnxn, k) => {
        for (let i = 0; i < BATCHES; i++) await cnxn.send(batches[k] ?? Buffer.alloc(0), WINDOW * load.frames)
      }),
    )
    return (CNXNS * BATCHES * WINDOW) / (performance.now() - startMs)
  })
  rows.push({ name: load.name, unit: 'thousand operations a second', figures })
}
const one = getData(1, paths[0] ?? '')
const two = setData(1, paths[0] ?? '', DATA)
for (const [name, request] of /** @type {const} */ ([
  ['getData', one],
  ['setData', two],
])) {
  const figures = await alternate(async ([cnxn]) => {
    const startMs = performance.now()
    for (let i = 0; i < ROUND_TRIPS; i++) await cnxn?.send(request, 1)
    return ((performance.now() - startMs) * 1000) / ROUND_TRIPS
  })
  rows.push({ name: `round trip of ${name}`, unit: 'microseconds', figures })
}

for (const { name, unit, figures } of rows) {
  const { medians, ratio, low, high } = figures
  const shown = servers.map((server, i) => `${server.name} ${medians[i]?.toFixed(1)}`).join(', ')
  const compared =
    servers.length < 2
      ? ''
      : `; ratio ${ratio?.toFixed(2)} (quartiles ${low?.toFixed(2)} to ${high?.toFixed(2)})`
  console.log(`${name}: ${shown} ${unit}${compared}`)
}
for (const own of cnxns.values()) for (const cnxn of own) await cnxn.close()
for (const server of servers) await server.stop()

/**
 * Runs a round on each server by turns.
 * @param {(cnxns: Awaited<ReturnType<typeof openCnxn>>[]) => Promise<number>} round
 */
async function alternate(round) {
  /** @type {number[][]} */
  const values = servers.map(() => [])
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++) {
    for (const [k, server] of servers.entries()) {
      const value = await round(cnxns.get(server.name) ?? [])
      if (i >= 0) values[k]?.push(value)
    }
  }
  const ratios = (values[0] ?? []).map((value, i) => value / (values[1]?.[i] ?? value))
  return {
    medians: values.map((of) => quantile(of, 0.5)),
    ratio: quantile(ratios, 0.5),
    low: quantile(ratios, 0.25),
    high: quantile(ratios, 0.75),
  }
}

/** @param {number[]} values @param {number} part */
function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0
}
