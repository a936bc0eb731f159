/**
 * The game of a double barrier, one generation after the other; who is done may come again while others still go. R7: nobody is inside
 * before all have come, and nobody has left while somebody inside does not want to leave; in the end all come and go together.
 */
import type { ZnodeReport } from '../../src/index.js'
import { DoubleBarrier } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Party } from './party.js'

const PATH = `${ROOT}/double`
const READY = 'ready'

type Place = 'outside' | 'entering' | 'inside' | 'leaving'

/** From the beginning of one enter on, and what there was while it waited. */
interface Visit {
  /** The most others at once that had a znode along with it. */
  mostOthers: number
  /** Whether a round was under way already: the word was there, and one of those whom it had let in. */
  hasSeenRound: boolean
}

/** One game. */
export class DoubleBarrierGame implements Game {
  readonly #around: GameSurroundings
  readonly #barriers = new Map<Party, DoubleBarrier>()
  readonly #places = new Map<Party, Place>()
  readonly #memberCount: number
  /** The last one of each. */
  readonly #visits = new Map<Party, Visit>()
  /** Whether somebody has gone since all were outside. */
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
    for (const [party, visit] of this.#visits)
      if (this.#places.get(party) === 'entering') this.#note(party, visit)
  }

  look(): void {
    if (!this.#isEnding || [...this.#places.values()].some((place) => place !== 'outside')) return
    const { truth, fault } = this.#around
    if (this.#members.length > 0) return
    // Who gave up, or was cut off, may have left the word: it is nobody's in the next generation.
    if (truth.znodes.has(`${PATH}/${READY}`) && this.#hasLeft && !this.#hasGivenUp)
      fault('R7: all have left, and the word that they may enter is still there')
    this.#isEnding = false
    this.#isDone = this.#isCalm && this.#hasLeft
    this.#hasLeft = false
    this.#hasGivenUp = false
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
    // Who has lost its session inside does not count any more, and the others may wait for it.
    const isLost = this.#places.get(party) === 'inside' && !this.#isMember(party)
    if (this.#isEnding || isFull === places.length || isLost) this.#leave(party, PATIENT)
    else this.#enter(party, PATIENT)
  }

  unfinished(): readonly string[] {
    return this.#isDone ? [] : ['the members have not all come and gone']
  }

  finish(): void {}

  mayStay(): boolean {
    return false
  }

  get #members(): ZnodeReport[] {
    const { truth } = this.#around
    return truth
      .childrenOf(PATH)
      .filter((name) => name !== READY)
      .flatMap((name) => truth.znodes.get(`${PATH}/${name}`) ?? [])
  }

  #isMember({ zk }: Party): boolean {
    return this.#members.some(({ stat }) => stat.ephemeralOwner === zk.sessionId)
  }

  #note(party: Party, visit: Visit): void {
    const ready = this.#around.truth.znodes.get(`${PATH}/${READY}`)
    const others = this.#members.filter(({ stat }) => stat.ephemeralOwner !== party.zk.sessionId)
    const owners = new Set(others.map(({ stat }) => stat.ephemeralOwner))
    visit.mostOthers = Math.max(visit.mostOthers, owners.size)
    visit.hasSeenRound ||= ready !== undefined && others.some(({ stat }) => stat.czxid < ready.stat.czxid)
  }

  #enter(party: Party, patience: Wish['patience']): boolean {
    if (this.#places.get(party) !== 'outside') return false
    this.#places.set(party, 'entering')
    const visit: Visit = { mostOthers: 0, hasSeenRound: false }
    this.#visits.set(party, visit)
    this.#note(party, visit)
    party.begin({
      what: 'enter',
      // Who comes while others go is in their way: it can always be told to stop.
      patience: patience.until === 'soon' ? patience : { until: 'abort' },
      work: async (options) => this.#barriers.get(party)?.enter(options),
      ended: (outcome) => {
        if (!this.#places.has(party)) return
        this.#places.set(party, outcome.ended === 'served' ? 'inside' : 'outside')
        if (outcome.ended !== 'served') this.#hasGivenUp = true
        else if (visit.mostOthers < this.#memberCount - 1 && !visit.hasSeenRound)
          this.#around.fault(`R7: ${party.name} has entered, and there were never all`)
      },
    })
    return true
  }

  #leave(party: Party, patience: Wish['patience']): boolean {
    if (this.#places.get(party) !== 'inside') return false
    this.#places.set(party, 'leaving')
    this.#isEnding = true
    const inside = new Map([...this.#visits].filter(([other]) => this.#places.get(other) === 'inside'))
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
  #checkAlone(party: Party, inside: ReadonlyMap<Party, Visit>): void {
    const { fault } = this.#around
    for (const [other, visit] of inside) {
      // It has left meanwhile, and come again.
      if (this.#visits.get(other) !== visit) continue
      if (this.#places.get(other) === 'inside' && this.#isMember(other))
        fault(`R7: ${party.name} has left, and ${other.name} does not want to leave yet`)
    }
  }
}
