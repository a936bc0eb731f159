/**
 * Scenario: work that leaves nothing behind, in stages, each with a server of its own. What a stage holds is read before its
 * work and after it; it may differ only in what the work is about to say.
 */

import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { VirtualClock } from '../../src/testing/index.js'
import type { Random } from '../random.js'
import type { SoakWorld } from './world.js'

/** What came of a stage's work. */
export interface Work {
  /** How many were done. */
  readonly operations: number
  /** What was not as it has to be, besides what is left behind. */
  readonly faults: readonly string[]
  /** Figures worth to be read, a line each. */
  readonly notes: readonly string[]
}

/** A server with its clients, ready to work. */
export interface Stage {
  readonly zoo: EmbeddedZooKeeper
  /** All time that passes here: their timers are counted. */
  readonly clocks: readonly VirtualClock[]
  /** Does at least so many operations, and comes to rest. */
  work(operations: number): Promise<Work>
  /** Watches in the tables of the clients, as they send them to a server anew. */
  countClientWatches(): Promise<number>
  /** Ends the clients, then the server. */
  close(): Promise<void>
}

/** How a stage is made, and how much it has to do. */
export interface StagePlan {
  readonly title: string
  /** Operations of the full run. */
  readonly operations: number
  /** Operations before the first look, at least, so that the compiler and the pools have what they take. */
  readonly warmUp: number
  open(world: SoakWorld, random: Random): Promise<Stage>
}

/** One scenario. */
export interface Scenario {
  readonly name: string
  /** What one operation is. */
  readonly operation: string
  /** Bytes that the heap, and likewise what is beside it, may have grown by. */
  readonly limitBytes: number
  readonly stages: readonly StagePlan[]
}

/** Something is not as it has to be, and the work cannot go on. */
export class SoakFault extends Error {
  override readonly name: string = 'SoakFault'
}
