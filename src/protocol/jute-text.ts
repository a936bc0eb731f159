/** The text of the wire: UTF-8, and what Java makes of characters beyond U+FFFF. */
import { decodeUtf8 } from '../base/platform.js'

/**
 * UTF-8, with the surrogate pairs that Java writes one by one (CESU-8) put together. Bytes that are neither become U+FFFD.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes)
  return text.includes('\ufffd') && bytes.includes(SURROGATE_LEAD) ? decodeUtf8(joinSurrogates(bytes)) : text
}

/** The first byte of every surrogate in CESU-8. */
const SURROGATE_LEAD = 0xed
const FIRST_HIGH = 0xd800
const FIRST_LOW = 0xdc00

/** Each pair of three-byte surrogates replaced by the four bytes of UTF-8. In one pass: the bytes may be a whole frame of them. */
function joinSurrogates(bytes: Uint8Array): Uint8Array {
  const joined = new Uint8Array(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = surrogateAt(bytes, i)
    const low = high === 0 ? 0 : surrogateAt(bytes, i + 3)
    if (high < FIRST_HIGH || high >= FIRST_LOW || low < FIRST_LOW) joined[length++] = bytes[i] ?? 0
    else {
      const character = 0x10000 + ((high - FIRST_HIGH) << 10) + (low - FIRST_LOW)
      joined[length++] = 0xf0 | (character >> 18)
      joined[length++] = 0x80 | ((character >> 12) & 0x3f)
      joined[length++] = 0x80 | ((character >> 6) & 0x3f)
      joined[length++] = 0x80 | (character & 0x3f)
      i += 5
    }
  }
  return joined.subarray(0, length)
}

/** The surrogate whose three bytes begin here, or 0. */
function surrogateAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== SURROGATE_LEAD) return 0
  const second = bytes[at + 1] ?? 0
  const third = bytes[at + 2] ?? 0
  if (second >> 5 !== 0b101 || third >> 6 !== 0b10) return 0
  return 0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)
}
