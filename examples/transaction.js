/** Several changes as one: all of them under one zxid, or none. */
import { EmbeddedZooKeeper, isKeeperException, Op } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const zk = await zoo.connect()
await zk.create('/queue')
await zk.create('/queue/task', 'resize')
await zk.create('/done')

// region multi
await zk.multi([
  Op.check('/queue', 0), // changes nothing, but all depends on it
  Op.delete('/queue/task'),
  Op.create('/done/task', 'resize'),
])
// endregion
console.log('moved:', Object.keys(zoo.dump()))

// region transaction
try {
  await zk.transaction().create('/a').setData('/missing', 'x').create('/b').commit()
} catch (error) {
  if (!isKeeperException(error)) throw error
  console.log(error.code) // NONODE
  console.log(error.results?.map((result) => result.type === 'error' && result.code)) // OK, NONODE, RUNTIMEINCONSISTENCY
}
// endregion
console.log('nothing came of it:', await zk.exists('/a'))
await zoo.close()
