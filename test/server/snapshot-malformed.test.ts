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

const session = { id: 77n, password: new Uint8Array(16), timeoutMs: 5000 }

const spoilt: readonly (readonly [string, unknown])[] = [
  ['nothing in it: null', null],
  ['nothing in it: a text', 'zoolet-snapshot-1'],
  ['znodes that are no list', { ...filled(), znodes: 5 }],
  ['no sessions', { ...filled(), sessions: undefined }],
  ['a znode that is null', { ...filled(), znodes: [...filled().znodes, null] }],
  ['a zxid that is a number', { ...filled(), zxid: 5 }],
  ['a zxid below 0', { ...filled(), zxid: -5n }],
  ['a zxid beyond whole numbers', { ...filled(), zxid: 2n ** 60n }],
  ['a zxid below that of a znode', { ...filled(), zxid: 0n }],
  ['a next session id that looks like the mark of a TTL', { ...filled(), nextSessionId: -(2n ** 56n) + 1n }],
  ['a created count that is not whole', withNode({ createdCount: 0.5 })],
  ['a znode whose children changed before it was made', withNode({ pzxid: 0n })],
  ['no next session id', { ...filled(), nextSessionId: undefined }],
  ['a next session id that is taken', { ...filled(), nextSessionId: filled().sessions[0]?.id }],
  ['a next session id below that of a session', { ...filled(), nextSessionId: 5n }],
  ['a path that is no string', withNode({ path: 5 })],
  ['data that is a string', withNode({ data: 'x' })],
  ['no data', withNode({ data: undefined })],
  ['no ACL', withNode({ acl: undefined })],
  ['an empty ACL', withNode({ acl: [] })],
  ['an ACL with a malformed entry', withNode({ acl: [5] })],
  ['an ACL entry without perms', withNode({ acl: [{ scheme: 'world', id: 'anyone' }] })],
  ['an ACL that no server stores', withNode({ acl: [{ perms: 31, scheme: 'world', id: 'nobody' }] })],
  ['an ephemeral of nobody', withNode({ owner: 77n })],
  ['an owner that is a number', withNode({ owner: 5 })],
  ['a version that is a string', withNode({ version: '5' })],
  ['a version that is a fraction', withNode({ version: 0.5 })],
  ['a createdCount below the number of children', withChild({ createdCount: 0 })],
  ['no czxid', withNode({ czxid: undefined })],
  ['a czxid after its mzxid', withNode({ czxid: 2n, mzxid: 1n })],
  ['a time that is a string', withNode({ mtime: 'today' })],
  ['a child of an ephemeral', { ...withChild({ owner: 77n, createdCount: 1 }), sessions: [session] }],
  ['a session that is a number', { ...filled(), sessions: [5] }],
  ['a session without a password', { ...filled(), sessions: [{ ...session, password: undefined }] }],
  [
    'a session with a short password',
    { ...filled(), sessions: [{ ...session, password: new Uint8Array(3) }] },
  ],
  [
    'a session with a timeout that is no number',
    { ...filled(), sessions: [{ ...session, timeoutMs: 'long' }] },
  ],
  ['a session with a timeout below 0', { ...filled(), sessions: [{ ...session, timeoutMs: -5 }] }],
  ['a session twice', { ...filled(), sessions: [session, session] }],
  ['a session with the id 0', { ...filled(), sessions: [{ ...session, id: 0n }] }],
]

describe('a snapshot', () => {
  it.each([
    ['nothing spoilt', filled()],
    ['a znode more', withChild({ createdCount: 1 })],
    ['a session more', { ...filled(), sessions: [session] }],
    ['an ephemeral of that session', { ...withNode({ owner: 77n }), sessions: [session] }],
  ])('with %s is welcome', (_, snapshot) => {
    expect(() => new EmbeddedZooKeeper({ snapshot: snapshot as never })).not.toThrow()
  })

  it.each(spoilt)('with %s is refused by name', (_, snapshot) => {
    expect(() => new EmbeddedZooKeeper({ snapshot: snapshot as never })).toThrow(/^Invalid snapshot: /)
  })
})
