/**
 * Scenario: work that leaves nothing behind, in stages, each with a server of its own. What a stage holds is read before its
 * work and after it; it may differ only in what the work is about to say.
 */

import type { Random } from '../random.js'
import type { StageServer } from './stage-server.js'
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
  readonly server: StageServer
  /** Does at least so many operations, and comes to rest. */
  work(operations: number): Promise<Work>
}

/** How a stage is made, and how much it has to do. */
export interface StagePlan {
  readonly title: string
  /** Operations of the full run. */
  readonly operations: number
  /** Operations of a part of it at least: with fewer, what one of them leaves is lost in what comes and goes by chance. */
  readonly leastOperations?: number
  /** Operations before the first look, at least, so that the compiler and the pools have what they take. */
  readonly warmUp: number
  open(world: SoakWorld, random: Random): Promise<Stage>
}

/** How much the heap, and likewise what is beside it, may grow. */
export interface GrowthLimit {
  /** However little was done: the compiler keeps notes, and pools keep what they have. */
  readonly floorBytes: number
  /** Beside that, for each operation. */
  readonly bytesPerOperation: number
}

/** One scenario. */
export interface Scenario {
  readonly name: string
  /** What one operation is. */
  readonly operation: string
  readonly limit: GrowthLimit
  readonly stages: readonly StagePlan[]
}
