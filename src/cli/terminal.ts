/**
 * Terminal: all that a command has of the outer world, so that tests can stand in for it: two streams of lines, the signals
 * that ask for an end, and the end itself.
 */

/** The signals that ask a server to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM'

/** Where a command runs. */
export interface Terminal {
  /** Writes one line to the standard output. Does not throw. */
  print(line: string): void
  /** Writes one line to the standard error output. Does not throw. */
  warn(line: string): void
  /** Calls back on each of the signals, which then do not end the process by themselves. Returns how to stop. */
  onSignal(listener: (signal: StopSignal) => void): () => void
  /** Ends the process at once. */
  exit(code: number): void
}
