/** How a watcher is told that its session is over. */
import type { Code } from '../protocol/code.js'
import type { KeeperState } from '../protocol/watched-event.js'

const CODES: Readonly<Partial<Record<KeeperState, Code>>> = {
  Expired: 'SESSIONEXPIRED',
  Closed: 'SESSIONEXPIRED',
  AuthFailed: 'AUTHFAILED',
}

/** The code that calls end with in this state; undefined while the session is not over. */
export function codeOfEnd(state: KeeperState): Code | undefined {
  return CODES[state]
}
