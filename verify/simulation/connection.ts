/**
 * Connection: one connection of a simulated client, whatever carries it, and what a network can do to it. Over bytes (Wire) nothing
 * goes over by itself; within a process (LocalLink) everything does at once, so that there is nothing to be said, heard or lost.
 */
import type { ClientEnd } from '../../src/transport/transport.js'
import type { CnxnLog } from './cnxn-log.js'

/** As much of a connection as the machine of the server knows. */
export interface HostedCnxn {
  readonly log: CnxnLog
  /** Whether the server has given it up, or knows that it is over. */
  readonly isOverForServer: boolean
  /** The network takes what nobody will ever hear. True if it did. */
  swallow(): boolean
  /** The process of the server is gone: nothing that it had in its hands is ever sent. */
  serverDied(): void
}

/** One connection of a client. */
export interface Connection extends HostedCnxn {
  /** Whether it is within one process: it cannot be half-open, and a dial is not refused. */
  readonly isLocal: boolean
  /** What the client holds. */
  readonly clientEnd: ClientEnd
  /** Whether the client has given it up, or knows that it is over. */
  readonly isOverForClient: boolean
  /** Whether nothing on it can reach the server any more, not even its end. */
  readonly isSpent: boolean
  /** Whether one direction carries nothing any more. */
  readonly isHalfOpen: boolean
  /** Bytes that the client has sent and the server has not got. */
  readonly saidBytes: number
  /** Bytes that the server has sent and the client has not got. */
  readonly heardBytes: number
  /** Bytes until the client has the next whole frame. */
  readonly nextFrameBytes: number
  /** Whether there is anything that the server can hear. */
  readonly canSay: boolean
  /** Whether there is anything that the client can hear. */
  readonly canHear: boolean
  /** What is on its way to the server, one character a byte. */
  readonly saidText: string
  /** Hands over up to so many bytes of what the client has sent; all if nothing is given. */
  say(bytes?: number): void
  /** Hands over up to so many bytes of what the server has sent; all if nothing is given. */
  hear(bytes?: number): void
  /** Breaks for both; what is on its way is lost. */
  cut(): void
  /** Breaks for the client; the server learns of it behind what was said. */
  giveUp(): void
  /** One direction carries nothing any more. */
  loseWhatIs(lost: 'said' | 'heard'): void
}
