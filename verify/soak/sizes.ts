/** What idle things cost in memory: sessions, watches and znodes, in bytes each; measured, not judged. */
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { Request } from '../../src/protocol/message.js'
import type { Intake, ServerEnd } from '../../src/transport/transport.js'
import { heldBytes } from '../heap.js'
import { say } from '../part.js'
import { StageServer } from './stage-server.js'
import { REAL_WORLD } from './world.js'

const SESSIONS = 20_000
const CLIENT_SESSIONS = 2_000
const WATCHES = 200_000
const WATCHED_PATHS = 1_000
const WATCHING_SESSIONS = 200
const ZNODES = 200_000
const DATA_BYTES = 100
const TIMEOUT_MS = 30_000
const PASSWORD_BYTES = 16

interface Size {
  readonly what: string
  readonly count: number
  /** Makes so many on a server that has had a few of them already. Returns what holds them, if the server does not. */
  make(server: StageServer, count: number, round: number): Promise<unknown> | unknown
}

const SIZES: readonly Size[] = [
  { what: 'idle session, server alone', count: SESSIONS, make: ({ zoo }, count) => attachAll(zoo, count) },
  {
    what: 'idle session, with its client in process',
    count: CLIENT_SESSIONS,
    make: (server, count) => Promise.all(Array.from({ length: count }, () => server.connect())),
  },
  {
    what: 'idle session over TCP, with both sockets and its client, what the system holds for sockets left out',
    count: CLIENT_SESSIONS,
    make: dialAll,
  },
  { what: 'watch, server alone, one session, a path each', count: WATCHES, make: watchManyPaths },
  {
    what: `watch, server alone, ${WATCHING_SESSIONS} sessions on the same ${WATCHED_PATHS} paths`,
    count: WATCHES,
    make: watchTogether,
  },
  { what: 'watch, with its client and a function of its own', count: WATCHES, make: watchByClient },
  {
    what: 'znode, no data, path of 24 characters',
    count: ZNODES,
    make: (server, ...rest) => createAll(server, null, ...rest),
  },
  {
    what: `znode, ${DATA_BYTES} bytes of data, path of 24 characters`,
    count: ZNODES,
    make: (server, ...rest) => createAll(server, new Uint8Array(DATA_BYTES), ...rest),
  },
  {
    what: 'znode, ephemeral, path of 24 characters',
    count: ZNODES,
    make: (server, ...rest) => createAll(server, null, ...rest, 'EPHEMERAL'),
  },
]

/** Measures and prints all of them. */
export async function saySizes(): Promise<void> {
  for (const size of SIZES) {
    const bytes = await measure(size)
    say(`${`${bytes} bytes`.padStart(12)}: ${size.what} (${size.count.toLocaleString('en')} of them)`)
  }
}

/** Bytes of one; in a call of its own, so that nothing of an earlier size is held while this one is measured. */
async function measure({ count, make }: Size): Promise<number> {
  const server = new StageServer(REAL_WORLD)
  try {
    // A tenth first, so that code and pools are there.
    const first = await make(server, count / 10, 0)
    const { total: before } = await heldBytes()
    const second = await make(server, count, 1)
    const { total: after } = await heldBytes()
    keepUntilNow(first, second)
    return Math.round((after - before) / count)
  } finally {
    await server.close()
  }
}

/** A use after the measurement, so that nothing is collected before it. */
function keepUntilNow(...values: readonly unknown[]): number {
  return values.length
}

/** The client's end of a connection, as small as can be. */
const DEAF_END: ServerEnd = {
  remoteAddress: '127.0.0.1',
  isLocal: false,
  connected: () => undefined,
  reply: () => undefined,
  notify: () => undefined,
  close: () => undefined,
}

function attachAll(zoo: EmbeddedZooKeeper, count: number): Intake[] {
  return Array.from({ length: count }, () => {
    const intake = zoo.attach(DEAF_END)
    const password = new Uint8Array(PASSWORD_BYTES)
    intake.connect({ lastZxidSeen: 0, timeoutMs: TIMEOUT_MS, sessionId: 0n, password })
    return intake
  })
}

async function dialAll(server: StageServer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await server.dial()
}

function watchManyPaths({ zoo }: StageServer, count: number, round: number): void {
  for (const intake of attachAll(zoo, 1))
    for (let i = 0; i < count; i++) intake.receive(i + 1, existsRequest(`/watched-${round}-${i}`))
}

function watchTogether({ zoo }: StageServer, count: number): void {
  const paths = Array.from({ length: WATCHED_PATHS }, (_, i) => `/watched-${i}`)
  for (const intake of attachAll(zoo, count / WATCHED_PATHS))
    for (const [i, path] of paths.entries()) intake.receive(i + 1, existsRequest(path))
}

function existsRequest(path: string): Request {
  return { type: 'exists', path, watch: true }
}

async function watchByClient(server: StageServer, count: number, round: number): Promise<void> {
  const zk = await server.connect()
  for (let i = 0; i < count; i++) await zk.exists(`/watched-${round}-${i}`, { watcher: () => void round })
}

async function createAll(
  server: StageServer,
  data: Uint8Array | null,
  count: number,
  round: number,
  mode: 'PERSISTENT' | 'EPHEMERAL' = 'PERSISTENT',
): Promise<void> {
  const zk = await server.connect()
  const parent = `/parent-${round}`
  await zk.create(parent)
  for (let i = 0; i < count; i++)
    await zk.create(`${parent}/node-${String(i).padStart(9, '0')}`, data, { mode })
}
