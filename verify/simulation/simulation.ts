/**
 * Simulation: a server and several clients over bytes, on virtual time, where nothing happens but what a list of actions says. After
 * the actions all is healed, and has to come to rest in a state that every client knows: safety first, then liveness. A9: a client may
 * live in the process of the server, next to those that do not; whatever is looked at in one is looked at in all.
 */
import { setImmediate } from 'node:timers/promises'
import { Turn } from '../../src/client/turn.js'
import type { ZnodeReport } from '../../src/index.js'
import type { TxnApplied } from '../../src/server/inspection.js'
import { VirtualClock } from '../../src/testing/index.js'
import { brokenInServer } from '../../test/property/invariants.js'
import { connectRaw, create, setData } from '../../test/semantics/fixture.js'
import type { Action, Setup } from './action.js'
import { act, BASE } from './deeds.js'
import { Host } from './host.js'
import { Ledger } from './ledger.js'
import { Party } from './party.js'
import { TickScheduler } from './tick-scheduler.js'
import { brokenEvents, triggersOf } from './triggers.js'
import { catchUncaught } from './uncaught.js'
import { ABANDONED } from './wishes.js'
import { Witness } from './witness.js'

/** What a run has shown. */
export interface Outcome {
  readonly faults: readonly string[]
  /** What the clients saw, line by line: the same for the same actions. */
  readonly trace: readonly string[]
  /** How often each kind of action had something to do, and what came of it. */
  readonly done: ReadonlyMap<string, number>
  readonly virtualMs: number
  /** What the server did, in order. */
  readonly txns: readonly TxnApplied[]
  /** What is there in the end. */
  readonly znodes: readonly ZnodeReport[]
}

const ACTIONS_BETWEEN_LOOKS = 100
/** For so long nobody does anything, in so many steps a timeout. */
const IDLE_TIMEOUTS = 3
const IDLE_STEPS = 6
/** Of virtual time, within which all has to be well once nothing breaks any more. */
const HEALING_TIMEOUTS = 3
const HEALING_STEP_MS = 2_000
const MOST_QUIET_ROUNDS = 200
const DIALLING_ROUNDS = 10
const TOUCHED = ['/a', '/b', '/a/x', '/a/y', '/s'] as const

/** Runs the actions, heals, and looks whether all promises were kept. */
export async function simulate(setup: Setup, actions: readonly Action[]): Promise<Outcome> {
  // A run takes no turn of the event loop otherwise.
  await setImmediate()
  const run = new Simulation(setup)
  const stopCatching = catchUncaught((what) => run.ledger.fault(`nobody caught ${what}`))
  try {
    await run.begin()
    for (const action of actions) await run.act(action)
    await run.heal()
  } catch (error) {
    run.ledger.fault(`something broke: ${error}`)
  }
  // What nobody has caught is told within a turn.
  await setImmediate()
  stopCatching()
  return run.outcome()
}

/** One run, action by action. */
export class Simulation {
  readonly setup: Setup
  readonly clock: VirtualClock = new VirtualClock()
  readonly scheduler: TickScheduler
  readonly ledger: Ledger
  readonly host: Host
  readonly #turn: Turn
  readonly #parties: Party[] = []
  /** Clients whose sessions are over. */
  readonly #former: Party[] = []
  readonly #trace: string[] = []
  readonly #done = new Map<string, number>()
  #acted = 0
  #born = 0

  /** A test may give another scheduler, one that does not do as it should. */
  constructor(setup: Setup, scheduler: TickScheduler = new TickScheduler()) {
    this.setup = setup
    this.scheduler = scheduler
    this.#turn = new Turn(scheduler)
    const { clock } = this
    clock.join({ settle: () => scheduler.rest() })
    this.ledger = new Ledger(
      () => clock.monotonicMs(),
      (zxid, txn) => this.#checkEvents(zxid, triggersOf(txn)),
    )
    this.host = new Host({ clock, scheduler, ledger: this.ledger, setup })
  }

  /** The clients that live. */
  get parties(): readonly Party[] {
    return this.#parties
  }

  async begin(): Promise<void> {
    this.writeAsRoot(BASE.map((path) => create(path)))
    for (let i = 0; i < this.setup.clients; i++) this.#parties.push(this.#newcomer(i))
    await this.rest()
    for (const party of this.#parties) {
      // The handshake, what they want to know, and whether there will be what they have not found.
      for (let i = 0; i < 3; i++) await this.#exchange(party)
    }
  }

