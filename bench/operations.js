/**
 * What is measured. Each phase is one pass over a thousand paths in a loop of its own, so that no call site serves two
 * operations. Every call is awaited before the next, and a fired watch counts once it is delivered.
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

const ZNODES = 1000

/** Paths of 24 characters. */
const paths = Array.from({ length: ZNODES }, (_, i) => `/bench/${String(i).padStart(17, '0')}`)

/**
 * A server of its own for each list, with all znodes but those that are created and deleted.
 * @param {number} dataBytes
 */
export async function setUp(dataBytes) {
  const zoo = new EmbeddedZooKeeper()
  const [zk, other] = await Promise.all([zoo.connect(), zoo.connect()])
  const data = new Uint8Array(dataBytes).fill(7)
  const floor = new Floor()
  for (const path of paths) {
    await zk.createAll(path, data)
    await floor.create(path, data)
  }
  const lookup = lookupPass(floor)
  const operations = [
    { names: ['exists'], floor: [lookup], ours: [existsPass(zk)] },
    { names: ['getData'], floor: [lookup], ours: [getDataPass(zk)] },
    { names: ['setData'], floor: [lookup], ours: [setDataPass(zk, data)] },
    { names: ['create', 'delete'], floor: floorChurn(data), ours: churn(zk, data) },
    { names: ['watch: arm', 'watch: fire'], floor: [lookup, lookup], ours: watchPasses(zk, other, data) },
    { names: ['watch: whole cycle'], floor: [lookup], ours: [watchCyclePass(zk, other, data)] },
  ]
  return { operations, pathCount: paths.length, close: () => zoo.close() }
}

/**
 * @param {Floor} floor
 * @returns {Pass}
 */
function lookupPass(floor) {
  return async () => {
    for (const path of paths) keep(await floor.get(path))
  }
}

/**
 * @param {Uint8Array} data
 * @returns {Pass[]}
 */
function floorChurn(data) {
  const floor = new Floor()
  return [
    async () => {
      for (const path of paths) keep(await floor.create(path, data))
    },
    async () => {
      for (const path of paths) keep(await floor.delete(path))
    },
  ]
}

/**
 * @param {import('zoolet').ZooKeeper} zk
 * @returns {Pass}
 */
function existsPass(zk) {
  return async () => {
    for (const path of paths) keep(await zk.exists(path))
  }
}

/**
 * @param {import('zoolet').ZooKeeper} zk
 * @returns {Pass}
 */
function getDataPass(zk) {
  return async () => {
    for (const path of paths) keep(await zk.getData(path))
  }
}

/**
 * @param {import('zoolet').ZooKeeper} zk
 * @param {Uint8Array} data
 * @returns {Pass}
 */
function setDataPass(zk, data) {
  return async () => {
    for (const path of paths) keep(await zk.setData(path, data))
  }
}

/**
 * @param {import('zoolet').ZooKeeper} zk
 * @param {Uint8Array} data
 * @returns {Pass[]}
 */
function churn(zk, data) {
  const churned = paths.map((path) => `${path}-c`)
  return [
    async () => {
      for (const path of churned) keep(await zk.create(path, data))
    },
    async () => {
      for (const path of churned) keep(await zk.delete(path))
    },
  ]
}

/**
 * All watches are armed, then all are fired by another client's writes.
 * @param {import('zoolet').ZooKeeper} zk
 * @param {import('zoolet').ZooKeeper} other
 * @param {Uint8Array} data
 * @returns {Pass[]}
 */
function watchPasses(zk, other, data) {
  let armed = 0
  const options = { watcher: () => void armed-- }
  return [
    async () => {
      for (const path of paths) keep(await zk.getData(path, options))
      armed += paths.length
    },
    async () => {
      for (const path of paths) keep(await other.setData(path, data))
      while (armed > 0) await macrotask()
    },
  ]
}

/**
 * One watch at a time: armed, fired by another client's write, delivered.
 * @param {import('zoolet').ZooKeeper} zk
 * @param {import('zoolet').ZooKeeper} other
 * @param {Uint8Array} data
 * @returns {Pass}
 */
function watchCyclePass(zk, other, data) {
  return async () => {
    for (const path of paths) {
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
