/** Who is there: each member is an ephemeral znode, and whoever wants to know watches their parent. */
import { EmbeddedZooKeeper } from 'zoolet'

const zoo = new EmbeddedZooKeeper()

// region membership
/** Joins a group until the session ends. @param {import('zoolet').ZooKeeper} zk @param {string} name */
async function join(zk, name) {
  await zk.createAll('/members')
  await zk.create(`/members/${name}`, null, { mode: 'EPHEMERAL' })
}

/** Prints the members now and after every change. @param {import('zoolet').ZooKeeper} zk */
async function observe(zk) {
  // The read that shows the state leaves the watch for the next change, so nothing can fall between the two.
  const { children } = await zk.getChildren('/members', {
    watcher: (event) => event.type === 'NodeChildrenChanged' && observe(zk),
  })
  console.log('members:', children.sort().join(' ') || 'nobody')
}
// endregion

const [one, two] = [await zoo.connect(), await zoo.connect()]
await join(one, 'one')
await observe(await zoo.connect())

await join(two, 'two')
await zoo.settle()
await one.close() // a clean end
await zoo.settle()
zoo.expire(two) // a crash, as the server sees it
await zoo.settle()
await zoo.close()
