/** A client's end on a FakeLink and virtual time, what it told, and the frames that a server answers with. */
import { expect } from 'vitest'
import { encodeNotification, encodeReply } from '../../src/protocol/codec.js'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import type { Notification, Reply, Request } from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { Disconnection } from '../../src/transport/transport.js'
import { WireClientEnd, type WireClientParts } from '../../src/transport/wire-client-end.js'
import { toHex } from '../protocol/hex.js'
import { FakeLink, frame, HandScheduler } from './fake-link.js'

/** A request that `synced` answers. */
export const SYNC: Request = { type: 'sync', path: '/' }
/** What a ping is answered with. */
export const PONG: Uint8Array = replyFrame({ xid: -2, zxid: 0, code: 'OK', response: { type: 'done' } })
/** The first message of a client. */
export const HANDSHAKE = {
  lastZxidSeen: 0,
  timeoutMs: 10_000,
  sessionId: 0n,
  password: new Uint8Array(16),
} as const

/** A client's end, its link, and what it told. */
export interface Client {
  readonly end: WireClientEnd
  readonly link: FakeLink
  readonly clock: VirtualClock
  readonly scheduler: HandScheduler
  /** As `connected 30000`, `1 OK synced`, `NodeCreated /a 2`, or the message of the reason for the end. */
  readonly told: string[]
  lastWhy: Disconnection | undefined
  onTold: () => void
  /** What has left since the last time, as hex. */
  takeSent(): string[]
}

/** A client that has begun to dial, and whose link does not stand yet. */
export function dial(parts: Partial<WireClientParts> = {}): Client {
  const link = new FakeLink()
  const clock = new VirtualClock()
  const scheduler = new HandScheduler()
  const told: string[] = []
  const tell = (line: string): void => {
    told.push(line)
    client.onTold()
  }
  const events = {
    connected: ({ timeoutMs }: { readonly timeoutMs: number }) => tell(`connected ${timeoutMs}`),
    reply: ({ xid, code, response }: Reply) => tell(`${xid} ${code} ${response?.type}`),
    notify: ({ type, path, zxid }: Notification) => tell(`${type} ${path} ${zxid}`),
    disconnected: (why?: Disconnection) => {
      client.lastWhy = why
      tell(why?.cause instanceof Error ? why.cause.message : String(why?.cause))
    },
  }
  const complete = { clock, scheduler, dialTimeoutMs: 1000, maxReplyBytes: 64 * 1_048_576, ...parts }
  const end = new WireClientEnd(() => link, events, 'zk:1', complete)
  const takeSent = (): string[] => {
    link.send()
    return link.takeLeft().map(toHex)
  }
  const client: Client = { end, link, clock, scheduler, told, lastWhy: undefined, onTold: () => {}, takeSent }
  return client
}

/** A client with a session. */
export function connect(parts: Partial<WireClientParts> = {}, timeoutMs = 30_000): Client {
  const client = dial(parts)
  client.end.connect(HANDSHAKE)
  client.end.opened()
  client.end.received(answerFrame(timeoutMs))
  client.takeSent()
  client.told.length = 0
  return client
}

/** The link is gone, and no timer is left. */
export function expectOver({ link, clock }: Client): void {
  expect(link.log).toEqual(['destroy'])
  expect(clock.pendingTimers).toBe(0)
}

/** The answer to a handshake. */
export function answerFrame(timeoutMs: number): Uint8Array {
  const response = { timeoutMs, sessionId: 7n, password: new Uint8Array(16) }
  return frame((out) => writeConnectResponse(out, response, { hasReadOnlyByte: true }))
}

/** The reply to `SYNC`. */
export function synced(xid: number): Uint8Array {
  return replyFrame({ xid, zxid: 1, code: 'OK', response: { type: 'synced', path: '/' } })
}

/** A reply. */
export function replyFrame(reply: Reply): Uint8Array {
  return frame((out) => encodeReply(out, reply))
}

/** An event. */
export function notificationFrame(notification: Notification): Uint8Array {
  return frame((out) => encodeNotification(out, notification))
}
