/**
 * TickScheduler: turns of the event loop without the event loop. A macrotask runs once all microtasks have run, one at a time, which
 * is all that the ordering laws ask for; it costs a fraction of `setImmediate`, and one can wait until nothing is left to do.
 */
import process from 'node:process'
import type { Scheduler } from '../../src/base/scheduler.js'

const settled: Promise<void> = Promise.resolve()
const MAX_TURNS = 100_000

/** One for everybody in a simulation. Its time stands still: how fast the machine is must not decide what happens. */
export class TickScheduler implements Scheduler {
  readonly #tasks: (() => void)[] = []
  #isScheduled = false
  #ran = 0
  #thrown: { readonly error: unknown } | undefined

  microtask(callback: () => void): void {
    void settled.then(callback)
  }

  macrotask(callback: () => void): void {
    this.#tasks.push(callback)
    if (!this.#isScheduled) this.#schedule()
  }

  /** Here one is as good as the other: there are no timers and no I/O to wait for. */
  readonly afterMicrotasks = (callback: () => void): void => this.macrotask(callback)

  elapsedMs(): number {
    return 0
  }

  /** Resolves once no task is left. @throws what a task has thrown, or Error if that never comes */
  async rest(): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const ranBefore = this.#ran
      await new Promise<void>((resolve) => process.nextTick(resolve))
      if (this.#thrown !== undefined) throw this.#thrown.error
      // What a task has begun may still be running through its microtasks.
      if (this.#tasks.length === 0 && this.#ran === ranBefore) return
    }
    throw new Error('Somebody never comes to rest')
  }

  /** From a microtask, the next tick comes after all microtasks. */
  #schedule(): void {
    this.#isScheduled = true
    void settled.then(() => process.nextTick(this.#run))
  }

  readonly #run = (): void => {
    this.#isScheduled = false
    this.#ran += 1
    const task = this.#tasks.shift()
    if (this.#tasks.length > 0) this.#schedule()
    try {
      task?.()
    } catch (error) {
      this.#thrown ??= { error }
    }
  }
}
