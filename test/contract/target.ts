/**
 * What the contract suite runs over: something that starts servers and connects clients of this library to them. A target shows
 * nothing but the public face; what it needs besides is a way to take a connection away and to give it back.
 */
import type { Limits, ZooKeeper } from '../../src/index.js'
import type { RemoteConnectOptions } from '../../src/node/index.js'

/** The names of the targets, as the deviations and the table in README name them. */
export const TARGET_NAMES = [
  'in process',
  'TCP',
  'Unix socket',
  'MessagePort',
  'Apache ZooKeeper 3.8.0',
] as const

/** The name of a target. */
export type TargetName = (typeof TARGET_NAMES)[number]

/** Something that the suite runs over. */
export interface Target {
  readonly name: TargetName
  start(options?: ServerOptions): Promise<Server>
}

/** What a test may want other than it is. */
export interface ServerOptions {
  /** False for a server on which znodes with a TTL are switched off. */
  readonly ttlNodes?: boolean
  /** Upper bounds; a client's own `maxPendingRequests` follows them. */
  readonly limits?: Partial<Limits>
}

/** The options of a client that every target understands. */
export type ClientOptions = Pick<
  RemoteConnectOptions,
  'sessionTimeoutMs' | 'watcher' | 'chroot' | 'session' | 'auth' | 'connectTimeoutMs'
>

/** A server of a target. */
export interface Server {
  connect(options?: ClientOptions): Promise<ZooKeeper>
  /** Connects a client in a way that can be cut. */
  connectByLink(options?: ClientOptions): Promise<LinkedClient>
  /** Closes what it has started. Its clients are closed before. */
  close(): Promise<void>
}

/** A client whose connection the test holds in its hand. */
export interface LinkedClient {
  readonly zk: ZooKeeper
  readonly link: Link
}

/** The connection of one client. */
export interface Link {
  /** Breaks it and holds it down until `restore`. */
  cut(): void
  /** Lets the client come back. */
  restore(): void
  /** Lets the server do what the next request says, breaks the connection before the reply, and lets the client come back. */
  loseNextReply(): void
}

/** How every target's server is set up, so that they differ in nothing that a test can see. */
export const SERVER_SETTINGS = {
  tickTimeMs: 200,
  minSessionTimeoutMs: 400,
  maxSessionTimeoutMs: 60_000,
  containerCheckIntervalMs: 500,
} as const

/** Who may do everything: `digest` with this text. */
export const SUPER_AUTH = 'super:secret'
/** The same as a server is told it. */
export const SUPER_DIGEST = 'super:lK75jTNcA+U9vtVEw5vB51mj/w4='
