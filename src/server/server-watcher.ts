/** ServerWatcher: what a watch table knows of a connection. It is not the user's Watcher: it also needs the ACL at the event. */
import type { ACL } from '../protocol/acl.js'
import type { Notification } from '../protocol/message.js'

/** Where events go: a connection. */
export interface ServerWatcher {
  /** A small whole number that no other watcher of the server has while this one is there. */
  readonly id: number
  /** The session it speaks for; 0n before the handshake. For reports. */
  readonly sessionId: bigint
  /** Takes one event, with the ACL that decides whether this connection may see it. Called once a trigger; must not throw. */
  process(event: Notification, acl: readonly ACL[]): void
}
