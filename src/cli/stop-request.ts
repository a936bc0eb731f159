/** StopRequest: the first signal asks a command to stop, a second one no longer waits for it. */
import type { StopSignal, Terminal } from './terminal.js'

/** What a shell reports of a process that a signal ended: 128 and the number of the signal. */
const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

/** Hears the signals of a terminal from its making until `release`. */
export class StopRequest {
  /** Resolves at the first signal. */
  readonly made: Promise<void>
  /** Leaves the signals to the system again. */
  readonly release: () => void

  constructor(terminal: Terminal) {
    let isMade = false
    let make = (): void => undefined
    this.made = new Promise((resolve) => {
      make = resolve
    })
    this.release = terminal.onSignal((signal) => {
      if (isMade) {
        terminal.warn(`zoolet: a second signal, ${signal}: ended without waiting`)
        terminal.exit(EXIT_CODES[signal])
      }
      isMade = true
      make()
    })
  }
}
