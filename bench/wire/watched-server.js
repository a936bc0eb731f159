/** A server of our own in a process of its own, which is asked for the longest time between two turns of its event loop. */
import { EmbeddedZooKeeper } from 'zoolet'
import { listen } from 'zoolet/node'
import { watchTurns } from './watch-turns.js'

const NO_LIMIT = Number.POSITIVE_INFINITY
const zoo = new EmbeddedZooKeeper()
const { port = 0 } = await listen(zoo, {
  port: 0,
  limits: { maxClientCnxns: NO_LIMIT, maxCnxns: NO_LIMIT },
})
await watchTurns(port, () => ({ clients: zoo.reports.counts().sessions }))
