/**
 * The traps of the reference that cannot apply to what there is today, each with its reason. Every other one has a test with
 * `[trap N]` in its title; traps.test.ts holds both to be complete.
 */

/** A trap without a test. */
export interface InapplicableTrap {
  readonly trap: number
  readonly reason: string
}

/** How many traps the reference lists. */
export const TRAP_COUNT = 46

/** A row goes when its trap gets a test. */
export const INAPPLICABLE_TRAPS: readonly InapplicableTrap[] = [
  {
    trap: 44,
    reason: 'There are no four-letter words before the server listens on a socket: no wchs, no mntr.',
  },
  { trap: 45, reason: 'There are no four-letter words before the server listens on a socket: no wchs.' },
  {
    trap: 46,
    reason: 'There are no four-letter words before the server listens on a socket: no srvr, no stat.',
  },
]
