/** Makes an input that fails shorter: first whole frames go, then bytes, then what is left becomes zeros where that is enough. */
import { join } from '../../test/protocol/hex.js'
import { shrink } from '../shrink.js'
import { cutFrames, joinFrames } from './frames.js'
import { type Fault, isSameFault, type Judge } from './judge.js'
import type { InputShape } from './target.js'

/** The shortest input found in time with the same fault. `deadlineMs` is on the clock of `performance.now()`. */
export async function minimise(
  input: Uint8Array,
  fault: Fault,
  {
    judge,
    shape,
    deadlineMs,
  }: { readonly judge: Judge; readonly shape: InputShape; readonly deadlineMs: number },
): Promise<Uint8Array> {
  const fails = async (bytes: Uint8Array): Promise<boolean> => {
    const again = await judge.findFault(bytes)
    return again !== undefined && isSameFault(again, fault)
  }
  if (!(await fails(input))) return input
  const head = input.subarray(0, shape.headBytes)
  let short = input
  if (shape.isFramed) {
    const { frames, rest } = cutFrames(input.subarray(shape.headBytes))
    const build = (fewer: readonly Uint8Array[]): Uint8Array => join(head, joinFrames(fewer, rest))
    short = build(await shrink(frames, (fewer) => fails(build(fewer)), deadlineMs))
    short = await shortenFrames(short, fails, shape, deadlineMs)
  }
  const bytes = await shrink([...short], (fewer) => fails(Uint8Array.from(fewer)), deadlineMs)
  return zero(Uint8Array.from(bytes), fails, deadlineMs)
}

/** The bytes of each frame, its length kept right. */
async function shortenFrames(
  input: Uint8Array,
  fails: (bytes: Uint8Array) => Promise<boolean>,
  { headBytes }: InputShape,
  deadlineMs: number,
): Promise<Uint8Array> {
  const head = input.subarray(0, headBytes)
  const { frames, rest } = cutFrames(input.subarray(headBytes))
  const kept = [...frames]
  for (const [i, frame] of frames.entries()) {
    const build = (bytes: readonly number[]): Uint8Array =>
      join(head, joinFrames(kept.with(i, Uint8Array.from(bytes)), rest))
    kept[i] = Uint8Array.from(await shrink([...frame], (fewer) => fails(build(fewer)), deadlineMs))
  }
  return join(head, joinFrames(kept, rest))
}

async function zero(
  input: Uint8Array,
  fails: (bytes: Uint8Array) => Promise<boolean>,
  deadlineMs: number,
): Promise<Uint8Array> {
  let kept = input
  for (let at = 0; at < input.length && performance.now() < deadlineMs; at++) {
    const simpler = kept.with(at, 0)
    if (kept[at] !== 0 && (await fails(simpler))) kept = simpler
  }
  return kept
}
