/**
 * What of the historic bugs 1 to 42 cannot be tested here, each with its reason. A scenario that is also a test is named for the part
 * that is missing. Read by whoever checks that none of the list is forgotten.
 */

/** Scenarios, or parts of them, without a test. */
export const NOT_APPLICABLE_WATCHES: readonly {
  readonly scenario: number
  readonly ids: string
  readonly reason: string
}[] = []
