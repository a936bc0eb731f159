/** A load of node-zookeeper-client that runs free and lives through losses of connections: port, number of clients, requests of each, seed. */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import process from 'node:process'
import { chanceOf } from './chance.js'

const requireClient = createRequire(new URL('../../test/peers/node-clients/package.json', import.meta.url))
const { createClient, CreateMode, State } = requireClient('node-zookeeper-client')

const [port, clients, requests, seed] = process.argv.slice(2).map(Number)
const WINDOW = 6
const MODES = [
  CreateMode.PERSISTENT,
  CreateMode.PERSISTENT,
  CreateMode.EPHEMERAL,
  CreateMode.EPHEMERAL_SEQUENTIAL,
]
const KINDS = ['create', 'create', 'remove', 'setData', 'getData', 'exists', 'getChildren', 'transaction']

function ignore() {
  // The checker reads along: nobody has to know what came of it.
}

/** @param {number} number */
async function run(number) {
  const { pick, path } = chanceOf(seed ?? 0, number)
  const client = createClient(`127.0.0.1:${port}`, { sessionTimeout: 30_000, spinDelay: 20 })
  client.connect()
  await once(client, 'connected')
  let written = 0
  const data = () => Buffer.from(`n${number}:${++written}`)
  /** @param {() => void} done */
  const ask = (done) => {
    const kind = pick(KINDS)
    switch (kind) {
      case 'create':
        return client.create(path(), data(), undefined, pick(MODES), done)
      case 'remove':
        return client.remove(path(), -1, done)
      case 'setData':
        return client.setData(path(), data(), -1, done)
      case 'transaction':
        return client.transaction().create(path(), data()).setData(path(), data()).commit(done)
      default:
        return client[kind](path(), ignore, done)
    }
  }
  for (let sent = 0; sent < (requests ?? 0); sent += WINDOW) {
    await Promise.all(
      Array.from({ length: WINDOW }, () => new Promise((resolve) => ask(() => resolve(undefined)))),
    )
  }
  // While it dials it cannot be closed.
  if (client.getState() !== State.SYNC_CONNECTED) await once(client, 'connected')
  const over = once(client, 'disconnected')
  client.close()
  await over
}

// Whoever holds the other end has ended: nobody reads along any more.
process.stdin.on('end', () => process.exit(1)).resume()
await Promise.all(Array.from({ length: clients ?? 0 }, (_, i) => run(i + 1)))
process.exit(0)
