/**
 * Mix: one history of everybody at the same time: workers and apps in process and over TCP, sleepers, and clients that others wrote;
 * all of them live through losses of their connections.
 */
import { createHash } from 'node:crypto'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { WireCnxn } from '../differential/wire-cnxn.js'
import { Random } from '../random.js'
import { type App, runApp } from './app.js'
import { History, type Thread } from './history.js'
import { Journal } from './journal.js'
import { Load } from './load.js'
import { Losses } from './losses.js'
import { OTHER_CLIENTS } from './other-clients.js'
import { inProcess, overTcp } from './own-clients.js'
import type { MixOptions, Recording } from './recording.js'
import { RecordingProxy } from './recording-proxy.js'
import { isComplete } from './requests.js'
import { type Served, startServer, TICK_MS } from './served.js'
import { latestMs } from './session-rules.js'
import { oversleep } from './sleeper.js'
import { type Adventures, inspect, type Worker, work } from './worker.js'

/** What came of it. */
export interface Mixed {
  /** With a failure if it was broken off. */
  readonly recording: Recording
  readonly lived: Readonly<Record<'losses' | 'takeOvers' | 'strangers' | 'expired', number>>
}

const WORKERS = 4
const APPS = 2
const SLEEPERS = 2
const TROUBLES = 0.05
const LOSS = 0.02
const LOOK_MS = 50
/** How long everybody may take to notice that it is over. */
const PATIENCE_MS = 10_000
/** How late an expiry may be. */
const GRACE_MS = 3 * TICK_MS
/** Requests for each session that a sleeper lets expire. */
const REQUESTS_PER_SLEEP = 2_000

/** Makes one history. Whatever goes wrong on the way breaks it off, and ends everybody in it. */
export async function runMix(options: MixOptions): Promise<Mixed> {
  const served = await startServer(options.server)
  const mix = new Mix(served, options)
  const crashed = (error: unknown): void => mix.breakOff(error)
  process.on('uncaughtException', crashed)
  try {
    return await mix.run()
  } finally {
    await served.close()
    process.off('uncaughtException', crashed)
  }
}

class Mix {
  readonly #served: Served
  readonly #options: MixOptions
  readonly #history = new History()
  readonly #journals: Journal[] = []
  readonly #proxies: RecordingProxy[] = []
  readonly #broken = new Set<string>()
  readonly #end = new AbortController()
  readonly #mayBreak = (): boolean => this.#history.isCalm

  constructor(served: Served, options: MixOptions) {
    this.#served = served
    this.#options = options
  }

  /** Nobody goes on. */
  breakOff(error: unknown): void {
    this.#end.abort(error)
  }

