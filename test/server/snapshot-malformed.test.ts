/** A snapshot with one field spoilt is refused by name: a server must not begin in a state that no server can be in. */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type Snapshot, type SnapshotNode } from '../../src/index.js'
import { connectRaw, create, startServer } from '../semantics/fixture.js'

function filled(): Snapshot {
  const { zoo } = startServer()
  connectRaw(zoo).ask(create('/a'))
  return zoo.snapshot()
}

/** The snapshot with /a changed. */
function withNode(fields: Readonly<Partial<Record<keyof SnapshotNode, unknown>>>): object {
  const snapshot = filled()
  return {
    ...snapshot,
    znodes: snapshot.znodes.map((node) => (node.path === '/a' ? { ...node, ...fields } : node)),
  }
}

function withChild(fields: Readonly<Partial<Record<keyof SnapshotNode, unknown>>>): object {
  const { znodes, ...rest } = filled()
  const [root] = znodes
  return { ...rest, znodes: [...znodes, { ...root, path: '/b', ...fields }, { ...root, path: '/b/x' }] }
}

/** The znode /zookeeper belongs to a session. */
function withOwnedSystem(): object {
  const { znodes, ...rest } = filled()
  const owned = znodes.map((node) => (node.path === '/zookeeper' ? { ...node, owner: 77n } : node))
  return { ...rest, znodes: owned, sessions: [session] }
}

const session = { id: 77n, password: new Uint8Array(16), timeoutMs: 5000 }