  /** Does it, if there is anything to do, and lets everybody do what follows without anything new arriving. */
  async act(action: Action): Promise<void> {
    const what = await act(this, action)
    if (what === undefined) return
    this.count(what)
    await this.rest()
    this.#look()
    await this.#replaceTheDead()
  }

  /** Nothing breaks any more: everybody comes back and hears everything; then each znode is touched once. */
  async heal(): Promise<void> {
    await this.#recover()
    this.#check('at rest')
    await this.#idle()
    this.writeAsRoot(TOUCHED.flatMap((path) => [create(path), setData(path)]))
    // What comes to be can take more watches than its absence did.
    await this.#recover()
    this.#check('after a touch of every znode')
  }

  outcome(): Outcome {
    const all = [...this.#former, ...this.#parties]
    const done = new Map(this.#done)
    const { slow, bad } = this.host.closings
    const sums: [string, number][] = [
      ['closed: slow reader', slow],
      ['closed: bad frame', bad],
      ['expiry', this.ledger.sessions.expired],
      ...all.flatMap(({ witness }) => [...witness.counts]),
      ...all.map(({ client }): [string, number] => ['refused dial', client.refused]),
    ]
    for (const [what, times] of sums) if (times > 0) done.set(what, (done.get(what) ?? 0) + times)
    const faults = [...this.ledger.faults(), ...all.flatMap(({ faults: own }) => own)]
    const { txns } = this.ledger
    const znodes = this.host.zoo.reports.znodes()
    return { faults, trace: this.#trace, done, virtualMs: this.clock.monotonicMs(), txns, znodes }
  }

  /** Something was done, or has come of it. */
  count(what: string): void {
    this.#done.set(what, (this.#done.get(what) ?? 0) + 1)
  }

  /** Requests of somebody who is next to the server, and is not looked at any further. */
  writeAsRoot(requests: readonly Parameters<ReturnType<typeof connectRaw>['ask']>[0][]): void {
    const root = connectRaw(this.host.zoo)
    for (const request of requests) root.ask(request)
    root.ask({ type: 'closeSession' })
  }

  /** Lets everybody do what can be done without hearing anything new. */
  async rest(): Promise<void> {
    do await this.scheduler.rest()
    while (this.host.swallow())
  }

  /** Lets time pass, in which nothing arrives anywhere. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
    await this.rest()
  }

  /** What has to hold after each action. */
  #look(): void {
    this.ledger.sessions.findOverdue()
    for (const party of this.#parties) party.checkDelivered()
    if (++this.#acted % ACTIONS_BETWEEN_LOOKS === 0) this.#checkServer('on the way')
  }

  #checkEvents(zxid: number, triggers: ReturnType<typeof triggersOf>): void {
    const isLocked = (path: string): boolean => this.ledger.isLocked(path)
    for (const log of this.host.logs) {
      if (!log.isBound) continue
      for (const what of brokenEvents(log, zxid, triggers, log.hasClaimed ? isOpen : isLocked))
        this.ledger.fault(what)
    }
    for (const { streams } of this.#parties)
      if (!streams.isEmpty)
        for (const trigger of triggers) if (!isLocked(trigger.path)) streams.happened(trigger, zxid)
  }

  /** Until everybody is well, or the time for that is up. */
  async #recover(): Promise<void> {
    const untilMs =
      this.clock.monotonicMs() + Math.max(this.setup.sessionTimeoutMs, 30_000) * HEALING_TIMEOUTS
    await this.#quiet()
    while (this.#unwell().length > 0 && this.clock.monotonicMs() < untilMs) {
      for (const party of this.#parties) if (party.isStarved) party.unburden()
      await this.#quiet()
      for (const party of this.#parties) party.revive()
      await this.#quiet()
      if (this.#unwell().length > 0) await this.pass(HEALING_STEP_MS)
    }
  }

  /** Nobody wants anything, and the network works: pings alone have to keep every connection and every session. */
  async #idle(): Promise<void> {
    const before = this.#parties.map((party) => ({ party, wire: party.client.wire }))
    for (let step = 0; step < IDLE_TIMEOUTS * IDLE_STEPS; step++) {
      await this.pass(this.setup.sessionTimeoutMs / IDLE_STEPS)
      await this.#quiet()
    }
    // A watcher may have closed its client: somebody else's session that expires meanwhile has events.
    for (const { party, wire } of before)
      if (party.client.wire !== wire || party.hasExpired)
        this.ledger.fault(`S5: ${party.name} has lost its connection, though nothing was wrong with it`)
  }

  /** Everything that can go over does, until nothing moves. */
  async #quiet(): Promise<void> {
    await this.rest()
    for (let round = 0; round < MOST_QUIET_ROUNDS; round++) {
      let moves = 0
      for (const { client } of this.#parties) {
        client.refuse(0)
        // Who is turned away again and again tries later.
        if (client.wantsToDial && round < DIALLING_ROUNDS) {
          client.redial()
          moves += 1
        }
        for (const wire of [client.wire, ...client.formerWires]) {
          if (wire.canSay || wire.canHear) moves += 1
          wire.say()
        }
        client.hear()
      }
      await this.rest()
      this.#look()
      const isTooLate = round >= DIALLING_ROUNDS
      if (moves === 0 && (isTooLate || !(await this.#replaceTheDead()))) return
    }
    this.ledger.fault('the clients and the server do not come to rest')
  }

  #unwell(): string[] {
    const unwell: string[] = []
    for (const { name, zk, pending, isStarved, client } of this.#parties) {
      if (client.wire.isHalfOpen) unwell.push(`${name} has not noticed that its connection carries nothing`)
      if (zk.state !== 'CONNECTED') unwell.push(`${name} is ${zk.state}`)
      if (pending > 0) unwell.push(`${name} still waits for ${pending} answers`)
      if (isStarved) unwell.push(`${name} is kept from watching`)
    }
    for (const { name, pending } of this.#former)
      if (pending > 0) unwell.push(`${name}, whose session is over, still waits for ${pending} answers`)
    return unwell
  }

  #check(when: string): void {
    for (const what of this.#unwell()) this.ledger.fault(`${what}, ${when}`)
    const znodes = this.host.zoo.reports.znodes()
    for (const what of this.ledger.findTreeFaults(znodes)) this.ledger.fault(`${what}, ${when}`)
    const stats = new Map(znodes.map(({ path, stat }) => [path, stat]))
    const watches = this.host.zoo.reports.watchesBySession()
    for (const party of this.#parties) {
      const own = watches.get(party.zk.sessionId) ?? []
      const missed = [...party.findMissed(stats), ...party.findUnwatched(own)]
      for (const what of missed) this.ledger.fault(`W1: ${what}, ${when}`)
      if (!party.mayWatchAbandoned && own.some(({ path }) => path.endsWith(ABANDONED)))
        this.ledger.fault(`W10: the watch of an aborted read of ${party.name} is kept, ${when}`)
    }
    this.#checkServer(when)
  }

  #checkServer(when: string): void {
    for (const what of brokenInServer(this.host.zoo.reports)) this.ledger.fault(`W10: ${what}, ${when}`)
  }

  #newcomer(place: number): Party {
    const { setup, clock, scheduler, ledger, host } = this
    const chroot = setup.hasChroot && place === setup.clients - 1 ? '/a' : ''
    const isLocal = setup.hasLocal && place === 0
    const witness = new Witness(`c${++this.#born}`, (line) => this.#trace.push(line))
    return new Party(
      { chroot, isLocal },
      { host, ledger, clock, scheduler, turn: this.#turn, setup },
      witness,
    )
  }

  /** What a client has said goes over, and then what it is told. */
  async #exchange({ client }: Party): Promise<void> {
    client.wire.say()
    await this.rest()
    client.hear()
    await this.rest()
  }

  /** A client that is over is followed by another one, as a program would do it. True if there was one. */
  async #replaceTheDead(): Promise<boolean> {
    let hasReplaced = false
    for (const [i, party] of this.#parties.entries()) {
      if (!party.isOver) continue
      hasReplaced = true
      this.#former.push(party)
      this.#parties[i] = this.#newcomer(i)
      await this.rest()
    }
    return hasReplaced
  }
}

/** Nothing is withheld. */
function isOpen(): boolean {
  return false
}
