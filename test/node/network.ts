/**
 * What the tests over real sockets begin with: a server on a port with short sessions, clients that are closed when the test is
 * over, servers that the test plays, and a bounded wait for what happens elsewhere. Nothing here outlives its test.
 */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { SystemClock } from '../../src/base/clock.js'
import { EmbeddedZooKeeper, type EmbeddedZooKeeperOptions, type ZooKeeper } from '../../src/index.js'
import type { Endpoint } from '../../src/node/endpoint.js'
import { connect, type ListenOptions, listen, type NetworkConnectOptions } from '../../src/node/index.js'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import { JuteWriter } from '../../src/protocol/jute.js'
import { recordEvents } from '../semantics/fixture.js'

const clock = new SystemClock()
const POLL_MS = 2
const PATIENCE_MS = 4000

/** A server that listens, and the way to get clients of it. */
export interface Network {
  readonly zoo: EmbeddedZooKeeper
  readonly endpoint: Endpoint
  /** A client over the wire. */
  dial(options?: NetworkConnectOptions): Promise<ZooKeeper>
}

/** Sessions may be as short as 100 ms. */
export const SHORT_SESSIONS = { tickTimeMs: 50, minSessionTimeoutMs: 100 } as const

/** A server with short sessions on a free port. */
export async function startNetwork(
  options: { readonly server?: EmbeddedZooKeeperOptions; readonly listen?: ListenOptions } = {},
): Promise<Network> {
  const zoo = new EmbeddedZooKeeper({ ...SHORT_SESSIONS, ...options.server })
  onTestFinished(() => zoo.close())
  const endpoint = await serve(zoo, options.listen)
  return { zoo, endpoint, dial: (given) => dial(endpoint.connectString, given) }
}

/** A door of a server that is closed when the test is over; on a free port unless told otherwise. */
export async function serve(zoo: EmbeddedZooKeeper, options: ListenOptions = { port: 0 }): Promise<Endpoint> {
  const endpoint = await listen(zoo, options)
  onTestFinished(() => endpoint.close())
  return endpoint
}

/** A client that is closed when the test is over. */
export async function dial(connectString: string, options?: NetworkConnectOptions): Promise<ZooKeeper> {
  const zk = await connect(connectString, options)
  onTestFinished(() => zk.close())
  return zk
}

/** A client and what its default watcher hears. */
export async function dialRecorded(
  connectString: string,
  options: NetworkConnectOptions = {},
): Promise<{ readonly zk: ZooKeeper; readonly events: readonly string[] }> {
  const { events, watcher } = recordEvents()
  return { zk: await dial(connectString, { watcher, ...options }), events }
}

/** Waits until it is so, and not for ever. */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const startMs = clock.monotonicMs()
  while (!(await isSo())) {
    if (clock.monotonicMs() - startMs > patienceMs)
      throw new Error(`it was not so within ${patienceMs} ms: ${isSo}`)
    await new Promise<void>((resolve) => clock.setBackgroundTimer(resolve, POLL_MS))
  }
}

/** How long it takes, in milliseconds. */
export async function elapsedMsOf(work: () => Promise<unknown>): Promise<number> {
  const startMs = clock.monotonicMs()
  await work()
  return clock.monotonicMs() - startMs
}

/** A server that the test plays: it listens, and each connection is handed over. */
export interface Peer {
  readonly port: number
  readonly connectString: string
  readonly sockets: readonly Socket[]
}

/** Starts a server that does with its connections what the test says. It never ends one by itself. */
export async function startPeer(accepted: (socket: Socket) => void = () => undefined): Promise<Peer> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => socket.destroy())
    accepted(socket)
  })
  const port = await listening(server)
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { port, connectString: `127.0.0.1:${port}`, sockets }
}

/** Lets a server listen on a free port of this machine. */
export async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** Both sockets of one connection. Neither ends because the other does, or outlives the test. */
export interface SocketPair {
  readonly caller: Socket
  readonly accepted: Socket
}

/** Connects two sockets. */
export async function openPair(): Promise<SocketPair> {
  const server = createServer({ allowHalfOpen: true })
  const port = await listening(server)
  const acceptance = once(server, 'connection')
  const caller = createConnection({ port, host: '127.0.0.1' })
  const [accepted]: Socket[] = await acceptance
  if (accepted === undefined) throw new Error('nobody connected')
  onTestFinished(async () => {
    caller.destroy()
    accepted.destroy()
    server.close()
    await once(server, 'close')
  })
  return { caller, accepted }
}

/** All that a socket hears until the end. */
export async function heardBy(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  if (!socket.readableEnded) await once(socket, 'end')
  return Buffer.concat(chunks).toString('latin1')
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  return port
}

/** A server's answer to the handshake. */
export function handshakeAnswer(fields: { timeoutMs?: number; isReadOnly?: boolean } = {}): Uint8Array {
  const { timeoutMs = 10_000, isReadOnly = false } = fields
  const out = new JuteWriter()
  const response = { timeoutMs, isReadOnly, sessionId: 7n, password: new Uint8Array(16).fill(7) }
  out.frame(() => writeConnectResponse(out, response, { hasReadOnlyByte: true }))
  return out.take()
}

/** Waits until nothing is open that was not before. */
export async function untilOpen(before: readonly string[], patienceMs = 1000): Promise<void> {
  await until(() => openedSince(before).length === 0, patienceMs).catch(() =>
    expect(openedSince(before)).toEqual([]),
  )
}

function openedSince(before: readonly string[]): string[] {
  const known = [...before]
  return openResources().filter((name) => {
    const at = known.indexOf(name)
    if (at >= 0) known.splice(at, 1)
    return at < 0
  })
}

/** What keeps this process alive of what a client may leave behind: sockets, pipes, look-ups, ports, timers. */
export function openResources(): string[] {
  const kinds = /^(TCP|TLS|Pipe|GetAddrInfo|MessagePort|Timeout)/
  return process
    .getActiveResourcesInfo()
    .filter((name) => kinds.test(name))
    .sort()
}
