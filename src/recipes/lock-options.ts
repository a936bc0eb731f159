/** What locks and elections are made with: the options, their defaults, and their checks. */
import { describe } from '../base/describe.js'
import { checkOptions } from '../client/arguments.js'
import type { ACL } from '../protocol/acl.js'
import { validatePath } from '../protocol/path.js'
import type { Line } from './contender.js'
import { checkLayout, type Layout } from './contender-name.js'
import { checkClient, type RecipeClient } from './lasting-client.js'
import { type AbortOn, checkAbortOn } from './tenure.js'

/** The options of locks and elections. */
export interface LockOptions {
  /**
   * Whose names the znodes get: `'curator'` unless set. All who use a path have to agree: Java and Python do not see each other's
   * contenders, though we see both.
   */
  readonly layout?: Layout | undefined
  /** What others may read about this contender: a host name, say. Empty unless set. */
  readonly identifier?: string | undefined
  /** The ACL of its znodes, and of the parents that it creates; open to everybody unless set. */
  readonly acl?: readonly ACL[] | undefined
  /**
   * When what is held counts as lost: `'disconnection'` unless set. While no server is heard the session may expire, and somebody
   * else take over; only what stops at once is safe. With `'expiry'` work goes on meanwhile, but an expiry is known only after the
   * next connection, long after somebody else may have taken over: for work that is checked by its `fencingToken`.
   */
  readonly abortOn?: AbortOn | undefined
}

/** The options, complete and checked. */
export interface LockSettings {
  readonly client: RecipeClient
  readonly line: Line
  readonly abortOn: AbortOn
}

const LOCK_OPTIONS = ['layout', 'identifier', 'acl', 'abortOn'] as const

/** Fills in and checks what a lock is made with. @throws TypeError */
export function completeLockOptions(client: RecipeClient, path: string, options: LockOptions): LockSettings {
  checkClient(client)
  validatePath(path)
  checkOptions(options, LOCK_OPTIONS)
  const { layout = 'curator', identifier = '', acl } = options
  checkLayout(layout)
  if (typeof identifier !== 'string')
    throw new TypeError(`Invalid identifier ${describe(identifier)}: pass text, such as a host name`)
  return { client, line: { path, layout, data: identifier, acl }, abortOn: checkAbortOn(options.abortOn) }
}
