/** Chance as a number: what is made of random bytes by whoever chooses one of several. */

/** A number from 0 up to, but not including, 1; all bytes count, the last one most. */
export function fractionOf(bytes: Uint8Array): number {
  return bytes.reduce((fraction, byte) => (fraction + byte) / 256, 0)
}
