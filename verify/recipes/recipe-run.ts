/**
 * RecipeRun: one server on virtual time, and several parties that do something together with one recipe, under a list of actions.
 * Then nothing breaks any more: everybody has to be served or told (R4), and nothing may be left (R6).
 */
import { setImmediate } from 'node:timers/promises'
import { EmbeddedZooKeeper, type ZooKeeper } from '../../src/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { Random } from '../random.js'
import { TickScheduler } from '../simulation/tick-scheduler.js'
import { catchUncaught } from '../simulation/uncaught.js'
import { type Action, type Plan, ROOT, type Setup } from './action.js'
import type { Game } from './game.js'
import { GAMES } from './games.js'
import { Party } from './party.js'
import { Truth } from './truth.js'

/** What a run has shown. */
export interface Outcome {
  readonly faults: readonly string[]
  /** What has happened, line by line: the same for the same plan. */
  readonly log: readonly string[]
  readonly virtualMs: number
}

/** In which what was given up is cleared away: longer than the longest pause between two tries. */
const REST_MS = 12_000
const REST_STEP_MS = 2_000
/** Within so many steps all has to come to its end. */
const HEAL_STEP_MS = 500
const MOST_STEPS = 400
const LEAST_STEPS = 28
const SHOWN_FAULTS = 20
const NO_PARTY = -1

/** Does what the plan says, heals, and looks whether all that was promised is so. */
export async function runPlan({ setup, actions }: Plan): Promise<Outcome> {
  const run = new RecipeRun(setup)
  const stopCatching = catchUncaught((what) => run.fault(`nobody caught ${what}`))
  try {
    await run.begin()
    for (const action of actions) {
      await run.act(action)
      if (run.isBroken) break
    }
    if (!run.isBroken) await run.heal()
  } catch (error) {
    run.fault(`something broke: ${error instanceof Error ? error.stack : String(error)}`)
  }
  // What nobody has caught is told within a turn.
  await setImmediate()
  stopCatching()
  return run.outcome()
}

/** One run. */
export class RecipeRun {
  readonly #setup: Setup
  readonly #clock = new VirtualClock()
  readonly #zoo: EmbeddedZooKeeper
  readonly #parties: Party[] = []
  /** Their sessions are over. */
  readonly #former: Party[] = []
  readonly #faults: string[] = []
  readonly #log: string[] = []
  #admin: ZooKeeper | undefined
  #truth: Truth | undefined
  #game: Game | undefined
  #born = 0

