/** The ids of the ip scheme: which addresses lie within which patterns. What is well formed stands in access-ids.test.ts. */
import { describe, expect, it } from 'vitest'
import { ipMatches, isIpPattern } from '../../src/server/ip-pattern.js'

const cells: readonly (readonly [string, string, boolean])[] = [
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['10.0.0.1', '10.0.0.1/32', true],
  ['10.0.0.2', '10.0.0.1/31', false],
  ['10.0.0.3', '10.0.0.2/31', true],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.1.2.3', '10.255.255.255/8', true],
  ['10.128.0.1', '10.0.0.0/9', false],
  ['10.127.0.1', '10.0.0.0/9', true],
  ['192.168.17.9', '192.168.16.0/20', true],
  ['192.168.32.9', '192.168.16.0/20', false],
  ['255.255.255.255', '0.0.0.0/0', true],
  ['128.0.0.0', '0.0.0.0/1', false],
  ['10.0.0.1', '010.000.000.001', true],
  ['::1', '::1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['::1', '::2', false],
  ['2001:db8::1', '2001:DB8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['2001:db8:8000::', '2001:db8::/33', false],
  ['fe80::1', '::/0', true],
  ['::ffff:10.0.0.1', '::ffff:a00:1', true],
  ['10.0.0.1', '::/0', false],
  ['::1', '0.0.0.0/0', false],
  ['::a00:1', '10.0.0.1', false],
  ['localhost', '0.0.0.0/0', false],
  ['', '0.0.0.0/0', false],
  ['/var/run/socket', '0.0.0.0/0', false],
  ['10.0.0.1', 'nonsense', false],
]

describe('an ip pattern', () => {
  it.each(cells)('lets %s through %s: %s', (address, pattern, expected) => {
    expect(ipMatches(address, pattern)).toBe(expected)
  })

  it('matches itself whenever it is an address', () => {
    const addresses = [
      '1.2.3.4',
      '::',
      '1::',
      '::1',
      '1:2:3:4:5:6:7:8',
      '1::8',
      '::1.2.3.4',
      '1:2:3:4:5:6:1.2.3.4',
    ]

    expect(addresses.filter((address) => !isIpPattern(address) || !ipMatches(address, address))).toEqual([])
  })

  it.each([
    'x/1.2.3.4',
    '1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1::2::',
    ':1',
    '1:',
    '1.2.3.4/',
    '/8',
    '',
  ])('is not %j', (text) => {
    expect(isIpPattern(text)).toBe(false)
  })
})
