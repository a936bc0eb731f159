/** RunOnce: one run on servers of its own, which are ended with it; errors that nobody catches meanwhile belong to the run. */
import { Alarm } from '../fuzz/alarm.js'
import { Differential, type Onlooker } from './differential.js'
import type { Failure } from './failure.js'
import type { Step } from './step.js'
import type { Start } from './subjects.js'
import { RecordingSide, type Trace } from './trace.js'

/** What came of a run. */
export interface Ended {
  readonly failure: Failure | undefined
  readonly done: readonly Step[]
  /** The deliberate differences that were met, each as often as it was. */
  readonly hits: readonly string[]
  /** What the real server has shown. */
  readonly trace: Trace
}

/** Starts servers, does the work on them, ends them. */
export async function runOnce(
  start: Start,
  work: (differential: Differential) => Promise<Failure | undefined>,
  { onlooker, patienceMs }: { readonly onlooker?: Onlooker; readonly patienceMs?: number } = {},
): Promise<Ended> {
  const servers = await start(patienceMs)
  const alarm = new Alarm()
  const real = new RecordingSide(servers.real)
  const { leader, zoo, alike } = servers
  const differential = new Differential({ leader, zoo, alike, real: [real], alarm }, onlooker)
  try {
    const failure = await work(differential)
    return { failure, done: differential.done, hits: differential.hits, trace: real.trace }
  } finally {
    await servers.close()
    alarm.stop()
  }
}
