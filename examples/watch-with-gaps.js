/** A lasting watch as a loop, which says where it may have missed something: there the state is to be read anew. */
import { EmbeddedZooKeeper } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const reader = await zoo.connect()
const writer = await zoo.connect()

async function follow() {
  // region follow
  const watch = reader.watch('/config', { recursive: true })
  await watch.ready // whatever changes from here on is seen, or lies in a gap
  for await (const event of watch) {
    if (event.kind === 'gap') console.log(`gap after ${event.fromZxid}, up to ${event.toZxid}: read anew`)
    else console.log(event.type, event.path)
    if (event.kind !== 'gap' && event.type === 'NodeDeleted') break // leaving the loop removes the watch
  }
  // endregion
}

const following = follow()
await writer.create('/config', 'v1')
await zoo.settle()

zoo.disconnect(reader)
await writer.setData('/config', 'v2') // nobody tells the reader of this one
zoo.reconnect(reader)

await writer.setData('/config', 'v3')
await writer.delete('/config')
await following
await zoo.close()
