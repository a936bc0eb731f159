/** Target 8: how long the event loop is held by much that is due at once. The longest time between two of its turns is what counts. */
import { setImmediate as macrotask, setTimeout as pause } from 'node:timers/promises'
import { EmbeddedZooKeeper, Op } from 'zoolet'
import { median } from './row.js'
import { BARE_SERVER, comeBackOverTcp, WATCHED_SERVER } from './wire/returning.js'

/** @typedef {import('./row.js').Row} Row */
/** @typedef {import('zoolet').ZooKeeper} ZooKeeper */

const CLIENTS = 10_000
const WATCHES_EACH = 10
const BATCH = 100
const TCP_ROUNDS = 5
const MOST_TURN_MS = 50
const MOST_MULTI_MS = 250
const MULTI_OPS = 10_000
const TICK_MS = 500
const SETTLE_MS = 200

/** @returns {Promise<Row[]>} */
export async function measureTurns() {
  return [
    rowOf('10,000 sessions that expire at one tick', await expireAtOnce(), MOST_TURN_MS),
    rowOf('10,000 clients in process with 10 watches each that come back', await comeBack(), MOST_TURN_MS),
    ...(await measureTcp()),
    rowOf('a multi of 10,000 operations', await multiAtCap(), MOST_MULTI_MS),
  ]
}

/** @returns {Promise<Row[]>} */
async function measureTcp() {
  const size = { clients: CLIENTS, watchesEach: WATCHES_EACH }
  const rounds = []
  for (let i = 0; i < TCP_ROUNDS; i++)
    rounds.push({
      ours: await comeBackOverTcp(WATCHED_SERVER, size),
      bare: await comeBackOverTcp(BARE_SERVER, size),
    })
  const ours = median(rounds.map((round) => round.ours))
  const bare = median(rounds.map((round) => round.bare))
  return [
    rowOf('10,000 clients over TCP with 10 watches each that come back', ours, MOST_TURN_MS),
    {
      target: 8,
      name: 'the same, beside a server in Node that only answers',
      ours: `${ours.toFixed(1)} ms`,
      theirs: `bare server ${bare.toFixed(1)} ms`,
      ratio: median(rounds.map((round) => round.ours / round.bare)),
      wanted: undefined,
    },
  ]
}

async function expireAtOnce() {
  const zoo = new EmbeddedZooKeeper({ tickTimeMs: TICK_MS })
  const clients = await connectAll(zoo)
  for (const [i, zk] of clients.entries()) await zk.create(`/e${i}`, null, { mode: 'EPHEMERAL' })
  const longest = longestTurn(async () => {
    while (zoo.reports.counts().sessions > 0) await pause(TICK_MS / 2)
  })
  await inBatches(clients, (zk) => zoo.disconnect(zk))
  const ms = await longest
  await zoo.close()
  return ms
}

async function comeBack() {
  const zoo = new EmbeddedZooKeeper()
  const clients = await connectAll(zoo)
  for (let i = 0; i < WATCHES_EACH; i++)
    for (const zk of clients) await zk.exists(`/w${i}`, { watcher: () => undefined })
  let back = 0
  for (const zk of clients) zk.on('connected', () => void back++)
  const longest = longestTurn(async () => {
    while (back < clients.length) await pause(1)
    await pause(SETTLE_MS)
  })
  await inBatches(clients, (zk) => zoo.disconnect(zk))
  await inBatches(clients, (zk) => zoo.reconnect(zk))
  const ms = await longest
  await zoo.close()
  return ms
}

/**
 * As they would come from a network: some, and then the event loop has its turn.
 * @param {readonly ZooKeeper[]} clients
 * @param {(zk: ZooKeeper) => void} act
 */
async function inBatches(clients, act) {
  for (const [i, zk] of clients.entries()) {
    act(zk)
    if (i % BATCH === 0) await macrotask()
  }
}

async function multiAtCap() {
  const zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const ops = Array.from({ length: MULTI_OPS }, (_, i) => Op.create(`/m${i}`, 'x'))
  const ms = await longestTurn(async () => void (await zk.multi(ops)))
  await zoo.close()
  return ms
}

/** @param {EmbeddedZooKeeper} zoo */
async function connectAll(zoo) {
  /** @type {ZooKeeper[]} */
  const clients = []
  while (clients.length < CLIENTS)
    clients.push(
      ...(await Promise.all(
        Array.from({ length: BATCH }, () => zoo.connect({ sessionTimeoutMs: 2 * TICK_MS })),
      )),
    )
  return clients
}

/**
 * The longest time between two turns of the event loop while this runs.
 * @param {() => Promise<void>} run
 */
async function longestTurn(run) {
  let [longestMs, isOver] = [0, false]
  let lastMs = performance.now()
  const watch = async () => {
    while (!isOver) {
      await macrotask()
      const nowMs = performance.now()
      longestMs = Math.max(longestMs, nowMs - lastMs)
      lastMs = nowMs
    }
  }
  const watching = watch()
  await run()
  await macrotask()
  isOver = true
  await watching
  return longestMs
}

/**
 * @param {string} name
 * @param {number} ms
 * @param {number} most
 * @returns {Row}
 */
function rowOf(name, ms, most) {
  return {
    target: 8,
    name,
    ours: `${ms.toFixed(1)} ms`,
    theirs: `limit ${most} ms`,
    ratio: ms / most,
    wanted: 1,
  }
}
