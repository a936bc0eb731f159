/** Leaving nothing behind: a client ends its session when it is closed, and a server closes its clients. */
import { EmbeddedZooKeeper } from 'zoolet'

// region cleanup
// In TypeScript, and where the platform knows it: `await using zoo = new EmbeddedZooKeeper()`, and no try.
const zoo = new EmbeddedZooKeeper()
try {
  const zk = await zoo.connect()
  await zk.create('/lock', null, { mode: 'EPHEMERAL' })
  await zk.close() // ends the session: the ephemeral znode goes, its watchers are told
  console.log(
    'after close:',
    Object.keys(zoo.dump()).length,
    'znodes,',
    zoo.reports.counts().sessions,
    'sessions',
  )
} finally {
  await zoo.close()
}
// endregion

/** @type {unknown} */
const dispose = Reflect.get(zoo, Symbol.asyncDispose)
console.log('can be used with `await using`:', typeof dispose === 'function')
