/** Random actions from a seed. Each run has faults of its own liking, so that some runs are all cuts and others none (swarm testing). */
import type { Random } from '../random.js'
import type { Action, Wish } from './action.js'

const WISHES: readonly Wish[] = [
  'read',
  'read',
  'exists',
  'children',
  'set',
  'set',
  'set',
  'create',
  'ephemeral',
  'delete',
]
const PATHS = ['/a', '/b', '/a/x', '/a/y'] as const
const PASSES_MS = [1, 50, 1_000, 8_000, 25_000, 45_000] as const

/** The actions of one run, whatever comes of them. */
export function generateActions(
  random: Random,
  size: { readonly clients: number; readonly actions: number },
): Action[] {
  const weights = {
    wish: 30,
    say: 25,
    hear: 30,
    redial: 6,
    cut: random.chance(0.7) ? random.int(6) : 0,
    'hang up': random.chance(0.4) ? random.int(3) : 0,
    pass: random.chance(0.6) ? random.int(8) : 0,
  }
  return Array.from({ length: size.actions }, () => generateAction(random, weights, size.clients))
}

function generateAction(
  random: Random,
  weights: Readonly<Record<Action['do'], number>>,
  clients: number,
): Action {
  const kind = random.weighted(weights)
  const client = random.int(clients)
  switch (kind) {
    case 'wish':
      return { do: kind, client, wish: random.pick(WISHES), path: random.pick(PATHS) }
    case 'hear':
      return { do: kind, client, much: random.pick(['a frame', 'a frame', 'half a frame', 'all']) }
    case 'pass':
      return { do: kind, ms: random.pick(PASSES_MS) }
    default:
      return { do: kind, client }
  }
}
