/** Service discovery: instances come and go, and a client always knows one that is there. Java's Curator reads the same znodes. */
import { deepEqual } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { ServiceDiscovery, uriOf } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
const [server1, server2, client] = await Promise.all([zoo.connect(), zoo.connect(), zoo.connect()])

// region offer
await new ServiceDiscovery(server1, '/services').register({
  name: 'web',
  id: 'a',
  address: '10.0.0.1',
  port: 80,
})
await new ServiceDiscovery(server2, '/services').register({
  name: 'web',
  id: 'b',
  address: '10.0.0.2',
  port: 80,
})
// endregion

// region choose
const web = await new ServiceDiscovery(client, '/services').provide('web', { strategy: 'roundRobin' })
const choose = () => {
  const instance = web.choose() // of those that are there at this moment; no request is made
  return instance === undefined ? 'nobody' : uriOf(instance)
}
// endregion

const chosen = [choose(), choose(), choose()]
zoo.expire(server1) // a crash, as the server sees it
await zoo.settle()
chosen.push(choose(), choose())
console.log(chosen.join('\n'))
const [a, b] = ['http://10.0.0.1:80', 'http://10.0.0.2:80']
deepEqual(chosen, [a, b, a, b, b])
await zoo.close()
