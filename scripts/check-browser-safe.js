/**
 * Runs dist/zoolet.browser.js where there is nothing of Node: in a fresh realm with the globals of every browser and
 * worker, and no others. Needs `node --experimental-vm-modules`.
 */
import { readFileSync } from 'node:fs'
import vm from 'node:vm'

const platform = {
  AbortController,
  AbortSignal,
  MessageChannel,
  TextDecoder,
  TextEncoder,
  clearTimeout,
  console,
  crypto: { getRandomValues: crypto.getRandomValues.bind(crypto) },
  performance: { now: () => performance.now() },
  queueMicrotask,
  setTimeout,
}

const scenario = `
  import { EmbeddedZooKeeper } from 'zoolet'

  const zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect({ sessionTimeoutMs: 10_000 })
  const events = []

  await zk.create('/app', 'hello')
  const { data, stat } = await zk.getData('/app', { watcher: (event) => events.push(event.type + ' ' + event.path) })
  await zk.setData('/app', 'world', stat.version)
  await zk.close()
  await zoo.close()

  export const result = JSON.stringify({ data: new TextDecoder().decode(data), version: stat.version, events })
`
const expected = JSON.stringify({ data: 'hello', version: 0, events: ['NodeDataChanged /app'] })

const context = vm.createContext(platform)
// The arrays of an encoder belong to the realm, as they do in a browser.
platform.TextEncoder = vm.runInContext(
  '(encoder) => class { encode(text) { return new Uint8Array(encoder.encode(text)) } }',
  context,
)(new TextEncoder())

const library = new vm.SourceTextModule(
  readFileSync(new URL('../dist/zoolet.browser.js', import.meta.url), 'utf8'),
  {
    context,
    identifier: 'zoolet.browser.js',
  },
)
const main = new vm.SourceTextModule(scenario, { context, identifier: 'scenario.js' })
await main.link(() => library)
await main.evaluate()

const { result } = /** @type {{ result: string }} */ (main.namespace)
if (result !== expected) throw new Error(`In a browser's realm: expected ${expected}, got ${result}`)
console.log(`zoolet.browser.js runs without Node: ${result}`)

// In Node, unlike in a browser, an open MessagePort would keep the process alive.
process.exit()