/** What is spoilt, and what is said about it. */
const spoilt: readonly (readonly [string, unknown, string])[] = [
  ['nothing in it: null', null, 'its format is undefined, not zoolet-snapshot-1'],
  ['nothing in it: a text', 'zoolet-snapshot-1', 'its format is undefined, not zoolet-snapshot-1'],
  ['znodes that are no list', { ...filled(), znodes: 5 }, 'its znodes is 5'],
  ['no sessions', { ...filled(), sessions: undefined }, 'its sessions is undefined'],
  [
    'a znode that is null',
    { ...filled(), znodes: [...filled().znodes, null] },
    'znode undefined: null is no object',
  ],
  ['a zxid that is a number', { ...filled(), zxid: 5 }, 'its zxid is 5'],
  ['a zxid below 0', { ...filled(), zxid: -5n }, 'its zxid is -5'],
  ['a zxid beyond whole numbers', { ...filled(), zxid: 2n ** 60n }, 'its zxid is 1152921504606846976'],
  ['a zxid below that of a znode', { ...filled(), zxid: 0n }, 'znode "/": its zxids are out of order'],
  [
    'a next session id that looks like the mark of a TTL',
    { ...filled(), nextSessionId: -(2n ** 56n) + 1n },
    'its nextSessionId is -72057594037927935',
  ],
  [
    'a created count that is not whole',
    withNode({ createdCount: 0.5 }),
    'znode "/a": its createdCount is 0.5',
  ],
  [
    'a znode whose children changed before it was made',
    withNode({ pzxid: 0n }),
    'znode "/a": its zxids are out of order',
  ],
  ['no next session id', { ...filled(), nextSessionId: undefined }, 'its nextSessionId is undefined'],
  [
    'a next session id that is taken',
    { ...filled(), nextSessionId: filled().sessions[0]?.id },
    'session 111677748019200000 is there twice, or still to come',
  ],
  [
    'a next session id below that of a session',
    { ...filled(), nextSessionId: 5n },
    'session 111677748019200000 is there twice, or still to come',
  ],
  ['a path that is no string', withNode({ path: 5 }), 'znode 5: its path is 5'],
  ['data that is a string', withNode({ data: 'x' }), 'znode "/a": its data is "x"'],
  ['no data', withNode({ data: undefined }), 'znode "/a": its data is undefined'],
  ['no ACL', withNode({ acl: undefined }), 'znode "/a": its acl is undefined'],
  ['an empty ACL', withNode({ acl: [] }), 'znode "/a": its acl is []'],
  ['an ACL with a malformed entry', withNode({ acl: [5] }), 'znode "/a": its acl is [5]'],
  [
    'an ACL entry without perms',
    withNode({ acl: [{ scheme: 'world', id: 'anyone' }] }),
    'znode "/a": its acl is [{ scheme, id }]',
  ],
  [
    'an ACL that no server stores',
    withNode({ acl: [{ perms: 31, scheme: 'world', id: 'nobody' }] }),
    'znode "/a": its acl is [{ perms, scheme, id }]',
  ],
  ['an ephemeral of nobody', withNode({ owner: 77n }), 'znode "/a": its session 77 is missing'],
  ['an owner that is a number', withNode({ owner: 5 }), 'znode "/a": its owner is 5'],
  ['a version that is a string', withNode({ version: '5' }), 'znode "/a": its version is "5"'],
  ['a version that is a fraction', withNode({ version: 0.5 }), 'znode "/a": its version is 0.5'],
  [
    'a createdCount below the number of children',
    withChild({ createdCount: 0 }),
    'znode /b: createdCount is less than its children',
  ],
  ['no czxid', withNode({ czxid: undefined }), 'znode "/a": its czxid is undefined'],
  ['a czxid after its mzxid', withNode({ czxid: 2n, mzxid: 1n }), 'znode "/a": its zxids are out of order'],
  ['a time that is a string', withNode({ mtime: 'today' }), 'znode "/a": its mtime is "today"'],
  [
    'a child of an ephemeral',
    { ...withChild({ owner: 77n, createdCount: 1 }), sessions: [session] },
    'znode "/b/x": its parent is ephemeral',
  ],
  ['a session that is a number', { ...filled(), sessions: [5] }, 'a session: 5 is no object'],
  [
    'a session without a password',
    { ...filled(), sessions: [{ ...session, password: undefined }] },
    'a session: its password is undefined',
  ],
  [
    'a session with a short password',
    { ...filled(), sessions: [{ ...session, password: new Uint8Array(3) }] },
    'a session: its password is 3 bytes',
  ],
  [
    'a session with a timeout that is no number',
    { ...filled(), sessions: [{ ...session, timeoutMs: 'long' }] },
    'a session: its timeoutMs is "long"',
  ],
  [
    'a session with a timeout below 0',
    { ...filled(), sessions: [{ ...session, timeoutMs: -5 }] },
    'a session: its timeoutMs is -5',
  ],
  [
    'a session twice',
    { ...filled(), sessions: [session, session] },
    'session 77 is there twice, or still to come',
  ],
  ['a session with the id 0', { ...filled(), sessions: [{ ...session, id: 0n }] }, 'a session: its id is 0'],
  [
    'a session with an id of over 64 bits',
    { ...filled(), sessions: [{ ...session, id: 2n ** 64n + 77n }] },
    'a session: its id is 18446744073709551693',
  ],
  [
    'a session with the mark of a container',
    { ...filled(), sessions: [{ ...session, id: -(2n ** 63n) }] },
    'a session: its id is -9223372036854775808',
  ],
  [
    'a session with a timeout of 0',
    { ...filled(), sessions: [{ ...session, timeoutMs: 0 }] },
    'a session: its timeoutMs is 0',
  ],
  [
    'an owner of over 64 bits',
    withNode({ owner: 2n ** 64n + 77n }),
    'znode "/a": its owner is 18446744073709551693',
  ],
  ['a version that is a bigint', withNode({ version: 5n }), 'znode "/a": its version is 5'],
  ['a time that is no number', withNode({ mtime: Number.NaN }), 'znode "/a": its mtime is NaN'],
  [
    'an ACL of which one entry is malformed',
    withNode({ acl: [{ perms: 31, scheme: 'world', id: 'anyone' }, 5] }),
    'znode "/a": its acl is [{ perms, scheme, id }, 5]',
  ],
  [
    'data that changed after the last zxid',
    withNode({ mzxid: 99n }),
    'znode "/a": its zxids are out of order',
  ],
  [
    'children that changed after the last zxid',
    withNode({ pzxid: 99n }),
    'znode "/a": its zxids are out of order',
  ],
  [
    'a reserved znode that somebody owns',
    withOwnedSystem(),
    'znode "/zookeeper": a reserved znode has no owner',
  ],
]

describe('a snapshot', () => {
  it.each([
    ['nothing spoilt', filled()],
    ['the last zxid that there can be', { ...filled(), zxid: BigInt(Number.MAX_SAFE_INTEGER) }],
    ['a znode more', withChild({ createdCount: 1 })],
    ['a session more', { ...filled(), sessions: [session] }],
    ['an ephemeral of that session', { ...withNode({ owner: 77n }), sessions: [session] }],
  ])('with %s is welcome', (_, snapshot) => {
    expect(() => new EmbeddedZooKeeper({ snapshot: snapshot as never })).not.toThrow()
  })

  it.each(spoilt)('with %s is refused by name', (_, snapshot, message) => {
    expect(() => new EmbeddedZooKeeper({ snapshot: snapshot as never })).toThrow(
      `Invalid snapshot: ${message}; take one with snapshot()`,
    )
  })
})
