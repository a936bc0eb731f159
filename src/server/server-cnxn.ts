/**
 * ServerCnxn: the server's side of one connection, whatever carries it. Watches and identities belong to it, not to the
 * session. Invariant: after `close` nothing leaves it, and it is in no watch table.
 */
import type { Telling } from '../base/tap.js'
import { type ACL, Perms } from '../protocol/acl.js'
import type { Code } from '../protocol/code.js'
import type { ConnectRequest, ConnectResponse, Notification, Request, Response } from '../protocol/message.js'
import type { Intake, ServerEnd } from '../transport/transport.js'
import { type AuthId, isPermitted } from './access.js'
import type { NotificationSent, ReplySent } from './inspection.js'
import type { ServerWatcher } from './server-watcher.js'
import type { Session } from './session-tracker.js'

/** Where a connection hands in what its client sends. */
export interface CnxnServer {
  openSession(cnxn: ServerCnxn, request: ConnectRequest): void
  submit(cnxn: ServerCnxn, xid: number, request: Request): void
  /** Undefined if it is not this request's turn, or somebody listens. */
  ask(cnxn: ServerCnxn, request: Request): Response | Code | undefined
  readonly lastZxid: number
  /** A sign of life that is no request. */
  heard(cnxn: ServerCnxn): void
  cnxnClosed(cnxn: ServerCnxn): void
  /** A transport threw; its connection is closed already. */
  cnxnFailed(error: unknown): void
}

/** One connection. */
export class ServerCnxn implements Intake, ServerWatcher {
  readonly id: number
  readonly #server: CnxnServer
  readonly #end: ServerEnd
  readonly #tap: Telling<NotificationSent | ReplySent>
  readonly #ids: AuthId[]
  readonly isLocal: boolean
  readonly writesAtOnce: boolean
  #isClosed = false
  /** The session it speaks for; set by the handshake. */
  session: Session | undefined

  constructor(id: number, server: CnxnServer, end: ServerEnd, tap: Telling<NotificationSent | ReplySent>) {
    this.id = id
    this.#server = server
    this.#tap = tap
    this.#end = end
    this.isLocal = end.isLocal
    this.writesAtOnce = end.writesAtOnce === true
    this.#ids = [{ scheme: 'ip', id: end.remoteAddress }]
  }

  get sessionId(): bigint {
    return this.session?.id ?? 0n
  }

  get remoteAddress(): string {
    return this.#end.remoteAddress
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Its identities, the address first. */
  get ids(): readonly AuthId[] {
    return this.#ids
  }

  addIds(ids: readonly AuthId[]): void {
    for (const { scheme, id } of ids) {
      if (!this.#ids.some((own) => own.scheme === scheme && own.id === id)) this.#ids.push({ scheme, id })
    }
  }

  connect(request: ConnectRequest): void {
    if (!this.#isClosed) this.#server.openSession(this, request)
  }

  receive(xid: number, request: Request): void {
    if (!this.#isClosed) this.#server.submit(this, xid, request)
  }

  ask(request: Request): Response | Code | undefined {
    return this.#isClosed ? undefined : this.#server.ask(this, request)
  }

  get lastZxid(): number {
    return this.#server.lastZxid
  }

  heard(): void {
    if (!this.#isClosed) this.#server.heard(this)
  }

  /** The client's end is gone. */
  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#server.cnxnClosed(this)
  }

  /** Ends the connection from the server's side; a new one may be told why it is refused. */
  close(refusal?: Code): void {
    if (this.#isClosed) return
    this.closed()
    try {
      this.#end.close(refusal)
    } catch (error) {
      this.#server.cnxnFailed(error)
    }
  }

  /** Sends an event, unless its znode may not be read here (CVE-2024-23944). */
  process(event: Notification, acl: readonly ACL[]): void {
    if (this.#isClosed) return
    const isWithheld = !isPermitted(acl, Perms.READ, this.#ids)
    if (this.#tap.isOpen) this.#tellNotified(event, isWithheld)
    if (isWithheld) return
    try {
      this.#end.notify(event)
    } catch (error) {
      this.fail(error)
    }
  }

  sendConnected(response: ConnectResponse): void {
    if (this.#isClosed) return
    try {
      this.#end.connected(response)
    } catch (error) {
      this.fail(error)
    }
  }

  /** Sends the response of a success, or the code of a failure. */
  sendReply(xid: number, zxid: number, answer: Response | Code): void {
    if (this.#isClosed) return
    const isCode = typeof answer === 'string'
    const code = isCode ? answer : 'OK'
    const response = isCode ? undefined : answer
    if (this.#tap.isOpen) this.#tap.tell({ kind: 'reply', sessionId: this.sessionId, xid, zxid, code })
    try {
      this.#end.reply({ xid, zxid, code, response })
    } catch (error) {
      this.fail(error)
    }
  }

  /** Something broke on behalf of this connection: it goes, and nobody else's work with it. */
  fail(error: unknown): void {
    this.close('SYSTEMERROR')
    this.#server.cnxnFailed(error)
  }

  #tellNotified({ type, path, zxid }: Notification, isWithheld: boolean): void {
    const kind = isWithheld ? 'notificationWithheld' : 'notification'
    this.#tap.tell({ kind, sessionId: this.sessionId, type, path, zxid })
  }
}
