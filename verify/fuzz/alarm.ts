/** Alarm: hears of errors that nobody caught and of promises that nobody awaited, instead of the process ending. */
import process from 'node:process'

/** What was heard, and how. */
export interface Heard {
  readonly what: 'uncaught exception' | 'unhandled rejection'
  readonly error: unknown
}

/** One for each run of the fuzzer. */
export class Alarm {
  readonly #heard: Heard[] = []

  constructor() {
    process.on('uncaughtException', this.#uncaught)
    process.on('unhandledRejection', this.#unhandled)
  }

  /** What was heard since the last time. */
  take(): readonly Heard[] {
    return this.#heard.splice(0)
  }

  stop(): void {
    process.off('uncaughtException', this.#uncaught)
    process.off('unhandledRejection', this.#unhandled)
  }

  readonly #uncaught = (error: unknown): void => {
    this.#heard.push({ what: 'uncaught exception', error })
  }

  readonly #unhandled = (error: unknown): void => {
    this.#heard.push({ what: 'unhandled rejection', error })
  }
}
