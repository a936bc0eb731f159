/** Sleepers: sessions that make ephemeral znodes and are not heard of again, with a connection or without, until they have expired. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dial } from '../differential/cnxn.js'
import type { Random } from '../random.js'
import { Line } from './line.js'
import type { Load } from './load.js'

/** One of them. */
export interface Sleeper {
  readonly dial: Dial
  readonly random: Random
  readonly load: Load
  readonly sessions: number
  /** The shortest timeout that the server grants, and how long it may take beyond that. */
  readonly timeoutMs: number
  readonly graceMs: number
  /** After so long it cannot have lived on. */
  readonly latestMs: number
  /** Whether a connection that stands and says nothing keeps the session alive: D14. */
  readonly isHeldByConnection: boolean
  /** Ends it before its time. */
  readonly signal: AbortSignal
}

/** Lets its sessions expire, one after the other; tells how many did. */
export async function oversleep(sleeper: Sleeper): Promise<number> {
  let expired = 0
  for (let i = 0; i < sleeper.sessions && !sleeper.signal.aborted; i++) {
    // The first one sleeps until nobody can say that the server is only slow.
    const sleepMs = i === 0 ? sleeper.latestMs + sleeper.graceMs : sleeper.timeoutMs + sleeper.graceMs
    if (await sleepIn(sleeper, sleepMs)) expired += 1
  }
  return expired
}

async function sleepIn(sleeper: Sleeper, sleepMs: number): Promise<boolean> {
  const { random, load, timeoutMs, signal } = sleeper
  const first = await open(sleeper)
  first.send([load.ephemeral(), load.watches(0, random), load.ephemeral()])
  await first.settled()
  if (sleeper.isHeldByConnection || random.chance(0.3)) await first.cut()
  if (first.welcome !== 'accepted') return false
  // Half of the time is not enough to expire.
  await rest(timeoutMs / 2, signal)
  const second = random.chance(0.5) && !first.isOpen ? await open(sleeper, first) : first
  if (second !== first) await second.cut()
  await rest(sleepMs, signal)
  const third = await open(sleeper, first)
  if (third.isOpen) await third.cut()
  return third.welcome === 'refused'
}

function open({ dial, load, timeoutMs }: Sleeper, before?: Line): Promise<Line> {
  const created = (path: string): void => load.created(path)
  return Line.open({ dial, timeoutMs, ticket: before?.ticket, created })
}

/** Until then, or until it is ended. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
