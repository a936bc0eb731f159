/** One server, two doors: clients of the same process, and clients of any language over TCP. Here both are ours. */
import { equal } from 'node:assert/strict'
// region network
import { EmbeddedZooKeeper } from 'zoolet'
import { connect, listen } from 'zoolet/node'

const zoo = new EmbeddedZooKeeper()
const endpoint = await listen(zoo, { port: 0 }) // 2181 unless you say otherwise
const inside = await zoo.connect()
const outside = await connect(endpoint.connectString) // or '10.0.0.1:2181,10.0.0.2:2181/app', an Apache ZooKeeper ensemble
// endregion

const changed = new Promise((resolve) => {
  void outside.exists('/config', { watcher: (event) => resolve(event.type) })
})
await outside.sync('/')
await inside.create('/config', 'v1')

console.log(`${endpoint.connectString} told of ${await changed}`)
const { data } = await outside.getData('/config')
equal(new TextDecoder().decode(data ?? undefined), 'v1')
await outside.close()
await endpoint.close()
await zoo.close()
