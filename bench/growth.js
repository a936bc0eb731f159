/**
 * Target 2: what calls cost with a million znodes, in floors over a map of the same size, beside what they cost with a thousand. Each
 * pass takes the same paths, chosen at random over all of them.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { setUp } from './operations.js'
import { measure, warmUp } from './rounds.js'
import { median, showNs } from './row.js'

/** @typedef {import('./row.js').Row} Row */

const [SMALL, LARGE] = [1_000, 1_000_000]
const MOST = 1.5
const NS_A_MS = 1e6

const SESSIONS = 200
/** Ephemerals of a session, and as many watches. */
const HELD = 10
/** How many watches others have meanwhile. */
const MOST_WATCHED = 100_000
const ROUNDS = 15

/** @returns {Promise<Row[]>} */
export async function measureGrowth() {
  const small = await measuredAt(SMALL)
  const large = await measuredAt(LARGE)
  const rows = [...large.floors].map(([name, floors]) => {
    const before = small.floors.get(name) ?? 0
    const [ours, theirs] = [`${floors.toFixed(2)} floors`, `a thousand ${before.toFixed(2)}`]
    return {
      target: 2,
      name: `${name}, a million znodes`,
      ours,
      theirs,
      ratio: floors / before,
      wanted: MOST,
    }
  })
  const name = "a session's end, a million znodes"
  const [ours, theirs] = [showNs(large.endNs), `a thousand ${showNs(small.endNs)}`]
  return [...rows, { target: 2, name, ours, theirs, ratio: large.endNs / small.endNs, wanted: MOST }]
}

/** @param {number} znodes */
async function measuredAt(znodes) {
  const { operations, pathCount, zoo, paths, close } = await setUp({ dataBytes: 16, znodes })
  /** @type {Map<string, number>} */
  const floors = new Map()
  await warmUp(operations)
  for (const operation of operations)
    for (const { name, ratio } of await measure(operation, pathCount)) floors.set(name, ratio)
  const endNs = await nsAnEnd(zoo, paths)
  await close()
  return { floors, endNs }
}

/**
 * Of sessions with a few ephemerals and watches, among those of others.
 * @param {import('zoolet').EmbeddedZooKeeper} zoo
 * @param {readonly string[]} paths
 */
async function nsAnEnd(zoo, paths) {
  const other = await zoo.connect()
  for (const path of paths.slice(0, MOST_WATCHED)) await other.exists(path, { watcher: nothing })
  const ns = []
  for (let round = 0; round < ROUNDS; round++) {
    const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => zoo.connect()))
    for (const [i, zk] of sessions.entries())
      for (let k = 0; k < HELD; k++) {
        await zk.create(`/bench/end-${i}-${k}`, null, { mode: 'EPHEMERAL' })
        await zk.exists(paths[(i * HELD + k) % paths.length] ?? '', { watcher: nothing })
      }
    await macrotask()
    const startMs = performance.now()
    for (const zk of sessions) await zk.close()
    ns.push(((performance.now() - startMs) * NS_A_MS) / SESSIONS)
  }
  return median(ns)
}

function nothing() {}
