/** A Terminal that keeps what is written to it, and sends signals when a test says so. */
import type { StopSignal, Terminal } from '../../src/cli/terminal.js'

/** Stands in for a process. */
export class FakeTerminal implements Terminal {
  /** Lines of the standard output. */
  readonly out: string[] = []
  /** Lines of the standard error output. */
  readonly err: string[] = []
  /** The codes that `exit` was called with. */
  readonly exits: number[] = []
  readonly #listeners = new Set<(signal: StopSignal) => void>()
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = []

  print(line: string): void {
    this.out.push(line)
    for (const { pattern, resolve } of this.#waiting) if (pattern.test(line)) resolve(line)
  }

  warn(line: string): void {
    this.err.push(line)
  }

  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  exit(code: number): void {
    this.exits.push(code)
  }

  /** How many listen to signals. */
  get listenerCount(): number {
    return this.#listeners.size
  }

  /** Sends a signal to whoever listens. */
  signal(signal: StopSignal): void {
    for (const listener of this.#listeners) listener(signal)
  }

  /** Resolves with the first line of the standard output that fits, printed already or to come. */
  line(pattern: RegExp): Promise<string> {
    const printed = this.out.find((line) => pattern.test(line))
    if (printed !== undefined) return Promise.resolve(printed)
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }))
  }
}
