/** Note: one thing that happened on one connection of a History, which is the sum of its notes. */
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
} from '../../src/protocol/message.js'

/** Who ended a connection: one of its sides, or what lies between them. */
export type EndedBy = 'server' | 'client' | 'loss'

/** What happened. */
export type Happening =
  | { readonly what: 'begun'; readonly name: string }
  | { readonly what: 'asked'; readonly hello: ConnectRequest }
  | { readonly what: 'connected'; readonly answer: ConnectResponse }
  | { readonly what: 'sent'; readonly request: Request; readonly xid: number | undefined }
  | { readonly what: 'withheld'; readonly request: Request }
  | { readonly what: 'replied'; readonly type: Request['type']; readonly reply: Reply }
  | { readonly what: 'notified'; readonly event: Notification }
  | { readonly what: 'ended'; readonly by: EndedBy }
  | { readonly what: 'drained' }

/** When, to which connection, and what. */
export interface Note {
  /** On a clock that only goes forward. */
  readonly ms: number
  /** The number of the connection. */
  readonly thread: number
  readonly happening: Happening
}
