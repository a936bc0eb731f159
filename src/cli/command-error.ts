/** CommandError: why a command cannot go on, as one line for the person who typed it. Thrown by commands, printed by `zoolet`. */

/** 2: the command line is wrong. 1: it is right, but the machine does not let us. */
export type FaultCode = 1 | 2

/** A fault with the exit code that it ends the process with. The message says what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  readonly exitCode: FaultCode

  constructor(
    message: string,
    { exitCode, cause }: { readonly exitCode: FaultCode; readonly cause?: unknown },
  ) {
    super(message, { cause })
    this.exitCode = exitCode
  }
}

/** What the machine calls a fault, such as `'ENOENT'`; undefined for any other error. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The message of whatever was thrown, in one line. */
export function messageOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replaceAll(/\s+/g, ' ')
}
