/** The options of `zoolet serve`: one table for reading and for the help, and what they make together. Pure. */
import type { EmbeddedZooKeeperOptions } from '../index.js'
import { fault, GivenOptions, invalid, type OptionTable } from './given-options.js'

/** Where to listen: a port of an address, or the path of a Unix socket. */
export type ListenPlace = { readonly host: string; readonly port: number } | { readonly path: string }

/** A certificate and its key, as files. */
export interface TlsFiles {
  readonly certPath: string
  readonly keyPath: string
}

/** What a command line of `zoolet serve` asks for. */
export interface ServeOptions {
  /** At least one. */
  readonly places: readonly ListenPlace[]
  readonly server: EmbeddedZooKeeperOptions
  /** `Infinity` for no limit. */
  readonly maxClientCnxns: number | undefined
  readonly fourLetterWords: readonly string[] | '*' | undefined
  /** For the port alone. */
  readonly tls: TlsFiles | undefined
  /** The JSON file of the tree to begin with. */
  readonly loadPath: string | undefined
  readonly isVerbose: boolean
}

const rows = {
  host: { value: 'ADDRESS', help: ['The address to listen on; 127.0.0.1 unless given.'] },
  port: {
    value: 'PORT',
    help: ['The port to listen on; 2181 unless given, 0 for a free one.'],
  },
  unix: {
    value: 'PATH',
    help: ['Listen on a Unix socket; on a port too only if --port is given.'],
  },
  'tls-cert': {
    value: 'FILE',
    help: ['The certificate (PEM) that the port speaks TLS with.', 'A Unix socket stays plain.'],
  },
  'tls-key': { value: 'FILE', help: ['The private key (PEM) of the certificate.'] },
  'tick-time': { value: 'MS', help: ["The server's unit of time; 2000 unless given."] },
  'min-session-timeout': { value: 'MS', help: ['The least session timeout; 2 ticks unless given.'] },
  'max-session-timeout': { value: 'MS', help: ['The greatest session timeout; 20 ticks unless given.'] },
  'max-client-cnxns': {
    value: 'N',
    help: ['Connections from one address; 60 unless given, 0 for no limit.'],
  },
  'super-digest': {
    value: 'ID',
    help: ["The superuser, as digestId('super:password') of zoolet gives it."],
  },
  'container-check-interval': {
    value: 'MS',
    help: ['How often empty containers and old TTL znodes are removed;', '60000 unless given.'],
  },
  compatibility: {
    value: 'VERSION',
    help: [
      'The version of ZooKeeper to behave like where versions differ:',
      '3.8 or 3.9, which it is unless given.',
    ],
  },
  'four-letter-words': {
    value: 'LIST',
    help: ['The words that are answered, such as srvr,ruok,mntr; * for all.', 'srvr,ruok unless given.'],
  },
  load: {
    value: 'FILE',
    help: [
      'Begin with a tree: JSON, data by path, as zoo.dump() gives it:',
      '{ "/app": "hello", "/app/empty": null }',
    ],
  },
  'enforce-quota': { help: ['Refuse writes over a hard quota.'] },
  verbose: { help: ['Print each request, transaction, watch, event and reply.'] },
  help: { help: ['Print this.'] },
} as const

rows satisfies OptionTable<string>

/** The names of the options. */
export type ServeOptionName = keyof typeof rows

/** The options, in the order of the help. */
export const SERVE_OPTIONS: OptionTable<ServeOptionName> = rows

const DEFAULT_HOST = '127.0.0.1'
const DEFAULT_PORT = 2181
const DEFAULT_TICK_TIME_MS = 2000
/** The default bounds of session timeouts, in ticks, as the server has them. */
const MIN_SESSION_TICKS = 2
const MAX_SESSION_TICKS = 20
/** Timeouts are 32 bits wide on the wire. */
const MAX_MS = 2 ** 31 - 1
/** What fits into the address of a Unix socket on every system. Node cuts longer paths, and listens somewhere else. */
const MAX_SOCKET_PATH_BYTES = 103
const MAX_TICK_TIME_MS = Math.floor(MAX_MS / MAX_SESSION_TICKS)

type Given = GivenOptions<ServeOptionName>

/** Reads what follows `zoolet serve`. @throws CommandError */
export function readServeOptions(args: readonly string[]): ServeOptions {
  const given = GivenOptions.read('zoolet serve', args, SERVE_OPTIONS)
  const maxClientCnxns = given.findNumber('max-client-cnxns', { least: 0, most: MAX_MS })
  return {
    places: readPlaces(given),
    server: readServer(given),
    maxClientCnxns: maxClientCnxns === 0 ? Number.POSITIVE_INFINITY : maxClientCnxns,
    fourLetterWords: readWords(given),
    tls: readTls(given),
    loadPath: given.findText('load'),
    isVerbose: given.has('verbose'),
  }
}

