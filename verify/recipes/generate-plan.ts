/** Random plans from a seed. Each run has faults of its own liking, so that some are all cuts and others none (swarm testing). */
import type { Random } from '../random.js'
import { type Action, type Patience, type Plan, RECIPES, type RecipeName, type Setup } from './action.js'
import { GAMES } from './games.js'

type Kind = Action['do']

const KINDS: Readonly<Record<Kind, number>> = {
  wish: 40,
  go: 40,
  'go everywhere': 4,
  abort: 5,
  cut: 4,
  mend: 6,
  'lose reply': 5,
  expire: 2,
  close: 1,
  delete: 2,
  pass: 10,
  rest: 1,
}
const BASIC: ReadonlySet<Kind> = new Set(['wish', 'go', 'go everywhere', 'mend', 'pass'])
const PASSES_MS = [1, 60, 60, 500, 500, 3_000, 9_000, 25_000] as const
const TIMEOUTS_MS = [0, 1, 100, 2_000, 15_000, 600_000] as const
const SESSIONS_MS = [4_000, 8_000, 30_000] as const
const MOST_PARTIES = 6
const MOST_MICROTASKS = 30
const DETAILS = 1_000

/** A setup and so many actions; of one recipe, or of any. */
export function generatePlan(random: Random, recipe: RecipeName | undefined, actions: number): Plan {
  const parties = 2 + random.int(MOST_PARTIES - 1)
  const isAllPlain = random.chance(0.3)
  const setup: Setup = {
    recipe: recipe ?? random.pick(RECIPES),
    seed: random.int(2 ** 31),
    lasting: Array.from({ length: parties }, () => !isAllPlain && random.chance(0.7)),
    sessionTimeoutMs: random.pick(SESSIONS_MS),
    isGated: random.chance(0.7),
    layout: random.pick(['curator', 'kazoo']),
    abortOn: random.chance(0.75) ? 'disconnection' : 'expiry',
    leases: 1 + random.int(3),
    containerCheckIntervalMs: random.pick([500, 5_000, 60_000]),
  }
  const weights = weightsOf(random, setup)
  return { setup, actions: Array.from({ length: actions }, () => actionOf(random, setup, weights)) }
}

/** What is not basic is left out of half of the runs; in some, nothing goes wrong at all. */
function weightsOf(random: Random, { isGated }: Setup): Readonly<Record<Kind, number>> {
  const isQuiet = random.chance(0.1)
  const weights = { ...KINDS }
  if (!isGated) {
    weights.go = 0
    weights['go everywhere'] = 0
  }
  for (const kind of kinds()) if (!BASIC.has(kind) && (isQuiet || random.chance(0.5))) weights[kind] = 0
  return weights
}

function kinds(): Kind[] {
  const all: Kind[] = []
  let kind: Kind
  for (kind in KINDS) all.push(kind)
  return all
}

function actionOf(
  random: Random,
  { recipe, lasting }: Setup,
  weights: Readonly<Record<Kind, number>>,
): Action {
  const kind = random.weighted(weights)
  const party = random.int(lasting.length)
  switch (kind) {
    case 'wish':
      return {
        do: kind,
        party,
        wish: random.weighted(GAMES[recipe].wishes),
        n: random.int(DETAILS),
        patience: patienceOf(random),
      }
    case 'go':
      return { do: kind, party, calls: 1 + random.int(4) }
    case 'delete':
      return { do: kind, nth: random.int(DETAILS) }
    case 'pass':
      return { do: kind, ms: random.pick(PASSES_MS) }
    case 'go everywhere':
    case 'rest':
      return { do: kind }
    default:
      return { do: kind, party }
  }
}

function patienceOf(random: Random): Patience {
  switch (random.weighted({ served: 5, timeout: 3, abort: 3, soon: 1 })) {
    case 'served':
      return { until: 'served' }
    case 'timeout':
      return { until: 'timeout', ms: random.pick(TIMEOUTS_MS) }
    case 'abort':
      return { until: 'abort' }
    default:
      return { until: 'soon', microtasks: random.int(MOST_MICROTASKS) }
  }
}
