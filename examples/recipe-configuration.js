/** Configuration pushed to many: each process has the present one at hand, and hears of every change. */
import { deepEqual } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { jsonCodec, SharedValue, watchData } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
const admin = await zoo.connect()

// region configuration
/** @typedef {{ limit: number }} Config */
const codec = jsonCodec((json) => /** @type {Config} */ (json)) // check it here, with your favourite schema
const config = new SharedValue(admin, '/config', { codec, initial: { limit: 10 } })
await config.get() // creates it

/** Follows the configuration until the signal aborts. @param {import('zoolet').ZooKeeper} zk @param {AbortSignal} signal */
async function follow(zk, signal) {
  for await (const { data } of watchData(zk, '/config', { signal })) {
    if (data !== null) seen.push(codec.decode(data).limit)
  }
}
// endregion

/** @type {number[]} */
const seen = []
const stop = new AbortController()
const follower = await zoo.connect()
const following = follow(follower, stop.signal)
await zoo.settle()
await config.update(({ limit }) => ({ limit: limit * 2 }))
await zoo.settle()
zoo.disconnect(follower) // what it misses, it sees afterwards: the last state
await config.set({ limit: 30 })
await config.set({ limit: 40 })
zoo.reconnect(follower)
await zoo.settle()
stop.abort()
await following
console.log('limits seen:', seen.join(' '))
deepEqual(seen, [10, 20, 40])
await zoo.close()
