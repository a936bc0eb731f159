/**
 * Where a target does other than the contract says: which test fails there, and why. Each must fail, so that an entry which is no
 * longer true is noticed. The reasons are those of docs/compatibility.md.
 */
import type { TargetName } from './target.js'

/** One test of one target. */
export interface Deviation {
  readonly target: TargetName
  /** `area > title`. */
  readonly test: string
  readonly reason: string
}

/** Tests that fail for one reason. */
interface Group {
  readonly targets: readonly TargetName[]
  readonly reason: string
  readonly tests: readonly string[]
}

const REAL = ['Apache ZooKeeper 3.8.0'] as const
const IN_PROCESS = ['in process'] as const
const WIRES = ['TCP', 'Unix socket', 'MessagePort'] as const

const KINDS = [
  'a data watch',
  'an exists watch',
  'a child watch',
  'a persistent watch',
  'a recursive watch',
] as const
const [, , , PERSISTENT, RECURSIVE] = KINDS

const GROUPS: readonly Group[] = [
  {
    targets: REAL,
    reason:
      'from 3.9.0: kinds of watch on one path live side by side; before, the later one replaces the earlier',
    tests: [
      'persistent N, then data N, two setData: the one-shot does not replace it [trap 12]',
      'recursive N, then data N, two setData',
      'recursive parent, then exists parent, two setData below',
      'recursive N, then persistent N: both go on',
      'persistent parent, then recursive parent, and persistent N, create N',
      'everything on N and its parent, recursive parent last, delete N',
    ].map((title) => `watch combinations > ${title}`),
  },
  {
    targets: REAL,
    reason: 'from 3.9.0: an event says which transaction caused it',
    tests: KINDS.map((kind) => `watch registration > an event for ${kind} says which transaction caused it`),
  },
  {
    targets: REAL,
    reason: 'from 3.9.0: there are the types Persistent and PersistentRecursive; before, MARSHALLINGERROR',
    tests: [
      `removeWatches > Persistent takes ${PERSISTENT} away`,
      `removeWatches > PersistentRecursive takes ${RECURSIVE} away`,
      ...(['Persistent', 'PersistentRecursive'] as const).flatMap((type) =>
        KINDS.map((kind) => {
          const isMeant = kind === (type === 'Persistent' ? PERSISTENT : RECURSIVE)
          return `checkWatches > ${type} ${isMeant ? 'finds' : 'does not find'} ${kind}`
        }),
      ),
    ],
  },
  {
    targets: REAL,
    reason:
      'from 3.9.0: the types Data and Children leave lasting watches alone; before, they take one half of them',
    tests: [
      `removeWatches > Children does not take ${PERSISTENT} away`,
      `removeWatches > Data does not take ${PERSISTENT} away`,
      `removeWatches > Data does not take ${RECURSIVE} away`,
      ...(['Children', 'Data'] as const).flatMap((type) =>
        [PERSISTENT, RECURSIVE].map((kind) => `checkWatches > ${type} does not find ${kind}`),
      ),
    ],
  },
  {
    targets: REAL,
    reason: 'newer servers: checkWatches looks at the watches of the caller; before, at those of any session',
    tests: KINDS.map((kind) => `checkWatches > does not find ${kind} of another client`),
  },
  {
    targets: REAL,
    reason: 'from 3.8.4 and 3.9.2: exists needs READ',
    tests: [
      'permissions > exists is NOAUTH with all but READ',
      'watches and permissions > an exists watch on a znode that may not be read is NOAUTH and leaves nothing',
      'operations and codes > exists: NOAUTH',
    ],
  },
  {
    targets: REAL,
    reason: 'from 3.8.3: a create in a multi that wants the Stat gets it',
    tests: ['multi > answers a create that wants it with the Stat'],
  },
  {
    targets: REAL,
    reason: 'newer servers: an ACL may have an IPv6 address',
    tests: ['ACLs > ip:::1 is shown as it was given'],
  },
]

/** All of them. */
export const DEVIATIONS: readonly Deviation[] = GROUPS.flatMap(({ targets, reason, tests }) =>
  targets.flatMap((target) => tests.map((test) => ({ target, test, reason }))),
)

/** Why a test has to fail on a target; undefined if it has to pass. */
export function findDeviation(target: TargetName, area: string, title: string): string | undefined {
  return DEVIATIONS.find((one) => one.target === target && one.test === `${area} > ${title}`)?.reason
}
