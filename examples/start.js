/** The first steps: a server in this process, two clients, and a watch that tells one what the other did. */
import { EmbeddedZooKeeper } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const reader = await zoo.connect({ sessionTimeoutMs: 10_000 })
const writer = await zoo.connect({ sessionTimeoutMs: 10_000 })

await writer.create('/app', 'hello')
const { data, stat } = await reader.getData('/app', {
  watcher: (event) => console.log(`watch:   ${event.type} ${event.path}`),
})
console.log(`read:    ${new TextDecoder().decode(data ?? undefined)} (version ${stat.version})`)

const changed = await writer.setData('/app', 'world', stat.version)
console.log(`written: world (version ${changed.version})`)

await zoo.close()
