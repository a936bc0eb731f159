/** AclTable: one number for each list, as long as somebody uses it. */
import { describe, expect, it } from 'vitest'
import { type ACL, OPEN_ACL_UNSAFE, Perms } from '../../src/protocol/acl.js'
import { AclTable, OPEN_ACL } from '../../src/server/acl-table.js'

function listOf(id: string): readonly ACL[] {
  return [{ perms: Perms.READ, scheme: 'digest', id }]
}

describe('a table of ACLs', () => {
  it('keeps equal lists once, and different ones apart', () => {
    const table = new AclTable()

    const [one, same, other] = [table.add(listOf('a:x')), table.add(listOf('a:x')), table.add(listOf('b:x'))]

    expect([one === same, one === other, table.size]).toEqual([true, false, 3])
    expect([table.get(one), table.get(other)]).toEqual([listOf('a:x'), listOf('b:x')])
  })

  it('forgets a list with its last use, and gives its number to another', () => {
    const table = new AclTable()
    const [kept, number] = [table.add(listOf('k:x')), table.add(listOf('a:x'))]
    table.add(listOf('a:x'))

    table.release(number)
    const between = table.get(number)
    table.release(number)

    expect([between, table.size]).toEqual([listOf('a:x'), 2])
    expect([table.add(listOf('b:x')), table.get(number)]).toEqual([number, listOf('b:x')])
    expect(table.get(kept)).toEqual(listOf('k:x'))
  })

  it('always has the list that is open to everybody', () => {
    const table = new AclTable()

    for (let i = 0; i < 3; i++) table.release(OPEN_ACL)
    table.clear()

    expect([table.add(OPEN_ACL_UNSAFE), table.get(OPEN_ACL)]).toEqual([OPEN_ACL, OPEN_ACL_UNSAFE])
  })

  it('forgets all others when it is cleared, and gives their numbers to those that come', () => {
    const table = new AclTable()
    const numbers = [table.add(listOf('a:x')), table.add(listOf('b:x'))]

    table.clear()

    expect([table.size, table.add(listOf('b:x')), table.size]).toEqual([1, numbers[0], 2])
    expect(() => table.get(numbers[1] ?? OPEN_ACL)).toThrow('was released too often')
  })

  it('calls it a bug of ours to ask for a list that is gone', () => {
    const table = new AclTable()
    const number = table.add(listOf('a:x'))
    table.release(number)

    expect(() => table.get(number)).toThrow(`ACL ${number} was released too often`)
  })
})
