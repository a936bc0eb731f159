/** The game of a barrier. R7: nobody passes while it was set all the time; who sets it has set it, who removes it has removed it. */
import { Barrier } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Party } from './party.js'

const PATH = `${ROOT}/barrier`

/** One game. */
export class BarrierGame implements Game {
  readonly #around: GameSurroundings
  readonly #barriers = new Map<Party, Barrier>()
  /** How many transactions there were, and after which of them it was last absent, and last there. */
  #count = 0
  #absentAt = 0
  #presentAt = -1

  constructor(around: GameSurroundings) {
    this.#around = around
  }

  welcome(party: Party): void {
    this.#barriers.set(party, new Barrier(party.client, PATH))
  }

  wish(party: Party, { wish, patience }: Wish): boolean {
    const barrier = this.#barriers.get(party)
    if (barrier === undefined) return false
    if (wish === 'touch') {
      // There may be none.
      this.#around.admin.setData(PATH, 'still here').catch(() => undefined)
      return true
    }
    const began = this.#count
    party.begin({
      what: `${wish} the barrier`,
      patience,
      work: (options) => {
        if (wish === 'set') return barrier.set(options)
        return wish === 'remove' ? barrier.remove(options) : barrier.wait(options)
      },
      ended: (outcome) => {
        if (outcome.ended !== 'served') return
        const wasSo = (wish === 'set' ? this.#presentAt : this.#absentAt) >= began
        if (!wasSo) this.#around.fault(`R7: ${party.name} has ended to ${wish}, and that was never so`)
      },
    })
    return true
  }

  happened(): void {
    this.#count += 1
    this.#note()
  }

  look(): void {
    this.#note()
  }

  isIdle(): boolean {
    return true
  }

  victims(): readonly string[] {
    return []
  }

  calm(party: Party): void {
    if (party.pending.some((what) => what.startsWith('wait')))
      this.wish(party, { wish: 'remove', n: 0, patience: PATIENT })
  }

  finish(): void {}

  mayStay(): boolean {
    return true
  }

  #note(): void {
    if (this.#around.truth.znodes.has(PATH)) this.#presentAt = this.#count
    else this.#absentAt = this.#count
  }
}
