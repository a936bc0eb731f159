/**
 * Simulation: a server and several clients over bytes, on virtual time, where nothing happens but what a list of actions says. After
 * the actions all is healed, and has to come to rest in a state that every client knows: safety first, then liveness.
 */
import { setImmediate } from 'node:timers/promises'
import { WiredClient } from '../../test/historic/client-watches-wire.js'
import { brokenInServer } from '../../test/property/invariants.js'
import { connectRaw, create, setData } from '../../test/semantics/fixture.js'
import { WireWorld } from '../../test/transport/fake-link.js'
import type { Action } from './action.js'
import { Party } from './party.js'

/** What a run has shown. */
export interface Outcome {
  readonly faults: readonly string[]
  /** What the clients saw, line by line: the same for the same actions. */
  readonly trace: readonly string[]
  /** How often each kind of action had something to do. */
  readonly done: ReadonlyMap<string, number>
  readonly virtualMs: number
}

const REST_TURNS = 3
/** Longer than any session. */
const HEALING_ROUNDS = 60
const TOUCHED = ['/a', '/b', '/a/x', '/a/y'] as const

/** Runs the actions, heals, and looks whether all promises were kept. */
export async function simulate(actions: readonly Action[], clients: number): Promise<Outcome> {
  const run = new Simulation()
  await run.begin(clients)
  for (const action of actions) await run.act(action)
  await run.heal()
  return run.outcome()
}

class Simulation {
  readonly #world = new WireWorld()
  readonly #parties: Party[] = []
  /** Clients whose sessions are over. */
  readonly #former: Party[] = []
  readonly #faults: string[] = []
  readonly #trace: string[] = []
  readonly #done = new Map<string, number>()
  readonly #startMs: number = this.#world.clock.monotonicMs()
  #born = 0

  async begin(clients: number): Promise<void> {
    const writer = connectRaw(this.#world.zoo)
    for (const path of ['/a', '/b']) writer.ask(create(path))
    for (let i = 0; i < clients; i++) this.#parties.push(await this.#newcomer())
    await this.#rest()
  }

  /** Does it, if there is anything to do, and lets everybody do what follows without anything new arriving. */
  async act(action: Action): Promise<void> {
    const hasDone = await this.#do(action)
    if (!hasDone) return
    this.#done.set(action.do, (this.#done.get(action.do) ?? 0) + 1)
    await this.#rest()
    await this.#replaceTheDead()
  }

  /** Nothing breaks any more: everybody comes back and hears everything; then each znode is touched once. */
  async heal(): Promise<void> {
    await this.#quiet()
    this.#check('at rest')
    const writer = connectRaw(this.#world.zoo)
    for (const path of TOUCHED) {
      writer.ask(create(path))
      writer.ask(setData(path))
    }
    await this.#quiet()
    this.#check('after a touch of every znode')
  }

  outcome(): Outcome {
    const all = [...this.#parties, ...this.#former]
    const faults = [...this.#faults, ...all.flatMap(({ faults: own }) => own)]
    const virtualMs = this.#world.clock.monotonicMs() - this.#startMs
    return { faults, trace: this.#trace, done: this.#done, virtualMs }
  }

  /** False if there was nothing to do. */
  async #do(action: Action): Promise<boolean> {
    if (action.do === 'pass') {
      await this.#world.clock.advance(action.ms)
      return true
    }
    const party = this.#parties[action.client % this.#parties.length]
    if (party === undefined) return false
    const { client } = party
    switch (action.do) {
      case 'wish':
        party.wish(action.wish, action.path)
        return true
      case 'say':
        if (!client.isSaying) return false
        client.say()
        return true
      case 'hear': {
        const bytes = client.isCut ? 0 : client.nextFrameBytes
        if (bytes === 0) return false
        client.hear({ 'a frame': bytes, 'half a frame': Math.ceil(bytes / 2), all: undefined }[action.much])
        return true
      }
      case 'cut':
        if (client.isCut) return false
        client.cut()
        return true
      case 'hang up':
        if (client.isCut || client.zk.sessionId === 0n) return false
        this.#world.zoo.disconnect(client.zk.sessionId)
        return true
      case 'redial':
        if (!client.isCut) return false
        client.redial()
        return true
    }
  }

  async #quiet(): Promise<void> {
    for (let round = 0; round < HEALING_ROUNDS; round++) {
      for (const { client } of this.#parties) {
        if (client.isCut) client.redial()
        if (client.isSaying) client.say()
        if (!client.isCut) client.hear()
      }
      await this.#rest()
      await this.#replaceTheDead()
    }
  }

  #check(when: string): void {
    const { zoo } = this.#world
    const stats = new Map(zoo.reports.znodes().map(({ path, stat }) => [path, stat]))
    for (const party of this.#parties) {
      if (party.client.zk.state !== 'CONNECTED')
        this.#faults.push(`${party.name} is ${party.client.zk.state} ${when}`)
      if (party.pending > 0)
        this.#faults.push(`${party.name} still waits for ${party.pending} answers ${when}`)
      this.#faults.push(...party.findMissed(stats).map((what) => `${what}, ${when}`))
    }
    for (const { name, pending } of this.#former)
      if (pending > 0)
        this.#faults.push(`${name}, whose session is over, still waits for ${pending} answers ${when}`)
    this.#faults.push(...brokenInServer(zoo.reports).map((what) => `${what}, ${when}`))
  }

  async #newcomer(): Promise<Party> {
    const client = await WiredClient.connect(this.#world)
    return new Party(`c${++this.#born}`, client, (line) => this.#trace.push(line))
  }

  /** An expired client is followed by another one, as a program would do it. */
  async #replaceTheDead(): Promise<void> {
    for (const [i, party] of this.#parties.entries()) {
      if (!party.isOver) continue
      this.#former.push(party)
      this.#done.set('expiry', (this.#done.get('expiry') ?? 0) + 1)
      this.#parties[i] = await this.#newcomer()
      await this.#rest()
    }
  }

  async #rest(): Promise<void> {
    for (let turn = 0; turn < REST_TURNS; turn++) {
      await setImmediate()
      this.#world.settle()
    }
  }
}
