/** OwnedNodes: the znodes that something may end, filed by what ends them, and no empty set. */
import { describe, expect, it } from 'vitest'
import { CONTAINER_OWNER, PERSISTENT_OWNER, ttlOwner } from '../../src/protocol/ephemeral-owner.js'
import { OwnedNodes } from '../../src/server/owned-nodes.js'

function shapeOf(owned: OwnedNodes): object {
  return {
    ephemerals: [1n, 2n, 7n].flatMap((owner) => {
      const paths = [...owned.ephemeralsOf(owner)]
      return paths.length === 0 ? [] : [[owner, paths]]
    }),
    ephemeralCount: owned.ephemeralCount,
    containers: [...owned.containers],
    ttls: [...owned.ttls],
    needsSweep: owned.needsSweep,
  }
}

const EMPTY = { ephemerals: [], ephemeralCount: 0, containers: [], ttls: [], needsSweep: false }

describe('the owned znodes', () => {
  it.each([
    ['persistent', PERSISTENT_OWNER, EMPTY],
    ['ephemeral', 7n, { ...EMPTY, ephemerals: [[7n, ['/a']]], ephemeralCount: 1 }],
    ['container', CONTAINER_OWNER, { ...EMPTY, containers: ['/a'], needsSweep: true }],
    ['ttl', ttlOwner(5), { ...EMPTY, ttls: ['/a'], needsSweep: true }],
  ])('file a %s znode where it belongs, and leave nothing behind', (_, owner, filed) => {
    const owned = new OwnedNodes()

    owned.link(owner, '/a')
    const during = shapeOf(owned)
    owned.unlink(owner, '/a')

    expect([during, shapeOf(owned)]).toEqual([filed, EMPTY])
  })

  it('keep the ephemerals of each session in the order of their creation', () => {
    const owned = new OwnedNodes()
    for (const [owner, path] of [
      [1n, '/b'],
      [2n, '/x'],
      [1n, '/a'],
    ] as const)
      owned.link(owner, path)

    owned.unlink(2n, '/x')

    expect(shapeOf(owned)).toEqual({ ...EMPTY, ephemerals: [[1n, ['/b', '/a']]], ephemeralCount: 2 })
  })

  it('count nothing twice when they are asked to forget what they do not have', () => {
    const owned = new OwnedNodes()
    owned.link(1n, '/a')

    owned.unlink(1n, '/b')
    owned.unlink(9n, '/a')

    expect(owned.ephemeralCount).toBe(1)
  })
})
