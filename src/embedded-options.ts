/** What an embedded server and its in-process clients are made with: the options, their defaults, and their checks. */

import { type Clock, SystemClock } from './base/clock.js'
import { describe } from './base/describe.js'
import { strongRandomBytes } from './base/platform.js'
import { EventLoopScheduler, type Scheduler } from './base/scheduler.js'
import { checkOptions, checkWatcher } from './client/arguments.js'
import { Chroot } from './client/chroot.js'
import type { SavedSession } from './client/client-cnxn.js'
import type { Watcher } from './protocol/watcher.js'
import { completeLimits, type Limits } from './server/limits.js'
import type { Snapshot } from './server/snapshot.js'
import type { SweepOptions } from './server/sweep.js'

/** Everything about a server that can be set. */
export interface EmbeddedZooKeeperOptions {
  /** Where time comes from; the system's clock unless set. */
  readonly clock?: Clock
  /** How queued work gets its turn; the platform's event loop unless set. */
  readonly scheduler?: Scheduler
  /** Makes session passwords; the platform's strong generator unless set. */
  readonly randomBytes?: (length: number) => Uint8Array
  /** The server's unit of time in milliseconds: 2000 unless set. Expiry is rounded up to it. */
  readonly tickTimeMs?: number
  /** The least session timeout that is granted; two ticks unless set. */
  readonly minSessionTimeoutMs?: number
  /** The greatest session timeout that is granted; twenty ticks unless set. */
  readonly maxSessionTimeoutMs?: number
  /** Upper bounds; see `Limits`. */
  readonly limits?: Partial<Limits>
  /** The digest id of the superuser, made with `digestId('super:password')`; none unless set. */
  readonly superDigest?: string
  /** Whether hard quotas refuse writes; false unless set, as in ZooKeeper. */
  readonly enforceQuota?: boolean
  /** Whether znodes with a TTL may be created; true unless set. Otherwise UNIMPLEMENTED, as a real server answers by default. */
  readonly ttlNodes?: boolean
  /** How often containers and TTL znodes that have had their time are removed; 60,000 ms unless set. */
  readonly containerCheckIntervalMs?: number
  /** How long a container that never had a child may stay; 0, the default, means for ever. */
  readonly maxNeverUsedContainerMs?: number
  /** The state to start with, from `snapshot()`. */
  readonly snapshot?: Snapshot
}

/** Everything about an in-process client that can be set. */
export interface ConnectOptions {
  /** Milliseconds that the session outlives its connection; 30,000 unless set, within the bounds of the server. */
  readonly sessionTimeoutMs?: number
  /** The default watcher: hears of state changes and of reads with `watch: true`. */
  readonly watcher?: Watcher
  /** The znode that this client takes for its root. It is not created. */
  readonly chroot?: string
  /** A session to come back to: `sessionId` and `sessionPassword` of its client. */
  readonly session?: SavedSession
  /** Identities to claim before anything else. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: string | Uint8Array }[]
  /** What the ip scheme sees; 127.0.0.1 unless set. */
  readonly remoteAddress?: string
  /** How long a call waits while the link is down; the session timeout unless set. */
  readonly connectTimeoutMs?: number
}

/** The options of a server, complete and checked. */
export interface ServerSettings extends SweepOptions {
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly randomBytes: (length: number) => Uint8Array
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly containerCheckIntervalMs: number
  readonly limits: Limits
  readonly superDigest: string | undefined
  readonly enforceQuota: boolean
  readonly ttlNodes: boolean
  readonly snapshot: Snapshot | undefined
}

/** The options of a client, complete and checked. */
export interface ClientSettings {
  readonly sessionTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly watcher: Watcher | undefined
  readonly chroot: Chroot
  readonly session: SavedSession | undefined
  readonly auth: readonly { readonly scheme: string; readonly auth: string | Uint8Array }[]
  readonly remoteAddress: string
}

/** Every option of a server with its default; undefined where that depends on others or on the platform. */
const SERVER_DEFAULTS = {
  clock: undefined,
  scheduler: undefined,
  randomBytes: strongRandomBytes,
  tickTimeMs: 2000,
  minSessionTimeoutMs: undefined,
  maxSessionTimeoutMs: undefined,
  limits: undefined,
  superDigest: undefined,
  enforceQuota: false,
  ttlNodes: true,
  containerCheckIntervalMs: 60_000,
  maxNeverUsedContainerMs: 0,
  snapshot: undefined,
} as const

/** Every option of a client with its default. */
const CLIENT_DEFAULTS = {
  sessionTimeoutMs: 30_000,
  connectTimeoutMs: undefined,
  watcher: undefined,
  chroot: '',
  session: undefined,
  auth: [],
  remoteAddress: '127.0.0.1',
} as const

/** Fills in and checks the options of a server. @throws TypeError, RangeError */
export function completeServerOptions(given: EmbeddedZooKeeperOptions): ServerSettings {
  checkOptions(given, Object.keys(SERVER_DEFAULTS))
  const options = { ...SERVER_DEFAULTS, ...given }
  const { tickTimeMs, minSessionTimeoutMs = 2 * tickTimeMs, maxSessionTimeoutMs = 20 * tickTimeMs } = options
  const { containerCheckIntervalMs, maxNeverUsedContainerMs } = options
  checkMs({ tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, containerCheckIntervalMs }, 1)
  checkMs({ maxNeverUsedContainerMs }, 0)
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw new RangeError(
      `minSessionTimeoutMs ${minSessionTimeoutMs} is over maxSessionTimeoutMs ${maxSessionTimeoutMs}`,
    )
  }
  return {
    ...options,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    clock: options.clock ?? new SystemClock(),
    scheduler: options.scheduler ?? new EventLoopScheduler(),
    limits: completeLimits(options.limits),
  }
}

/** Fills in and checks the options of a client. @throws TypeError, RangeError */
export function completeClientOptions(given: ConnectOptions): ClientSettings {
  checkOptions(given, Object.keys(CLIENT_DEFAULTS))
  const options = { ...CLIENT_DEFAULTS, ...given }
  const { watcher, session, sessionTimeoutMs, connectTimeoutMs = sessionTimeoutMs } = options
  checkMs({ sessionTimeoutMs, connectTimeoutMs }, 1)
  if (watcher !== undefined) checkWatcher(watcher)
  return {
    ...options,
    connectTimeoutMs,
    chroot: new Chroot(options.chroot),
    session: session && copySession(session),
  }
}

/** Lets whole and broken milliseconds pass, from the least on. */
function checkMs(values: Readonly<Record<string, unknown>>, least: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number' && value >= least && Number.isFinite(value)) continue
    throw new RangeError(`Invalid ${name} ${describe(value)}: pass milliseconds, ${least} or more`)
  }
}

function copySession({ id, password }: SavedSession): SavedSession {
  if (typeof id === 'bigint' && password instanceof Uint8Array) return { id, password: password.slice() }
  throw new TypeError(
    'Invalid session: pass { id, password }, the sessionId and sessionPassword of its client',
  )
}
