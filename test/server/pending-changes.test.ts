/** PendingChanges: the tree as it will be, over a tree that stays as it is. */
import { describe, expect, it } from 'vitest'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import { DataTree } from '../../src/server/data-tree.js'
import { PendingChanges } from '../../src/server/pending-changes.js'
import type { CreateTxn } from '../../src/server/txn.js'

function createTxn(path: string, dataBytes = 0): CreateTxn {
  const data = new Uint8Array(dataBytes)
  return { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false }
}

function pendingOver(...paths: string[]): { tree: DataTree; pending: PendingChanges } {
  const tree = new DataTree()
  for (const path of paths) tree.createNode(createTxn(path, 2), { zxid: 1, timeMs: 0 })
  return { tree, pending: new PendingChanges(tree, (path) => (path.startsWith('/q') ? '/q' : undefined)) }
}

describe('pending changes', () => {
  it('show the tree as long as nothing is pending', () => {
    const { tree, pending } = pendingOver('/a')

    expect(pending.findNode('/a')).toMatchObject({ id: tree.findNode('/a')?.id })
    expect([pending.findNode('/b'), pending.nodeCount, pending.pendingUsage.size]).toEqual([undefined, 5, 0])
  })

  it('show a znode that will be there, and its parent with it', () => {
    const { tree, pending } = pendingOver()

    pending.add(createTxn('/a', 3))

    expect(pending.findNode('/a')).toEqual({
      acl: OPEN_ACL_UNSAFE,
      kind: 'persistent',
      version: 0,
      createdCount: 0,
      childCount: 0,
      dataBytes: 3,
    })
    expect(pending.findNode('/')).toMatchObject({ createdCount: 1, childCount: 2 })
    expect([pending.nodeCount, tree.nodeCount, tree.findNode('/a')]).toEqual([5, 4, undefined])
  })

  it('hide a znode that will be gone, and show it again when it will be back', () => {
    const { pending } = pendingOver('/a')

    pending.add({ type: 'delete', path: '/a' })
    const between = [pending.findNode('/a'), pending.findNode('/')?.childCount, pending.nodeCount]
    pending.add(createTxn('/a'))

    expect(between).toEqual([undefined, 1, 4])
    expect(pending.findNode('/a')?.dataBytes).toBe(0)
    expect(pending.findNode('/')).toMatchObject({ createdCount: 2, childCount: 2 })
  })

  it('show data and versions as they will be', () => {
    const { tree, pending } = pendingOver('/a')

    pending.add({ type: 'setData', path: '/a', data: new Uint8Array(9), version: 1 })
    pending.add({ type: 'check', path: '/a' })

    expect(pending.findNode('/a')).toMatchObject({ dataBytes: 9, version: 1 })
    expect(tree.findNode('/a')).toMatchObject({ dataBytes: 2, version: 0 })
  })

  it('add up what they will use of a quota', () => {
    const { pending } = pendingOver('/q')

    pending.add(createTxn('/q/a', 5))
    pending.add(createTxn('/r', 100))
    pending.add({ type: 'setData', path: '/q', data: null, version: 1 })
    pending.add(createTxn('/q/b', 1))
    pending.add({ type: 'delete', path: '/q/b' })

    expect([...pending.pendingUsage]).toEqual([['/q', { count: 1, bytes: 3 }]])
  })
})
