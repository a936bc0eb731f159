/** Game: what the parties of a run do with one recipe, and what has to hold meanwhile and in the end. */
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import type { Patience, Setup } from './action.js'
import type { Party } from './party.js'
import type { Truth } from './truth.js'

/** What a game needs of its run. */
export interface GameSurroundings {
  readonly zoo: EmbeddedZooKeeper
  readonly setup: Setup
  readonly truth: Truth
  /** Somebody whom no fault hits. */
  readonly admin: ZooKeeper
  readonly fault: (what: string) => void
  readonly say: (line: string) => void
}

/** A wish of a party. */
export interface Wish {
  readonly wish: string
  readonly n: number
  readonly patience: Patience
}

/** One game. */
export interface Game {
  /** A party comes, for the first time or with a new client after its session was over. */
  welcome(party: Party): void
  /** False if there is nothing that could be done. */
  wish(party: Party, wish: Wish): boolean
  /** After each transaction. */
  happened?(): void
  /** At rest, after each action. */
  look(): void
  /** All has been well for a while: what is shown must be so. */
  rested?(): void
  /** Whether nothing at the server, and no timer, is due to what this party still holds or follows. */
  isIdle(party: Party): boolean
  /** Znodes that somebody may delete. */
  victims(): readonly string[]
  /** Nothing breaks any more: the party brings what it has to an end. Called again and again. */
  calm(party: Party): void
  /** What has not come to its end yet; asked until there is nothing. */
  unfinished?(): readonly string[]
  /** All calls have ended; what has to be so now. */
  finish(): void
  /** Ends what is kept or followed; afterwards nothing may be left. */
  close?(party: Party): Promise<void>
  /** Znodes that are left on purpose, ephemerals or not, when everybody has ended. */
  mayStay(path: string): boolean
}

/** A wish that waits as long as it takes. */
export const PATIENT: Patience = { until: 'served' }
