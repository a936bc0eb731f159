/**
 * A client whose server is the test: every message that it sends is kept, and nothing comes back but what the test sends.
 * For what no real server does, and for calls that are in flight as long as a test wants.
 */

import { EventLoopScheduler } from '../../src/base/scheduler.js'
import { Tap } from '../../src/base/tap.js'
import { Chroot } from '../../src/client/chroot.js'
import type { ClientCnxn } from '../../src/client/client-cnxn.js'
import type { ClientInspectionEvent } from '../../src/client/client-inspection.js'
import { type ClientOptions, createClient } from '../../src/client/create-client.js'
import { QuickRedial } from '../../src/client/redial.js'
import { Turn } from '../../src/client/turn.js'
import type { Code, ZooKeeper } from '../../src/index.js'
import { KnownPaths } from '../../src/protocol/known-paths.js'
import type { ConnectRequest, Request, Response } from '../../src/protocol/message.js'
import { VirtualClock } from '../../src/testing/index.js'
import type { ClientEnd, ClientEvents, Dialer, Disconnection } from '../../src/transport/transport.js'
import { recordEvents } from '../semantics/fixture.js'

/** One connection that the client has dialled. */
export class ScriptedCnxn implements ClientEnd {
  readonly #events: ClientEvents
  /** What arrived, as `connect 0`, `1 sync`, `-4 auth`, `closed`. */
  readonly log: string[] = []
  readonly requests: { readonly xid: number; readonly request: Request }[] = []
  /** What a server of the same process answers at once, if it is one. */
  answer: ((request: Request) => Response | Code | undefined) | undefined
  lastZxid = 0
  /** Called with each request, before `send` returns. */
  onRequest: ((request: Request) => void) | undefined
  #handshake: ConnectRequest | undefined

  constructor(events: ClientEvents) {
    this.#events = events
  }

  get handshake(): ConnectRequest | undefined {
    return this.#handshake
  }

  connect(request: ConnectRequest): void {
    this.#handshake = request
    this.log.push(`connect ${request.sessionId}`)
  }

  send(xid: number, request: Request): void {
    this.requests.push({ xid, request })
    this.log.push(`${xid} ${request.type}`)
    this.onRequest?.(request)
  }

  ask(request: Request): Response | Code | undefined {
    const outcome = this.answer?.(request)
    if (outcome !== undefined) this.log.push(`asked ${request.type}`)
    return outcome
  }

  close(): void {
    this.log.push('closed')
  }

  /** Accepts the handshake; a timeout of 0 refuses the session. */
  accept(timeoutMs = 30_000): void {
    this.#events.connected({
      timeoutMs,
      sessionId: timeoutMs > 0 ? 7n : 0n,
      password: new Uint8Array(16).fill(7),
    })
  }

  /** Answers the request with this xid. */
  reply(xid: number, code: Code = 'OK', response: Response | undefined = undefined, zxid = 1): void {
    this.#events.reply({ xid, zxid, code, response })
  }

  /** Sends an event. */
  notify(path: string, zxid = 1): void {
    this.#events.notify({ type: 'NodeDataChanged', path, zxid })
  }

  /** Accepts the handshake as a server that is cut off from its ensemble. */
  acceptReadOnly(sessionId = 9n): void {
    const password = new Uint8Array(16).fill(Number(sessionId))
    this.#events.connected({ timeoutMs: 30_000, sessionId, password, isReadOnly: true })
  }

  /** Breaks the connection, for a reason if there is one. */
  drop(why?: Disconnection): void {
    this.#events.disconnected(why)
  }
}

/** A client and the connections that it has dialled so far. */
export interface Script {
  readonly zk: ZooKeeper
  readonly cnxn: ClientCnxn
  readonly clock: VirtualClock
  readonly cnxns: readonly ScriptedCnxn[]
  /** What its default watcher heard. */
  readonly events: string[]
  /** How `start` came out. */
  readonly started: Promise<void>
}

/** A client that is connected. */
export interface Connected extends Script {
  readonly first: ScriptedCnxn
}

/** A client that has dialled once and waits for the answer. */
export function startScript(options: Partial<ClientOptions> = {}): Script {
  const clock = new VirtualClock()
  const scheduler = new EventLoopScheduler()
  const cnxns: ScriptedCnxn[] = []
  const dialer: Dialer = {
    dial: (events) => {
      const cnxn = new ScriptedCnxn(events)
      cnxns.push(cnxn)
      return cnxn
    },
  }
  const { events, watcher } = recordEvents()
  const { zk, cnxn } = createClient({
    clock,
    scheduler,
    randomBytes: (length) => new Uint8Array(length),
    dialer,
    watcher,
    turn: new Turn(scheduler),
    pathCheck: new KnownPaths(),
    tap: new Tap<ClientInspectionEvent>(rethrow),
    redial: new QuickRedial(clock),
    chroot: new Chroot(),
    session: undefined,
    auth: [],
    sessionTimeoutMs: 30_000,
    connectTimeoutMs: 30_000,
    maxRequestBytes: Number.POSITIVE_INFINITY,
    canBeReadOnly: false,
    expiresLocally: false,
    maxDataBytes: 1_000_000,
    maxMultiOps: 1_000,
    maxPendingRequests: 100,
    failed: rethrow,
    ended: () => undefined,
    ...options,
  })
  return { zk, cnxn, clock, cnxns, events, started: cnxn.start() }
}

/** A client that is connected, and its connection. */
export async function startConnected(options: Partial<ClientOptions> = {}): Promise<Connected> {
  const script = startScript(options)
  const [first] = script.cnxns
  if (first === undefined) throw new Error('the client did not dial')
  first.accept()
  await script.started
  return { ...script, first }
}

function rethrow(error: unknown): never {
  throw error
}
