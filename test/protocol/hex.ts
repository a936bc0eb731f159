/**
 * Bytes as the captures show them: hex digits in pairs, "text" for its UTF-8, `00*16` for a run, `#` for a comment, `|` and blanks
 * for the eye. Anything else is a mistake and throws.
 */

const token = /"([^"]*)"|([0-9a-f]{2})(?:\*(\d+))?|(\S)/g

/** The bytes of a capture. */
export function hex(text: string): Uint8Array {
  const bytes: number[] = []
  const plain = text.replaceAll(/#.*/g, '').replaceAll('|', ' ')
  for (const [, quoted, pair, times = '1', stray] of plain.matchAll(token)) {
    if (stray !== undefined) throw new Error(`"${stray}" is neither hex nor text`)
    if (quoted !== undefined) bytes.push(...utf8(quoted))
    else if (pair !== undefined)
      bytes.push(...new Array<number>(Number(times)).fill(Number.parseInt(pair, 16)))
  }
  return Uint8Array.from(bytes)
}

/** The digits of bytes, without blanks: what a failed comparison should show. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The digits of 32 bits with a sign, for the text of a capture. */
export function hexInt(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}

/** Text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** One after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