function readPlaces(given: Given): ListenPlace[] {
  const path = given.findText('unix')
  const host = given.findText('host')
  const port = given.findNumber('port', { least: 0, most: 65_535 })
  if (path !== undefined && Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
    throw invalid('unix', path, `give a path of at most ${MAX_SOCKET_PATH_BYTES} bytes`)
  if (path === undefined) return [{ host: host ?? DEFAULT_HOST, port: port ?? DEFAULT_PORT }]
  if (port !== undefined) return [{ host: host ?? DEFAULT_HOST, port }, { path }]
  if (host !== undefined) throw fault('--host is for a port: give --port too, or leave it out beside --unix')
  return [{ path }]
}

function readServer(given: Given): EmbeddedZooKeeperOptions {
  return {
    tickTimeMs: given.findNumber('tick-time', { least: 1, most: MAX_TICK_TIME_MS }),
    ...readSessionTimeouts(given),
    containerCheckIntervalMs: given.findNumber('container-check-interval', { least: 1, most: MAX_MS }),
    superDigest: readSuperDigest(given),
    compatibility: readCompatibility(given),
    enforceQuota: given.has('enforce-quota'),
  }
}

function readSessionTimeouts(given: Given): EmbeddedZooKeeperOptions {
  const range = { least: 1, most: MAX_MS }
  const tickTimeMs = given.findNumber('tick-time', range) ?? DEFAULT_TICK_TIME_MS
  const minSessionTimeoutMs = given.findNumber('min-session-timeout', range)
  const maxSessionTimeoutMs = given.findNumber('max-session-timeout', range)
  const least = minSessionTimeoutMs ?? MIN_SESSION_TICKS * tickTimeMs
  const most = maxSessionTimeoutMs ?? MAX_SESSION_TICKS * tickTimeMs
  if (least <= most) return { minSessionTimeoutMs, maxSessionTimeoutMs }
  const leastName = named('--min-session-timeout', least, minSessionTimeoutMs, MIN_SESSION_TICKS)
  const mostName = named('--max-session-timeout', most, maxSessionTimeoutMs, MAX_SESSION_TICKS)
  throw fault(`${leastName} is over ${mostName}: lower the first or raise the second`)
}

function named(name: string, valueMs: number, givenMs: number | undefined, ticks: number): string {
  return `${name} ${valueMs}${givenMs === undefined ? ` (${ticks} ticks unless given)` : ''}`
}

/** A digest that no password has is refused here: the server would take it, and nobody could ever be the superuser. */
function readSuperDigest(given: Given): string | undefined {
  const id = given.findText('super-digest')
  if (id === undefined || /^[^:]+:[A-Za-z0-9+/]{27}=$/.test(id)) return id
  // The value is not quoted: it may be the password itself.
  throw fault(
    "invalid --super-digest: give user and digest, super:xQJmxLMiHGwaqBvst5y6rkB6HQs= for example, as digestId('super:password') of zoolet gives it",
  )
}

function readCompatibility(given: Given): '3.8' | '3.9' | undefined {
  const version = given.find('compatibility')
  if (version === undefined || version === '3.8' || version === '3.9') return version
  throw invalid('compatibility', version, 'give 3.8 or 3.9')
}

function readWords(given: Given): readonly string[] | '*' | undefined {
  const list = given.find('four-letter-words')
  if (list === undefined || list === '*') return list
  const words = list.split(',').map((word) => word.trim())
  if (list.trim() === '') return []
  if (words.every((word) => /^[a-z]{4}$/.test(word))) return words
  throw invalid('four-letter-words', list, 'give words such as srvr,ruok,mntr, or * for all')
}

function readTls(given: Given): TlsFiles | undefined {
  const certPath = given.findText('tls-cert')
  const keyPath = given.findText('tls-key')
  if (certPath === undefined && keyPath === undefined) return undefined
  if (certPath === undefined) throw fault('--tls-key needs a certificate: give --tls-cert FILE too')
  if (keyPath === undefined) throw fault('--tls-cert needs its private key: give --tls-key FILE too')
  if (given.has('unix') && !given.has('port'))
    throw fault('--tls-cert is for a port, and a Unix socket stays plain: give --port too, or leave it out')
  return { certPath, keyPath }
}
