/**
 * SimulatedClient: a client of the library over wires that carry what somebody lets them. It dials again when it is told to; what it
 * has given up may still be on its way to the server.
 */

import { Tap } from '../../src/base/tap.js'
import { Chroot } from '../../src/client/chroot.js'
import type { ClientInspectionEvent } from '../../src/client/client-inspection.js'
import { createClient } from '../../src/client/create-client.js'
import type { Redial } from '../../src/client/redial.js'
import type { Turn } from '../../src/client/turn.js'
import type { WatchedEvent, ZooKeeper } from '../../src/index.js'
import { KnownPaths } from '../../src/protocol/known-paths.js'
import type { Notification } from '../../src/protocol/message.js'
import type { VirtualClock } from '../../src/testing/index.js'
import type { ClientEnd, ClientEvents } from '../../src/transport/transport.js'
import type { Setup } from './action.js'
import type { CnxnLog, CnxnSurroundings } from './cnxn-log.js'
import type { Connection } from './connection.js'
import type { Host } from './host.js'
import type { Ledger } from './ledger.js'
import { LocalLink } from './local-link.js'
import type { TickScheduler } from './tick-scheduler.js'
import { Wire } from './wire.js'

/** What all clients of a simulation share: they live in one process. */
export interface ClientSurroundings {
  readonly host: Host
  readonly ledger: Ledger
  readonly clock: VirtualClock
  readonly scheduler: TickScheduler
  readonly turn: Turn
  readonly setup: Setup
}

/** What a client tells whoever uses it. */
export interface ClientListener {
  /** Its default watcher. */
  stateChanged(event: WatchedEvent): void
  /** An event has arrived, and is not delivered yet. */
  arrived(event: Notification): void
}

/** Where a client lives. */
export interface ClientPlace {
  /** The server path that is its root; empty without one. */
  readonly chroot: string
  /** Whether it is in the process of the server. */
  readonly isLocal: boolean
}

/** Requests that may wait at once, where everything is narrow. */
const NARROW_PENDING_REQUESTS = 20
/** So few that watches are restored in several requests. */
const NARROW_REQUEST_BYTES = 90
const DIAL_TIMEOUT_MS = 10_000
const MAX_REPLY_BYTES = 64 * 1_048_576
const MIB = 1_048_576

/** A client with its wires. */
export class SimulatedClient {
  readonly zk: ZooKeeper
  readonly name: string
  readonly #around: ClientSurroundings
  readonly #listener: ClientListener
  readonly #isLocal: boolean
  readonly #wires: Connection[] = []
  #dial: (() => void) | undefined
  #repliedZxid = 0
  #seenZxid = 0
  #refusals = 0
  #refused = 0
  #epoch = 0

