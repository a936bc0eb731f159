/** The permission bits and the predefined lists. */
import { describe, expect, it } from 'vitest'
import { CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Perms, READ_ACL_UNSAFE } from '../../src/protocol/acl.js'

describe('an ACL', () => {
  it('has the permission bits of ZooKeeper', () => {
    expect(Perms).toEqual({ READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 })
  })

  it.each([
    ['OPEN_ACL_UNSAFE', OPEN_ACL_UNSAFE, { perms: 31, scheme: 'world', id: 'anyone' }],
    ['READ_ACL_UNSAFE', READ_ACL_UNSAFE, { perms: 1, scheme: 'world', id: 'anyone' }],
    ['CREATOR_ALL_ACL', CREATOR_ALL_ACL, { perms: 31, scheme: 'auth', id: '' }],
  ])('that is predefined as %s cannot be changed', (_, acl, entry) => {
    expect(acl).toEqual([entry])
    expect([acl, ...acl].every((part) => Object.isFrozen(part))).toBe(true)
  })
})