  constructor(setup: Setup) {
    this.#setup = setup
    const scheduler = new TickScheduler()
    const random = new Random(setup.seed, 1)
    this.#zoo = new EmbeddedZooKeeper({
      clock: this.#clock,
      scheduler,
      tickTimeMs: 1_000,
      containerCheckIntervalMs: setup.containerCheckIntervalMs,
      randomBytes: (length) => Uint8Array.from({ length }, () => random.int(256)),
    })
    this.#clock.join({ settle: () => scheduler.rest() })
  }

  /** Whether something is wrong already, so that what follows says nothing. */
  get isBroken(): boolean {
    return this.#faults.length > 0
  }

  fault(what: string): void {
    if (this.#faults.length < SHOWN_FAULTS && !this.#faults.includes(what)) this.#faults.push(what)
  }

  outcome(): Outcome {
    return { faults: this.#faults, log: this.#log, virtualMs: this.#clock.monotonicMs() }
  }

  async begin(): Promise<void> {
    const [zoo, setup] = [this.#zoo, this.#setup]
    this.#admin = await zoo.connect({ sessionTimeoutMs: 20_000 })
    await this.#admin.create(ROOT)
    this.#truth = new Truth(zoo, () => this.#game?.happened?.())
    this.#game = GAMES[setup.recipe].begin({
      zoo,
      setup,
      truth: this.#truth,
      admin: this.#admin,
      fault: (what) => this.fault(what),
      say: (line) => this.#say(line),
    })
    for (const index of setup.lasting.keys()) this.#parties.push(await this.#welcome(index))
    await this.#rest(0)
  }

  /** Does it, if there is anything to do, lets everything come to rest, and looks at it. */
  async act(action: Action): Promise<void> {
    const party = this.#parties['party' in action ? action.party : NO_PARTY]
    const hasActed = await this.#do(action, party)
    if (!hasActed) return
    await this.#rest(action.do === 'pass' ? action.ms : 0)
    for (const each of this.#parties) each.gate.shut()
    if (action.do === 'go everywhere') this.#setGates(false)
    await this.#replaceTheDead()
    this.#look()
  }

  /** Nothing breaks any more. */
  async heal(): Promise<void> {
    this.#say('nothing breaks any more')
    const game = this.#playing
    for (let step = 0; step < MOST_STEPS; step++) {
      this.#mendAll()
      for (const party of this.#parties) game.calm(party)
      await this.#rest(HEAL_STEP_MS)
      await this.#replaceTheDead()
      this.#look()
      if (this.isBroken || (step >= LEAST_STEPS && this.#waiting().length === 0)) break
    }
    for (const what of this.#waiting()) this.fault(`R4: nothing breaks any more, and ${what}`)
    game.rested?.()
    game.finish()
    if (this.isBroken) return
    for (const party of this.#parties) await this.#close(party)
    await this.#rest(REST_MS)
    this.#checkLeftovers(() => true)
    for (const path of this.#findStrays()) this.fault(`R6: ${path} is left when all have ended`)
    await this.#end()
  }

  async #end(): Promise<void> {
    const closing = this.#zoo.close()
    await this.#rest(0)
    await closing
    if (this.#clock.pendingTimers > 0) this.fault(`R6: ${this.#clock.pendingTimers} timers are left`)
  }

  get #playing(): Game {
    if (this.#game === undefined) throw new Error('The run has not begun')
    return this.#game
  }

  #say(line: string): void {
    this.#log.push(`${this.#clock.monotonicMs()} ${line}`)
  }

  async #do(action: Action, party: Party | undefined): Promise<boolean> {
    if (action.do !== 'wish') this.#say(JSON.stringify(action))
    switch (action.do) {
      case 'wish':
        return party !== undefined && this.#playing.wish(party, action)
      case 'go':
        if (party === undefined || party.gate.length === 0) return false
        party.gate.let(action.calls)
        return true
      case 'go everywhere':
        this.#setGates(true)
        return true
      case 'abort':
        return party?.abort() === true
      case 'delete':
        return this.#delete(action.nth)
      case 'pass':
        return true
      case 'rest':
        await this.#takeRest()
        return true
      default:
        return party !== undefined && this.#harm(action, party)
    }
  }

  async #harm(
    action: { readonly do: 'cut' | 'mend' | 'lose reply' | 'expire' | 'close' },
    party: Party,
  ): Promise<boolean> {
    const { zk } = party
    if (zk.state === 'CLOSED') return false
    switch (action.do) {
      case 'cut':
        if (party.isDown) return false
        party.isDown = true
        this.#zoo.disconnect(zk)
        return true
      case 'mend':
        return this.#mend(party)
      case 'lose reply':
        this.#zoo.loseNextReply(zk)
        return true
      case 'expire':
        if (!this.#zoo.reports.sessions().some(({ id }) => id === zk.sessionId)) return false
        this.#zoo.expire(zk)
        return true
      case 'close': {
        const closing = party.close()
        await this.#rest(10_000)
        await closing
        return true
      }
    }
  }

  #mend(party: Party): boolean {
    if (!party.isDown || party.zk.state === 'CLOSED') return false
    party.isDown = false
    this.#zoo.reconnect(party.zk)
    return true
  }

  #mendAll(): void {
    this.#setGates(true)
    for (const party of this.#parties) this.#mend(party)
  }

  #setGates(isOpen: boolean): void {
    for (const { gate } of this.#parties) {
      gate.isOpen = isOpen || !this.#setup.isGated
      if (gate.isOpen) gate.let(0)
    }
  }

  #delete(nth: number): boolean {
    const victims = this.#playing.victims()
    const path = victims[nth % victims.length]
    if (path === undefined) return false
    this.#say(`somebody deletes ${path}`)
    // It may be gone, or have children.
    this.#admin?.delete(path).catch(() => undefined)
    return true
  }

  /** Everybody is connected for a while; what is not in use must be gone then, and what is shown be so. */
  async #takeRest(): Promise<void> {
    this.#mendAll()
    for (let ms = 0; ms < REST_MS; ms += REST_STEP_MS) {
      await this.#rest(REST_STEP_MS)
      await this.#replaceTheDead()
      this.#mendAll()
    }
    this.#look()
    this.#playing.rested?.()
    this.#checkLeftovers((party) => party.pending.length === 0 && this.#playing.isIdle(party))
    this.#setGates(false)
  }

  #look(): void {
    for (const party of [...this.#parties, ...this.#former]) party.look()
    this.#playing.look()
  }

  #waiting(): string[] {
    const unfinished = this.#playing.unfinished?.() ?? []
    return [...this.#former, ...this.#parties]
      .flatMap(({ name, pending }) => pending.map((what) => `${name} still waits to ${what}`))
      .concat(unfinished)
  }

  #checkLeftovers(isDue: (party: Party) => boolean): void {
    for (const party of [...this.#parties, ...this.#former])
      if (isDue(party)) for (const what of party.leftovers()) this.fault(`R6: ${party.name} has left ${what}`)
  }

  /** Znodes that nobody needs any more; parents may stay. */
  #findStrays(): string[] {
    const znodes = this.#truth?.znodes ?? new Map()
    return Array.from(znodes.values()).flatMap(({ path, kind }) =>
      kind === 'ephemeral' && !this.#playing.mayStay(path) ? [path] : [],
    )
  }

  async #close(party: Party): Promise<void> {
    const closing = this.#playing.close?.(party)
    await this.#rest(REST_MS)
    await closing
  }

  /** A party whose session is over is followed by another one, as a process would be. */
  async #replaceTheDead(): Promise<void> {
    for (const [i, party] of this.#parties.entries()) {
      if (!party.isOver) continue
      this.#former.push(party)
      party.gate.isOpen = true
      party.gate.let(0)
      this.#parties[i] = await this.#welcome(i)
      await this.#rest(0)
    }
  }

  async #welcome(index: number): Promise<Party> {
    const party = new Party(`p${++this.#born}`, index, {
      zoo: this.#zoo,
      setup: this.#setup,
      fault: (what) => this.fault(what),
      say: (line) => this.#say(line),
    })
    party.gate.isOpen = !this.#setup.isGated
    await party.connect()
    this.#playing.welcome(party)
    return party
  }

  #rest(ms: number): Promise<void> {
    return this.#clock.advance(ms)
  }
}
