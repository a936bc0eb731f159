/** Read, change, write if nobody else has written: several clients count in one znode, and no count is lost. */
import { EmbeddedZooKeeper, isKeeperException } from 'zoolet'

// region update
/** Adds one to a number. @param {import('zoolet').ZooKeeper} zk @param {string} path */
async function increment(zk, path) {
  for (;;) {
    const { data, stat } = await zk.getData(path)
    const next = Number(new TextDecoder().decode(data ?? undefined)) + 1
    try {
      await zk.setData(path, String(next), stat.version)
      return next
    } catch (error) {
      if (!isKeeperException(error, 'BADVERSION')) throw error // somebody was faster: once more
    }
  }
}
// endregion

const zoo = new EmbeddedZooKeeper()
const clients = await Promise.all(Array.from({ length: 5 }, () => zoo.connect()))
await clients[0]?.create('/counter', '0')

await Promise.all(clients.map((zk) => increment(zk, '/counter')))

console.log(zoo.dump()['/counter'], 'counted by', clients.length, 'clients at once')
await zoo.close()
