/** InProcessCnxn: a connection to an embedded server of this process, which answers within the call. */
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type {
  ConnectRequest,
  ConnectResponse,
  Notification,
  Reply,
  Request,
} from '../../src/protocol/message.js'
import type { Intake, ServerEnd } from '../../src/transport/transport.js'
import type { Cnxn, CnxnEvents } from './cnxn.js'

/** The server's end and the client's in one. */
export class InProcessCnxn implements Cnxn, ServerEnd {
  readonly remoteAddress: string = '127.0.0.1'
  readonly isLocal: boolean = true
  readonly #events: CnxnEvents
  readonly #intake: Intake
  readonly #types = new Map<number, Request['type']>()
  #xid = 0
  #isOpen = true
  #isShaking = false
  #fault: Error | undefined

  constructor(zoo: Pick<EmbeddedZooKeeper, 'attach'>, events: CnxnEvents) {
    this.#events = events
    this.#intake = zoo.attach(this)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  connect(request: ConnectRequest): void {
    this.#isShaking = true
    this.#intake.connect(request)
  }

  send(requests: readonly Request[]): void {
    for (const request of requests) {
      this.#types.set(++this.#xid, request.type)
      this.#intake.receive(this.#xid, request)
    }
  }

  async cut(): Promise<void> {
    this.#isOpen = false
    this.#intake.closed()
  }

  /** Every answer has come within the call, or it never will. */
  async settled(): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault
    if (!this.#isOpen) return
    if (this.#isShaking) throw new Error('No answer to the handshake')
    if (this.#types.size > 0) throw new Error(`No answer to ${[...this.#types.values()].join(', ')}`)
  }

  connected(response: ConnectResponse): void {
    this.#isShaking = false
    this.#events.connected(response)
  }

  reply(reply: Reply): void {
    const type = this.#types.get(reply.xid)
    if (type === undefined) {
      this.#fault ??= new Error(`A reply to nothing: xid ${reply.xid}`)
      return
    }
    this.#types.delete(reply.xid)
    this.#events.reply(type, reply)
  }

  notify(notification: Notification): void {
    this.#events.notify(notification)
  }

  close(): void {
    this.#isOpen = false
    this.#events.closed()
  }
}
