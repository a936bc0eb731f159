/** One event of each kind that inspection tells. It does not compile when a kind comes or goes. */
import type { InspectionEvent } from '../../src/index.js'

const about = { sessionId: 5n, path: '/a', zxid: 3 } as const
const change = { ...about, type: 'NodeCreated' } as const
const completion = { item: 'completion', sessionId: 5n, xid: 1, code: 'OK' } as const

/** By kind. */
export const samples = {
  sessionOpened: { kind: 'sessionOpened', sessionId: 5n, timeoutMs: 1000, isResumed: false },
  sessionClosed: { kind: 'sessionClosed', sessionId: 5n },
  sessionExpired: { kind: 'sessionExpired', sessionId: 5n },
  disconnected: { kind: 'disconnected', sessionId: 5n },
  request: { kind: 'request', sessionId: 5n, xid: 1, request: { type: 'whoAmI' } },
  txn: { kind: 'txn', zxid: 3, timeMs: 0, txn: { type: 'delete', path: '/a' } },
  watchArmed: { kind: 'watchArmed', sessionId: 5n, path: '/a', table: 'data', mode: 'persistent' },
  watchTriggered: { kind: 'watchTriggered', ...change, watchPath: '/', table: 'data', modes: ['recursive'] },
  watchRemoved: {
    kind: 'watchRemoved',
    sessionId: 5n,
    path: '/a',
    table: 'child',
    modes: ['standard'],
    why: 'requested',
  },
  notification: { kind: 'notification', ...change },
  notificationWithheld: { kind: 'notificationWithheld', ...change },
  reply: { kind: 'reply', sessionId: 5n, xid: 1, zxid: 3, code: 'OK' },
  quotaExceeded: {
    kind: 'quotaExceeded',
    prefix: '/a',
    resource: 'bytes',
    limit: 10,
    usage: 12,
    isHard: false,
  },
  queued: { kind: 'queued', ...completion },
  delivered: { kind: 'delivered', ...completion },
} as const satisfies { readonly [Kind in InspectionEvent['kind']]: InspectionEvent & { readonly kind: Kind } }
