/**
 * The game of counters and shared values. R8: the value is what those additions have made that are known to have succeeded, and any of
 * those of which nobody knows: each amount is a power of two of its own, so the sum tells which.
 */

import { decodeUtf8, encodeUtf8 } from '../../src/base/platform.js'
import { Counter, SharedValue, type ValueCodec } from '../../src/recipes/index.js'
import { ROOT } from './action.js'
import { type Game, type GameSurroundings, PATIENT, type Wish } from './game.js'
import type { Outcome, Party } from './party.js'

const PATH = `${ROOT}/value`
/** Powers of two that both layouts can hold. */
const MOST = { curator: 30, kazoo: 52 } as const

/** As much of both recipes as is played with. */
interface Summed {
  get(party: Party, patience: Wish['patience'], got: (sum: bigint) => void): void
  add(
    party: Party,
    patience: Wish['patience'],
    amount: bigint,
    ended: (outcome: Outcome<bigint>) => void,
  ): void
}

const hex: ValueCodec<bigint> = {
  encode: (value) => encodeUtf8(value.toString()),
  decode: (data) => BigInt(decodeUtf8(data)),
}

/** One game. */
export class CounterGame implements Game {
  readonly #around: GameSurroundings
  readonly #summed = new Map<Party, Summed>()
  readonly #values = new Map<Party, SharedValue<bigint>>()
  readonly #most: number
  #next = 0
  #done = 0n
  #unknown = 0n

  constructor(around: GameSurroundings) {
    this.#around = around
    this.#most = around.setup.recipe === 'counter' ? MOST[around.setup.layout] : 200
  }

  welcome(party: Party): void {
    const { recipe, layout } = this.#around.setup
    if (recipe === 'counter') {
      this.#summed.set(party, counted(new Counter(party.client, PATH, { layout })))
      return
    }
    const value = new SharedValue(party.client, PATH, { codec: hex, initial: 0n })
    this.#values.set(party, value)
    this.#summed.set(party, shared(value))
  }

  wish(party: Party, { wish, patience }: Wish): boolean {
    if (wish === 'get') {
      this.#summed.get(party)?.get(party, patience, (sum) => this.#check(sum, `${party.name} has read`))
      return true
    }
    if (this.#next >= this.#most) return false
    const amount = 1n << BigInt(this.#next++)
    // Until it has ended, nobody knows.
    this.#unknown |= amount
    if (wish === 'add') {
      const ended = (outcome: Outcome<bigint>): void => this.#added(party, amount, outcome)
      this.#summed.get(party)?.add(party, patience, amount, ended)
    } else this.#compareAndSet(party, patience, amount)
    return true
  }

  look(): void {}

  isIdle(): boolean {
    return true
  }

  victims(): readonly string[] {
    return []
  }

  calm(party: Party): void {
    if (party.pending.length === 0) this.wish(party, { wish: 'get', n: 0, patience: PATIENT })
  }

  finish(): void {
    const data = this.#around.truth.znodes.get(PATH)?.data
    if (data === undefined || data === null) return
    const { recipe, layout } = this.#around.setup
    const isBinary = recipe === 'counter' && layout === 'curator'
    const sum = isBinary ? BigInt(new DataView(data.buffer, data.byteOffset).getInt32(0)) : hex.decode(data)
    this.#check(sum, 'the znode says')
  }

  mayStay(): boolean {
    return true
  }

  #added(party: Party, amount: bigint, outcome: Outcome<bigint>): void {
    if (outcome.ended === 'served') {
      this.#settle(amount, true)
      if ((outcome.value & amount) === 0n)
        this.#around.fault(`R8: ${party.name} has added ${amount}, and it is not in ${outcome.value}`)
      this.#check(outcome.value, `${party.name} is told`)
    } else if (outcome.ended === 'failed' && outcome.code !== 'CONNECTIONLOSS') this.#settle(amount, false)
  }

  #compareAndSet(party: Party, patience: Wish['patience'], amount: bigint): void {
    const value = this.#values.get(party)
    party.begin({
      what: `compare and set ${amount}`,
      // A time would be one for each of the two calls.
      patience: patience.until === 'timeout' ? PATIENT : patience,
      codes: ['CONNECTIONLOSS', 'BADVERSION'],
      work: async (options) => {
        const now = await value?.get(options)
        await value?.set((now?.value ?? 0n) + amount, { ...options, version: now?.version })
      },
      ended: (outcome) => {
        if (outcome.ended === 'served') this.#settle(amount, true)
        else if (outcome.ended === 'failed' && outcome.code !== 'CONNECTIONLOSS') this.#settle(amount, false)
      },
    })
  }

  #settle(amount: bigint, isDone: boolean): void {
    this.#unknown &= ~amount
    if (isDone) this.#done |= amount
  }

  #check(sum: bigint, who: string): void {
    const missing = this.#done & ~sum
    const extra = sum & ~(this.#done | this.#unknown)
    const { fault } = this.#around
    // Those who read while others write are not behind by what has ended since.
    if (missing > 0n && who.startsWith('the znode'))
      fault(`R8: ${who} ${sum}: ${missing} was added, and is lost`)
    if (extra > 0n) fault(`R8: ${who} ${sum}: ${extra} was never added, or twice`)
  }
}

function counted(counter: Counter): Summed {
  return {
    get: (party, patience, got) =>
      party.begin({
        what: 'get',
        patience,
        work: (options) => counter.get(options),
        ended: (outcome) => {
          if (outcome.ended === 'served') got(BigInt(outcome.value))
        },
      }),
    add: (party, patience, amount, ended) =>
      party.begin({
        what: `add ${amount}`,
        patience,
        codes: ['CONNECTIONLOSS'],
        work: async (options) => BigInt(await counter.add(Number(amount), options)),
        ended,
      }),
  }
}

function shared(value: SharedValue<bigint>): Summed {
  return {
    get: (party, patience, got) =>
      party.begin({
        what: 'get',
        patience,
        work: (options) => value.get(options),
        ended: (outcome) => {
          if (outcome.ended === 'served') got(outcome.value.value)
        },
      }),
    add: (party, patience, amount, ended) =>
      party.begin({
        what: `add ${amount}`,
        patience,
        codes: ['CONNECTIONLOSS'],
        work: (options) => value.update((sum) => sum + amount, options),
        ended,
      }),
  }
}
