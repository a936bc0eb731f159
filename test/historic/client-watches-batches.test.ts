/** A historic bug of ZooKeeper's clients, 24: more watches than one frame holds, so that the client never got in again. */
import { describe, expect, it } from 'vitest'
import type { EmbeddedZooKeeper, Watcher, ZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { dial, type Network, startNetwork, until } from '../node/network.js'
import { recordEvents } from '../semantics/fixture.js'
import { requestFrame } from '../transport/fake-link.js'

const BATCH_BYTES = 128 * 1024
const PATH_BYTES = 300
const AT_ONCE = 5000

describe('24. ZK-706, go 6f3354f (#167): watches that are too many for one frame come back', () => {
  it('100,000 of 300 bytes, in frames of at most 128 KiB', { timeout: 60_000 }, async () => {
    const count = 100_000
    const pathOf = (i: number): string => `/${String(i).padStart(PATH_BYTES - 1, 'w')}`
    const traveller = await startTraveller()
    const { zoo, zk, states, fired } = traveller
    await armMany(
      traveller,
      Array.from({ length: count }, (_, i) => pathOf(i)),
    )
    const before = zoo.reports.counts().watches
    const frames = recordFrames(zoo)

    await travel(traveller)
    const after = zoo.reports.counts().watches
    const some = [0, count / 2, count - 1].map(pathOf)
    for (const path of some) zoo.load({ [path]: 'x' })
    await zk.sync('/')

    expect([before, after]).toEqual([count, count])
    expect(frames.length).toBeGreaterThanOrEqual((count * PATH_BYTES) / BATCH_BYTES)
    expect(Math.max(...frames)).toBeLessThanOrEqual(BATCH_BYTES)
    expect(fired).toEqual(some.map((path) => `NodeCreated ${path}`))
    expect(states).toEqual(['None SyncConnected', 'None Disconnected', 'None SyncConnected'])
  })

  it('of characters that have three bytes each: it is bytes that count', async () => {
    const traveller = await startTraveller()
    const paths = Array.from({ length: 2000 }, (_, i) => `/${String(i).padStart(100, '語')}`)
    await armMany(traveller, paths)
    const frames = recordFrames(traveller.zoo)

    await travel(traveller)

    expect(frames.length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...frames)).toBeLessThanOrEqual(BATCH_BYTES)
    expect(traveller.zoo.reports.counts().watches).toBe(paths.length)
  })

  it('of a server that takes less than that', async () => {
    const maxBytes = 20_000
    const limits = { maxFrameBytes: maxBytes }
    const traveller = await startTraveller({ listen: { port: 0, limits }, maxRequestBytes: maxBytes })
    await armMany(
      traveller,
      Array.from({ length: 500 }, (_, i) => `/${String(i).padStart(PATH_BYTES - 1, 'w')}`),
    )
    const frames = recordFrames(traveller.zoo)

    await travel(traveller)

    expect(Math.max(...frames)).toBeLessThanOrEqual(maxBytes)
    expect(traveller.zoo.reports.counts().watches).toBe(500)
    expect(traveller.states.length).toBe(3)
  })
})

interface Traveller extends Network {
  readonly zk: ZooKeeper
  readonly clock: VirtualClock
  /** What the default watcher heard. */
  readonly states: readonly string[]
  /** What the watchers of znodes heard of them. */
  readonly fired: string[]
}

/** A client over TCP that dials again when its clock says so. */
async function startTraveller(
  options: {
    readonly listen?: { readonly port: number; readonly limits: object }
    readonly maxRequestBytes?: number
  } = {},
): Promise<Traveller> {
  const { listen, maxRequestBytes } = options
  const server = { tickTimeMs: 2000, maxSessionTimeoutMs: 60_000 }
  const network = await startNetwork({ server, ...(listen && { listen }) })
  const clock = new VirtualClock()
  const { events: states, watcher } = recordEvents()
  const zk = await dial(network.endpoint.connectString, {
    clock,
    watcher,
    maxRequestBytes,
    sessionTimeoutMs: 60_000,
  })
  return { ...network, zk, clock, states, fired: [] }
}

async function armMany({ zk, fired }: Traveller, paths: readonly string[]): Promise<void> {
  const watcher: Watcher = ({ type, path }) => type !== 'None' && fired.push(`${type} ${path}`)
  for (let from = 0; from < paths.length; from += AT_ONCE)
    await Promise.all(paths.slice(from, from + AT_ONCE).map((path) => zk.exists(path, { watcher })))
}

/** Cuts the connection, and waits until a new one has everything. */
async function travel({ zoo, zk, clock }: Traveller): Promise<void> {
  zoo.disconnect(zk.sessionId)
  await until(() => zk.state === 'CONNECTING')
  await clock.advance(1000)
  await zk.sync('/')
}

/** The bytes of each setWatches that the server gets from now on. */
function recordFrames(zoo: EmbeddedZooKeeper): number[] {
  const frames: number[] = []
  zoo.inspect((event) => {
    if (event.kind === 'request' && event.request.type === 'setWatches')
      frames.push(requestFrame(0, event.request).length)
  })
  return frames
}
