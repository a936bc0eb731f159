/** Xids: those that mean something, and how a client numbers its requests; the number comes back with the reply. */

/** Of every notification. */
export const NOTIFICATION_XID = -1

/** Of every answer to a ping, whatever the ping's own was. */
export const PING_XID = -2

/** Of auth packets, whose replies may overtake others. */
export const AUTH_XID = -4

const MAX_XID = 2 ** 31 - 1

/** The xid behind this one. After the largest int it is 1 again: what is negative means something else. */
export function nextXid(xid: number): number {
  return xid === MAX_XID ? 1 : xid + 1
}
