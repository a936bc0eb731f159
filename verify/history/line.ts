/** Line: a connection as its worker sees it, with what is needed to come back to its session on another one. */
import type { ConnectRequest, Reply, Request } from '../../src/protocol/message.js'
import type { Cnxn, CnxnEvents, Dial } from '../differential/cnxn.js'

/** A session to come back to. */
export interface Ticket {
  readonly sessionId: bigint
  readonly password: Uint8Array
  readonly lastZxid: number
}

/** How a line begins. */
export interface LineOptions {
  readonly dial: Dial
  readonly timeoutMs: number
  /** Undefined for a new session. */
  readonly ticket?: Ticket | undefined
  /** Hears of every path that was created. */
  readonly created: (path: string) => void
}

/** How a handshake came out; `broken` says that nobody knows. */
export type Welcome = 'accepted' | 'refused' | 'broken'

const LOOK_MS = 5

/** One connection. */
export class Line {
  readonly #cnxn: Cnxn
  readonly #created: (path: string) => void
  #ticket: Ticket
  #welcome: Welcome = 'broken'
  #hasGoodbye = false

  private constructor({ dial, ticket, created }: LineOptions) {
    this.#created = created
    this.#ticket = ticket ?? { sessionId: 0n, password: new Uint8Array(16), lastZxid: 0 }
    this.#cnxn = dial(this.#events())
  }

  /** Resolves when the handshake has been answered, or cannot be any more. */
  static async open(options: LineOptions): Promise<Line> {
    const line = new Line(options)
    const { sessionId, password, lastZxid: lastZxidSeen } = line.#ticket
    const hello: ConnectRequest = { lastZxidSeen, timeoutMs: options.timeoutMs, sessionId, password }
    line.#cnxn.connect(hello)
    await line.#cnxn.settled()
    return line
  }

  get ticket(): Ticket {
    return this.#ticket
  }

  get welcome(): Welcome {
    return this.#welcome
  }

  get isOpen(): boolean {
    return this.#cnxn.isOpen
  }

  /** Whether a closeSession was answered. */
  get hasGoodbye(): boolean {
    return this.#hasGoodbye
  }

  send(requests: readonly Request[]): void {
    this.#cnxn.send(requests)
  }

  settled(): Promise<void> {
    return this.#cnxn.settled()
  }

  cut(): Promise<void> {
    return this.#cnxn.cut()
  }

  /** Resolves when the other side has ended it, or after so long. */
  async over(ms: number): Promise<void> {
    const limit = AbortSignal.timeout(ms)
    while (this.isOpen && !limit.aborted) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }

  #events(): CnxnEvents {
    return {
      connected: ({ sessionId, password, timeoutMs }) => {
        this.#welcome = timeoutMs > 0 ? 'accepted' : 'refused'
        if (timeoutMs > 0) this.#ticket = { ...this.#ticket, sessionId, password: password.slice() }
      },
      reply: (type, reply) => this.#replied(type, reply),
      notify: () => undefined,
      closed: () => undefined,
    }
  }

  #replied(type: Request['type'], { zxid, response }: Reply): void {
    if (type === 'closeSession') this.#hasGoodbye = true
    const lastZxid = Math.max(this.#ticket.lastZxid, zxid)
    this.#ticket = { ...this.#ticket, lastZxid }
    if (response?.type === 'path') this.#created(response.path)
    if (response?.type !== 'results') return
    for (const result of response.results) if (result.type === 'create') this.#created(result.path)
  }
}