  /** Dials at once. */
  constructor(name: string, place: ClientPlace, around: ClientSurroundings, listener: ClientListener) {
    this.name = name
    this.#isLocal = place.isLocal
    this.#around = around
    this.#listener = listener
    const { clock, scheduler, turn, setup, ledger } = around
    const fail = (error: unknown): void => ledger.fault(`${name}: ${error}`)
    const { zk, cnxn } = createClient({
      clock,
      scheduler,
      randomBytes: (length) => new Uint8Array(length),
      turn,
      pathCheck: new KnownPaths(),
      dialer: { dial: (told) => this.#open(told) },
      watcher: (event) => listener.stateChanged(event),
      tap: new Tap<ClientInspectionEvent>(fail),
      redial: this.#redialWhenTold(),
      chroot: new Chroot(place.chroot),
      session: undefined,
      auth: [],
      sessionTimeoutMs: setup.sessionTimeoutMs,
      connectTimeoutMs: setup.sessionTimeoutMs,
      maxRequestBytes: setup.isNarrow ? NARROW_REQUEST_BYTES : MIB,
      canBeReadOnly: false,
      expiresLocally: setup.expiresLocally,
      maxDataBytes: MIB,
      maxMultiOps: 1_000,
      maxPendingRequests: setup.isNarrow ? NARROW_PENDING_REQUESTS : 100_000,
      failed: fail,
      ended: () => undefined,
    })
    this.zk = zk
    // Whether it ever gets in shows in its state.
    cnxn.start().catch(() => undefined)
  }

  /** Whether its session is one of the server that there is now, as far as it knows: another one may use the same id. */
  get hasSession(): boolean {
    const { sessions, epoch } = this.#around.ledger
    return this.#epoch === epoch && sessions.isAlive(this.zk.sessionId)
  }

  /** The last zxid that it has heard in a reply. */
  get repliedZxid(): number {
    return this.#repliedZxid
  }

  /** The last zxid that it knows of in any way; infinite after an event that does not say. */
  get seenZxid(): number {
    return this.#seenZxid
  }

  /** Dials that were refused. */
  get refused(): number {
    return this.#refused
  }

  /** The connection that it uses, or used last. */
  get wire(): Connection {
    const wire = this.#wires.at(-1)
    if (wire === undefined) throw new Error(`${this.name} has not dialled`)
    return wire
  }

  /** Whether it waits to be told to dial again. */
  get wantsToDial(): boolean {
    return this.#dial !== undefined
  }

  /** Connections that it has given up, and from which the server can still hear. */
  get formerWires(): readonly Connection[] {
    return this.#wires.slice(0, -1).filter((wire) => !wire.isSpent)
  }

  /** Dials again, if it wants to. */
  redial(): void {
    const dial = this.#dial
    this.#dial = undefined
    dial?.()
  }

  /** The next dials are refused. */
  refuse(times: number): void {
    this.#refusals = times
  }

  /** Hears so much of what is on its way. */
  hear(bytes?: number): void {
    const { wire, zk } = this
    if (wire.heardBytes > 0) this.#around.ledger.sessions.read(zk.sessionId)
    wire.hear(bytes)
  }

  #redialWhenTold(): Redial {
    return {
      schedule: (dial) => {
        this.#dial = dial
      },
      connected: () => undefined,
      cancel: () => {
        this.#dial = undefined
      },
    }
  }

  #open(told: ClientEvents): ClientEnd {
    const { host, ledger } = this.#around
    const name = `${this.name} on connection ${this.#wires.length + 1}`
    const events = this.#listen(told, ledger.epoch)
    const wire = this.#isLocal
      ? new LocalLink(name, host.attach, events, this.#surroundings())
      : this.#dialOverBytes(name, events)
    this.#wires.push(wire)
    if (!wire.isOverForServer) host.join(wire)
    return wire.clientEnd
  }

  #dialOverBytes(name: string, events: ClientEvents): Wire {
    const { host, clock, scheduler } = this.#around
    const isRefused = this.#refusals > 0
    if (isRefused) {
      this.#refusals -= 1
      this.#refused += 1
    }
    const parts = { clock, scheduler, dialTimeoutMs: DIAL_TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES }
    return new Wire(name, isRefused ? undefined : host, events, { ...this.#surroundings(), parts })
  }

  #surroundings(): CnxnSurroundings {
    const { ledger } = this.#around
    return {
      isLocked: (path) => ledger.isLocked(path),
      fault: (what) => ledger.fault(what),
      findFaultOfReply: (...reply) => ledger.findFaultOfReply(...reply),
      hasClaimedBefore: () => this.#wires.slice(0, -1).some(({ log }) => log.hasClaimed),
      accepted: (log) => {
        if (this.#isLocal && log.sessionId !== undefined) ledger.sessions.vouchFor(log.sessionId)
        this.#forbidFormerWords(log)
      },
    }
  }

  #listen(told: ClientEvents, epoch: number): ClientEvents {
    return {
      connected: (response) => {
        this.#epoch = epoch
        told.connected(response)
      },
      reply: (reply) => {
        this.#repliedZxid = Math.max(this.#repliedZxid, reply.zxid)
        // What was caught up with before is not newer than this.
        if (reply.zxid > 0) this.#seenZxid = this.#repliedZxid
        told.reply(reply)
      },
      notify: (event) => {
        this.#seenZxid = event.zxid < 0 ? Number.POSITIVE_INFINITY : Math.max(this.#seenZxid, event.zxid)
        this.#listener.arrived(event)
        told.notify(event)
      },
      disconnected: (why) => told.disconnected(why),
    }
  }

  /** S7: the session has moved; what the wires that had it before still carry must have no effect. */
  #forbidFormerWords(log: CnxnLog): void {
    for (const wire of this.#wires)
      if (wire.log !== log && wire.log.sessionId === log.sessionId) this.#around.ledger.forbid(wire.saidText)
  }
}
