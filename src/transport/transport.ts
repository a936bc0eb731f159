/**
 * What a transport is: a pair of ends that carry messages of `protocol/message` in order, each way.
 *
 * A client dials through a `Dialer` and holds a `ClientEnd`; a server is handed a `ServerEnd` by `attach` and answers with the
 * `Intake` that takes what arrives. Both sides may close; then neither end carries anything any more, and what was not
 * delivered is lost. A transport never calls user code, never reorders, and does not throw. Bytes in a reply belong to whoever gets it,
 * unless they are on loan; a password is the server's own: it may be made when it is asked for, and is only read.
 */
import type { Code } from '../protocol/code.js'
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
  Response,
} from '../protocol/message.js'

/** Why a connection is gone, as far as it is known. */
export interface Disconnection {
  /** A new connection was refused, for this reason. */
  readonly refusal?: Code | undefined
  /** There will never be a connection again. */
  readonly isFinal?: boolean
  /** What went wrong underneath. */
  readonly cause?: unknown
  /** When the server was heard last, on the monotonic clock; absent if it never was. */
  readonly heardMs?: number | undefined
}

/** What a client gets from its connection; called in the order of arrival. */
export interface ClientEvents {
  connected(response: ConnectResponse): void
  reply(reply: Reply): void
  notify(notification: Notification): void
  /** The connection is gone, and this is the last call. Not called after the client's own `close`. */
  disconnected(why?: Disconnection): void
}

/** A client's end of a connection. */
export interface ClientEnd {
  /** The handshake, once, before anything else; goes out as soon as the connection stands. */
  connect(request: ConnectRequest): void
  send(xid: number, request: Request): void
  /**
   * Asks a server in the same process, which can answer before this returns. Undefined if it cannot just now, or never does: then
   * nothing has happened, and the request is to be sent. What the server has to tell of is told to `events` before this returns.
   */
  ask?(request: Request): Response | Code | undefined
  /** The zxid of the last transaction of a server that was asked. */
  readonly lastZxid?: number
  close(): void
}

/** How a client gets connections, one after the other. */
export interface Dialer {
  /** Why the server would not take this request, if that can be known before it is sent. */
  findFault?(request: Request): Error | undefined
  /**
   * Starts a connection; what comes of it is told to `events`, from the call of `connect` on. It is given up early enough for
   * another one to save a session of this length.
   */
  dial(events: ClientEvents, sessionTimeoutMs: number): ClientEnd
}

/** A server's end of a connection. */
export interface ServerEnd {
  /** The address that the ip scheme sees. */
  readonly remoteAddress: string
  /** True if the other end cannot vanish unnoticed: then its session needs no pings and no expiry while connected. */
  readonly isLocal: boolean
  /** True if a reply is bytes before `reply` returns: then what it holds may be on loan until then, and the other end never asks. */
  readonly writesAtOnce?: boolean
  connected(response: ConnectResponse): void
  reply(reply: Reply): void
  notify(notification: Notification): void
  /** With a code if a new connection is refused for a reason that a client can be told. */
  close(refusal?: Code): void
}

/** Where a transport hands in what arrived from one client. Bytes of a request are on loan until the call returns. */
export interface Intake {
  connect(request: ConnectRequest): void
  receive(xid: number, request: Request): void
  /** As `receive`, but for that the answer comes back; undefined if others come first, and then nothing has happened. */
  ask?(request: Request): Response | Code | undefined
  /** The zxid of the server's last transaction. */
  readonly lastZxid?: number
  /** The other end shows that it lives, without a request: it takes what it is sent. */
  heard(): void
  /** The other end is gone; the session lives on until it expires. */
  closed(): void
}
