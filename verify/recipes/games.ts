/** All games by the names of their recipes: what parties wish for, how often, and who looks after it. */
import type { RecipeName } from './action.js'
import { BarrierGame } from './barrier-game.js'
import { CounterGame } from './counter-game.js'
import { DiscoveryGame } from './discovery-game.js'
import { DoubleBarrierGame } from './double-barrier-game.js'
import type { Game, GameSurroundings } from './game.js'
import { MemberGame } from './member-game.js'
import { NodeGame } from './node-game.js'
import { StateGame } from './state-game.js'
import { TaskGame } from './task-game.js'
import { TenureGame } from './tenure-game.js'
import { TreeGame } from './tree-game.js'

/** A game that can be begun. */
export interface GameKind {
  readonly wishes: Readonly<Record<string, number>>
  begin(around: GameSurroundings): Game
}

const beginTenures = (around: GameSurroundings): Game => new TenureGame(around)
const beginCounting = (around: GameSurroundings): Game => new CounterGame(around)

/** Each of them. */
export const GAMES: Readonly<Record<RecipeName, GameKind>> = {
  lock: { wishes: { 'acquire lock': 6, 'try lock': 2, 'run lock': 1, release: 6 }, begin: beginTenures },
  readWriteLock: {
    wishes: {
      'acquire read': 4,
      'acquire write': 4,
      'try read': 1,
      'try write': 1,
      downgrade: 2,
      release: 6,
    },
    begin: beginTenures,
  },
  semaphore: {
    wishes: { 'acquire lease': 6, 'try lease': 2, 'run lease': 1, release: 5 },
    begin: beginTenures,
  },
  multiLock: {
    wishes: {
      'acquire all': 2,
      'acquire first two': 2,
      'acquire last two': 2,
      'try all': 1,
      'try last two': 1,
      'run first two': 1,
      release: 6,
    },
    begin: beginTenures,
  },
  election: { wishes: { 'acquire lead': 6, release: 3 }, begin: beginTenures },
  barrier: { wishes: { set: 3, remove: 2, wait: 5, touch: 1 }, begin: (around) => new BarrierGame(around) },
  doubleBarrier: { wishes: { enter: 5, leave: 4 }, begin: (around) => new DoubleBarrierGame(around) },
  counter: { wishes: { add: 5, get: 1 }, begin: beginCounting },
  sharedValue: { wishes: { add: 3, 'compare and set': 2, get: 1 }, begin: beginCounting },
  taskQueue: {
    wishes: { put: 4, take: 4, 'try to take': 1, done: 3, 'put back': 2, process: 1 },
    begin: (around) => new TaskGame(around),
  },
  members: {
    wishes: { join: 4, leave: 2, 'set data': 1, watch: 2, 'stop watching': 1, list: 1 },
    begin: (around) => new MemberGame(around),
  },
  persistentNode: {
    wishes: { keep: 4, 'set data': 2, drop: 2 },
    begin: (around) => new NodeGame(around),
  },
  states: {
    wishes: { write: 8, data: 2, children: 2, stop: 1 },
    begin: (around) => new StateGame(around),
  },
  treeCache: { wishes: { write: 8, open: 2, close: 1 }, begin: (around) => new TreeGame(around) },
  discovery: {
    wishes: { register: 4, update: 2, withdraw: 2, provide: 2, close: 1 },
    begin: (around) => new DiscoveryGame(around),
  },
}
