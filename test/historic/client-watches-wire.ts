/**
 * A client of a WireWorld, over the wires of the simulation, which carry bytes when a test lets them: piece by piece, or up to a cut at
 * any byte. It dials again when it is told to. The EventThread runs on the real event loop, everything else by hand.
 */
import { EventLoopScheduler } from '../../src/base/scheduler.js'
import { Chroot } from '../../src/client/chroot.js'
import type { Redial } from '../../src/client/redial.js'
import { Turn } from '../../src/client/turn.js'
import type { ZooKeeper } from '../../src/index.js'
import { CnxnMeter } from '../../src/transport/cnxn-meter.js'
import type { ClientEnd, ClientEvents, Dialer } from '../../src/transport/transport.js'
import { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { Wire, type WireHost } from '../../verify/simulation/wire.js'
import { startScript } from '../client/scripted-server.js'
import { recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import type { WireWorld } from '../transport/fake-link.js'

/** The real event loop, where no turn is too long: how fast the machine is must not decide what happens. */
class TimelessScheduler extends EventLoopScheduler {
  override elapsedMs(): number {
    return 0
  }
}

const MAX_REPLY_BYTES = 64 * 1_048_576
const QUIET_TURNS = 3
const DIAL_TIMEOUT_MS = 60_000

/** A client over bytes. */
export class WiredClient {
  readonly zk: ZooKeeper
  /** What its default watcher heard. */
  readonly events: readonly string[]
  readonly #world: WireWorld
  readonly #wires: Wire[] = []
  readonly #faults: string[] = []
  readonly #started: Promise<void>
  #dial: (() => void) | undefined

  private constructor(world: WireWorld, chroot: string) {
    this.#world = world
    const redial: Redial = {
      schedule: (dial) => {
        this.#dial = dial
      },
      connected: () => undefined,
      cancel: () => undefined,
    }
    const { events, watcher } = recordEvents()
    const dialer: Dialer = { dial: (told) => this.#open(told) }
    const scheduler = new TimelessScheduler()
    const turn = new Turn(scheduler)
    const parts = {
      scheduler,
      turn,
      clock: world.clock,
      chroot: new Chroot(chroot),
      maxPendingRequests: 100_000,
    }
    const { zk, started } = startScript({ ...parts, dialer, redial, watcher })
    this.zk = zk
    this.events = events
    this.#started = started
  }

  /** A client with a session. */
  static async connect(world: WireWorld, chroot = ''): Promise<WiredClient> {
    const client = new WiredClient(world, chroot)
    await client.settle()
    await client.#started
    return client
  }

  /** How often it has dialled. */
  get dials(): number {
    return this.#wires.length
  }

  /** Bytes that wait for it. */
  get waiting(): number {
    return this.#wire.heardBytes
  }

  /** Bytes of the next frame that waits for it; 0 if none does. */
  get nextFrameBytes(): number {
    return this.#wire.nextFrameBytes
  }

  /** Whether it has said something that the server has not got. */
  get isSaying(): boolean {
    return this.#wire.canSay
  }

  get isCut(): boolean {
    return this.#wire.isOverForClient
  }

  /** Lets what it has said reach the server, at once: nothing runs in between. */
  say(): void {
    this.#wire.say()
  }

  /** Lets its requests reach the server and be served; nothing comes back yet. */
  async serve(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      this.#world.settle()
      quiet = this.#wire.canSay ? 0 : quiet + 1
      this.#wire.say()
      await macrotask()
    }
  }

  /** Lets so many bytes come back, at once: nothing runs in between. */
  hear(count?: number): void {
    this.#world.settle()
    this.#wire.hear(count)
  }

  /** Lets everything go over, both ways, until nothing moves. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      this.#world.settle()
      const wire = this.#wire
      quiet = wire.canSay || wire.canHear ? 0 : quiet + 1
      wire.say()
      wire.hear()
      await macrotask()
    }
    if (this.#faults.length > 0) throw new Error(this.#faults.join('; '))
  }

  /** Breaks the connection: what has not been heard is lost. */
  cut(): void {
    this.#wire.cut()
  }

  /** Dials again, if it wants to. */
  redial(): void {
    this.#dial?.()
    this.#dial = undefined
  }

  /** Breaks the connection, dials again, and lets everything come to rest. */
  async reconnect(): Promise<void> {
    this.cut()
    this.redial()
    await this.settle()
  }

  get #wire(): Wire {
    const wire = this.#wires.at(-1)
    if (wire === undefined) throw new Error('the client has not dialled')
    return wire
  }

  #open(told: ClientEvents): ClientEnd {
    const { clock, scheduler } = this.#world
    const wire = new Wire(`connection ${this.#wires.length + 1}`, hostOf(this.#world), told, {
      parts: { clock, scheduler, dialTimeoutMs: DIAL_TIMEOUT_MS, maxReplyBytes: MAX_REPLY_BYTES },
      isLocked: () => false,
      hasClaimedBefore: () => this.#wires.some(({ log }) => log.hasClaimed),
      findFaultOfReply: () => undefined,
      accepted: () => undefined,
      // A server like 3.8 gives no event a zxid.
      fault: (what) => what.includes('has no zxid') || this.#faults.push(what),
    })
    this.#wires.push(wire)
    return wire.clientEnd
  }
}

/** The server of a world, for wires. */
function hostOf({ clock, latency, zoo, parts }: WireWorld): WireHost {
  return {
    accept: (link, tap) => {
      const meter = new CnxnMeter(clock.nowMs(), latency)
      return new WireServerEnd(link, (end) => tap(end, (tapped) => zoo.attach(tapped)), meter, parts)
    },
  }
}
