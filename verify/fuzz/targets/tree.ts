/** The znodes that the targets begin with: one of each kind, one that not everybody may read, and a quota. */
import { type ACL, type CreateMode, digestId, OPEN_ACL_UNSAFE } from '../../../src/index.js'
import type { Snapshot } from '../../../src/server/snapshot.js'
import { utf8 } from '../../../test/protocol/hex.js'
import { WireWorld } from '../../../test/transport/fake-link.js'
import { requireLaw } from '../target.js'

const BOBS = [{ perms: 31, scheme: 'digest', id: digestId('bob:secret') }] as const
const QUOTA_PATH = '/zookeeper/quota/a'
const TTL_MS = 10_000

/** A znode to begin with, as the request that creates it has it. */
interface TreeZnode {
  readonly path: string
  readonly type: 'create' | 'createContainer' | 'createTTL'
  readonly mode: CreateMode
  readonly acl: readonly ACL[]
}

const plain = { type: 'create', mode: 'PERSISTENT', acl: OPEN_ACL_UNSAFE } as const

/** All but the quota, parents first. */
export const TREE: readonly TreeZnode[] = [
  { ...plain, path: '/a' },
  { ...plain, path: '/a/b' },
  { ...plain, path: '/b' },
  { ...plain, path: '/e' },
  { ...plain, path: '/secret', acl: BOBS },
  { ...plain, path: '/c', type: 'createContainer', mode: 'CONTAINER' },
  { ...plain, path: '/t', type: 'createTTL', mode: 'PERSISTENT_WITH_TTL' },
]

/** The data of each of them. */
export const TREE_DATA = 'data'

/** A state without sessions. */
export function createTree(): Snapshot {
  const world = new WireWorld({ server: { randomBytes: (length) => new Uint8Array(length) } })
  const peer = world.connect()
  const create = { ...plain, data: utf8(TREE_DATA), ttlMs: -1 } as const
  for (const znode of TREE)
    peer.ask(1, { ...create, ...znode, ttlMs: znode.type === 'createTTL' ? TTL_MS : -1 })
  peer.ask(1, { ...create, path: QUOTA_PATH })
  const limits = utf8('count=5,bytes=100=;byteHardLimit=200;countHardLimit=8')
  peer.ask(1, { ...create, path: `${QUOTA_PATH}/zookeeper_limits`, data: limits })
  peer.ask(1, { ...create, path: `${QUOTA_PATH}/zookeeper_stats`, data: utf8('count=2,bytes=8') })
  const heard = peer.takeHeard()
  requireLaw(
    heard.every((line) => line === '1 OK'),
    'the tree to begin with can be made',
    () => heard.join(),
  )
  peer.ask(2, { type: 'closeSession' })
  return world.zoo.snapshot()
}
