/**
 * Target 1: awaited calls in process, beside the same calls of the clients from npm on a real server, one at a time. Of the clients that are
 * installed here (test/peers/node-clients) the faster one counts.
 */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate as macrotask } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EmbeddedZooKeeper } from 'zoolet'
import { median, showNs } from './row.js'
import { hasZooKeeper, startZooKeeper } from './wire/servers.js'

/** @typedef {import('./row.js').Row} Row */

/**
 * What is asked of each so many times, each call awaited before the next, on one znode. Each operation has a loop of its own, so that no
 * call site serves two.
 * @typedef {Record<typeof OPERATIONS[number], (times: number) => Promise<void>>} Calls
 */

const ROUNDS = 15
const WARM_UP_ROUNDS = 5
const THEIR_CALLS = 300
/** As in the other rounds; of theirs, which are slow, one pass is enough. */
const OUR_CALLS = 1_000
const OUR_PASSES = 20
const NS_A_MS = 1e6
const MOST = 1 / 500
const OPERATIONS = /** @type {const} */ (['exists', 'getData', 'setData'])
const PATH = '/bench'
const DATA = Buffer.alloc(100, 'd')

const requireClient = createRequire(new URL('../test/peers/node-clients/package.json', import.meta.url))

/** @returns {Promise<Row[]>} */
export async function measureNodeClients() {
  if (!hasZooKeeper) {
    console.log('SKIPPED: node-clients, since there is no Apache ZooKeeper here')
    return []
  }
  const server = await startZooKeeper()
  const clients = [await nodeZooKeeperClient(server.port), await zookeeperClient(server.port)].filter(
    (client) => client !== undefined,
  )
  const zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  await zk.create(PATH, DATA)
  /** @type {Calls} */
  const ours = {
    exists: async (times) => {
      for (let i = 0; i < times; i++) await zk.exists(PATH)
    },
    getData: async (times) => {
      for (let i = 0; i < times; i++) await zk.getData(PATH)
    },
    setData: async (times) => {
      for (let i = 0; i < times; i++) await zk.setData(PATH, DATA)
    },
  }
  const rows = []
  for (const operation of clients.length === 0 ? [] : OPERATIONS)
    rows.push(await rowOf(operation, ours[operation], clients))
  for (const { close } of clients) close()
  await zoo.close()
  await server.stop()
  if (clients.length === 0) console.log('SKIPPED: node-clients, since no client from npm is installed here')
  return rows
}

/**
 * @param {typeof OPERATIONS[number]} operation
 * @param {(times: number) => Promise<void>} pass
 * @param {readonly { name: string, calls: Calls }[]} clients
 * @returns {Promise<Row>}
 */
async function rowOf(operation, pass, clients) {
  /** @type {number[]} */
  const ours = []
  const theirs = clients.map(() => /** @type {number[]} */ ([]))
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++) {
    const ns = await nsACall(pass, OUR_CALLS, OUR_PASSES)
    if (i >= 0) ours.push(ns)
    for (const [k, { calls }] of clients.entries()) {
      const theirNs = await nsACall(calls[operation], THEIR_CALLS, 1)
      if (i >= 0) theirs[k]?.push(theirNs)
    }
  }
  const best = theirs.map(median).reduce((least, ns, i, all) => (ns < (all[least] ?? ns) ? i : least), 0)
  return {
    target: 1,
    name: `${operation}, beside ${clients[best]?.name} on a real server`,
    ours: showNs(median(ours)),
    theirs: showNs(median(theirs[best] ?? [])),
    ratio: median(ours.map((ns, i) => ns / (theirs[best]?.[i] ?? ns))),
    wanted: MOST,
  }
}

/**
 * Over all passes, each in a turn of its own.
 * @param {(times: number) => Promise<void>} pass
 * @param {number} times
 * @param {number} passes
 */
async function nsACall(pass, times, passes) {
  let ms = 0
  for (let i = 0; i < passes; i++) {
    await macrotask()
    const startMs = performance.now()
    await pass(times)
    ms += performance.now() - startMs
  }
  return (ms * NS_A_MS) / (times * passes)
}

/** @param {number} port */
async function nodeZooKeeperClient(port) {
  const name = 'node-zookeeper-client'
  const loaded = load(name)
  if (loaded === undefined) return undefined
  const client = loaded.createClient(`127.0.0.1:${port}`)
  client.connect()
  await once(client, 'connected')
  await new Promise((resolve) => client.create(PATH, DATA, () => resolve(undefined)))
  const [exists, getData, setData] = [client.exists, client.getData, client.setData].map((method) =>
    promisify(method.bind(client)),
  )
  /** @type {Calls} */
  const calls = {
    exists: async (times) => {
      for (let i = 0; i < times; i++) await exists?.(PATH)
    },
    getData: async (times) => {
      for (let i = 0; i < times; i++) await getData?.(PATH)
    },
    setData: async (times) => {
      for (let i = 0; i < times; i++) await setData?.(PATH, DATA, -1)
    },
  }
  return { name, calls, close: () => client.close() }
}

/** Compiles the C client, so it may be missing. @param {number} port */
async function zookeeperClient(port) {
  const name = 'zookeeper'
  const ZooKeeperClient = load(name)?.Promise
  if (ZooKeeperClient === undefined) return undefined
  const client = new ZooKeeperClient({ connect: `127.0.0.1:${port}`, timeout: 30_000, debug_level: 1 })
  client.init({})
  await once(client, 'connect')
  /** @type {Calls} */
  const calls = {
    exists: async (times) => {
      for (let i = 0; i < times; i++) await client.exists(PATH, false)
    },
    getData: async (times) => {
      for (let i = 0; i < times; i++) await client.get(PATH, false)
    },
    setData: async (times) => {
      for (let i = 0; i < times; i++) await client.set(PATH, DATA, -1)
    },
  }
  return { name, calls, close: () => client.close() }
}

/** @param {string} name */
function load(name) {
  try {
    return requireClient(name)
  } catch {
    console.log(`not installed here: ${name}`)
    return undefined
  }
}
