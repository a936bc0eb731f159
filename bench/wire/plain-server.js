/** A server of our own without limits, on the port that it is given: what `zoolet serve` is, but for the 10,000 sessions that it allows. */
import process from 'node:process'
import { EmbeddedZooKeeper } from 'zoolet'
import { listen } from 'zoolet/node'

const NO_LIMIT = Number.POSITIVE_INFINITY
const zoo = new EmbeddedZooKeeper({ limits: { maxSessions: NO_LIMIT } })
const limits = { maxClientCnxns: NO_LIMIT, maxCnxns: NO_LIMIT }
await listen(zoo, { port: Number(process.argv[2]), fourLetterWords: '*', limits })
