/** Judge: runs inputs one by one or many in a row, and says what is wrong with them. */
import process from 'node:process'
import { Alarm } from './alarm.js'
import { BrokenLaw, nextTurn, type Target } from './target.js'
import { Watchdog } from './watchdog.js'

/** Why an input is one that must not be. */
export interface Verdict {
  readonly what: 'exception' | 'uncaught exception' | 'unhandled rejection' | 'turn over 50 ms'
  readonly error: unknown
}

/** An input with what is wrong with it. */
export interface Found {
  readonly input: Uint8Array
  readonly verdict: Verdict
}

const MOST_MS = 50
/** A busy machine, or a collection, is not the fault of the input: it has to be slow each time, by the time of the processor. */
const SLOW_TIMES = 4
const MICROSECONDS_A_MS = 1000

/** For one target. */
export class Judge {
  readonly #target: Target
  readonly #alarm = new Alarm()
  readonly #watchdog: Watchdog

  constructor(target: Target) {
    this.#target = target
    this.#watchdog = new Watchdog(target.name)
  }

  async stop(): Promise<void> {
    this.#alarm.stop()
    await this.#watchdog.stop()
  }

  /** The first bad one, if there is one. Stacks are left out, which takes half of the time; the verdict of `judge` has them. */
  async findBad(inputs: readonly Uint8Array[]): Promise<Found | undefined> {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      return await this.#findBad(inputs)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
      this.#watchdog.end()
    }
  }

  /** What is wrong with this one, if anything is. */
  async judge(input: Uint8Array): Promise<Verdict | undefined> {
    this.#alarm.take()
    this.#watchdog.begin(input)
    try {
      const startMs = performance.now()
      await this.#target.run(input)
      if (performance.now() - startMs > MOST_MS && (await this.#isSlow(input))) {
        return { what: 'turn over 50 ms', error: undefined }
      }
    } catch (error) {
      return { what: 'exception', error }
    } finally {
      this.#watchdog.end()
    }
    await nextTurn()
    const [heard] = this.#alarm.take()
    return heard && { what: heard.verdict, error: heard.error }
  }

  async #findBad(inputs: readonly Uint8Array[]): Promise<Found | undefined> {
    for (const input of inputs) {
      this.#watchdog.begin(input)
      const startMs = performance.now()
      try {
        const running = this.#target.run(input)
        if (running !== undefined) await running
      } catch (error) {
        return { input, verdict: { what: 'exception', error } }
      }
      if (performance.now() - startMs <= MOST_MS) continue
      if (await this.#isSlow(input)) return { input, verdict: { what: 'turn over 50 ms', error: undefined } }
    }
    await nextTurn()
    const [heard] = this.#alarm.take()
    return heard && this.#culprit(inputs, { what: heard.verdict, error: heard.error })
  }

  /** Nobody says to whom an uncaught error belongs: each is run again, by itself. */
  async #culprit(inputs: readonly Uint8Array[], otherwise: Verdict): Promise<Found> {
    for (const input of inputs) {
      const verdict = await this.judge(input)
      if (verdict !== undefined) return { input, verdict }
    }
    return { input: inputs.at(-1) ?? new Uint8Array(0), verdict: otherwise }
  }

  async #isSlow(input: Uint8Array): Promise<boolean> {
    for (let i = 0; i < SLOW_TIMES; i++) {
      const start = process.cpuUsage()
      await this.#target.run(input)
      const { user, system } = process.cpuUsage(start)
      if ((user + system) / MICROSECONDS_A_MS <= MOST_MS) return false
    }
    return true
  }
}

/** Whether two verdicts are about the same fault, as far as a machine can tell. */
export function isSameFault(one: Verdict, other: Verdict): boolean {
  return one.what === other.what && kindOf(one.error) === kindOf(other.error)
}

function kindOf(error: unknown): string {
  if (error instanceof BrokenLaw) return error.law
  return error instanceof Error ? error.name : typeof error
}