  async run(): Promise<Mixed> {
    const look = setInterval(() => this.#look(), LOOK_MS)
    const everybody = [this.#runWorkers(), this.#runApps(), this.#runOthers(), this.#runSleepers()] as const
    try {
      const [adventures, , , expired] = await Promise.race([Promise.all(everybody), this.#brokenOff()])
      await Promise.all(this.#proxies.map((proxy) => proxy.close()))
      await this.#inspect()
      const watchesLeft = await this.#served.watchCount()
      const losses = this.#history.threads.filter(isBroken).length
      return { recording: this.#record(watchesLeft), lived: { ...adventures, losses, expired } }
    } catch (error) {
      this.breakOff(error)
      await Promise.race([Promise.allSettled(everybody), sleep(PATIENCE_MS)])
      await Promise.allSettled(this.#proxies.map((proxy) => proxy.close()))
      const lived = { losses: 0, takeOvers: 0, strangers: 0, expired: 0 }
      return {
        recording: this.#record(0, error instanceof Error ? (error.stack ?? error.message) : String(error)),
        lived,
      }
    } finally {
      clearInterval(look)
    }
  }

  #brokenOff(): Promise<never> {
    const { signal } = this.#end
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    )
  }

  #record(watchesLeft: number, failure?: string): Recording {
    const { eventsHaveZxid, goodbyeIsNoEnd, strangersCutOwners, deletesLagBehindCloses } = this.#served
    const differences = { eventsHaveZxid, goodbyeIsNoEnd, strangersCutOwners, deletesLagBehindCloses }
    return {
      made: this.#options,
      options: { ...differences, firstZxid: 0, tickMs: TICK_MS },
      tables: { broken: [...this.#broken], watchesLeft },
      failure,
      history: this.#history,
      journals: this.#journals,
    }
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
          const name = `w${i}${j}`
          const load = new Load({ random: this.#random(`${name} load`), name, hasLastingWatches })
          return work({ ...this.#whoever(name), dial, load, requests, troubles: TROUBLES })
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
    const load = new Load({ random: this.#random('z load'), name: 'z', hasLastingWatches: false })
    const dial = this.#history.recorded((events) => new WireCnxn(this.#served.port, events), 'the last look')
    await inspect({ ...this.#whoever('z'), dial, load, requests: 0, troubles: 0 })
  }

  async #runApps(): Promise<void> {
    const { zoo } = this.#served
    const { port } = await this.#proxy('client over TCP')
    const redials = (name: string): Random => this.#random(`${name} redials`)
    const own = Array.from({ length: APPS }, (_, i) => overTcp(port, redials(`client ${i + 1}`)))
    const near = own.flatMap((_, i) => {
      const name = `client in process ${i + 1}`
      return zoo === undefined ? [] : inProcess(zoo, { history: this.#history, name, random: redials(name) })
    })
    const apps = [...own, ...near].map((each, i): App => {
      const journal = new Journal(`app ${i + 1}`)
      this.#journals.push(journal)
      const requests = this.#options.requests / 2
      const name = `a${i}`
      return { ...each, ...this.#whoever(name), troubles: TROUBLES, journal, requests, name }
    })
    await Promise.all(apps.map(runApp))
  }

  async #runOthers(): Promise<void> {
    const { requests } = this.#options
    const seed = this.#random('clients of others').int(2 ** 31)
    const { signal } = this.#end
    await Promise.all(
      OTHER_CLIENTS.filter((each) => each.isHere()).map(async (each) => {
        const { port } = await this.#proxy(each.name, each)
        await each.run({ port, requests, seed, signal })
      }),
    )
  }

  async #runSleepers(): Promise<number> {
    const { dialInProcess, port } = this.#served
    const { history, requests } = { history: this.#history, requests: this.#options.requests }
    const wire = (events: ConstructorParameters<typeof WireCnxn>[1]): WireCnxn => new WireCnxn(port, events)
    const dials = [{ dial: history.recorded(wire, 'sleeper'), isHeldByConnection: false }]
    if (dialInProcess !== undefined)
      dials.push({ dial: history.recorded(dialInProcess, 'sleeper in process'), isHeldByConnection: true })
    const hasLastingWatches = this.#served.eventsHaveZxid
    const timeoutMs = 2 * TICK_MS
    const times = { timeoutMs, graceMs: GRACE_MS, latestMs: latestMs(timeoutMs, TICK_MS) }
    const expired = await Promise.all(
      dials.flatMap((each, i) =>
        Array.from({ length: SLEEPERS }, (_, j) => {
          const name = `s${i}${j}`
          const load = new Load({ random: this.#random(`${name} load`), name, hasLastingWatches })
          const sessions = Math.ceil(requests / REQUESTS_PER_SLEEP)
          return oversleep({ ...each, ...this.#whoever(name), ...times, load, sessions })
        }),
      ),
    )
    return expired.reduce((sum, each) => sum + each, 0)
  }

  async #proxy(
    name: string,
    { canBreakFrames }: { canBreakFrames: boolean } = { canBreakFrames: true },
  ): Promise<RecordingProxy> {
    const losses = new Losses({
      random: this.#random(`${name} losses`),
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

  /** What everybody has. */
  #whoever(name: string): Pick<Worker, 'random' | 'mayBreak' | 'signal'> {
    return { random: this.#random(name), mayBreak: this.#mayBreak, signal: this.#end.signal }
  }

  /** By name: who comes first is not up to the seed. */
  #random(name: string): Random {
    const { seed, run } = this.#options
    return new Random(seed, createHash('sha1').update(`${run} ${name}`).digest().readUInt32LE())
  }
}

/** Whether it ended without a goodbye, though the server did not end it. */
function isBroken(thread: Thread): boolean {
  return thread.endedBy === 'loss' || (thread.endedBy === 'client' && !isComplete(thread))
}
