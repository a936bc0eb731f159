/**
 * Arguments: what callers hand in, checked before anything is sent and copied so that nothing is aliased (law 8).
 * Misuse is a TypeError or a RangeError that quotes the value and says what to do.
 */
import { copyBytes, isBytes } from '../base/bytes.js'
import { describe } from '../base/describe.js'
import { encodeUtf8 } from '../base/platform.js'
import { type ACL, OPEN_ACL_UNSAFE } from '../protocol/acl.js'
import { CreateMode, isCreateMode } from '../protocol/create-mode.js'
import { MAX_TTL_MS } from '../protocol/ephemeral-owner.js'
import { KeeperException } from '../protocol/keeper-exception.js'
import { type Watcher, WatcherType } from '../protocol/watcher.js'
import type { AbortSignalLike } from './abort.js'

/** How a znode is created. */
export interface CreateShape {
  /** `'PERSISTENT'` unless set. */
  readonly mode?: CreateMode | undefined
  /** Open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
  /** For the two TTL modes: 1 to 2^40 - 1 milliseconds after its last change, once childless, it may be removed. */
  readonly ttlMs?: number | undefined
  /** Whether the Stat of the new znode is wanted too. */
  readonly withStat?: boolean | undefined
}

/** Lets versions pass: 32-bit whole numbers; -1 means any. @throws RangeError */
export function checkVersion(version: unknown): asserts version is number {
  if (typeof version === 'number' && (version | 0) === version) return
  throw new RangeError(`Invalid version ${describe(version)}: pass stat.version, or -1 for any`)
}

/** Stands for options that were not given. */
export const NO_OPTIONS: object = Object.freeze({})

/** Lets options pass that exist. @throws TypeError */
export function checkOptions(options: object, known: readonly string[]): void {
  if (options === NO_OPTIONS) return
  if (options === null || typeof options !== 'object') {
    throw new TypeError(
      `Invalid options ${describe(options)}: pass an object with any of ${known.join(', ')}`,
    )
  }
  for (const name in options) {
    if (!known.includes(name)) throw new TypeError(`Unknown option "${name}": there are ${known.join(', ')}`)
  }
}

/** Lets AbortSignals pass, of any realm. @throws TypeError */
export function checkSignal(signal: unknown): asserts signal is AbortSignalLike {
  if (
    typeof signal === 'object' &&
    signal !== null &&
    'addEventListener' in signal &&
    'removeEventListener' in signal
  )
    return
  throw new TypeError(`Invalid signal ${describe(signal)}: pass the signal of an AbortController`)
}

/** Lets functions pass. @throws TypeError */
export function checkWatcher(watcher: unknown): asserts watcher is Watcher {
  if (typeof watcher !== 'function')
    throw new TypeError(`Invalid watcher ${describe(watcher)}: pass a function`)
}

/** Lets the five types pass. @throws TypeError */
export function checkWatcherType(type: unknown): asserts type is WatcherType {
  if (typeof type === 'string' && Object.hasOwn(WatcherType, type)) return
  throw new TypeError(
    `Invalid watcher type ${describe(type)}: there are ${Object.keys(WatcherType).join(', ')}`,
  )
}

/** An identity to claim, copied: `digest` with `user:password`, say. @throws TypeError */
export function copyCredential(given: unknown): { readonly scheme: string; readonly auth: Uint8Array } {
  if (typeof given === 'object' && given !== null && 'scheme' in given && 'auth' in given) {
    const { scheme, auth } = given
    const bytes = typeof auth === 'string' ? encodeUtf8(auth) : isBytes(auth) ? copyBytes(auth) : undefined
    if (typeof scheme === 'string' && bytes !== undefined) return { scheme, auth: bytes }
  }
  throw new TypeError(
    `Invalid credential ${describe(given)}: pass a scheme such as "digest", and text such as "user:password" or bytes`,
  )
}

/**
 * A copy of an ACL for the client's path `path`.
 * @throws TypeError if it is malformed, KeeperException INVALIDACL if it is empty, as in Java
 */
export function copyACL(acl: unknown, path: string): readonly ACL[] {
  if (acl === OPEN_ACL_UNSAFE) return OPEN_ACL_UNSAFE
  if (!Array.isArray(acl))
    throw new TypeError(`Invalid ACL ${describe(acl)}: pass a list such as OPEN_ACL_UNSAFE`)
  if (acl.length === 0) throw new KeeperException('INVALIDACL', path)
  return Array.from(acl, copyEntry)
}

/** The mode, PERSISTENT unless set. @throws TypeError */
export function checkMode(mode: CreateMode | undefined): CreateMode {
  if (mode === undefined) return 'PERSISTENT'
  if (isCreateMode(mode)) return mode
  throw new TypeError(`Invalid mode ${describe(mode)}: there are ${Object.keys(CreateMode).join(', ')}`)
}

/** The TTL in milliseconds, -1 for a mode without. @throws TypeError, RangeError */
export function checkTtl(ttlMs: unknown, isWanted: boolean, mode: CreateMode): number {
  if (!isWanted) {
    if (ttlMs === undefined) return -1
    throw new TypeError(`ttlMs goes with a mode with TTL, such as PERSISTENT_WITH_TTL, not with ${mode}`)
  }
  if (typeof ttlMs === 'number' && Number.isInteger(ttlMs) && ttlMs >= 1 && ttlMs <= MAX_TTL_MS) return ttlMs
  throw new RangeError(`Invalid ttlMs ${describe(ttlMs)} for ${mode}: pass 1 to ${MAX_TTL_MS} milliseconds`)
}

function copyEntry(entry: unknown): ACL {
  if (typeof entry === 'object' && entry !== null && 'perms' in entry && 'scheme' in entry && 'id' in entry) {
    const { perms, scheme, id } = entry
    if (
      typeof perms === 'number' &&
      (perms | 0) === perms &&
      typeof scheme === 'string' &&
      typeof id === 'string'
    ) {
      return { perms, scheme, id }
    }
  }
  throw new TypeError(
    `Invalid ACL entry ${describe(entry)}: pass { perms, scheme, id }, such as { perms: Perms.READ, scheme: 'world', id: 'anyone' }`,
  )
}
