/**
 * KeeperException: what a call rejects with when the server, the connection or the session is the reason.
 * Told apart by a brand and not by `instanceof`, since an ESM and a CommonJS copy of zoolet can meet in one process.
 */
import { type Code, errnoOf, meaningOf } from './code.js'
import type { OpResult } from './op-result.js'

const BRAND = Symbol.for('zoolet.KeeperException')

/** An operational error, with the code of ZooKeeper. Misuse by the caller is a TypeError or RangeError instead. */
export class KeeperException extends Error {
  override readonly name: string = 'KeeperException'
  /** The name of the code, such as `'NONODE'`. */
  readonly code: Code
  /** The number of the code on the wire, such as -101. */
  readonly errno: number
  /** The client's path that the error is about, if it is about one. */
  readonly path: string | undefined
  /** Of a failed multi only: one result an operation, in order. */
  readonly results: readonly OpResult[] | undefined

  constructor(
    code: Code,
    path?: string,
    options?: {
      readonly cause?: unknown
      readonly results?: readonly OpResult[]
      /** What happened and what to do, where more is known than the code tells. */
      readonly detail?: string
    },
  ) {
    const place = path === undefined ? '' : ` for ${path}`
    super(
      `${code}${place}: ${options?.detail ?? meaningOf(code)}`,
      options?.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.errno = errnoOf(code)
    this.path = path
    this.results = options?.results
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** True for a KeeperException of any copy of zoolet, and of the given code if one is given. */
export function isKeeperException(error: unknown, code?: Code): error is KeeperException {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false
  return code === undefined || ('code' in error && error.code === code)
}

/** True if the same call may succeed when it is made again: the connection broke or the server was busy. A write may have been applied. */
export function isRetryable(error: unknown): boolean {
  return isKeeperException(error) && RETRYABLE.includes(error.code)
}

/** True if the client is finished and its ephemeral znodes are gone or going: connect anew. */
export function isSessionFatal(error: unknown): boolean {
  return isKeeperException(error) && SESSION_FATAL.includes(error.code)
}

const RETRYABLE: readonly Code[] = [
  'CONNECTIONLOSS',
  'OPERATIONTIMEOUT',
  'REQUESTTIMEOUT',
  'SESSIONMOVED',
  'THROTTLEDOP',
]
const SESSION_FATAL: readonly Code[] = [
  'SESSIONEXPIRED',
  'AUTHFAILED',
  'UNKNOWNSESSION',
  'SESSIONCLOSEDREQUIRESASLAUTH',
]
