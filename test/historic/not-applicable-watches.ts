/**
 * What of the historic bugs 1 to 42 cannot be tested here, each with its reason. A scenario that is also a test is named for the part
 * that is missing. Read by whoever checks that none of the list is forgotten.
 */

/** Scenarios, or parts of them, without a test. */
export const NOT_APPLICABLE_WATCHES: readonly {
  readonly scenario: number
  readonly ids: string
  readonly reason: string
}[] = [
  {
    scenario: 39,
    ids: 'kz 9b0a793',
    reason:
      'The lock itself: recipes are not built yet. The reads that a lock waits with are tested, and a lock written by hand.',
  },
  {
    scenario: 42,
    ids: 'CUR-391 (#911), CUR-388, CUR-182, CUR-183',
    reason:
      'The cache itself: recipes are not built yet. That nothing which was replaced looks unchanged to its watches is tested.',
  },
]
