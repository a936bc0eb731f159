/** Access: whom an ACL lets in, which identities a claim gives, and what is shown of them. Below the requests, where lists can be odd. */
import { describe, expect, it } from 'vitest'
import { type ACL, Perms } from '../../src/protocol/acl.js'
import { type AuthId, authenticate, isPermitted, userOfId } from '../../src/server/access.js'

const FROM = { remoteAddress: '10.0.0.1', superDigest: undefined }

function entry(scheme: string, id: string): ACL {
  return { perms: Perms.READ, scheme, id }
}

describe('isPermitted', () => {
  it('lets everybody in where there is no list', () => {
    expect(isPermitted([], Perms.READ, [])).toBe(true)
  })

  it.each<[string, ACL, AuthId]>([
    ['another scheme with the same id', entry('digest', '10.0.0.1'), { scheme: 'ip', id: '10.0.0.1' }],
    [
      'a digest that looks like an address',
      entry('digest', '10.0.0.0/8'),
      { scheme: 'digest', id: '10.0.0.1' },
    ],
    ['an address that is not in the range', entry('ip', '10.0.1.0/24'), { scheme: 'ip', id: '10.0.0.1' }],
  ])('does not let in %s', (_, only, id) => {
    expect(isPermitted([only], Perms.READ, [id])).toBe(false)
  })
})

describe('authenticate', () => {
  it('gives the address for the scheme ip, whatever is claimed', () => {
    expect(authenticate('ip', new Uint8Array([1]), FROM)).toEqual([{ scheme: 'ip', id: '10.0.0.1' }])
  })

  it('gives nothing for a digest of nothing', () => {
    expect(authenticate('digest', null, FROM)).toBeUndefined()
  })
})

describe('userOfId', () => {
  it.each([
    ['digest', 'bob:hash', 'bob'],
    ['digest', ':hash', ''],
    ['digest', 'bob', 'bob'],
    ['ip', '::1', '::1'],
  ])('shows of %s %s no more than %s', (scheme, id, shown) => {
    expect(userOfId({ scheme, id })).toBe(shown)
  })
})
