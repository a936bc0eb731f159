/**
 * The game of a double barrier, one generation after the other. R7: nobody is inside before all have come, and nobody has left while
 * somebody inside does not want to leave; in the end all come and go together.
 */
import { DoubleBarrier } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Party } from './party.js'

const PATH = `${ROOT}/double`
const READY = 'ready'

type Place = 'outside' | 'entering' | 'inside' | 'leaving'

/** One game. */
export class DoubleBarrierGame implements Game {
  readonly #around: GameSurroundings
  readonly #barriers = new Map<Party, DoubleBarrier>()
  readonly #places = new Map<Party, Place>()
  readonly #memberCount: number
  /** The most znodes of members at once in this generation. */
  #mostMembers = 0
  /** Whether somebody goes: then nobody comes until all are gone. */
  #isEnding = false
  /** Whether somebody was told that all have left, and whether somebody was not. */
  #hasLeft = false
  #hasGivenUp = false
  /** Whether all have come and gone together since nothing breaks any more. */
  #isDone = false
  #isCalm = false

  constructor(around: GameSurroundings) {
    this.#around = around
    this.#memberCount = Math.max(1, around.setup.lasting.length - (around.setup.leases - 1))
  }

  welcome(party: Party): void {
    for (const [other, place] of this.#places) {
      if (other.index !== party.index) continue
      if (place !== 'outside') this.#hasGivenUp = true
      this.#places.delete(other)
    }
    this.#barriers.set(party, new DoubleBarrier(party.client, PATH, this.#memberCount))
    this.#places.set(party, 'outside')
  }

  wish(party: Party, { wish, patience }: Wish): boolean {
    if (wish === 'enter') return this.#enter(party, patience)
    return this.#leave(party, patience)
  }

  happened(): void {
    this.#mostMembers = Math.max(this.#mostMembers, this.#members.length)
  }

  look(): void {
    if (!this.#isEnding || [...this.#places.values()].some((place) => place !== 'outside')) return
    const { truth, admin, fault } = this.#around
    if (this.#members.length > 0) return
    // Who gave up, or was cut off, may have left the word.
    if (truth.znodes.has(`${PATH}/${READY}`)) {
      if (this.#hasLeft && !this.#hasGivenUp)
        fault('R7: all have left, and the word that they may enter is still there')
      admin.delete(`${PATH}/${READY}`).catch(() => undefined)
      return
    }
    this.#isEnding = false
    this.#isDone = this.#isCalm && this.#hasLeft
    this.#hasLeft = false
    this.#hasGivenUp = false
    this.#mostMembers = 0
  }

  isIdle(party: Party): boolean {
    return this.#places.get(party) === 'outside'
  }

  victims(): readonly string[] {
    return []
  }

  calm(party: Party): void {
    if (this.#isDone) return
    this.#isCalm = true
    const places = [...this.#places.values()]
    const isFull = places.filter((place) => place === 'inside' || place === 'leaving').length
    if (this.#isEnding && this.#places.get(party) === 'entering') party.abort()
    if (this.#isEnding || isFull === places.length) this.#leave(party, PATIENT)
    else this.#enter(party, PATIENT)
  }

  unfinished(): readonly string[] {
    return this.#isDone ? [] : ['the members have not all come and gone']
  }

  finish(): void {}

  mayStay(): boolean {
    return false
  }

  get #members(): string[] {
    return this.#around.truth.childrenOf(PATH).filter((name) => name !== READY)
  }

  #enter(party: Party, patience: Wish['patience']): boolean {
    if (this.#isEnding || this.#places.get(party) !== 'outside') return false
    this.#places.set(party, 'entering')
    party.begin({
      what: 'enter',
      // Who comes while others go is in their way: it can always be told to stop.
      patience: patience.until === 'soon' ? patience : { until: 'abort' },
      work: async (options) => this.#barriers.get(party)?.enter(options),
      ended: (outcome) => {
        if (!this.#places.has(party)) return
        this.#places.set(party, outcome.ended === 'served' ? 'inside' : 'outside')
        if (outcome.ended !== 'served') this.#hasGivenUp = true
        if (outcome.ended === 'served' && this.#mostMembers < this.#memberCount)
          this.#around.fault(`R7: ${party.name} has entered, and there were never all`)
      },
    })
    return true
  }

  #leave(party: Party, patience: Wish['patience']): boolean {
    if (this.#places.get(party) !== 'inside') return false
    this.#places.set(party, 'leaving')
    this.#isEnding = true
    const inside = [...this.#places].flatMap(([other, place]) => (place === 'inside' ? [other] : []))
    party.begin({
      what: 'leave',
      patience,
      work: async (options) => this.#barriers.get(party)?.leave(options),
      // It was outside already when its session ended.
      codes: ['SESSIONEXPIRED'],
      ended: (outcome) => {
        if (!this.#places.has(party)) return
        this.#places.set(party, 'outside')
        if (outcome.ended !== 'served') {
          this.#hasGivenUp = true
          return
        }
        this.#hasLeft = true
        this.#checkAlone(party, inside)
      },
    })
    return true
  }

  /** Of those who were inside when it wanted to leave nobody may still be so. */
  #checkAlone(party: Party, inside: readonly Party[]): void {
    const { truth, fault } = this.#around
    for (const other of inside) {
      const owned = [...truth.znodes.values()].some(
        ({ path, stat }) => path.startsWith(`${PATH}/`) && stat.ephemeralOwner === other.zk.sessionId,
      )
      if (this.#places.get(other) === 'inside' && owned)
        fault(`R7: ${party.name} has left, and ${other.name} does not want to leave yet`)
    }
  }
}
