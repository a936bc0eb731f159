/**
 * BackOff: when a client of a network dials again. Each server of its list is tried once soon after the other; then the pauses
 * double with each round, up to a limit, or until one round takes half of the session: a server that comes back must find the
 * client in time. Every pause is random within its upper half. Its timers keep the process alive, since somebody waits for the
 * connection.
 */
import type { Clock, Timer } from '../base/clock.js'
import type { Redial } from './redial.js'

/** What a BackOff is made with. */
export interface BackOffOptions {
  readonly clock: Clock
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number
  /** Servers that are tried in turn. */
  readonly serverCount: number
  /** Until a server grants another. */
  readonly sessionTimeoutMs: number
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
const PART_OF_SESSION = 0.5
/** A connection that broke sooner is no better than none: so two clients that take one session from each other do not spin. */
const STABLE_MS = 1000

/** The pauses of one client. */
export class BackOff implements Redial {
  readonly #options: BackOffOptions
  #sessionTimeoutMs: number
  #failures = 0
  #connectedMs: number | undefined
  #timer: Timer | undefined

  constructor(options: BackOffOptions) {
    this.#options = options
    this.#sessionTimeoutMs = options.sessionTimeoutMs
  }

  schedule(dial: () => void): void {
    const { clock } = this.#options
    const wasStable = this.#connectedMs !== undefined && clock.monotonicMs() - this.#connectedMs >= STABLE_MS
    this.#failures = wasStable ? 0 : this.#failures + 1
    this.#connectedMs = undefined
    this.#timer = clock.setTimer(dial, this.#pauseMs())
  }

  connected(sessionTimeoutMs: number): void {
    this.#sessionTimeoutMs = sessionTimeoutMs
    this.#connectedMs = this.#options.clock.monotonicMs()
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #pauseMs(): number {
    const { random, serverCount } = this.#options
    const rounds = Math.floor(this.#failures / serverCount)
    const boundMs = (this.#sessionTimeoutMs * PART_OF_SESSION) / serverCount
    const longestMs = Math.min(FIRST_PAUSE_MS * 2 ** rounds, LONGEST_PAUSE_MS, boundMs)
    return longestMs * (0.5 + random() / 2)
  }
}
