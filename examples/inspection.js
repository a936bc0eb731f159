/** Looking inside: every step of a write as it happens, and who watches what. */
import { EmbeddedZooKeeper } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const [reader, writer] = [await zoo.connect(), await zoo.connect()]
await writer.create('/app', 'v1')

// region reports
await reader.getData('/app', { watcher: () => undefined })
await reader.addWatch('/', () => undefined, { recursive: true })
for (const [path, watches] of zoo.reports.watchesByPath()) {
  for (const { table, modes } of watches) console.log(`${path}: ${table} watch, ${modes.join(' and ')}`)
}
const { znodes, sessions, watches } = zoo.reports.counts()
console.log(`${znodes} znodes, ${sessions} sessions, ${watches} watches`)
// endregion

// region inspect
/** @type {(sessionId: bigint) => string} */
const nameOf = (sessionId) => (sessionId === reader.sessionId ? 'reader' : 'writer')
const stop = zoo.inspect((event) => {
  const who = 'sessionId' in event ? nameOf(event.sessionId) : 'server'
  const what = 'item' in event ? ` ${event.item}` : ''
  console.log(`${who}: ${event.kind}${what}`)
})
await writer.setData('/app', 'v2')
await zoo.settle()
stop()
// endregion
await zoo.close()
