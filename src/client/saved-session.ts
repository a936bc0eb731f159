/** SavedSession: what a client keeps of its session to come back to it. */
import type { ConnectResponse } from '../protocol/message.js'

/** What identifies a session to a server, and lets its owner come back to it. */
export interface SavedSession {
  readonly id: bigint
  /** 16 bytes. Whoever has them can take the session over. */
  readonly password: Uint8Array
}

/** Asks for a new session. */
export const NO_SESSION: SavedSession = Object.freeze({ id: 0n, password: new Uint8Array(16) })

/** The session of a new connection. The password is read when it is needed: a server of the same process makes it then. */
export function savedSession(response: ConnectResponse): SavedSession {
  return {
    id: response.sessionId,
    get password() {
      return response.password
    },
  }
}
