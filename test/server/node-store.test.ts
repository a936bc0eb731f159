/** NodeStore: records by number, page by page, and what is left of them when they come back. */
import { describe, expect, it } from 'vitest'
import { InvariantError } from '../../src/base/invariant.js'
import { Perms } from '../../src/protocol/acl.js'
import { INTS_A_RECORD, NodeStore, placeOf } from '../../src/server/node-store.js'

/** How many records there is room for on the page of this one. */
function roomBeside(store: NodeStore, id: number): number {
  return store.pageOf(id).ints.length / INTS_A_RECORD
}

describe('a store of records', () => {
  it('makes room as it is needed, and leaves what is there where it was for who holds the page', () => {
    const store = new NodeStore()
    const first = store.add('/0')
    const page = store.pageOf(first)
    const before = roomBeside(store, first)
    page.ints[INTS_A_RECORD * placeOf(first)] = 7
    page.longs[1] = 2n ** 62n
    page.doubles[2] = 0.5

    for (let i = 1; i <= before; i++) store.add(`/${i}`)

    expect([store.pageOf(first), roomBeside(store, first)]).toEqual([page, 2 * before])
    expect([page.ints[0], page.longs[1], page.doubles[2]]).toEqual([7, 2n ** 62n, 0.5])
    expect([page.paths[0], page.paths[before], page.paths.length]).toEqual(['/0', `/${before}`, before + 1])
  })

  it('begins another page where one is full, and not before', () => {
    const store = new NodeStore()
    const page = store.pageOf(store.add('/0'))
    let id = 0
    while (store.pageOf(id) === page) id = store.add('/next')
    const askBeyond = (): unknown => store.pageOf(2 * id)

    expect([id, page.paths.length, placeOf(id), store.pageOf(id).paths]).toEqual([8192, 8192, 0, ['/next']])
    expect(askBeyond).toThrow(InvariantError)
    expect(askBeyond).toThrow(`there is no znode ${2 * id}`)
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
