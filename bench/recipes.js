/**
 * Recipes: a lock that is taken and released, one after the other and by many who wait, beside a mutex that knows nothing but this
 * process (async-mutex), and beside the same lock made by hand with node-zookeeper-client on a real server.
 */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate as macrotask } from 'node:timers/promises'
import { promisify } from 'node:util'
import { EmbeddedZooKeeper } from 'zoolet'
import { Lock } from 'zoolet/recipes'
import { median, showNs } from './row.js'
import { hasZooKeeper, startZooKeeper } from './wire/servers.js'

/** @typedef {import('./row.js').Row} Row */
/** @typedef {{ acquire(): Promise<() => unknown> }} Mutex */

const ROUNDS = 15
const WARM_UP_ROUNDS = 3
const TURNS = 2_000
const TURNS_OVER_WIRE = 100
const WAITERS = 50
const NS_A_MS = 1e6

/** @returns {Promise<Row[]>} */
export async function measureRecipes() {
  const zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const lock = new Lock(zk, '/lock')
  /** @type {Mutex} */
  const ours = {
    acquire: async () => {
      const held = await lock.acquire()
      return () => held.release()
    },
  }
  /** @type {Row[]} */
  const rows = []
  const plain = asyncMutex()
  if (plain !== undefined) {
    rows.push(await rowOf('lock and release, beside async-mutex', [ours, TURNS], [plain, TURNS], alone))
    rows.push(
      await rowOf(`${WAITERS} who wait, each turn, beside async-mutex`, [ours, 1], [plain, 1], inLine),
    )
  }
  const remote = await handMade()
  if (remote !== undefined) {
    const name = 'lock and release, beside node-zookeeper-client on a real server'
    rows.push(await rowOf(name, [ours, TURNS], [remote.mutex, TURNS_OVER_WIRE], alone))
    await remote.close()
  }
  await zoo.close()
  return rows
}

/**
 * @param {string} name
 * @param {readonly [Mutex, number]} ours
 * @param {readonly [Mutex, number]} theirs
 * @param {(mutex: Mutex, times: number) => Promise<number>} run resolves to the number of turns
 * @returns {Promise<Row>}
 */
async function rowOf(name, ours, theirs, run) {
  /** @type {{ ours: number, theirs: number }[]} */
  const rounds = []
  for (let i = -WARM_UP_ROUNDS; i < ROUNDS; i++) {
    const round = { ours: await nsATurn(() => run(...ours)), theirs: await nsATurn(() => run(...theirs)) }
    if (i >= 0) rounds.push(round)
  }
  return {
    target: 0,
    name,
    ours: showNs(median(rounds.map((round) => round.ours))),
    theirs: showNs(median(rounds.map((round) => round.theirs))),
    ratio: median(rounds.map((round) => round.ours / round.theirs)),
    wanted: undefined,
  }
}

/** @param {() => Promise<number>} run */
async function nsATurn(run) {
  await macrotask()
  const startMs = performance.now()
  const turns = await run()
  return ((performance.now() - startMs) * NS_A_MS) / turns
}

/** @param {Mutex} mutex @param {number} times */
async function alone(mutex, times) {
  for (let i = 0; i < times; i++) {
    const release = await mutex.acquire()
    await release()
  }
  return times
}

/** @param {Mutex} mutex */
async function inLine(mutex) {
  const turns = Array.from({ length: WAITERS }, async () => {
    const release = await mutex.acquire()
    await release()
  })
  await Promise.all(turns)
  return WAITERS
}

/** @returns {Mutex | undefined} */
function asyncMutex() {
  try {
    const { Mutex } = createRequire(new URL('peers/package.json', import.meta.url))('async-mutex')
    return new Mutex()
  } catch {
    console.log('SKIPPED: async-mutex is not installed; npm ci --prefix bench/peers')
    return undefined
  }
}

/** A lock as people write it: stand in line, look who is first, go. Nobody else wants it here, so nobody waits. */
async function handMade() {
  const client = hasZooKeeper ? nodeZooKeeperClient() : undefined
  if (client === undefined) {
    console.log('SKIPPED: node-zookeeper-client on a real server; one of the two is not here')
    return undefined
  }
  const server = await startZooKeeper()
  const zk = client.createClient(`127.0.0.1:${server.port}`)
  zk.connect()
  await once(zk, 'connected')
  const [create, getChildren, remove] = [zk.create, zk.getChildren, zk.remove].map((method) =>
    promisify(method.bind(zk)),
  )
  await create?.('/lock')
  /** @type {Mutex} */
  const mutex = {
    acquire: async () => {
      const path = await create?.('/lock/lock-', null, client.CreateMode.EPHEMERAL_SEQUENTIAL)
      const names = await getChildren?.('/lock')
      if (`/lock/${names.sort()[0]}` !== path) throw new Error('Somebody else wants this lock')
      return () => remove?.(path, -1)
    },
  }
  return {
    mutex,
    close: async () => {
      zk.close()
      await server.stop()
    },
  }
}

function nodeZooKeeperClient() {
  try {
    return createRequire(new URL('../test/peers/node-clients/package.json', import.meta.url))(
      'node-zookeeper-client',
    )
  } catch {
    return undefined
  }
}
