/** NodeStore: records by number, page by page, and what is left of them when they come back. */
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/invariant.js'
import { Perms } from '../../src/protocol/acl.js'
import { INTS_A_RECORD, NodeStore, placeOf } from '../../src/server/node-store.js'

/** How many records lie on a page. */
function recordsOf(store: NodeStore, id: number): number {
  return store.pageOf(id).ints.length / INTS_A_RECORD
}

describe('a store of records', () => {
  it('has an empty path for each record that nobody has', () => {
    const store = new NodeStore()

    const id = store.add('/a')

    const free = Array.from({ length: recordsOf(store, id) - 1 }, () => '')
    expect(store.pageOf(id).paths).toEqual(['/a', ...free])
  })

  it('begins a page with the first record that has no room, and not before', () => {
    const store = new NodeStore()
    const full = recordsOf(store, store.add('/0'))
    for (let i = 1; i < full; i++) store.add(`/${i}`)
    const askBeyond = (): unknown => store.pageOf(full)

    expect(askBeyond).toThrow(InvariantError)
    expect(askBeyond).toThrow(`there is no znode ${full}`)
    expect([store.add('/next'), store.pageOf(full).paths[0], placeOf(full)]).toEqual([full, '/next', 0])
  })

  it('forgets the path of a record that comes back, and gives its number to the next', () => {
    const store = new NodeStore()
    const [first] = [store.add('/a'), store.add('/b')]

    store.release(first)
    const pathBetween = store.pageOf(first).paths[placeOf(first)]

    expect([pathBetween, store.add('/c')]).toEqual(['', first])
  })

  it('forgets records, data and ACLs when it is cleared', () => {
    const store = new NodeStore()
    const [first] = [store.add('/a'), store.add('/b')]
    store.arena.add(new Uint8Array(100))
    store.acls.add([{ perms: Perms.READ, scheme: 'world', id: 'anyone' }])

    store.clear()

    expect(() => store.pageOf(first)).toThrow(`there is no znode ${first}`)
    expect([store.arena.reservedBytes, store.acls.size, store.add('/c')]).toEqual([0, 1, first])
  })
})
