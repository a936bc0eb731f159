/**
 * A client of a WireWorld, over bytes that go over when a test lets them: piece by piece, or up to a cut at any byte. It dials again
 * when it is told to. The EventThread runs on the real event loop, everything else by hand.
 */
import { EventLoopScheduler } from '../../src/base/scheduler.js'
import { Turn } from '../../src/base/turn.js'
import { Chroot } from '../../src/client/chroot.js'
import type { Redial } from '../../src/client/redial.js'
import type { ZooKeeper } from '../../src/index.js'
import { CnxnMeter } from '../../src/transport/cnxn-meter.js'
import type { ClientEnd, ClientEvents, Dialer } from '../../src/transport/transport.js'
import { WireClientEnd } from '../../src/transport/wire-client-end.js'
import { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { startScript } from '../client/scripted-server.js'
import { recordEvents } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { FakeLink, type WireWorld } from '../transport/fake-link.js'

/** The real event loop, where no turn is too long: how fast the machine is must not decide what happens. */
class TimelessScheduler extends EventLoopScheduler {
  override elapsedMs(): number {
    return 0
  }
}

const MAX_REPLY_BYTES = 64 * 1_048_576
const QUIET_TURNS = 3

/** Both ends of one connection, and the bytes between them. */
class Wire {
  readonly client: WireClientEnd
  readonly #near = new FakeLink()
  readonly #far = new FakeLink()
  readonly #server: WireServerEnd
  #toClient = new Uint8Array(0)
  #isCut = false

  constructor(world: WireWorld, events: ClientEvents) {
    const { clock, scheduler, latency, zoo, parts } = world
    const shared = { clock, scheduler, dialTimeoutMs: 60_000, maxReplyBytes: MAX_REPLY_BYTES }
    this.client = new WireClientEnd(() => this.#near, events, 'zk:1', shared)
    const meter = new CnxnMeter(clock.nowMs(), latency)
    this.#server = new WireServerEnd(this.#far, (end) => zoo.attach(end), meter, parts)
    this.client.opened()
  }

  /** True once it is broken, or one side has ended it and the other can know. */
  get isCut(): boolean {
    this.#collect()
    const isEnded = this.#far.log.some((what) => what === 'end' || what === 'destroy')
    if (this.#near.log.includes('destroy') || (isEnded && this.#toClient.length === 0)) this.cut()
    return this.#isCut
  }

  /** Bytes that the server has sent and the client has not got. */
  get waiting(): number {
    this.#collect()
    return this.#toClient.length
  }

  /** Bytes of the next frame for the client, its length included; 0 if there is none. */
  get nextFrameBytes(): number {
    this.#collect()
    const { buffer, byteOffset, length } = this.#toClient
    return length < 4 ? 0 : 4 + new DataView(buffer, byteOffset).getInt32(0)
  }

  /** Whether the client has said something that the server has not got. */
  get isSaying(): boolean {
    return this.#near.unsentBytes > 0
  }

  /** Hands over what the client has sent; true if there was something. */
  toServer(): boolean {
    this.#near.send()
    const chunks = this.#near.takeLeft()
    for (const chunk of chunks) this.#server.received(chunk)
    if (this.#near.log.includes('destroy')) this.cut()
    return chunks.length > 0
  }

  /** Hands over up to so many bytes of what the server has sent; true if there was something. */
  toClient(count: number = Number.POSITIVE_INFINITY): boolean {
    this.#collect()
    const chunk = this.#toClient.slice(0, count)
    this.#toClient = this.#toClient.slice(chunk.length)
    if (chunk.length > 0) this.client.received(chunk)
    const isOver = this.#far.log.some((what) => what === 'end' || what === 'destroy')
    if (isOver && this.#toClient.length === 0) this.cut()
    return chunk.length > 0
  }

  /** Breaks; both sides learn of it. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#server.closed()
    this.client.closed()
  }

  #collect(): void {
    this.#far.send()
    for (const bytes of this.#far.takeLeft()) {
      const all = new Uint8Array(this.#toClient.length + bytes.length)
      all.set(this.#toClient)
      all.set(bytes, this.#toClient.length)
      this.#toClient = all
    }
  }
}

/** A client over bytes. */
export class WiredClient {
  readonly zk: ZooKeeper
  /** What its default watcher heard. */
  readonly events: readonly string[]
  readonly #world: WireWorld
  readonly #wires: Wire[] = []
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
    return this.#wire.waiting
  }

  /** Bytes of the next frame that waits for it; 0 if none does. */
  get nextFrameBytes(): number {
    return this.#wire.nextFrameBytes
  }

  /** Whether it has said something that the server has not got. */
  get isSaying(): boolean {
    return !this.#wire.isCut && this.#wire.isSaying
  }

  get isCut(): boolean {
    return this.#wire.isCut
  }

  /** Lets what it has said reach the server, at once: nothing runs in between. */
  say(): void {
    this.#wire.toServer()
  }

  /** Lets its requests reach the server and be served; nothing comes back yet. */
  async serve(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      this.#world.settle()
      quiet = this.#wire.toServer() ? 0 : quiet + 1
      await macrotask()
    }
  }

  /** Lets so many bytes come back, at once: nothing runs in between. */
  hear(count?: number): void {
    this.#world.settle()
    this.#wire.toClient(count)
  }

  /** Lets everything go over, both ways, until nothing moves. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      this.#world.settle()
      const moves = [this.#wire.toServer(), this.#wire.toClient()]
      quiet = moves.includes(true) ? 0 : quiet + 1
      await macrotask()
    }
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
    const wire = new Wire(this.#world, told)
    this.#wires.push(wire)
    return wire.client
  }
}
