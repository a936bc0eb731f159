/** Frames as the fuzzer cuts and joins them: written anew on purpose, since the splitter of the library is compared with it. */
import { join } from '../../test/protocol/hex.js'

const LENGTH_BYTES = 4
/** More of them show nothing new, and take their time. */
const MOST_PIECES = 64

/** A stream of bytes, cut. */
export interface CutStream {
  /** Without their lengths. */
  readonly frames: readonly Uint8Array[]
  /** What comes after the last whole frame. */
  readonly rest: Uint8Array
  /** Whether a length that nothing can have ended it. */
  readonly isBad: boolean
}

/** Cuts a whole stream; a frame over `maxFrameBytes` is bad. */
export function cutFrames(stream: Uint8Array, maxFrameBytes: number = Number.POSITIVE_INFINITY): CutStream {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const frames: Uint8Array[] = []
  let at = 0
  while (stream.length - at >= LENGTH_BYTES) {
    const length = view.getInt32(at)
    if (length < 0 || length > maxFrameBytes) return { frames, rest: stream.subarray(at), isBad: true }
    if (length > stream.length - at - LENGTH_BYTES) break
    frames.push(stream.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length))
    at += LENGTH_BYTES + length
  }
  return { frames, rest: stream.subarray(at), isBad: false }
}

/** One message with its length in front. */
export function frameOf(payload: Uint8Array): Uint8Array {
  return join(intBytes(payload.length), payload)
}

/** Messages with their lengths, and what is left. */
export function joinFrames(frames: readonly Uint8Array[], rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  return join(...frames.map(frameOf), rest)
}

/** Four bytes. */
export function intBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(LENGTH_BYTES)
  new DataView(bytes.buffer).setInt32(0, value)
  return bytes
}

/** Pieces of this size, as a network may deliver them, and the rest in one; 0 for one piece. Each has memory of its own. */
export function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  if (size === 0) return [bytes.slice()]
  const pieces: Uint8Array[] = []
  const end = Math.min(bytes.length, MOST_PIECES * size)
  for (let at = 0; at < end; at += size) pieces.push(bytes.slice(at, at + size))
  if (end < bytes.length) pieces.push(bytes.slice(end))
  return pieces
}
