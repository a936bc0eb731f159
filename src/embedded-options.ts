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

const SERVER_OPTIONS = [
  'clock',
  'scheduler',
  'randomBytes',
  'tickTimeMs',
  'minSessionTimeoutMs',
  'maxSessionTimeoutMs',
  'limits',
  'superDigest',
  'enforceQuota',
  'ttlNodes',
  'containerCheckIntervalMs',
  'maxNeverUsedContainerMs',
  'snapshot',
] as const

const CLIENT_OPTIONS = [
  'sessionTimeoutMs',
  'watcher',
  'chroot',
  'session',
  'auth',
  'remoteAddress',
  'connectTimeoutMs',
] as const

const DEFAULT_TICK_MS = 2000
const DEFAULT_SESSION_TIMEOUT_MS = 30_000
const DEFAULT_CHECK_INTERVAL_MS = 60_000

/** Fills in and checks the options of a server. @throws TypeError, RangeError */
export function completeServerOptions(options: EmbeddedZooKeeperOptions): ServerSettings {
  checkOptions(options, SERVER_OPTIONS)
  const tickTimeMs = checkMs('tickTimeMs', options.tickTimeMs ?? DEFAULT_TICK_MS)
  const minSessionTimeoutMs = checkMs('minSessionTimeoutMs', options.minSessionTimeoutMs ?? 2 * tickTimeMs)
  const maxSessionTimeoutMs = checkMs('maxSessionTimeoutMs', options.maxSessionTimeoutMs ?? 20 * tickTimeMs)
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw new RangeError(
      `minSessionTimeoutMs ${minSessionTimeoutMs} is over maxSessionTimeoutMs ${maxSessionTimeoutMs}`,
    )
  }
  const intervalMs = options.containerCheckIntervalMs ?? DEFAULT_CHECK_INTERVAL_MS
  return {
    clock: options.clock ?? new SystemClock(),
    scheduler: options.scheduler ?? new EventLoopScheduler(),
    randomBytes: options.randomBytes ?? strongRandomBytes,
    tickTimeMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    containerCheckIntervalMs: checkMs('containerCheckIntervalMs', intervalMs),
    maxNeverUsedContainerMs: checkMsOrZero('maxNeverUsedContainerMs', options.maxNeverUsedContainerMs ?? 0),
    limits: completeLimits(options.limits),
    superDigest: options.superDigest,
    enforceQuota: options.enforceQuota === true,
    ttlNodes: options.ttlNodes !== false,
    snapshot: options.snapshot,
  }
}

/** Fills in and checks the options of a client. @throws TypeError, RangeError */
export function completeClientOptions(options: ConnectOptions): ClientSettings {
  checkOptions(options, CLIENT_OPTIONS)
  const { watcher, session, auth = [], remoteAddress = '127.0.0.1' } = options
  if (watcher !== undefined) checkWatcher(watcher)
  const sessionTimeoutMs = checkMs('sessionTimeoutMs', options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS)
  return {
    sessionTimeoutMs,
    connectTimeoutMs: checkMs('connectTimeoutMs', options.connectTimeoutMs ?? sessionTimeoutMs),
    watcher,
    chroot: new Chroot(options.chroot),
    session: session === undefined ? undefined : copySession(session),
    auth,
    remoteAddress,
  }
}

function checkMs(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw new RangeError(`Invalid ${name} ${describe(value)}: pass milliseconds, more than 0`)
}

function checkMsOrZero(name: string, value: unknown): number {
  return value === 0 ? value : checkMs(name, value)
}

function copySession({ id, password }: SavedSession): SavedSession {
  if (typeof id === 'bigint' && password instanceof Uint8Array) return { id, password: password.slice() }
  throw new TypeError(
    'Invalid session: pass { id, password }, the sessionId and sessionPassword of its client',
  )
}
