/** The ids of the ip scheme: an IPv4 or IPv6 address, optionally with how many leading bits count (`10.0.0.0/8`). */

/** True if the text is a well-formed id of the ip scheme. */
export function isIpPattern(text: string): boolean {
  return parsePattern(text) !== undefined
}

/** True if the address lies within the pattern. */
export function ipMatches(address: string, pattern: string): boolean {
  const own = parseAddress(address)
  const wanted = parsePattern(pattern)
  if (own === undefined || wanted === undefined || own.length !== wanted.bytes.length) return false
  return own.every((byte, i) => {
    const bits = Math.min(Math.max(wanted.bits - i * 8, 0), 8)
    const mask = (0xff << (8 - bits)) & 0xff
    return (byte & mask) === ((wanted.bytes[i] ?? 0) & mask)
  })
}

function parsePattern(
  text: string,
): { readonly bytes: readonly number[]; readonly bits: number } | undefined {
  const slash = text.indexOf('/')
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (bytes === undefined) return undefined
  const bits = slash < 0 ? bytes.length * 8 : parseDecimal(text.slice(slash + 1), bytes.length * 8)
  return bits === undefined ? undefined : { bytes, bits }
}

function parseAddress(text: string): number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  return allOrNothing(parts.map((part) => parseDecimal(part, 255)))
}

/** Eight groups of 16 bits; one `::` stands for the zero groups left out; the last two may be written as IPv4. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map((half, i) => parseGroups(half, i === halves.length - 1))
  const [head, tail] = groups
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  if (tail === undefined || head.length + tail.length > 14) return undefined
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  const last = groups.length - 1
  const bytes = groups.map((group, i) =>
    isEnd && i === last && group.includes('.') ? parseIpv4(group) : parseGroup(group),
  )
  return allOrNothing(bytes)?.flat()
}

function parseGroup(text: string): number[] | undefined {
  if (text.length === 0 || text.length > 4) return undefined
  let value = 0
  for (const digit of text) {
    const index = '0123456789abcdef'.indexOf(digit.toLowerCase())
    if (index < 0) return undefined
    value = value * 16 + index
  }
  return [value >> 8, value & 0xff]
}

/** As Java reads it: a plus sign and leading zeros are fine. */
function parseDecimal(text: string, max: number): number | undefined {
  const digits = text.startsWith('+') ? text.slice(1) : text
  if (digits.length === 0) return undefined
  let value = 0
  for (const digit of digits) {
    const index = '0123456789'.indexOf(digit)
    if (index < 0) return undefined
    value = Math.min(value * 10 + index, max + 1)
  }
  return value <= max ? value : undefined
}

function allOrNothing<T>(parts: readonly (T | undefined)[]): T[] | undefined {
  const present = parts.filter((part) => part !== undefined)
  return present.length === parts.length ? present : undefined
}
