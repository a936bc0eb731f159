/** The target `splitter`: a stream in pieces of any size becomes the same frames as in one piece, and the first is a handshake. */
import { FrameError, FrameSplitter } from '../../../src/protocol/frame.js'
import { readConnectRequest } from '../../../src/protocol/handshake.js'
import { JuteReader, MarshallingError } from '../../../src/protocol/jute.js'
import { capturedConnects, capturedRequests } from '../../../test/protocol/captured-requests.js'
import { join, toHex } from '../../../test/protocol/hex.js'
import { cutFrames, piecesOf } from '../frames.js'
import { requireLaw, type Target } from '../target.js'
import { WORDS } from './words.js'

const MAX_FRAME_BYTES = 4096

/** The first byte of an input is the size of the pieces, 0 for one. */
export function createSplitterTarget(): Target {
  const handshakes = capturedConnects.map(({ frame }) => frame)
  const requests = capturedRequests.slice(0, 4).map(({ frame }) => frame)
  return {
    name: 'splitter',
    shape: { headBytes: 1, isFramed: true, words: WORDS },
    seeds: handshakes.flatMap((handshake, i) => [
      join(Uint8Array.of(i), handshake),
      join(Uint8Array.of(7 * i), handshake, ...requests),
    ]),
    regression: 'test/protocol/frame.test.ts',
    inputs: 100_000,
    batch: 4000,
    run,
  }
}

function run(input: Uint8Array): void {
  const stream = input.subarray(1)
  const { frames, isBad } = split(piecesOf(stream, input[0] ?? 0))
  const expected = cutFrames(stream, MAX_FRAME_BYTES)
  const shown = (): string => `${frames.map(toHex)} where ${expected.frames.map(toHex)} are in it`
  requireLaw(frames.length === expected.frames.length, 'each frame comes once', shown)
  for (const [i, frame] of frames.entries()) {
    requireLaw(Buffer.compare(frame, expected.frames[i] ?? frame) === 0, 'frames keep their bytes', shown)
  }
  requireLaw(isBad === expected.isBad, 'a bad length is found as soon as it is there')
  const [handshake] = frames
  if (handshake !== undefined) readHandshake(handshake)
}

function split(pieces: readonly Uint8Array[]): { readonly frames: Uint8Array[]; readonly isBad: boolean } {
  const splitter = new FrameSplitter(MAX_FRAME_BYTES)
  const frames: Uint8Array[] = []
  try {
    for (const piece of pieces) {
      const before = splitter.length
      splitter.push(piece)
      requireLaw(splitter.length === before + piece.length, 'what arrives is held')
      splitter.peek()
      for (let frame = splitter.next(); frame !== undefined; frame = splitter.next())
        frames.push(frame.slice())
    }
    return { frames, isBad: false }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error
    return { frames, isBad: true }
  }
}

function readHandshake(frame: Uint8Array): void {
  try {
    readConnectRequest(new JuteReader(frame))
  } catch (error) {
    if (!(error instanceof MarshallingError)) throw error
  }
}
