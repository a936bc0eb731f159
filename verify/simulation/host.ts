/**
 * Host: the machine that the server runs on: one process after the other, each with a server in it, which can stand still or die.
 * The ledger hears of everything that any of them does.
 */
import { isDeepStrictEqual } from 'node:util'
import { EmbeddedZooKeeper, type ServerEnd, type Snapshot } from '../../src/index.js'
import { ReadingMemory } from '../../src/protocol/reading-memory.js'
import type { VirtualClock } from '../../src/testing/index.js'
import type { ByteLink } from '../../src/transport/byte-link.js'
import { CnxnMeter, Latency } from '../../src/transport/cnxn-meter.js'
import type { Intake } from '../../src/transport/transport.js'
import { TurnTaker } from '../../src/transport/turn-taker.js'
import { UnsentTotal } from '../../src/transport/unsent.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../../src/transport/wire-limits.js'
import { WireServerEnd, type WireServerParts } from '../../src/transport/wire-server-end.js'
import { countingBytes } from '../../test/semantics/fixture.js'
import type { Setup } from './action.js'
import type { CnxnLog } from './cnxn-log.js'
import type { HostedCnxn } from './connection.js'
import type { Ledger, LedgerMark } from './ledger.js'
import { ProcessClock } from './process-clock.js'
import { TICK_MS } from './session-book.js'
import type { TickScheduler } from './tick-scheduler.js'
import type { WireHost } from './wire.js'

/** Bounds so narrow that they are met. */
const NARROW_LIMITS = {
  maxWatchesPerSession: 16,
  maxSessions: 12,
} as const
/** The same for what connections carry. */
const NARROW_WIRE_LIMITS: Partial<WireLimits> = {
  maxFrameBytes: 4_096,
  maxUnsentReplyBytes: 600,
  slowReaderBytes: 1_200,
  slowReaderMs: 5_000,
  maxUnsentBytes: 2_400,
}

/** What a host is made of. */
export interface HostParts {
  readonly clock: VirtualClock
  readonly scheduler: TickScheduler
  readonly ledger: Ledger
  readonly setup: Setup
}

/** A state that was put away. */
interface PutAway {
  readonly snapshot: Snapshot
  readonly state: unknown
  readonly mark: LedgerMark
}

interface ServerProcess {
  readonly zoo: EmbeddedZooKeeper
  readonly clock: ProcessClock
  readonly parts: WireServerParts
  readonly stopListening: () => void
}

/** The machine. */
export class Host implements WireHost {
  readonly #parts: HostParts
  readonly #cnxns = new Set<HostedCnxn>()
  readonly #latency = new Latency()
  readonly #randomBytes = countingBytes()
  readonly #meters: CnxnMeter[] = []
  #process: ServerProcess
  #putAway: PutAway | undefined

  constructor(parts: HostParts) {
    this.#parts = parts
    this.#process = this.#boot(undefined)
  }

  get zoo(): EmbeddedZooKeeper {
    return this.#process.zoo
  }

  get clock(): ProcessClock {
    return this.#process.clock
  }

  /** Connections that were closed because nobody read, and because nobody spoke the protocol. */
  get closings(): { readonly slow: number; readonly bad: number } {
    const count = (isSo: (meter: CnxnMeter) => boolean): number => this.#meters.filter(isSo).length
    return { slow: count(({ isSlow }) => isSlow), bad: count(({ isBad }) => isBad) }
  }

  accept(link: ByteLink, tap: (end: ServerEnd, attach: (end: ServerEnd) => Intake) => Intake): WireServerEnd {
    const { zoo, parts, clock } = this.#process
    const meter = new CnxnMeter(clock.nowMs(), this.#latency)
    this.#meters.push(meter)
    return new WireServerEnd(link, (end) => tap(end, (tapped) => zoo.attach(tapped)), meter, parts)
  }

  /** Takes in a connection from within the process. */
  readonly attach = (end: ServerEnd): Intake => this.#process.zoo.attach(end)

  /** This connection leads here. */
  join(cnxn: HostedCnxn): void {
    this.#cnxns.add(cnxn)
  }

  /** What the connections that lead here have carried. */
  get logs(): readonly CnxnLog[] {
    return Array.from(this.#cnxns, ({ log }) => log)
  }

  /** Takes what nobody will ever hear. True if there was something. */
  swallow(): boolean {
    let hasSwallowed = false
    for (const cnxn of this.#cnxns) {
      if (cnxn.isOverForServer) this.#cnxns.delete(cnxn)
      else if (cnxn.swallow()) hasSwallowed = true
    }
    return hasSwallowed
  }

  /** Whether there is a state to go back to. */
  get hasPutAway(): boolean {
    return this.#putAway !== undefined
  }

  /** Keeps the state for later. */
  putAway(): void {
    this.#putAway = { ...this.#copyState(), mark: this.#parts.ledger.mark() }
  }

  /** The process dies, with all its connections, and another one begins. To go back there has to be something put away. */
  restart(state: 'kept' | 'lost' | 'older'): void {
    const { zoo, clock, stopListening } = this.#process
    if (state === 'lost') this.#putAway = undefined
    const older = state === 'older' ? this.#putAway : undefined
    const kept = older ?? (state === 'kept' ? this.#copyState() : undefined)
    stopListening()
    clock.die()
    for (const cnxn of this.#cnxns) cnxn.serverDied()
    this.#cnxns.clear()
    void zoo.close()
    this.#process = this.#boot(kept?.snapshot, older?.mark)
    if (kept !== undefined && !isDeepStrictEqual(stateOf(this.zoo), kept.state))
      this.#parts.ledger.fault('T2: a restart with its state has lost some of it')
  }

  #copyState(): { readonly snapshot: Snapshot; readonly state: unknown } {
    const { zoo } = this.#process
    // A snapshot is data that survives this, as if it had been to a disk.
    return { snapshot: structuredClone(zoo.snapshot()), state: stateOf(zoo) }
  }

  #boot(snapshot: Snapshot | undefined, mark?: LedgerMark): ServerProcess {
    const { scheduler, ledger, setup } = this.#parts
    const clock = new ProcessClock(this.#parts.clock)
    const limits = setup.isNarrow ? NARROW_LIMITS : {}
    const randomBytes = this.#randomBytes
    const zoo = new EmbeddedZooKeeper({
      clock,
      scheduler,
      randomBytes,
      limits,
      snapshot,
      tickTimeMs: TICK_MS,
    })
    zoo.on('watcherError', (error) => ledger.fault(`the server: ${error}`))
    ledger.booted(snapshot, mark)
    const stopListening = zoo.inspect((event) => ledger.inspect(event))
    const complete = { ...DEFAULT_WIRE_LIMITS, ...(setup.isNarrow ? NARROW_WIRE_LIMITS : {}) }
    const parts = {
      clock,
      limits: complete,
      turns: new TurnTaker(scheduler),
      unsent: new UnsentTotal(complete.maxTotalUnsentBytes),
      memory: new ReadingMemory(),
    }
    return { zoo, clock, parts, stopListening }
  }
}

/** What a restart with its state must not change; connections are not part of it. */
function stateOf(zoo: EmbeddedZooKeeper): unknown {
  const sessions = zoo.reports
    .sessions()
    .map(({ id, timeoutMs, ephemerals }) => ({ id, timeoutMs, ephemerals }))
  return { znodes: zoo.reports.znodes(), sessions, data: zoo.dump(), zxid: zoo.reports.counts().zxid }
}
