/** Losses: decides when a connection breaks, and where in the bytes that are on their way: between two frames or inside of one. */
import type { Random } from '../random.js'

const HARSH = 0.1

/** How connections break. */
export interface LossOptions {
  readonly random: Random
  /** Of one chunk, whichever way it goes, that it is the last. */
  readonly chance: number
  /** Whether a connection may break now. */
  readonly mayBreak: () => boolean
  /** False for a client that takes the rest of a frame for the beginning of its next connection. */
  readonly canBreakFrames: boolean
}

/** Whose chance decides about all connections of a proxy. */
export class Losses {
  readonly #options: LossOptions
  #count = 0

  constructor(options: LossOptions) {
    this.#options = options
  }

  /** How many connections it has broken. */
  get count(): number {
    return this.#count
  }

  /** How many bytes of this chunk still go over, if the connection breaks now. */
  strike(bytes: Uint8Array): number | undefined {
    const { random, chance, mayBreak, canBreakFrames } = this.#options
    if (!random.chance(chance) || !mayBreak()) return undefined
    this.#count += 1
    return !canBreakFrames || random.chance(0.5) ? bytes.length : random.int(bytes.length + 1)
  }

  /** Whether it breaks without a warning; else what was passed on before arrives. */
  isHarsh(): boolean {
    return this.#options.random.chance(HARSH)
  }
}
