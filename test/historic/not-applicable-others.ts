/**
 * The scenarios 43 to 91 of the bank that cannot be tests of zoolet, each with its reason. All others are described, by their
 * number, in the tests of this folder.
 */

/** Scenario, ids and reason. */
export const NOT_APPLICABLE_OTHERS: readonly {
  readonly scenario: number
  readonly ids: string
  readonly reason: string
}[] = []
