/**
 * Time in the model: what a server may have done when the clock has moved on. Sections 8.3 and 10 fix windows and not
 * instants, and no order among sessions or containers, so this gives every future that they allow.
 */
import type { ModelZooKeeper } from './model.js'

/** What the servers under test are set to. */
export interface TimeRules {
  readonly tickMs: number
  readonly sweepIntervalMs: number
  readonly connectTimeoutMs: number
}

/** One thing that happens by itself: a session ends, or the server sweeps. */
type Happening = { readonly expires: bigint } | { readonly sweeps: true }

/**
 * The worlds that may be after `ms` more milliseconds, likeliest first. The world given is not changed.
 * The caller sees to it that at most one sweep fits into the time.
 */
export function* futures(world: ModelZooKeeper, ms: number, rules: TimeRules): Generator<ModelZooKeeper> {
  const fromMs = world.server.nowMs
  const untilMs = fromMs + ms
  const must: Happening[] = []
  const may: Happening[] = []
  for (const [session, { lostAtMs, timeoutMs }] of world.server.sessions) {
    if (lostAtMs === undefined || untilMs <= lostAtMs + timeoutMs) continue
    const isOverdue = untilMs >= lostAtMs + timeoutMs + rules.tickMs
    const fate = isOverdue ? must : may
    fate.push({ expires: session })
  }
  const sweeps = [...world.server.tree.values()].some(({ kind }) => kind === 'container' || kind === 'ttl')
  if (sweeps) (ms >= rules.sweepIntervalMs ? must : may).push({ sweeps: true })

  for (const chosen of subsets(may)) {
    for (const order of permutations([...must, ...chosen])) yield* play(world, order, untilMs)
  }
}

function* play(
  world: ModelZooKeeper,
  order: readonly Happening[],
  untilMs: number,
): Generator<ModelZooKeeper> {
  let worlds = [advanced(world, untilMs)]
  for (const happening of order) {
    worlds = worlds.flatMap((each) =>
      'expires' in happening ? [ended(each, happening.expires)] : swept(each, world.server.nowMs),
    )
  }
  yield* worlds
}

function advanced(world: ModelZooKeeper, nowMs: number): ModelZooKeeper {
  const next = world.fork()
  next.server.nowMs = nowMs
  return next
}

function ended(world: ModelZooKeeper, session: bigint): ModelZooKeeper {
  const next = world.fork()
  next.server.endSession(session)
  return next
}

/** Nothing here happens between two whole seconds. */
const GRAIN_MS = 1000

/** A sweep comes at any time of the window, and takes its candidates together, in an order of its own. */
function swept(world: ModelZooKeeper, fromMs: number): ModelZooKeeper[] {
  const { server } = world
  const ends = server.ttlEnds().filter((endMs) => fromMs + GRAIN_MS <= endMs && endMs < server.nowMs)
  return [server.nowMs, ...new Set(ends)].flatMap((atMs) => sweptAt(world, server.sweepable(atMs)))
}

function sweptAt(world: ModelZooKeeper, candidates: readonly string[]): ModelZooKeeper[] {
  return [...permutations(candidates)].map((order) => {
    const next = world.fork()
    for (const path of order) next.server.sweepAway(path)
    return next
  })
}

function* subsets<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let bits = 0; bits < 2 ** items.length; bits++) yield items.filter((_, i) => (bits >> i) % 2 === 1)
}

/** All orders of up to four items; of more only the given one and its reverse. */
function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length > 4) {
    yield items
    yield [...items].reverse()
    return
  }
  if (items.length === 0) yield []
  for (const [i, first] of items.entries()) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [first, ...rest]
  }
}
