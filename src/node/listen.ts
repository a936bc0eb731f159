/** listen: opens a second door to an embedded server, for clients in any language over TCP, TLS or a Unix socket. */
import { createServer, type Server } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { describe } from '../base/describe.js'
import type { EmbeddedZooKeeper } from '../embedded-zookeeper.js'
import { completeWireLimits, type WireLimits } from '../transport/wire-limits.js'
import { Endpoint } from './endpoint.js'
import { allowedFourLetterWords } from './four-letter-words.js'
import { checkSocketPath } from './socket-path.js'
import { checkTls } from './tls-options.js'

/** How an embedded server listens. */
export interface ListenOptions {
  /** 2181 unless set; 0 takes a free one. */
  readonly port?: number | undefined
  /** 127.0.0.1 unless set. Nothing protects a port that others can reach: whoever does can read and write. */
  readonly host?: string | undefined
  /** The path of a Unix socket, in the place of host and port. */
  readonly path?: string | undefined
  /** Speaks TLS, with these options of Node's `tls.createServer`: at least `key` and `cert`. */
  readonly tls?: TlsOptions | undefined
  /** The four-letter words that are answered, `'*'` for all; `srvr` and `ruok` unless set. */
  readonly fourLetterWords?: readonly string[] | '*' | undefined
  /** Upper bounds of this listener; see `WireLimits`. */
  readonly limits?: Partial<WireLimits> | undefined
}

/** A side that has said all is answered before its connection is ended. In TLS both sides end at once. */
const HALF_OPEN = { allowHalfOpen: true } as const
const LISTEN_OPTIONS: readonly string[] = ['port', 'host', 'path', 'tls', 'fourLetterWords', 'limits']
const DEFAULT_PORT = 2181
const DEFAULT_HOST = '127.0.0.1'
/** What a timer of the platform takes; Node's TLS throws at Infinity, in the middle of an accepted connection. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/**
 * Serves an embedded server in the protocol of ZooKeeper. Resolves once clients can connect.
 * @throws TypeError, RangeError for something that is no server or a bad option; the system's error (EADDRINUSE, EACCES and others) if it cannot listen there
 */
export async function listen(zoo: EmbeddedZooKeeper, options: ListenOptions = {}): Promise<Endpoint> {
  checkServer(zoo)
  checkOptions(options)
  const { path, tls, host = DEFAULT_HOST, port = DEFAULT_PORT } = options
  const words = allowedFourLetterWords(options.fourLetterWords)
  const limits = completeWireLimits(options.limits)
  const server = tls === undefined ? createServer(HALF_OPEN) : await secureServer(tls, limits)
  await started(server, path === undefined ? { host, port } : { path })
  return new Endpoint(zoo, server, { limits, words, isTls: tls !== undefined })
}

/** Loading TLS takes as long as all of zoolet, and hardly anybody needs it. */
async function secureServer(options: TlsOptions, { handshakeTimeoutMs }: WireLimits): Promise<Server> {
  const tls = await import('node:tls')
  return tls.createServer({ handshakeTimeout: Math.min(handshakeTimeoutMs, LONGEST_DELAY_MS), ...options })
}

function started(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function checkServer(zoo: unknown): void {
  if (typeof zoo === 'object' && zoo !== null && 'attach' in zoo && 'clock' in zoo) return
  throw new TypeError(`Invalid server ${describe(zoo)}: pass an EmbeddedZooKeeper, then the options`)
}

function checkOptions(options: ListenOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Invalid options ${describe(options)}: pass an object`)
  const unknown = Object.keys(options).find((name) => !LISTEN_OPTIONS.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`Unknown option "${unknown}"; there are ${LISTEN_OPTIONS.join(', ')}`)
  const { port, host, path } = options
  if (path !== undefined && (port !== undefined || host !== undefined))
    throw new TypeError('Pass either path, for a Unix socket, or host and port, not both')
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new RangeError(`Invalid port ${describe(port)}: pass a whole number from 0 to 65535`)
  if (host !== undefined && (typeof host !== 'string' || host === ''))
    throw new TypeError(`Invalid host ${describe(host)}: pass a name or an address`)
  if (path !== undefined) checkSocketPath(path)
  checkTls(options.tls, 'tls.createServer')
}
