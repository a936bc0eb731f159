/**
 * Paths that somebody has chosen to have the same hash in a PathTable: the highest bit of a character changes two bits of what the two
 * characters behind it are mixed with, so one of them can undo it.
 */

/** Four characters each, two to choose from. */
const BLOCKS = ['\u4e00\u4e00\u4e00\u4e01', '\u4e00\uce00\u4e00\uce00'] as const

/** As many as there are choices of so many blocks: two to the power of them. */
export function pathsOfOneHash(blockCount: number): string[] {
  return Array.from({ length: 2 ** blockCount }, (_, i) => {
    const blocks = Array.from({ length: blockCount }, (__, bit) => BLOCKS[(i >> bit) & 1])
    return `/x${blocks.join('')}`
  })
}
