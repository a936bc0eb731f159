/** Target 5: one write that a million watchers of a thousand sessions wait for, and who else is served meanwhile. */
import { setImmediate as macrotask } from 'node:timers/promises'
import { EmbeddedZooKeeper } from 'zoolet'
import { median, showNs } from './row.js'

/** @typedef {import('./row.js').Row} Row */

const SESSIONS = 1_000
const WATCHERS_EACH = 1_000
const MOST_NS = 1_000
const ROUNDS = 5

/** @returns {Promise<Row[]>} */
export async function measureFanOut() {
  const zoo = new EmbeddedZooKeeper()
  const clients = await Promise.all(Array.from({ length: SESSIONS }, () => zoo.connect()))
  const [writer, other] = await Promise.all([zoo.connect(), zoo.connect()])
  await writer.create('/all', '')
  const rounds = []
  for (let i = -1; i < ROUNDS; i++) {
    const round = await fanOut(clients, writer, other)
    if (i >= 0) rounds.push(round)
  }
  await zoo.close()
  const ns = median(rounds.map(({ nsAWatcher }) => nsAWatcher))
  const served = median(rounds.map(({ answers }) => answers))
  return [
    {
      target: 5,
      name: 'a write that a million watchers wait for, each watcher',
      ours: showNs(ns),
      theirs: `limit ${showNs(MOST_NS)}`,
      ratio: ns / MOST_NS,
      wanted: 1,
    },
    {
      target: 5,
      name: 'requests of another session answered in between',
      ours: String(served),
      theirs: 'at least 1',
      ratio: 1 / served,
      wanted: 1,
    },
  ]
}

/**
 * @param {import('zoolet').ZooKeeper[]} clients
 * @param {import('zoolet').ZooKeeper} writer
 * @param {import('zoolet').ZooKeeper} other
 */
async function fanOut(clients, writer, other) {
  let left = SESSIONS * WATCHERS_EACH
  for (const zk of clients) {
    const armed = Array.from({ length: WATCHERS_EACH }, () =>
      zk.exists('/all', { watcher: () => void left-- }),
    )
    await Promise.all(armed)
  }
  await macrotask()
  const startMs = performance.now()
  const written = writer.setData('/all', '')
  let answers = 0
  while (left > 0) {
    await other.exists('/all')
    if (left > 0) answers += 1
    await macrotask()
  }
  const nsAWatcher = ((performance.now() - startMs) * 1e6) / (SESSIONS * WATCHERS_EACH)
  await written
  return { nsAWatcher, answers }
}
