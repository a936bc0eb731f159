/**
 * Connect strings: `host:port,host:port/chroot`, as every ZooKeeper client takes them, or `unix:/path/of/a/socket`. What cannot
 * be meant is refused at once, with the place quoted.
 */
import { describe } from '../base/describe.js'
import { findPathFault } from '../protocol/path.js'

/** A server of the list. */
export type ServerAddress =
  | { readonly host: string; readonly port: number }
  /** The path of a Unix socket. */
  | { readonly path: string }

/** A connect string, taken apart. */
export interface ConnectTarget {
  /** At least one, in the order of the string. */
  readonly servers: readonly ServerAddress[]
  /** Undefined if the string has none. */
  readonly chroot: string | undefined
}

/** The port of a ZooKeeper server, where the string names none. */
const DEFAULT_PORT = 2181
const UNIX_PREFIX = 'unix:'
/** A host of that name, with its port. */
const UNIX_HOST = /^unix:\d+(?:[,/]|$)/
/** `host` or `[IPv6 address]`, and what follows a colon. */
const SERVER = /^(?:\[([\da-f.]*:[\da-f:.]*(?:%[\w.-]+)?)\]|([^:[\]\s]+))(?::(.*))?$/i

/** In a chroot: `,host:2181`, which Java's client takes for a part of the path. */
const FURTHER_SERVER = /,[^/,]+:\d+(?:[/,]|$)/

/** Takes a connect string apart. @throws TypeError that quotes it */
export function parseConnectString(text: unknown): ConnectTarget {
  if (typeof text !== 'string' || text === '') throw fault(text, 'it names no server')
  if (text.startsWith(UNIX_PREFIX) && !UNIX_HOST.test(text))
    return { servers: [{ path: socketPath(text) }], chroot: undefined }
  const slash = text.indexOf('/')
  const list = slash < 0 ? text : text.slice(0, slash)
  const chroot = slash < 0 ? undefined : text.slice(slash)
  if (chroot !== undefined && FURTHER_SERVER.test(chroot))
    throw fault(text, `the chroot ${describe(chroot)} has a server in it: it stands once, after the last one`)
  const pathFault = chroot === undefined ? undefined : findPathFault(chroot)
  if (pathFault !== undefined) throw fault(text, `the chroot ${describe(chroot)} is no path: ${pathFault}`)
  return { servers: list.split(',').map((part) => parseServer(part.trim(), text)), chroot }
}

/** A server as errors name it, and as it can stand in a connect string. */
export function formatServer(server: ServerAddress): string {
  if ('path' in server) return `${UNIX_PREFIX}${server.path}`
  return server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`
}

function socketPath(text: string): string {
  const path = text.slice(UNIX_PREFIX.length)
  if (path === '') throw fault(text, 'the path of the socket is missing')
  return path
}

function parseServer(part: string, text: string): ServerAddress {
  const [, bracketed, plain, port] = SERVER.exec(part) ?? []
  const host = bracketed ?? plain
  if (host === undefined) {
    throw fault(text, `${describe(part)} is no server: write host:port, or [address]:port for IPv6`)
  }
  return { host, port: port === undefined ? DEFAULT_PORT : parsePort(port, text) }
}

function parsePort(port: string, text: string): number {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0
  if (number < 1 || number > 65_535) throw fault(text, `${describe(port)} is no port from 1 to 65535`)
  return number
}

function fault(text: unknown, why: string): TypeError {
  return new TypeError(
    `Invalid connect string ${describe(text)}: ${why}; it looks like "host1:2181,host2:2181/chroot"`,
  )
}
