/** Edits of a snapshot, four bytes each: what to do, where, to which field, with which value. Any bytes are edits. */
import type { Snapshot } from '../../../src/server/snapshot.js'

const EDIT_BYTES = 4
const MOST_EDITS = 64
const ACL_ENTRY = { perms: 31, scheme: 'world', id: 'anyone' } as const

/** As plain data: nothing is left of what the compiler knew. */
export interface LooseSnapshot {
  [field: string]: unknown
  readonly znodes: Record<string, unknown>[]
  readonly sessions: Record<string, unknown>[]
}

const ZNODE_FIELDS = [
  'path',
  'data',
  'acl',
  'czxid',
  'mzxid',
  'pzxid',
  'ctime',
  'mtime',
  'version',
  'aversion',
] as const
const LAST_FIELDS = ['createdCount', 'owner', 'unknown'] as const
const SESSION_FIELDS = ['id', 'password', 'timeoutMs', 'unknown'] as const
const TOP_FIELDS = ['format', 'zxid', 'nextSessionId', 'znodes', 'sessions', 'unknown'] as const

const VALUES: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    0,
    1,
    -1,
    5,
    0.5,
    2 ** 31,
    -(2 ** 31),
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ],
  ...[0n, 1n, -1n, 5n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n, 2n ** 56n + 1n],
  // The marks of a container, of the least and the greatest TTL, and of no known feature.
  ...[
    -(2n ** 63n),
    0xff00_0000_0000_0001n,
    -(2n ** 56n) + 1n,
    -(2n ** 56n) + 0xff_ffff_ffffn,
    -(2n ** 55n) + 1n,
  ],
  ...[
    '',
    '/',
    '//',
    '/a',
    '/a/b',
    '/new',
    '/new/child',
    '/e/1',
    '/zookeeper',
    '/zookeeper/quota',
    '/.',
    '/\0',
    'a',
  ],
  ...[
    '/zookeeper/quota/a/zookeeper_limits',
    '/__proto__',
    '/a/x0000000001',
    'zoolet-snapshot-1',
    `/${'d/'.repeat(2000)}d`,
  ],
  ...[
    new Uint8Array(0),
    new Uint8Array(16),
    new Uint8Array(17),
    new Uint16Array(4),
    new DataView(new ArrayBuffer(4)),
  ],
  ...[
    [],
    {},
    [ACL_ENTRY],
    [{ ...ACL_ENTRY, perms: 64 }],
    [{ ...ACL_ENTRY, scheme: 'auth', id: '' }],
    [null],
    [{}],
  ],
  ...[
    [{ ...ACL_ENTRY, scheme: 'ip', id: '::/129' }],
    [{ ...ACL_ENTRY, scheme: 'digest', id: 'x' }],
    () => 0,
    Symbol.iterator,
  ],
  ...[new Proxy([], {}), { length: 3 }, new Array(3), Object.create(null), new Map(), 'x'.repeat(10_000)],
]

/** A copy of the snapshot with the edits done. */
export function editSnapshot(snapshot: Snapshot, edits: Uint8Array): LooseSnapshot {
  const loose: LooseSnapshot = {
    ...snapshot,
    znodes: snapshot.znodes.map((node) => ({ ...node })),
    sessions: snapshot.sessions.map((session) => ({ ...session })),
  }
  const whole = Math.min(edits.length - (edits.length % EDIT_BYTES), MOST_EDITS * EDIT_BYTES)
  for (let at = 0; at < whole; at += EDIT_BYTES) edit(loose, edits.subarray(at, at + EDIT_BYTES))
  return loose
}

function edit(loose: LooseSnapshot, [what = 0, where = 0, field = 0, value = 0]: Uint8Array): void {
  const { znodes, sessions } = loose
  if (!Array.isArray(znodes) || !Array.isArray(sessions)) return
  const node = znodes[where % (znodes.length + 1)]
  const session = sessions[where % (sessions.length + 1)]
  const given = VALUES[value % VALUES.length]
  switch (what % 10) {
    case 0:
    case 1:
    case 2:
      return set(node, [...ZNODE_FIELDS, ...LAST_FIELDS], field, given)
    case 3:
      return set(session, SESSION_FIELDS, field, given)
    case 4:
      return set(loose, TOP_FIELDS, field, given)
    case 5:
      return void znodes.splice(where % (znodes.length + 1), 1)
    case 6:
      return void znodes.splice(
        field % (znodes.length + 1),
        0,
        ...znodes.slice(where % (znodes.length + 1)).slice(0, 1),
      )
    case 7:
      return void znodes.splice(
        field % (znodes.length + 1),
        0,
        ...znodes.splice(where % (znodes.length + 1), 1),
      )
    case 8:
      return void znodes.push({ ...node, path: given })
    default:
      return void sessions.push({ ...session, id: given })
  }
}

function set(
  record: Record<string, unknown> | undefined,
  fields: readonly string[],
  field: number,
  value: unknown,
): void {
  const name = fields[field % fields.length]
  if (typeof record === 'object' && record !== null && name !== undefined) record[name] = value
}
