/** The xids that mean something; every other one is a client's own number for a request, given back with the reply. */

/** Of every notification. */
export const NOTIFICATION_XID = -1

/** Of every answer to a ping, whatever the ping's own was. */
export const PING_XID = -2

/** Of auth packets, whose replies may overtake others. */
export const AUTH_XID = -4
