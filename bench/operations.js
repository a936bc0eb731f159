/**
 * What is measured. Each phase is one pass over a thousand paths, of a thousand znodes or of many more, in a loop of its own, so that no
 * call site serves two operations. Every call is awaited before the next, and a fired watch counts once it is delivered.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { do_not_optimize as keep } from 'mitata'
import { EmbeddedZooKeeper } from 'zoolet'
import { Floor } from './floor.js'

/**
 * One pass over all paths.
 * @typedef {() => Promise<void>} Pass
 */

/**
 * Phases that undo each other; each has a row of its own.
 * @typedef {{ names: string[], floor: Pass[], ours: Pass[] }} Operation
 */

const PATHS_A_PASS = 1000
/** So many znodes are met, however many there are. */
const MOST_MET = 100_000
/** A step that has no divisor in common with any number of znodes here: one path after the other is far from the last. */
const STRIDE = 7919
const BATCH = 1000
/** For what comes and goes. */
const SPARE_ZNODES = 10_000

/** The paths of one pass after the other, over and over: a pass over a large tree meets other znodes than the one before it. */
class Walk {
  #all
  #at = 0
  /** @type {string[]} */
  now = []

  /** @param {string[]} all */
  constructor(all) {
    this.#all = all
  }

  next() {
    this.now = this.#all.slice(this.#at, this.#at + PATHS_A_PASS)
    this.#at = (this.#at + PATHS_A_PASS) % this.#all.length
    return this.now
  }
}

/**
 * A server of its own for each list, with all znodes but those that are created and deleted.
 * @param {{ dataBytes: number, znodes: number }} options
 */
export async function setUp({ dataBytes, znodes }) {
  const zoo = new EmbeddedZooKeeper({ limits: { maxZnodes: 2 * znodes + SPARE_ZNODES } })
  const [zk, other] = await Promise.all([zoo.connect(), zoo.connect()])
  const data = new Uint8Array(dataBytes).fill(7)
  const floor = new Floor()
  await zk.create('/bench')
  for (let from = 0; from < znodes; from += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, znodes - from) }, (_, i) => pathOf(from + i))
    await Promise.all(some.map((path) => zk.create(path, data)))
    for (const path of some) await floor.create(path, data)
  }
  const met = Math.min(znodes, MOST_MET)
  const paths = Array.from({ length: met }, (_, i) => pathOf((i * STRIDE) % znodes))
  const lookup = lookupPass(paths, floor)
  const watches = watchPasses(paths, zk, other, data)
  const operations = [
    { names: ['exists'], floor: [lookup], ours: [existsPass(paths, zk)] },
    { names: ['getData'], floor: [lookup], ours: [getDataPass(paths, zk)] },
    { names: ['setData'], floor: [lookup], ours: [setDataPass(paths, zk, data)] },
    { names: ['create', 'delete'], floor: floorChurn(paths, data, floor), ours: churn(paths, zk, data) },
    { names: ['watch: arm', 'watch: fire'], floor: [lookup, lookup], ours: watches },
    { names: ['watch: whole cycle'], floor: [lookup], ours: [watchCyclePass(paths, zk, other, data)] },
  ]
  return { operations, pathCount: PATHS_A_PASS, zoo, paths, close: () => zoo.close() }
}

/**
 * 24 characters, in memory of their own.
 * @param {number} i
 */
function pathOf(i) {
  return Buffer.from(`/bench/${String(i).padStart(17, '0')}`).toString()
}

/**
 * @param {string[]} paths
 * @param {Floor} floor
 * @returns {Pass}
 */
function lookupPass(paths, floor) {
  const walk = new Walk(paths)
  return async () => {
    for (const path of walk.next()) keep(await floor.get(path))
  }
}

/**
 * @param {string[]} paths
 * @param {Uint8Array} data
 * @param {Floor} floor
 * @returns {Pass[]}
 */
function floorChurn(paths, data, floor) {
  const walk = new Walk(paths.map((path) => `${path}-c`))
  return [
    async () => {
      for (const path of walk.next()) keep(await floor.create(path, data))
    },
    async () => {
      for (const path of walk.now) keep(await floor.delete(path))
    },
  ]
}

/**
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @returns {Pass}
 */
function existsPass(paths, zk) {
  const walk = new Walk(paths)
  return async () => {
    for (const path of walk.next()) keep(await zk.exists(path))
  }
}

/**
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @returns {Pass}
 */
function getDataPass(paths, zk) {
  const walk = new Walk(paths)
  return async () => {
    for (const path of walk.next()) keep(await zk.getData(path))
  }
}

/**
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @param {Uint8Array} data
 * @returns {Pass}
 */
function setDataPass(paths, zk, data) {
  const walk = new Walk(paths)
  return async () => {
    for (const path of walk.next()) keep(await zk.setData(path, data))
  }
}

/**
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @param {Uint8Array} data
 * @returns {Pass[]}
 */
function churn(paths, zk, data) {
  const walk = new Walk(paths.map((path) => `${path}-c`))
  return [
    async () => {
      for (const path of walk.next()) keep(await zk.create(path, data))
    },
    async () => {
      for (const path of walk.now) keep(await zk.delete(path))
    },
  ]
}

/**
 * All watches are armed, then all are fired by another client's writes.
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @param {import('zoolet').ZooKeeper} other
 * @param {Uint8Array} data
 * @returns {Pass[]}
 */
function watchPasses(paths, zk, other, data) {
  const walk = new Walk(paths)
  let armed = 0
  const options = { watcher: () => void armed-- }
  return [
    async () => {
      for (const path of walk.next()) keep(await zk.getData(path, options))
      armed += walk.now.length
    },
    async () => {
      for (const path of walk.now) keep(await other.setData(path, data))
      while (armed > 0) await macrotask()
    },
  ]
}

/**
 * One watch at a time: armed, fired by another client's write, delivered.
 * @param {string[]} paths
 * @param {import('zoolet').ZooKeeper} zk
 * @param {import('zoolet').ZooKeeper} other
 * @param {Uint8Array} data
 * @returns {Pass}
 */
function watchCyclePass(paths, zk, other, data) {
  const walk = new Walk(paths)
  return async () => {
    for (const path of walk.next()) {
      /** @type {(event: import('zoolet').WatchedEvent) => void} */
      let watcher = keep
      const delivered = new Promise((resolve) => {
        watcher = resolve
      })
      await zk.getData(path, { watcher })
      await other.setData(path, data)
      keep(await delivered)
    }
  }
}
