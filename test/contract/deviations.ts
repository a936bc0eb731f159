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
  {
    targets: IN_PROCESS,
    reason: 'D9: in process the limits are about the data and the operations, and no request has a size',
    tests: [
      'data > that is one byte longer is a RangeError, and the connection stays',
      'multi > that is larger than a request may be is a RangeError',
      'operations and codes > multiRead: MARSHALLINGERROR',
    ],
  },
  {
    targets: IN_PROCESS,
    reason: 'D42: only a client over a wire looks for its chroot',
    tests: ['chroot > that does not exist is NONODE at connect', 'operations and codes > connect: NONODE'],
  },
  {
    targets: IN_PROCESS,
    reason: 'a server of this process is there, or closed, which is SESSIONEXPIRED',
    tests: ['operations and codes > connect: CONNECTIONLOSS'],
  },
  {
    targets: WIRES,
    reason: 'the protocol has no way to say why a handshake is refused: the connection is closed',
    tests: ['operations and codes > connect: QUOTAEXCEEDED'],
  },
  {
    targets: REAL,
    reason: 'D9: a real server has no limits of depth, sessions, watches and operations; those of its memory',
    tests: [
      'names and paths > a path of more names than the server allows is BADARGUMENTS',
      ...['connect', 'exists', 'getData', 'getChildren', 'addWatch', 'watch'].map(
        (operation) => `operations and codes > ${operation}: QUOTAEXCEEDED`,
      ),
      'operations and codes > create: BADARGUMENTS',
      'operations and codes > createAll: BADARGUMENTS',
      'operations and codes > multiRead: MARSHALLINGERROR',
    ],
  },
  {
    targets: REAL,
    reason:
      'the one real server of this suite has TTL znodes switched on, and no test switches it off or stops it',
    tests: [
      ...['create', 'createAll', 'multi', 'transaction'].map(
        (operation) => `operations and codes > ${operation}: UNIMPLEMENTED`,
      ),
      'operations and codes > connect: CONNECTIONLOSS',
    ],
  },
  {
    targets: REAL,
    reason: 'D6: a real server judges each operation of a multi by the usage before it',
    tests: ['quotas > answer a multi whose operations are over the count together [D6] with QUOTAEXCEEDED'],
  },
  {
    targets: REAL,
    reason: 'D1: a real server closes the connection of the session before it looks at the password',
    tests: ['sessions > cannot be taken up with another password, and their owner does not notice [D1]'],
  },
  {
    targets: REAL,
    reason: 'D7: a real server sends catch-up events about znodes that may not be read',
    tests: ['catching up > withholds what the client may not read any more [D7]'],
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
