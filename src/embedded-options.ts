/** What an embedded server and its in-process clients are made with: the options, their defaults, and their checks. */

import { type Clock, SystemClock } from './base/clock.js'
import { describe } from './base/describe.js'
import { hasStrongRandom } from './base/platform.js'
import { RandomPool } from './base/random-pool.js'
import { EventLoopScheduler, type Scheduler } from './base/scheduler.js'
import { checkOptions } from './client/arguments.js'
import {
  COMMON_OPTIONS,
  type CommonClientSettings,
  type CommonConnectOptions,
  checkFunctions,
  checkMs,
  completeCommonOptions,
} from './client/client-settings.js'
import { isDigestId } from './server/access.js'
import {
  type Compatibility,
  isCompatibility,
  type VersionTraits,
  versionTraits,
} from './server/compatibility.js'
import { completeLimits, type Limits } from './server/limits.js'
import type { Snapshot } from './server/snapshot.js'
import type { SweepOptions } from './server/sweep.js'

/** Everything about a server that can be set. */
export interface EmbeddedZooKeeperOptions {
  /** Where time comes from; the system's clock unless set. */
  readonly clock?: Clock | undefined
  /** How queued work gets its turn; the platform's event loop unless set. */
  readonly scheduler?: Scheduler | undefined
  /** Makes session passwords, and the unique names of recipes; the platform's strong generator unless set. */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined
  /** The server's unit of time in milliseconds: 2000 unless set. Expiry is rounded up to it. */
  readonly tickTimeMs?: number | undefined
  /** The least session timeout that is granted; two ticks unless set. */
  readonly minSessionTimeoutMs?: number | undefined
  /** The greatest session timeout that is granted; twenty ticks unless set. */
  readonly maxSessionTimeoutMs?: number | undefined
  /** Upper bounds; see `Limits`. */
  readonly limits?: Partial<Limits> | undefined
  /** The digest id of the superuser, made with `digestId('super:password')`; none unless set. */
  readonly superDigest?: string | undefined
  /** Whether hard quotas refuse writes; false unless set, as in ZooKeeper. */
  readonly enforceQuota?: boolean | undefined
  /** Whether znodes with a TTL may be created; true unless set. Otherwise UNIMPLEMENTED, as a real server answers by default. */
  readonly ttlNodes?: boolean | undefined
  /** How often containers and TTL znodes that have had their time are removed; 60,000 ms unless set. */
  readonly containerCheckIntervalMs?: number | undefined
  /** How long a container that never had a child may stay; 0, the default, means for ever. */
  readonly maxNeverUsedContainerMs?: number | undefined
  /** The version of ZooKeeper to behave like, where versions differ: `'3.9'` unless set. */
  readonly compatibility?: Compatibility | undefined
  /** The state to start with, from `snapshot()`. */
  readonly snapshot?: Snapshot | undefined
}

/** Everything about an in-process client that can be set. */
export interface ConnectOptions extends CommonConnectOptions {
  /** What the ip scheme sees; 127.0.0.1 unless set. */
  readonly remoteAddress?: string | undefined
  /** How long a call waits while the link is down; the session timeout unless set. */
  readonly connectTimeoutMs?: number | undefined
}

/** The options of a server, complete and checked. */
export interface ServerSettings extends SweepOptions {
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly randomBytes: (length: number) => Uint8Array
  /** Only where nothing can go wrong later: with the platform's source of random bytes, if there is one. */
  readonly hasLazyPasswords: boolean
  readonly tickTimeMs: number
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  readonly containerCheckIntervalMs: number
  readonly limits: Limits
  readonly superDigest: string | undefined
  readonly enforceQuota: boolean
  readonly ttlNodes: boolean
  readonly traits: VersionTraits
  readonly snapshot: Snapshot | undefined
}

/** The options of a client, complete and checked. */
export interface ClientSettings extends CommonClientSettings {
  readonly connectTimeoutMs: number
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
  'compatibility',
  'snapshot',
] as const

const CLIENT_OPTIONS = [...COMMON_OPTIONS, 'remoteAddress'] as const

/** Fills in and checks the options of a server. @throws TypeError, RangeError */
export function completeServerOptions(given: EmbeddedZooKeeperOptions): ServerSettings {
  checkOptions(given, SERVER_OPTIONS)
  const {
    clock = new SystemClock(),
    scheduler = new EventLoopScheduler(),
    randomBytes = new RandomPool().take,
  } = given
  const {
    tickTimeMs = 2000,
    minSessionTimeoutMs = 2 * tickTimeMs,
    maxSessionTimeoutMs = 20 * tickTimeMs,
  } = given
  const { containerCheckIntervalMs = 60_000, maxNeverUsedContainerMs = 0 } = given
  const { superDigest, enforceQuota = false, ttlNodes = true, compatibility = '3.9', snapshot } = given
  checkFunctions({ 'clock.nowMs': clock.nowMs, 'scheduler.macrotask': scheduler.macrotask, randomBytes })
  if (scheduler.afterMicrotasks !== undefined)
    checkFunctions({ 'scheduler.afterMicrotasks': scheduler.afterMicrotasks })
  checkMs({ tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs, containerCheckIntervalMs }, 1)
  checkMs({ maxNeverUsedContainerMs }, 0)
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw new RangeError(
      `minSessionTimeoutMs ${minSessionTimeoutMs} is over maxSessionTimeoutMs ${maxSessionTimeoutMs}`,
    )
  }
  if (superDigest !== undefined && !(typeof superDigest === 'string' && isDigestId(superDigest))) {
    throw new TypeError(
      `Invalid superDigest ${describe(superDigest)}: make it with digestId('super:password')`,
    )
  }
  const traits = traitsOf(compatibility)
  const sessions = { tickTimeMs, minSessionTimeoutMs, maxSessionTimeoutMs }
  const sweeps = { containerCheckIntervalMs, maxNeverUsedContainerMs }
  const limits = completeLimits(given.limits)
  return {
    clock,
    scheduler,
    randomBytes,
    hasLazyPasswords: given.randomBytes === undefined && hasStrongRandom(),
    ...sessions,
    ...sweeps,
    limits,
    superDigest,
    enforceQuota,
    ttlNodes,
    traits,
    snapshot,
  }
}

function traitsOf(compatibility: unknown): VersionTraits {
  if (isCompatibility(compatibility)) return versionTraits[compatibility]
  const known = Object.keys(versionTraits).join(', ')
  throw new TypeError(`Invalid compatibility ${describe(compatibility)}: there are ${known}`)
}

/** Fills in and checks the options of a client. @throws TypeError, RangeError */
export function completeClientOptions(given: ConnectOptions): ClientSettings {
  const common = completeCommonOptions(given, CLIENT_OPTIONS)
  const { connectTimeoutMs = common.sessionTimeoutMs, remoteAddress = '127.0.0.1' } = given
  checkMs({ connectTimeoutMs }, 1)
  if (typeof remoteAddress !== 'string') {
    throw new TypeError(
      `Invalid remoteAddress ${describe(remoteAddress)}: pass an IP address such as "10.0.0.1"`,
    )
  }
  return { ...common, connectTimeoutMs, remoteAddress }
}
