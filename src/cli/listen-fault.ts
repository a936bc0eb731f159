/** Why a place could not be listened on, in the words of the options: what the system said, and what to do. */
import { CommandError, messageOf, systemCodeOf } from './command-error.js'
import type { ListenPlace } from './serve-options.js'
import { quote, showPath } from './shown-text.js'

type Reasons = Readonly<Record<string, string>>

/** The error for what `listen` rejected with. Options that it refuses are the fault of the command line. */
export function listenFault(place: ListenPlace, cause: unknown): CommandError {
  const code = systemCodeOf(cause) ?? ''
  const isRefusedOption = cause instanceof TypeError || cause instanceof RangeError
  if (isRefusedOption) return new CommandError(messageOf(cause), { exitCode: 2, cause })
  const reason = reasonsOf(place)[code] ?? `cannot listen on ${nameOf(place)}: ${messageOf(cause)}`
  return new CommandError(reason, { exitCode: 1, cause })
}

function reasonsOf(place: ListenPlace): Reasons {
  return 'path' in place ? socketReasons(place.path) : portReasons(place.host, place.port)
}

function portReasons(host: string, port: number): Reasons {
  const shownHost = showPath(host)
  const unknown = `the host name ${quote(host)} is unknown: give an address of this machine, such as 127.0.0.1, with --host`
  return {
    EADDRINUSE: `port ${port} of ${shownHost} is in use: stop what listens there, or choose another with --port`,
    EACCES: `port ${port} of ${shownHost} is not for this user: choose one from 1024 on with --port`,
    EADDRNOTAVAIL: `${shownHost} is not an address of this machine: choose another with --host`,
    EAFNOSUPPORT: `this machine has no addresses like ${shownHost}: choose another with --host`,
    ENOTFOUND: unknown,
    EAI_AGAIN: unknown,
  }
}

function socketReasons(path: string): Reasons {
  const shown = showPath(path)
  return {
    EADDRINUSE: `${shown} exists: stop what listens there, remove the file if nothing does, or choose another with --unix`,
    EACCES: `cannot make the socket ${shown}: its folder does not exist, or is not for this user; choose another with --unix`,
    ENOTDIR: `cannot make the socket ${shown}: a part of its path is no folder; choose another with --unix`,
  }
}

function nameOf(place: ListenPlace): string {
  return 'path' in place ? showPath(place.path) : `port ${place.port} of ${showPath(place.host)}`
}
