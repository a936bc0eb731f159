/** Limits of a server that strangers can reach, tighter than those for the clients of its own process. */
import type { EmbeddedZooKeeperOptions } from '../embedded-options.js'

/** For `new EmbeddedZooKeeper({ limits })` of a server that listens; what `zoolet serve` uses. */
export const WIRE_SERVER_LIMITS: NonNullable<EmbeddedZooKeeperOptions['limits']> = Object.freeze({
  maxMultiOps: 10_000,
  maxPathDepth: 1_024,
  maxSessions: 10_000,
  maxWatches: 1_000_000,
  maxWatchesPerSession: 100_000,
  maxZnodes: 1_000_000,
})
