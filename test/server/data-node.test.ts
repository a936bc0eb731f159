/** DataNode: zxids as they were given, and nothing left behind. Below the tree, where no zxid need be in order. */
import { describe, expect, it } from 'vitest'
import { OPEN_ACL_UNSAFE, Perms } from '../../src/protocol/acl.js'
import { DataNode, type NodeFields } from '../../src/server/data-node.js'
import { NodeStore } from '../../src/server/node-store.js'

const TWO_TO_32 = 2 ** 32

function nodeIn(store: NodeStore, fields: Partial<NodeFields> = {}): DataNode {
  const node = new DataNode(store, store.add('/a'))
  const times = { ctimeMs: 1000, mtimeMs: 1000, czxid: 7, mzxid: 7, pzxid: 7 }
  const counts = { version: 0, aversion: 0, createdCount: 0 }
  node.begin({ data: null, acl: OPEN_ACL_UNSAFE, owner: 0n, ...times, ...counts, ...fields })
  return node
}

describe('a znode', () => {
  it.each([
    [1, 1],
    [1, 2],
    [1, TWO_TO_32 + 1],
    [TWO_TO_32 + 1, 1],
    [TWO_TO_32 + 1, TWO_TO_32 + 1],
    [TWO_TO_32 + 1, 3 * TWO_TO_32 + 1],
    [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
  ])('that was created at zxid %d and changed at %d shows both in its Stat', (czxid, changed) => {
    const store = new NodeStore()
    nodeIn(store)
    const node = nodeIn(store, { czxid, mzxid: changed, pzxid: changed })

    const { czxid: first, mzxid, pzxid } = node.stat()

    expect([first, mzxid, pzxid]).toEqual([BigInt(czxid), BigInt(changed), BigInt(changed)])
  })

  it('gives back the room of its data and its ACL when it ends', () => {
    const store = new NodeStore()
    const acl = [{ perms: Perms.READ, scheme: 'world', id: 'anyone' }]
    const rooms = new Set<number>()

    for (let i = 0; i < 100; i++) {
      const node = nodeIn(store, { data: new Uint8Array(100), acl })
      rooms.add(store.arena.reservedBytes)
      node.end()
    }

    expect([rooms.size, store.acls.size]).toEqual([1, 1])
  })
})
