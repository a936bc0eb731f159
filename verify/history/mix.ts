/**
 * Mix: one history of everybody at the same time: workers and apps in process and over TCP, sleepers, and clients that others wrote;
 * all of them live through losses of their connections.
 */
import { WireCnxn } from '../differential/wire-cnxn.js'
import { Random } from '../random.js'
import { type App, runApp } from './app.js'
import { check } from './checker.js'
import { History, type Thread } from './history.js'
import { Journal } from './journal.js'
import { checkJournals } from './journal-rules.js'
import { Load } from './load.js'
import { Losses } from './losses.js'
import { OTHER_CLIENTS } from './other-clients.js'
import { inProcess, overTcp } from './own-clients.js'
import { RecordingProxy } from './recording-proxy.js'
import type { ReplayFigures } from './replay.js'
import { isComplete } from './requests.js'
import { type Served, startServer, TICK_MS } from './served.js'
import { oversleep } from './sleeper.js'
import { checkTables } from './table-rules.js'
import type { Violation } from './violation.js'
import { type Adventures, inspect, work } from './worker.js'

/** How a history is made. */
export interface MixOptions {
  readonly server: 'zoolet' | 'apache'
  readonly seed: number
  readonly run: number
  /** Of each worker; others make fewer. */
  readonly requests: number
}

/** What it was, and what is wrong with it. */
export interface Outcome {
  readonly history: History
  readonly violations: readonly Violation[]
  readonly figures: ReplayFigures & Adventures & { readonly expired: number; readonly checkMs: number }
}

const WORKERS = 4
const APPS = 2
const SLEEPERS = 2
const TROUBLES = 0.05
const LOSS = 0.02
const LOOK_MS = 50
/** How late an expiry may be. */
const GRACE_MS = 3 * TICK_MS
/** Requests for each session that a sleeper lets expire. */
const REQUESTS_PER_SLEEP = 2_000

/** Makes one history, and checks it. */
export async function runMix(options: MixOptions): Promise<Outcome> {
  const served = await startServer(options.server)
  const mix = new Mix(served, options)
  try {
    return await mix.run()
  } finally {
    await served.close()
  }
}

class Mix {
  readonly #served: Served
  readonly #options: MixOptions
  readonly #history = new History()
  readonly #journals: Journal[] = []
  readonly #proxies: RecordingProxy[] = []
  readonly #broken = new Set<string>()
  #streams = 0
  readonly #mayBreak = (): boolean => this.#history.isCalm

  constructor(served: Served, options: MixOptions) {
    this.#served = served
    this.#options = options
  }

