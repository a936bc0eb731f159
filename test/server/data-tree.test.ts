/** DataTree: the invariants of the tree under decided transactions, and what is a bug of ours. */
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/invariant.js'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import { DataTree } from '../../src/server/data-tree.js'

const stamp = { zxid: 7, timeMs: 1000 }

function treeWith(...paths: string[]): DataTree {
  const tree = new DataTree()
  for (const path of paths)
    tree.createNode(
      { type: 'create', path, data: new Uint8Array(2), acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false },
      stamp,
    )
  return tree
}

describe('a tree', () => {
  it('counts its znodes and their bytes', () => {
    const tree = treeWith('/a', '/a/b', '/c')
    const before = [tree.nodeCount, tree.dataBytes]

    tree.setData({ type: 'setData', path: '/a', data: null, version: 1 }, stamp)
    tree.deleteNode('/a/b', 8)

    expect([before, [tree.nodeCount, tree.dataBytes]]).toEqual([
      [7, 6],
      [6, 2],
    ])
  })

  it('is empty when all is forgotten, the reserved znodes too', () => {
    const tree = treeWith('/a')

    tree.clear()

    expect([tree.nodeCount, tree.dataBytes, tree.findNode('/')]).toEqual([0, 0, undefined])
  })

  it('takes the empty path for the root', () => {
    const tree = new DataTree()

    expect(tree.findNode('')?.id).toBe(tree.findNode('/')?.id)
  })

  it('finds a znode that was made anew, and not the one that was found before it', () => {
    const tree = treeWith('/a', '/a/b', '/c')
    tree.deleteNode('/a/b', 8)
    tree.deleteNode('/a', 9)
    tree.setData({ type: 'setData', path: '/c', data: null, version: 1 }, stamp)
    const gone = tree.findParent('/a/b')
    for (const path of ['/x', '/a', '/a/b'])
      tree.createNode(
        { type: 'create', path, data: new Uint8Array(3), acl: OPEN_ACL_UNSAFE, owner: 0n, withStat: false },
        stamp,
      )

    tree.setData({ type: 'setData', path: '/a/b', data: new Uint8Array(5), version: 1 }, stamp)

    const bytes = ['/a', '/a/b', '/c', '/x'].map((path) => tree.findNode(path)?.dataBytes)
    expect([gone, bytes, tree.findNode('/a')?.childNames()]).toEqual([undefined, [3, 5, 0, 3], ['b']])
  })

  it('tells parents apart whose paths are alike', () => {
    const tree = treeWith('/ab', '/ab/c', '/xy', '/xy/z')

    const parents = ['/ab/c', '/ab/d', '/abc', '/xy/c', '/ab', '/a/c', '/ab/c/d'].map(
      (path) => tree.findParent(path)?.id,
    )

    const expected = ['/ab', '/ab', '/', '/xy', '/', undefined, '/ab/c']
    expect(parents).toEqual(expected.map((path) => path && tree.findNode(path)?.id))
  })

  it('finds nothing of what was there before all was forgotten', () => {
    const tree = treeWith('/a', '/a/b')
    tree.findParent('/a/b')

    tree.clear()

    expect([tree.findParent('/a/b'), tree.findNode('/a')]).toEqual([undefined, undefined])
    expect(() => tree.setData({ type: 'setData', path: '/a', data: null, version: 1 }, stamp)).toThrow(
      'misses /a',
    )
  })

  it('lists what is below a path, each parent before its children', () => {
    const tree = treeWith('/a', '/a/b', '/a/b/c', '/a/d', '/ab')

    const below = [...tree.pathsBelow('/a')]

    expect(below.sort()).toEqual(['/a/b', '/a/b/c', '/a/d'])
    expect([tree.countBelow('/a'), tree.countBelow(''), tree.countBelow('/gone')]).toEqual([3, 8, 0])
  })

  it.each([
    ['a child without a parent', 'misses /a/b', (tree: DataTree) => tree.deleteNode('/a/b', 8)],
    ['a znode with children', '/ is deleted with 1 children', (tree: DataTree) => tree.deleteNode('/', 8)],
    [
      'data for what is missing',
      'misses /x',
      (tree: DataTree) => tree.setData({ type: 'setData', path: '/x', data: null, version: 1 }, stamp),
    ],
    [
      'an ACL for what is missing',
      'misses /x',
      (tree: DataTree) => tree.setACL({ type: 'setACL', path: '/x', acl: OPEN_ACL_UNSAFE, aversion: 1 }),
    ],
  ])('calls it a bug of ours to be handed %s', (_, message, apply) => {
    const act = (): unknown => apply(new DataTree())

    expect(act).toThrow(InvariantError)
    expect(act).toThrow(message)
  })

  it('counts the bytes of bookkeeping in place of those that were there', () => {
    const tree = treeWith('/a', '/b')

    tree.setBookkeeping('/a', new Uint8Array(7))
    const more = tree.dataBytes
    tree.setBookkeeping('/a', new Uint8Array(1))

    expect([more, tree.dataBytes]).toEqual([9, 3])
  })

  it('passes over bookkeeping for what is missing', () => {
    const tree = new DataTree()

    tree.setBookkeeping('/gone', new Uint8Array(3))

    expect([tree.findNode('/gone'), tree.dataBytes]).toEqual([undefined, 0])
  })

  it('keeps the order in which children were created', () => {
    const tree = treeWith('/b', '/a', '/c')
    tree.deleteNode('/b', 8)

    expect(tree.findNode('/')?.childNames()).toEqual(['zookeeper', 'a', 'c'])
  })
})
