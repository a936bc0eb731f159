/**
 * Remote clients: the client of this library over a wire, whatever carries the bytes: its options, their defaults and checks,
 * and its composition. Called by the doors that dial.
 */
import { type Clock, SystemClock } from './base/clock.js'
import { describe } from './base/describe.js'
import { fractionOf } from './base/fraction.js'
import { RandomPool } from './base/random-pool.js'
import { EventLoopScheduler } from './base/scheduler.js'
import { Tap } from './base/tap.js'
import { BackOff } from './client/back-off.js'
import type { ClientInspectionEvent } from './client/client-inspection.js'
import {
  COMMON_OPTIONS,
  type CommonClientSettings,
  type CommonConnectOptions,
  checkFunctions,
  checkMs,
  completeCommonOptions,
} from './client/client-settings.js'
import { type Client, createClient, startClient, throwLater } from './client/create-client.js'
import { Turn } from './client/turn.js'
import type { ZooKeeper } from './client/zookeeper.js'
import { isKeeperException, KeeperException } from './protocol/keeper-exception.js'
import { KnownPaths } from './protocol/known-paths.js'
import { ROOT } from './protocol/path.js'
import { WireDialer, type WireServer } from './transport/wire-dialer.js'

/** The options of every client over a wire. */
export interface RemoteConnectOptions extends CommonConnectOptions {
  /** How long `connect`, and from the first call that waits all that wait, wait for a connection: 10,000 ms unless set. */
  readonly connectTimeoutMs?: number | undefined
  /** Bytes of one request, all told; 1,048,575 unless set, which is what a server takes that was not told otherwise (jute.maxbuffer). A larger one is a RangeError. */
  readonly maxRequestBytes?: number | undefined
  /** Bytes of one reply; 64 MiB unless set. A larger one breaks the connection. */
  readonly maxReplyBytes?: number | undefined
  /** Requests that wait for a reply or for a connection: 100,000 unless set; one more is THROTTLEDOP. */
  readonly maxPendingRequests?: number | undefined
  /** Whether a server that is cut off from its ensemble, and can only read, will do; false unless set. */
  readonly canBeReadOnly?: boolean | undefined
  /**
   * Whether the client takes its session for expired once it has heard no server for 4/3 of the session timeout, as Java's does
   * since 3.9.3. False unless set: then it tries on until a server says so.
   */
  readonly expiresLocally?: boolean | undefined
  /** Where time comes from; the system's clock unless set. */
  readonly clock?: Clock | undefined
  /**
   * Chance: for the order of servers, the pauses between attempts, and the names that recipes give their znodes, which must be
   * different for each client. The platform's strong generator unless set.
   */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined
}

/** The options of a client over a wire, complete and checked. */
export interface RemoteSettings extends CommonClientSettings {
  readonly connectTimeoutMs: number
  readonly maxRequestBytes: number
  readonly maxReplyBytes: number
  readonly maxPendingRequests: number
  readonly canBeReadOnly: boolean
  readonly expiresLocally: boolean
  readonly clock: Clock
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number
  readonly randomBytes: (length: number) => Uint8Array
}

/** The names of the options of every client over a wire. */
export const REMOTE_OPTIONS: readonly string[] = [
  ...COMMON_OPTIONS,
  'maxRequestBytes',
  'maxReplyBytes',
  'maxPendingRequests',
  'canBeReadOnly',
  'expiresLocally',
  'clock',
  'randomBytes',
]

const MIB = 1_048_576

/** Fills in and checks the options; `known` names all that this door has. @throws TypeError, RangeError */
export function completeRemoteOptions(
  given: RemoteConnectOptions,
  known: readonly string[] = REMOTE_OPTIONS,
): RemoteSettings {
  const common = completeCommonOptions(given, known)
  const { connectTimeoutMs = 10_000, clock = new SystemClock(), randomBytes = new RandomPool().take } = given
  const { maxRequestBytes = MIB - 1, maxReplyBytes = 64 * MIB, maxPendingRequests = 100_000 } = given
  const { canBeReadOnly = false, expiresLocally = false } = given
  checkMs({ connectTimeoutMs }, 1)
  checkFunctions({ 'clock.nowMs': clock.nowMs, randomBytes })
  checkCounts({ maxRequestBytes, maxReplyBytes, maxPendingRequests })
  for (const [name, value] of Object.entries({ canBeReadOnly, expiresLocally })) {
    if (typeof value !== 'boolean')
      throw new TypeError(`Invalid ${name} ${describe(value)}: pass true or false`)
  }
  const bounds = { maxRequestBytes, maxReplyBytes, maxPendingRequests }
  const random = (): number => fractionOf(randomBytes(4))
  return { ...common, ...bounds, connectTimeoutMs, clock, canBeReadOnly, expiresLocally, random, randomBytes }
}

