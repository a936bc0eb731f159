/**
 * LocalLink: a connection within the process of the server. What is said and told is heard in the same turn; all that can happen to
 * it is that it breaks, for both ends at once.
 */
import { InProcessDialer } from '../../src/transport/in-process.js'
import type { ClientEnd, ClientEvents, Intake, ServerEnd } from '../../src/transport/transport.js'
import { CnxnLog, type CnxnSurroundings } from './cnxn-log.js'
import type { Connection } from './connection.js'
import { tapClient, tapEvents, tapServer } from './log-tap.js'

/** One connection without bytes. */
export class LocalLink implements Connection {
  readonly log: CnxnLog
  readonly clientEnd: ClientEnd
  readonly isLocal = true
  readonly isHalfOpen = false
  readonly saidBytes = 0
  readonly heardBytes = 0
  readonly nextFrameBytes = 0
  readonly canSay = false
  readonly canHear = false
  readonly saidText = ''
  readonly #dialer: InProcessDialer
  #isOver = false

  /** Stands as soon as the client shakes hands. */
  constructor(
    name: string,
    attach: (end: ServerEnd) => Intake,
    told: ClientEvents,
    around: CnxnSurroundings,
  ) {
    this.log = new CnxnLog(name, around)
    this.#dialer = new InProcessDialer((end) => tapServer(this.log, end, attach), '127.0.0.1')
    const { log } = this
    const end = this.#dialer.dial(tapEvents(log, this.#noteEnd(told)))
    this.clientEnd = tapClient(log, {
      connect: (request) => end.connect(request),
      send: (xid, request) => end.send(xid, request),
      close: () => {
        this.#isOver = true
        end.close()
      },
    })
  }

  get isOverForClient(): boolean {
    return this.#isOver
  }

  get isOverForServer(): boolean {
    return this.#isOver
  }

  get isSpent(): boolean {
    return this.#isOver
  }

  say(): void {}

  hear(): void {}

  cut(): void {
    this.#dialer.cut()
  }

  giveUp(): void {
    this.cut()
  }

  loseWhatIs(): void {}

  swallow(): boolean {
    return false
  }

  serverDied(): void {
    this.cut()
  }

  #noteEnd(told: ClientEvents): ClientEvents {
    return {
      connected: (response) => told.connected(response),
      reply: (reply) => told.reply(reply),
      notify: (notification) => told.notify(notification),
      disconnected: (why) => {
        this.#isOver = true
        told.disconnected(why)
      },
    }
  }
}
