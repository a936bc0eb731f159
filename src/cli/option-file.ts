/** Files that options name: read as a whole when the server starts, with errors that name the option and the file. */
import { readFileSync } from 'node:fs'
import { CommandError, messageOf, systemCodeOf } from './command-error.js'
import { quote } from './shown-text.js'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
}

/** The bytes of a file. @throws CommandError */
export function readOptionFile(option: string, path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    const reason = REASONS[systemCodeOf(cause) ?? ''] ?? messageOf(cause)
    throw new CommandError(`cannot read ${option} ${quote(path)}: ${reason}`, { exitCode: 2, cause })
  }
}
