/** Random actions from a seed. Each run has faults and wishes of its own liking, so that some runs are all cuts and others none (swarm testing). */
import type { Random } from '../random.js'
import type { Action, Setup, Wish } from './action.js'

/** One run, whatever comes of it. */
export interface Plan {
  readonly setup: Setup
  readonly actions: readonly Action[]
}

type Kind = Action['do']
type Weights<K extends string> = Readonly<Record<K, number>>

/** What clients ask for, and how often. What is not basic is left out of half of the runs. */
const WISHES: Weights<Wish> = {
  read: 5,
  exists: 3,
  children: 3,
  set: 8,
  create: 4,
  delete: 4,
  sync: 1,
  ephemeral: 4,
  'set much': 2,
  sequence: 1,
  'ephemeral sequence': 3,
  multi: 3,
  'doomed multi': 1,
  'create all': 1,
  'delete all': 1,
  'aborted set': 1,
  'aborted read': 1,
  claim: 1,
  lock: 2,
  unlock: 1,
  watch: 3,
  'watch below': 3,
  stream: 1,
  'stream below': 1,
  'leave stream': 0.5,
  'watch once': 1,
  'remove watch': 2,
  'remove watch locally': 1,
  'throwing watcher': 1,
  'rejecting watcher': 1,
  're-arming watcher': 1,
  'closing watcher': 0.5,
  'watcher that removes itself': 1,
  'too large': 0.5,
  flood: 0.5,
  'many watches': 0.5,
  close: 0.3,
}
const BASIC_WISHES: ReadonlySet<string> = new Set([
  'read',
  'exists',
  'children',
  'set',
  'create',
  'delete',
  'sync',
])
/** What happens, and how often. */
const KINDS: Weights<Kind> = {
  wish: 80,
  say: 80,
  hear: 80,
  redial: 35,
  'hear everywhere': 8,
  pass: 4,
  'say late': 8,
  cut: 5,
  'give up': 3,
  'half-open': 2,
  'hang up': 3,
  refuse: 2,
  jump: 2,
  'take over': 2,
  'wrong password': 1,
  'future zxid': 1,
  crowd: 0.6,
  expire: 1,
  burst: 3,
  snapshot: 0.8,
  restart: 1,
  pause: 2,
}
const BASIC_KINDS: ReadonlySet<string> = new Set([
  'wish',
  'say',
  'hear',
  'redial',
  'hear everywhere',
  'pass',
  // Without it there would be nothing to go back to in half of the runs.
  'snapshot',
])

const PATHS = ['/a', '/a', '/b', '/b', '/a/x', '/a/x', '/a/y', '/s', '/'] as const
const PASSES_MS = [1, 50, 50, 1_000, 1_000, 1_000, 3_000, 3_000, 8_000, 25_000, 45_000, 90_000] as const
const JUMPS_MS = [1, 1_000, 60_000, 3_600_000, 30 * 86_400_000] as const
const PAUSES_MS = [50, 500, 3_000, 15_000, 40_000, 60_000] as const
const TIMEOUTS_MS = [6_000, 10_000, 30_000] as const
const MOST_LAYERS = 51
const MOST_BYTES = 1_000
const MOST_REFUSALS = 4
const MOST_WRITES = 10
/** Twice as many are enough for the bound of a connection that nobody reads. */
const MORE_WRITES_IF_NARROW = 35
/** `Random` weighs in whole numbers. */
const WEIGHT_UNIT = 10

/** A setup, and so many actions of so many clients. */
export function generatePlan(
  random: Random,
  size: { readonly clients: number; readonly actions: number },
): Plan {
  const setup: Setup = {
    clients: size.clients,
    sessionTimeoutMs: random.pick(TIMEOUTS_MS),
    hasChroot: random.chance(0.3),
    isNarrow: random.chance(0.4),
    expiresLocally: random.chance(0.2),
    hasLocal: random.chance(0.12),
  }
  const kinds = swarm(random, KINDS, BASIC_KINDS)
  const wishes = swarm(random, WISHES, BASIC_WISHES)
  const actions = Array.from({ length: size.actions }, () => generateAction(random, kinds, wishes, setup))
  return { setup, actions }
}

/** A random half of what is not basic. */
function swarm<K extends string>(
  random: Random,
  weights: Weights<K>,
  basic: ReadonlySet<string>,
): Weights<K> {
  const chosen: Record<K, number> = { ...weights }
  for (const key in weights)
    chosen[key] = basic.has(key) || random.chance(0.5) ? Math.round(weights[key] * WEIGHT_UNIT) : 0
  return chosen
}

function generateAction(
  random: Random,
  kinds: Weights<Kind>,
  wishes: Weights<Wish>,
  { clients, isNarrow }: Setup,
): Action {
  const kind = random.weighted(kinds)
  const client = random.int(clients)
  if (kind === 'burst') return generateBurst(random, isNarrow)
  switch (kind) {
    case 'wish':
      return {
        do: kind,
        client,
        wish: random.weighted(wishes),
        path: random.pick(PATHS),
        layers: random.chance(0.7) ? 0 : random.int(MOST_LAYERS),
      }
    case 'say':
      return random.chance(0.8)
        ? { do: kind, client }
        : { do: kind, client, bytes: 1 + random.int(MOST_BYTES) }
    case 'hear':
      return { do: kind, client, much: random.pick(['a frame', 'a frame', 'half a frame', 'all']) }
    case 'cut':
      return { do: kind, client, saidBytes: random.int(MOST_BYTES), heardBytes: random.int(MOST_BYTES) }
    case 'half-open':
      return { do: kind, client, lost: random.pick(['said', 'heard']) }
    case 'refuse':
      return { do: kind, client, times: 1 + random.int(MOST_REFUSALS) }
    case 'pass':
      return { do: kind, ms: random.pick(PASSES_MS) }
    case 'jump':
      return { do: kind, ms: random.pick(JUMPS_MS) * random.pick([1, -1]) }
    case 'take over':
      return { do: kind, client, zxid: random.pick(['current', 'stale']) }
    case 'restart':
      return { do: kind, state: random.pick(['kept', 'kept', 'lost', 'older', 'older']) }
    case 'pause':
      return { do: kind, ms: random.pick(PAUSES_MS) }
    case 'crowd':
    case 'snapshot':
    case 'hear everywhere':
      return { do: kind }
    default:
      return { do: kind, client }
  }
}

function generateBurst(random: Random, isNarrow: boolean): Action {
  const writes = 1 + random.int(MOST_WRITES) + (isNarrow ? MORE_WRITES_IF_NARROW * random.int(3) : 0)
  return { do: 'burst', writes, path: random.pick(['/a', '/b']) }
}
