/**
 * The ids of the ip scheme: an IPv4 or IPv6 address, optionally with how many leading bits count (`10.0.0.0/8`).
 * An address is compared as a text of its bits, `0` and `1`; a part of it that is wrong becomes a `?`, which makes it invalid.
 */

/** True if the text is a well-formed id of the ip scheme. */
export function isIpPattern(text: string): boolean {
  return findPattern(text) !== undefined
}

/** True if the address lies within the pattern. */
export function ipMatches(address: string, pattern: string): boolean {
  const bits = findBits(address)
  const wanted = findPattern(pattern)
  return wanted !== undefined && bits?.length === wanted.length && bits.startsWith(wanted.prefix)
}

function findPattern(text: string): { readonly length: number; readonly prefix: string } | undefined {
  const [, address = '', count] = /^([^/]*)(?:\/\+?(\d+))?$/.exec(text) ?? []
  const bits = findBits(address)
  if (bits === undefined || Number(count) > bits.length) return undefined
  return { length: bits.length, prefix: count === undefined ? bits : bits.slice(0, Number(count)) }
}

function findBits(address: string): string | undefined {
  const bits = address.includes(':') ? ipv6Bits(address) : ipv4Bits(address)
  return bits.includes('?') ? undefined : bits
}

/** As Java reads it: a plus sign and leading zeros are fine. */
function ipv4Bits(text: string): string {
  const parts = text.split('.')
  const isValid = parts.length === 4 && parts.every((part) => /^\+?\d+$/.test(part) && Number(part) <= 255)
  return isValid ? parts.map((part) => binary(Number(part), 8)).join('') : '?'
}

/** Eight groups of 16 bits; one `::` stands for the zero groups left out; the last two may be written as IPv4. */
function ipv6Bits(text: string): string {
  const halves = text.split('::').map((half, i, all) => groupBits(half, i === all.length - 1))
  const bits = halves.join('0'.repeat(Math.max(128 - halves.join('').length, 16)))
  return bits.length === 128 ? bits : '?'
}

function groupBits(text: string, isEnd: boolean): string {
  if (text === '') return ''
  const groups = text.split(':').map((group, i, all) => {
    if (isEnd && i === all.length - 1 && group.includes('.')) return ipv4Bits(group)
    return /^[\da-f]{1,4}$/i.test(group) ? binary(Number.parseInt(group, 16), 16) : '?'
  })
  return groups.join('')
}

function binary(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}
