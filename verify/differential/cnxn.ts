/** Cnxn: one connection to a server, below any client: what is handed in goes out as it is, and what comes is told as it comes. */
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
} from '../../src/protocol/message.js'

/** What a connection tells, in the order of arrival. */
export interface CnxnEvents {
  connected(response: ConnectResponse): void
  /** The answer to a request of this type. */
  reply(type: Request['type'], reply: Reply): void
  notify(notification: Notification): void
  /** The server has ended it. The last call; not after the own `cut`. */
  closed(): void
}

/** One connection. */
export interface Cnxn {
  readonly isOpen: boolean
  connect(request: ConnectRequest): void
  send(requests: readonly Request[]): void
  /** Ends it without a goodbye; resolves once the server can have noticed. */
  cut(): Promise<void>
  /** Resolves once everything is answered that was asked, or the connection has ended. @throws Error if neither comes in time */
  settled(): Promise<void>
}

/** Makes connections to one server. */
export type Dial = (events: CnxnEvents) => Cnxn
