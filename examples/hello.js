/** The first thing to try: a server in this process, a client, and a watch that fires. */
// region hello
import { EmbeddedZooKeeper } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const zk = await zoo.connect()

await zk.create('/app', 'hello')
const { stat } = await zk.getData('/app', {
  watcher: (event) => console.log(event.type, event.path), // NodeDataChanged /app
})
await zk.setData('/app', 'world', stat.version)
await zoo.close()
// endregion
