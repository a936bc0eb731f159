/** Paths of Unix sockets: the system has room for so many bytes, and cuts a longer one without a word. */
import { platform } from 'node:os'
import { describe } from '../base/describe.js'

const LONGEST_BYTES = { linux: 107, other: 103 } as const

/** Lets a path pass that the system can hold. @throws TypeError, RangeError */
export function checkSocketPath(path: unknown): void {
  if (typeof path !== 'string' || path === '')
    throw new TypeError(`Invalid path ${describe(path)}: pass the path of a Unix socket`)
  const bytes = Buffer.byteLength(path)
  const longest = platform() === 'linux' ? LONGEST_BYTES.linux : LONGEST_BYTES.other
  if (bytes > longest)
    throw new RangeError(
      `The path of a Unix socket has at most ${longest} bytes, and ${describe(path)} has ${bytes}`,
    )
}