/**
 * Connects a client to one of these servers. Resolves once it has its session, and the chroot is known to exist. `ended` is
 * called when the client is over.
 * @throws KeeperException CONNECTIONLOSS (none could be reached in time; `cause` says why), SESSIONEXPIRED, AUTHFAILED, NONODE (the chroot)
 */
export async function connectRemote(
  servers: readonly WireServer[],
  settings: RemoteSettings,
  ended: () => void = nothing,
): Promise<ZooKeeper> {
  const { random } = settings
  const scheduler = new EventLoopScheduler()
  const turn = new Turn(scheduler)
  const tap = new Tap<ClientInspectionEvent>((error) => throwLater(scheduler, error))
  const client = createClient({
    ...settings,
    scheduler,
    turn,
    pathCheck: new KnownPaths(),
    tap,
    dialer: new WireDialer(shuffle(servers, random), { ...settings, scheduler }),
    redial: new BackOff({ ...settings, serverCount: servers.length }),
    maxDataBytes: settings.maxRequestBytes,
    maxMultiOps: settings.maxRequestBytes,
    failed: (error) => throwLater(scheduler, error),
    ended,
  })
  // One deadline for all of it: the connection, the identities and the chroot.
  const deadline = settings.clock.setTimer(() => client.cnxn.giveUp(), settings.connectTimeoutMs)
  const { auth, chroot } = settings
  try {
    const claims = auth.map((credential) =>
      untilAnswered(client, () => client.cnxn.addAuth(credential, undefined)),
    )
    const zk = await startClient(client, claims)
    if (chroot.prefix !== '') await requireChroot(client, chroot.prefix)
    return zk
  } catch (error) {
    await client.zk.close()
    throw isKeeperException(error, 'CONNECTIONLOSS') ? describeLoss(error, servers, settings) : error
  } finally {
    deadline.cancel()
  }
}

/** Asks again after each lost connection, until the client is over. */
async function untilAnswered<T>({ zk }: Client, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isKeeperException(error, 'CONNECTIONLOSS') || zk.state === 'CLOSED') throw error
    }
  }
}

/** A chroot that does not exist would show as NONODE in every later call, with paths that look right. */
async function requireChroot(client: Client, chroot: string): Promise<void> {
  try {
    if ((await untilAnswered(client, () => client.zk.exists(ROOT))) !== null) return
  } catch (error) {
    // Whoever may not look at it learns no less from what comes later.
    if (isKeeperException(error, 'NOAUTH')) return
    throw error
  }
  const detail = 'the chroot does not exist on the server: create it with a client that has none'
  throw new KeeperException('NONODE', chroot, { detail })
}

function describeLoss(
  { cause }: KeeperException,
  servers: readonly WireServer[],
  { connectTimeoutMs }: RemoteSettings,
): KeeperException {
  const names = servers.map(({ name }) => name).join(', ')
  const reasons = reasonsOf(cause).join(', ')
  const why = reasons === '' ? '' : `: ${reasons}`
  const detail = `no connection to ${names} within ${connectTimeoutMs} ms (connectTimeoutMs)${why}`
  return new KeeperException('CONNECTIONLOSS', undefined, { cause, detail })
}

/** What an error says; of several in one, as for a name with several addresses, what each says. */
function reasonsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors))
    return error.errors.flatMap(reasonsOf)
  return error.message === '' ? [error.name] : [error.message]
}

/** In random order, so that the clients of an ensemble spread over its servers. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const [chosen] = shuffled.splice(Math.floor(random() * (i + 1)), 1)
    if (chosen !== undefined) shuffled.push(chosen)
  }
  return shuffled
}

function nothing(): void {}

function checkCounts(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    const isCount = value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) >= 1)
    if (!isCount)
      throw new RangeError(`Invalid ${name} ${describe(value)}: pass a whole number from 1, or Infinity`)
  }
}
