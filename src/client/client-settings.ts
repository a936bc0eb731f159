/** What every client is made with, whatever carries it: the options that a user gives, their defaults, and their checks. */
import { copyBytes, isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import type { Watcher } from '../protocol/watcher.js'
import { checkOptions, checkWatcher, copyCredential } from './arguments.js'
import { Chroot } from './chroot.js'
import type { Credential } from './credentials.js'
import type { SavedSession } from './saved-session.js'

/** The options of every client. */
export interface CommonConnectOptions {
  /** Milliseconds that the session outlives its connection; 30,000 unless set, within the bounds of the server. */
  readonly sessionTimeoutMs?: number | undefined
  /** The default watcher: hears of state changes and of reads with `watch: true`. */
  readonly watcher?: Watcher | undefined
  /** The znode that this client takes for its root. It is not created. */
  readonly chroot?: string | undefined
  /** A session to come back to: `sessionId` and `sessionPassword` of its client. */
  readonly session?: SavedSession | undefined
  /** Identities to claim before anything else. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: string | Uint8Array }[] | undefined
}

/** The options of every client, complete and checked. */
export interface CommonClientSettings {
  readonly sessionTimeoutMs: number
  readonly watcher: Watcher | undefined
  readonly chroot: Chroot
  readonly session: SavedSession | undefined
  readonly auth: readonly Credential[]
}

/** The names of the options of every client. */
export const COMMON_OPTIONS = [
  'sessionTimeoutMs',
  'connectTimeoutMs',
  'watcher',
  'chroot',
  'session',
  'auth',
] as const

const PASSWORD_BYTES = 16

/** Fills in and checks the options that every client has; `known` names all that this one has. @throws TypeError, RangeError */
export function completeCommonOptions(
  given: CommonConnectOptions,
  known: readonly string[],
): CommonClientSettings {
  checkOptions(given, known)
  const { sessionTimeoutMs = 30_000, watcher, session, auth = [] } = given
  checkMs({ sessionTimeoutMs }, 1)
  if (watcher !== undefined) checkWatcher(watcher)
  if (!Array.isArray(auth))
    throw new TypeError(`Invalid auth ${describe(auth)}: pass a list of { scheme, auth }`)
  return {
    sessionTimeoutMs,
    watcher,
    chroot: new Chroot(given.chroot),
    session: session === undefined ? undefined : copySession(session),
    auth: Array.from(auth, copyCredential),
  }
}

/** Lets functions pass. @throws TypeError that names what is none */
export function checkFunctions(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'function')
      throw new TypeError(`Invalid ${name} ${describe(value)}: pass a function`)
  }
}

/** Lets whole and broken milliseconds pass, from the least on. @throws RangeError */
export function checkMs(values: Readonly<Record<string, unknown>>, least: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'number' && value >= least && Number.isFinite(value)) continue
    throw new RangeError(`Invalid ${name} ${describe(value)}: pass milliseconds, ${least} or more`)
  }
}

function copySession(given: unknown): SavedSession {
  if (typeof given === 'object' && given !== null && 'id' in given && 'password' in given) {
    const { id, password } = given
    const isPassword = isBytes(password) && password.length === PASSWORD_BYTES
    if (typeof id === 'bigint' && id !== 0n && isPassword) return { id, password: copyBytes(password) }
  }
  throw new TypeError(
    'Invalid session: pass { id, password }, the sessionId and sessionPassword of its client',
  )
}
