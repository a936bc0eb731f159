/**
 * The scenarios 43 to 91 of the bank that cannot be tests of zoolet, each with its reason. All others are described, by their
 * number, in the tests of this folder.
 */

/** Scenario, ids and reason. */
export const NOT_APPLICABLE_OTHERS: readonly {
  readonly scenario: number
  readonly ids: string
  readonly reason: string
}[] = [
  {
    scenario: 71,
    ids: 'ZK-2931, kz cc8ce89 (#649)',
    reason:
      'recipes are not built yet: it is a lock or an election that orders its contenders, by their whole names instead of by their numbers; what they order by, ten digits that grow, is tested in 67 to 70',
  },
]
