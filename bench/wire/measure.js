/**
 * Target 6: our server beside Apache ZooKeeper (its data on a memory file system, forceSync=no), under the same load of requests that
 * were encoded before, in one run. Rounds alternate between the two; what counts is the median of ratios of times.
 */
import { Buffer } from 'node:buffer'
import { median, residentBytes, showBytes, showNs } from '../row.js'
import { openCnxn } from './cnxn.js'
import { create, getData, remove, setData } from './requests.js'
import { hasZooKeeper, startUnlimited, startZooKeeper } from './servers.js'

/** @typedef {import('../row.js').Row} Row */
/** @typedef {Awaited<ReturnType<typeof openCnxn>>} Cnxn */
/** @typedef {import('./servers.js').Server & { cnxns: Cnxn[] }} Loaded */
/** @typedef {{ name: string, batches: Buffer[], frames: number }} Load */

const ROUNDS = Number(process.env.ROUNDS ?? 15)
const WARM_UP_ROUNDS = 12
const CNXNS = 4
const ZNODES = 1000
const WINDOW = 100
const BATCHES = 25
const ROUND_TRIPS = 300
const IDLE_CNXNS = 10_000
/** As many as wait to be accepted by the real server; a further one tries again after a second. */
const IDLE_BATCH = 40
const NS_A_MS = 1e6
const FIVE_TIMES = 1 / 5
const MOST_ROUND_TRIP = 0.6
const DATA = Buffer.alloc(100, 'd')

const paths = Array.from({ length: ZNODES }, (_, i) => `/bench/node-${String(i).padStart(10, '0')}`)

/** @returns {Promise<Row[]>} */
export async function measureWire() {
  if (!hasZooKeeper) {
    console.log('SKIPPED: wire, since there is no Apache ZooKeeper here')
    return []
  }
  const servers = [await prepare(await startUnlimited()), await prepare(await startZooKeeper())]
  const rows = []
  for (const load of loads())
    rows.push(await rowOf(load.name, servers, (cnxns) => runLoad(cnxns, load), FIVE_TIMES))
  for (const [name, request] of /** @type {const} */ ([
    ['getData', getData(1, paths[0] ?? '')],
    ['setData', setData(1, paths[0] ?? '', DATA)],
  ]))
    rows.push(
      await rowOf(`round trip of ${name}`, servers, ([cnxn]) => runTrips(cnxn, request), MOST_ROUND_TRIP),
    )
  for (const { cnxns } of servers) for (const cnxn of cnxns) await cnxn.close()
  rows.push(await measureIdle(servers))
  for (const server of servers) await server.stop()
  return rows
}

/**
 * Four connections, and the znodes.
 * @param {import('./servers.js').Server} server
 * @returns {Promise<Loaded>}
 */
async function prepare(server) {
  const cnxns = []
  while (cnxns.length < CNXNS) cnxns.push(await openCnxn(server.port))
  await cnxns[0]?.send(create(0, '/bench', DATA), 1)
  await cnxns[0]?.send(Buffer.concat(paths.map((path, i) => create(i, path, DATA))), ZNODES)
  return { ...server, cnxns }
}

/**
 * Each kind of load: the bytes of one batch of each connection, and how many frames come back for each of its operations.
 * @returns {Load[]}
 */
function loads() {
  return [
    loadOf('create, and the delete', 2, (path, i) =>
      Buffer.concat([create(i, `${path}-c`, DATA), remove(i, `${path}-c`)]),
    ),
    loadOf('getData, 100 bytes', 1, (path, i) => getData(i, path)),
    loadOf('setData, 100 bytes', 1, (path, i) => setData(i, path, DATA)),
    loadOf('getData with a watch', 1, (path, i) => getData(i, path, true)),
    // A read that leaves a watch, and the write that fires it: three frames come back.
    loadOf('getData with a watch, and the setData that fires it', 3, (path, i) =>
      Buffer.concat([getData(i, path, true), setData(i, path, DATA)]),
    ),
  ]
}

/**
 * Each connection has znodes of its own, so that no event goes to another.
 * @param {string} name
 * @param {number} frames
 * @param {(path: string, i: number) => Buffer} encode
 * @returns {Load}
 */
function loadOf(name, frames, encode) {
  const batches = Array.from({ length: CNXNS }, (_, k) =>
    Buffer.concat(paths.slice(k * WINDOW, (k + 1) * WINDOW).map(encode)),
  )
  return { name, batches, frames }
}

/**
 * Nanoseconds an operation.
 * @param {Cnxn[]} cnxns
 * @param {Load} load
 */
async function runLoad(cnxns, { batches, frames }) {
  const startMs = performance.now()
  await Promise.all(
    cnxns.map(async (cnxn, k) => {
      for (let i = 0; i < BATCHES; i++) await cnxn.send(batches[k] ?? Buffer.alloc(0), WINDOW * frames)
    }),
  )
  return ((performance.now() - startMs) * NS_A_MS) / (CNXNS * BATCHES * WINDOW)
}

/**
 * Nanoseconds a round trip.
 * @param {Cnxn | undefined} cnxn
 * @param {Buffer} request
 */
async function runTrips(cnxn, request) {
  const startMs = performance.now()
  for (let i = 0; i < ROUND_TRIPS; i++) await cnxn?.send(request, 1)
  return ((performance.now() - startMs) * NS_A_MS) / ROUND_TRIPS
}

/**
 * A round on each server by turns.
 * @param {string} name
 * @param {Loaded[]} servers
 * @param {(cnxns: Cnxn[]) => Promise<number>} round
 * @param {number} wanted
 * @returns {Promise<Row>}
 */
async function rowOf(name, servers, round, wanted) {
  /** @type {number[][]} */
  const values = servers.map(() => [])
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++)
    for (const [k, { cnxns }] of servers.entries()) {
      const ns = await round(cnxns)
      if (i >= 0) values[k]?.push(ns)
    }
  const [ours = [], theirs = []] = values
  const ratio = median(ours.map((ns, i) => ns / (theirs[i] ?? ns)))
  return {
    target: 6,
    name,
    ours: showNs(median(ours)),
    theirs: `ZooKeeper ${showNs(median(theirs))}`,
    ratio,
    wanted,
  }
}

/**
 * Memory of each server with many connections that do nothing, all that the process has.
 * @param {Loaded[]} servers
 * @returns {Promise<Row>}
 */
async function measureIdle(servers) {
  const [ours = 0, theirs = 0] = [await idleBytes(servers[0]), await idleBytes(servers[1])]
  return {
    target: 6,
    name: '10,000 idle connections, memory of the server',
    ours: showBytes(ours),
    theirs: `ZooKeeper ${showBytes(theirs)}`,
    ratio: ours / theirs,
    wanted: 1,
  }
}

/** @param {Loaded | undefined} server */
async function idleBytes(server) {
  if (server === undefined) return 0
  /** @type {Cnxn[]} */
  const cnxns = []
  while (cnxns.length < IDLE_CNXNS)
    cnxns.push(...(await Promise.all(Array.from({ length: IDLE_BATCH }, () => openCnxn(server.port)))))
  const bytes = residentBytes(server.pid)
  await Promise.all(cnxns.map((cnxn) => cnxn.close()))
  return bytes
}