  async run(): Promise<Outcome> {
    const look = setInterval(() => this.#look(), LOOK_MS)
    const [adventures, , , expired] = await Promise.all([
      this.#runWorkers(),
      this.#runApps(),
      this.#runOthers(),
      this.#runSleepers(),
    ]).finally(() => clearInterval(look))
    await Promise.all(this.#proxies.map((proxy) => proxy.close()))
    await this.#inspect()
    const watchesLeft = await this.#served.watchCount()
    const startMs = performance.now()
    const { violations, figures } = check(this.#history, { ...this.#served, firstZxid: 0, tickMs: TICK_MS })
    const all = [
      ...violations,
      ...checkJournals(this.#journals, this.#history),
      ...checkTables({ broken: [...this.#broken], watchesLeft }),
    ]
    const checkMs = performance.now() - startMs
    const losses = this.#history.threads.filter(isBroken).length
    const lived = { ...adventures, losses, expired: expired.reduce((sum, each) => sum + each, 0) }
    return { history: this.#history, violations: all, figures: { ...figures, ...lived, checkMs } }
  }

  #look(): void {
    for (const what of this.#served.broken()) this.#broken.add(what)
  }

  async #runWorkers(): Promise<Adventures> {
    const { dialInProcess, eventsHaveZxid: hasLastingWatches } = this.#served
    const { requests } = this.#options
    const { port } = await this.#proxy('TCP')
    const dials = [
      ...(dialInProcess === undefined ? [] : [this.#history.recorded(dialInProcess, 'in process')]),
      (events: ConstructorParameters<typeof WireCnxn>[1]) => new WireCnxn(port, events),
    ]
    const all = await Promise.all(
      dials.flatMap((dial, i) =>
        Array.from({ length: WORKERS }, (_, j) => {
          const random = this.#random()
          const load = new Load({ random, name: `w${i}${j}`, hasLastingWatches })
          return work({ dial, random, load, requests, troubles: TROUBLES, mayBreak: this.#mayBreak })
        }),
      ),
    )
    return all.reduce((sum, each) => ({
      sessions: sum.sessions + each.sessions,
      losses: sum.losses + each.losses,
      takeOvers: sum.takeOvers + each.takeOvers,
      strangers: sum.strangers + each.strangers,
    }))
  }

  /** The last look shows what has become of everything. */
  async #inspect(): Promise<void> {
    const random = this.#random()
    const load = new Load({ random, name: 'z', hasLastingWatches: false })
    const dial = this.#history.recorded((events) => new WireCnxn(this.#served.port, events), 'the last look')
    await inspect({ dial, random, load, requests: 0, troubles: 0, mayBreak: this.#mayBreak })
  }

  async #runApps(): Promise<void> {
    const { zoo } = this.#served
    const { port } = await this.#proxy('client over TCP')
    const own = Array.from({ length: APPS }, () => overTcp(port))
    const near =
      zoo === undefined ? [] : own.map((_, i) => inProcess(zoo, this.#history, `client in process ${i + 1}`))
    const apps = [...own, ...near].map((each, i): App => {
      const journal = new Journal(`app ${i + 1}`)
      this.#journals.push(journal)
      const requests = this.#options.requests / 2
      const breaks = { troubles: TROUBLES, mayBreak: this.#mayBreak }
      return { ...each, ...breaks, journal, random: this.#random(), requests, name: `a${i}` }
    })
    await Promise.all(apps.map(runApp))
  }

  async #runOthers(): Promise<void> {
    const { requests, seed, run } = this.#options
    await Promise.all(
      OTHER_CLIENTS.filter((each) => each.isHere()).map(async (each) => {
        const { port } = await this.#proxy(each.name, each)
        await each.run(port, requests, seed + run)
      }),
    )
  }

  async #runSleepers(): Promise<number[]> {
    const { dialInProcess, port } = this.#served
    const { history, requests } = { history: this.#history, requests: this.#options.requests }
    const wire = (events: ConstructorParameters<typeof WireCnxn>[1]): WireCnxn => new WireCnxn(port, events)
    const dials = [{ dial: history.recorded(wire, 'sleeper'), isHeldByConnection: false }]
    if (dialInProcess !== undefined)
      dials.push({ dial: history.recorded(dialInProcess, 'sleeper in process'), isHeldByConnection: true })
    return Promise.all(
      dials.flatMap((each, i) =>
        Array.from({ length: SLEEPERS }, (_, j) => {
          const random = this.#random()
          const load = new Load({ random, name: `s${i}${j}`, hasLastingWatches: this.#served.eventsHaveZxid })
          const sessions = Math.ceil(requests / REQUESTS_PER_SLEEP)
          return oversleep({ ...each, random, load, sessions, timeoutMs: 2 * TICK_MS, graceMs: GRACE_MS })
        }),
      ),
    )
  }

  async #proxy(
    name: string,
    { canBreakFrames }: { canBreakFrames: boolean } = { canBreakFrames: true },
  ): Promise<RecordingProxy> {
    const losses = new Losses({
      random: this.#random(),
      chance: LOSS,
      mayBreak: this.#mayBreak,
      canBreakFrames,
    })
    const proxy = await RecordingProxy.start({
      targetPort: this.#served.port,
      history: this.#history,
      name,
      losses,
    })
    this.#proxies.push(proxy)
    return proxy
  }

  #random(): Random {
    return new Random(this.#options.seed, this.#options.run * 100 + ++this.#streams)
  }
}

/** Whether it ended without a goodbye, though the server did not end it. */
function isBroken(thread: Thread): boolean {
  return thread.endedBy === 'loss' || (thread.endedBy === 'client' && !isComplete(thread))
}
