/** The code table, against the numbers of the reference (section 5). */
import { describe, expect, it } from 'vitest'
import { type Code, errnoOf, meaningOf } from '../../src/protocol/code.js'

const numbers: readonly (readonly [Code, number])[] = [
  ['OK', 0],
  ['SYSTEMERROR', -1],
  ['RUNTIMEINCONSISTENCY', -2],
  ['DATAINCONSISTENCY', -3],
  ['CONNECTIONLOSS', -4],
  ['MARSHALLINGERROR', -5],
  ['UNIMPLEMENTED', -6],
  ['OPERATIONTIMEOUT', -7],
  ['BADARGUMENTS', -8],
  ['UNKNOWNSESSION', -12],
  ['NEWCONFIGNOQUORUM', -13],
  ['RECONFIGINPROGRESS', -14],
  ['APIERROR', -100],
  ['NONODE', -101],
  ['NOAUTH', -102],
  ['BADVERSION', -103],
  ['NOCHILDRENFOREPHEMERALS', -108],
  ['NODEEXISTS', -110],
  ['NOTEMPTY', -111],
  ['SESSIONEXPIRED', -112],
  ['INVALIDCALLBACK', -113],
  ['INVALIDACL', -114],
  ['AUTHFAILED', -115],
  ['SESSIONMOVED', -118],
  ['NOTREADONLY', -119],
  ['EPHEMERALONLOCALSESSION', -120],
  ['NOWATCHER', -121],
  ['REQUESTTIMEOUT', -122],
  ['RECONFIGDISABLED', -123],
  ['SESSIONCLOSEDREQUIRESASLAUTH', -124],
  ['QUOTAEXCEEDED', -125],
  ['THROTTLEDOP', -127],
]

describe('a code', () => {
  it.each(numbers)('%s has the number %d and a meaning', (code, errno) => {
    expect(errnoOf(code)).toBe(errno)
    expect(meaningOf(code)).toMatch(/^[^.]+$/)
  })

  it('shares its number with no other', () => {
    expect(new Set(numbers.map(([code]) => errnoOf(code))).size).toBe(numbers.length)
  })
})
