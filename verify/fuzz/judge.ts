/** Judge: runs inputs one by one or many in a row, and says what is wrong with them. */
import process from 'node:process'
import { Alarm } from './alarm.js'
import { BrokenLaw, nextTurn, type Target } from './target.js'
import { Watchdog, type WatchdogOptions } from './watchdog.js'

/** What is wrong with an input. */
export interface Fault {
  readonly what: 'exception' | 'uncaught exception' | 'unhandled rejection' | 'turn over 50 ms'
  readonly error: unknown
}

/** An input with what is wrong with it. */
export interface Found {
  readonly input: Uint8Array
  readonly fault: Fault
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

  constructor(target: Target, options: WatchdogOptions) {
    this.#target = target
    this.#watchdog = new Watchdog(target, options)
  }

  async stop(): Promise<void> {
    this.#alarm.stop()
    await this.#watchdog.stop()
  }

  /** What is wrong with this one, if anything is; with a stack. */
  async findFault(input: Uint8Array): Promise<Fault | undefined> {
    this.#alarm.take()
    const found = await this.#runAll([input])
    return found?.fault
  }

  /**
   * The first bad one, if there is one. Stacks are left out, which takes half of the time. `run` is how many inputs have been run
   * with these, for whoever wants to repeat it.
   */
  async findFirst(inputs: readonly Uint8Array[], run: number): Promise<Found | undefined> {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    this.#watchdog.run = run
    try {
      return await this.#runAll(inputs)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  async #runAll(inputs: readonly Uint8Array[]): Promise<Found | undefined> {
    try {
      for (const input of inputs) {
        this.#watchdog.begin(input)
        const startMs = performance.now()
        try {
          const running = this.#target.run(input)
          if (running !== undefined) await running
          if (performance.now() - startMs > MOST_MS && (await this.#isSlow(input)))
            return { input, fault: { what: 'turn over 50 ms', error: undefined } }
        } catch (error) {
          return { input, fault: { what: 'exception', error } }
        }
      }
    } finally {
      this.#watchdog.end()
    }
    await nextTurn()
    const [heard] = this.#alarm.take()
    return heard && this.#culprit(inputs, heard)
  }

  /** Nobody says to whom an uncaught error belongs: each is run again, by itself. */
  async #culprit(inputs: readonly Uint8Array[], heard: Fault): Promise<Found> {
    const last = { input: inputs.at(-1) ?? new Uint8Array(0), fault: heard }
    if (inputs.length === 1) return last
    for (const input of inputs) {
      const fault = await this.findFault(input)
      if (fault !== undefined) return { input, fault }
    }
    return last
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

/** Whether two faults are the same, as far as a machine can tell. */
export function isSameFault(one: Fault, other: Fault): boolean {
  return one.what === other.what && kindOf(one.error) === kindOf(other.error)
}

function kindOf(error: unknown): string {
  if (error instanceof BrokenLaw) return error.law
  return error instanceof Error ? error.name : typeof error
}
