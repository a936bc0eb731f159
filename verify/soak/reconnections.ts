/** Breaks the links of clients and brings them back, in process and over TCP, and counts the watches that they bring along. */
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import type { VirtualClock } from '../../src/testing/index.js'
import { within } from './patience.js'
import type { SocketClient } from './socket-client.js'

/** Virtual time after which a client dials at once again, in process, and with its least pause over TCP. */
const STABLE_MS = 1_000
/** At least the first pause of a client over TCP. */
const REDIAL_MS = 100

/** How the socket of a client ends: closed by the client, reset by it, or closed by the server. */
export type Cut = 'destroy' | 'reset' | 'by the server'

/** Cuts clients in process, lets a second pass, and raises their links again. */
export async function reconnectInProcess(
  zoo: EmbeddedZooKeeper,
  clock: VirtualClock,
  clients: readonly ZooKeeper[],
  whileAway: () => Promise<void> = nothing,
): Promise<void> {
  await clock.advance(STABLE_MS)
  for (const zk of clients) zoo.disconnect(zk)
  await whileAway()
  for (const zk of clients) zoo.reconnect(zk)
  await zoo.settle()
}

/** Cuts clients over TCP, and waits until they are back with their watches. */
export async function reconnectOverTcp(
  zoo: EmbeddedZooKeeper,
  clock: VirtualClock,
  clients: readonly SocketClient[],
  cutOf: (client: SocketClient) => Cut,
  whileAway: () => Promise<void> = nothing,
): Promise<void> {
  await clock.advance(STABLE_MS)
  const gone = clients.map(({ zk }) => heard(zk, 'disconnected'))
  for (const client of clients) cut(zoo, client, cutOf(client))
  await within(Promise.all(gone), 'disconnected')
  await whileAway()
  const back = clients.map(({ zk }) => heard(zk, 'connected'))
  await clock.advance(REDIAL_MS)
  await within(Promise.all(back), 'connected')
  // Its answer comes after those to the requests that restore the watches.
  await within(Promise.all(clients.map(({ zk }) => zk.sync('/'))), 'the answer to sync')
}

/** How many watches clients send to the server anew while they reconnect. */
export async function countRearmed(zoo: EmbeddedZooKeeper, reconnect: () => Promise<void>): Promise<number> {
  let count = 0
  const stop = zoo.inspect((event) => {
    if (event.kind !== 'request' || event.request.type !== 'setWatches') return
    const { dataWatches, existWatches, childWatches, persistentWatches, persistentRecursiveWatches } =
      event.request
    for (const paths of [
      dataWatches,
      existWatches,
      childWatches,
      persistentWatches,
      persistentRecursiveWatches,
    ])
      count += paths.length
  })
  try {
    await reconnect()
  } finally {
    stop()
  }
  return count
}

function heard(zk: ZooKeeper, event: 'connected' | 'disconnected'): Promise<void> {
  return new Promise((resolve) => {
    zk.once(event, () => resolve())
  })
}

function cut(zoo: EmbeddedZooKeeper, client: SocketClient, how: Cut): void {
  switch (how) {
    case 'destroy':
      return client.destroy()
    case 'reset':
      return client.reset()
    case 'by the server':
      return zoo.disconnect(client.zk.sessionId)
  }
}

async function nothing(): Promise<void> {}
