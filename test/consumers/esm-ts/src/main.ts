/** A TypeScript consumer: the face of the package as a strict compiler sees it, then as it runs. */
import { EmbeddedZooKeeper, isKeeperException, type Stat, type WatchedEvent, type ZooKeeper } from 'zoolet'
import { Lock } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
const zk: ZooKeeper = await zoo.connect({ sessionTimeoutMs: 10_000 })
const events: WatchedEvent[] = []

const path: string = await zk.create('/app', 'hello')
const { data, stat } = await zk.getData(path, { watcher: (event) => void events.push(event) })
const bytes: Uint8Array | null = data
const changed: Stat = await zk.setData(path, 'world', stat.version)

let code: string | undefined
try {
  await zk.getData('/missing')
} catch (error) {
  if (isKeeperException(error, 'NONODE')) code = error.code
}

const held = await new Lock(zk, '/lock').acquire({ timeoutMs: 10_000 })
const { signal } = held
await held.release()

await zk.close()
await zoo.close()

expect(bytes?.length === 5, 'the data comes back')
expect(changed.version === 1, 'the version grows')
expect(events.map(({ type }) => type).join() === 'NodeDataChanged', 'the watch fires once')
expect(signal.aborted, 'what was released says so')
expect(code === 'NONODE', 'a missing znode is NONODE')

function expect(holds: boolean, claim: string): void {
  if (!holds) throw new Error(`Not so: ${claim}`)
}
