/** The znodes that the targets begin with: one of each kind, one that not everybody may read, and a quota. */
import { digestId } from '../../../src/index.js'
import type { Snapshot } from '../../../src/server/snapshot.js'
import { utf8 } from '../../../test/protocol/hex.js'
import { WireWorld } from '../../../test/transport/fake-link.js'
import { requireLaw } from '../target.js'

const OPEN = [{ perms: 31, scheme: 'world', id: 'anyone' }] as const
const BOBS = [{ perms: 31, scheme: 'digest', id: digestId('bob:secret') }] as const
const create = { type: 'create', data: utf8('data'), acl: OPEN, mode: 'PERSISTENT', ttlMs: -1 } as const
const QUOTA_PATH = '/zookeeper/quota/a'

/** A state without sessions. */
export function createTree(): Snapshot {
  const world = new WireWorld({ server: { randomBytes: (length) => new Uint8Array(length) } })
  const peer = world.connect()
  for (const path of ['/a', '/a/b', '/b', '/e', QUOTA_PATH]) peer.ask(1, { ...create, path })
  peer.ask(1, { ...create, path: '/secret', acl: BOBS })
  peer.ask(1, { ...create, type: 'createContainer', path: '/c', mode: 'CONTAINER' })
  peer.ask(1, { ...create, type: 'createTTL', path: '/t', mode: 'PERSISTENT_WITH_TTL', ttlMs: 10_000 })
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
