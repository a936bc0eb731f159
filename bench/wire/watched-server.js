/** A server of our own in a process of its own, which is asked for the longest time between two turns of its event loop. */
import process from 'node:process'
import { setImmediate as macrotask } from 'node:timers/promises'
import { EmbeddedZooKeeper } from 'zoolet'
import { listen } from 'zoolet/node'

const NO_LIMIT = Number.POSITIVE_INFINITY
const zoo = new EmbeddedZooKeeper()
const { port } = await listen(zoo, { port: 0, limits: { maxClientCnxns: NO_LIMIT, maxCnxns: NO_LIMIT } })
let longestMs = 0
let lastMs = performance.now()

process.on('message', () => {
  process.send?.({
    longestMs,
    sessions: zoo.reports.counts().sessions,
    watches: zoo.reports.counts().watches,
  })
  longestMs = 0
})
process.send?.({ port })

for (;;) {
  await macrotask()
  const nowMs = performance.now()
  longestMs = Math.max(longestMs, nowMs - lastMs)
  lastMs = nowMs
}
