/** The splitter: any stream of frames, cut anywhere, gives the same frames, and holds no more than it has to. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { EventLoopScheduler } from '../../src/base/scheduler.js'
import { FrameError, FrameSplitter } from '../../src/protocol/frame.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { hex, hexInt, join, toHex } from './hex.js'

const parameters = runParameters(1000)
const timeout = timeLimitMs(parameters)
const MAX_FRAME_BYTES = 1000

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 })
const cuts = fc.array(fc.nat({ max: 1000 }), { maxLength: 20 })

test('frames come out as they went in, wherever the stream is cut', { timeout }, () => {
  const property = fc.property(payloads, cuts, (frames, cutsAt) => {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES)

    const out = cut(streamOf(frames), cutsAt).flatMap((chunk) => {
      splitter.push(chunk)
      return drain(splitter)
    })

    expect(out).toEqual(frames.map(toHex))
    expect(splitter.length).toBe(0)
  })

  fc.assert(property, parameters)
})

test('frames come out as they went in, whenever they are taken', { timeout }, () => {
  const takes = fc.array(fc.nat({ max: 3 }), { maxLength: 40 })
  const property = fc.property(payloads, cuts, takes, (frames, cutsAt, counts) => {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES)
    const out: string[] = []

    for (const [i, chunk] of cut(streamOf(frames), cutsAt).entries()) {
      splitter.push(chunk)
      out.push(...drain(splitter, counts[i] ?? 0))
    }
    out.push(...drain(splitter))

    expect(out).toEqual(frames.map(toHex))
  })

  fc.assert(property, parameters)
})

test('no more is held than has arrived, twice over, and it is seldom moved', { timeout }, () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 })
  const property = fc.property(sizes, (lengths) => {
    const splitter = new FrameSplitter(100_000)
    const buffers = new Set<ArrayBufferLike>()
    let arrived = 0

    for (const chunk of [hex('00 01 00 00'), ...lengths.map((length) => new Uint8Array(length))]) {
      splitter.push(chunk)
      arrived += chunk.length
      const held = bufferOf(splitter)
      buffers.add(held)
      expect(held.byteLength).toBeLessThanOrEqual(2 * arrived)
    }

    expect(splitter.length).toBe(arrived)
    // A buffer has room for twice what waits before the chunk that needs it, so what waits doubles with every second one.
    expect(buffers.size).toBeLessThanOrEqual(2 + 2 * Math.log2(arrived))
  })

  fc.assert(property, parameters)
})

describe('a length', () => {
  it.each([
    ['00 00 03 e8', 'the limit'],
    ['00 00 00 00', 'nothing'],
  ])('%s is allowed: %s', (length) => {
    const splitter = splitterWith(hex(length))
    splitter.push(new Uint8Array(MAX_FRAME_BYTES))

    expect(splitter.next()).toBeInstanceOf(Uint8Array)
  })

  it.each([
    ['00 00 03 e9', 1001],
    ['ff ff ff ff', -1],
    ['80 00 00 00', -(2 ** 31)],
    ['7f ff ff ff', 2 ** 31 - 1],
    ['72 75 6f 6b', 0x72756f6b],
  ])('%s is refused as soon as it is there', (length, bytes) => {
    const splitter = splitterWith(hex(length))

    const next = (): unknown => splitter.next()

    expect(next).toThrow(new FrameError(`a frame of ${bytes} bytes, where 0 to 1000 are allowed`))
    expect(next).toThrow(expect.objectContaining({ name: 'FrameError' }))
    expect(next).toThrow(FrameError)
  })

  it.each(['ff', 'ff ff', 'ff ff ff'])('is not judged before its four bytes are there: %s', (bytes) => {
    const splitter = splitterWith(hex(bytes))

    expect(splitter.next()).toBeUndefined()
    expect(splitter.length).toBe(hex(bytes).length)
  })

  it('is judged again for each frame', () => {
    const splitter = splitterWith(hex('00 00 00 01 2a  00 00 03 e9'))

    const first = splitter.next()

    expect(first).toEqual(Uint8Array.of(0x2a))
    expect(() => splitter.next()).toThrow(FrameError)
  })
})

describe('the first four bytes', () => {
  it('can be looked at before they are taken for a length', () => {
    const splitter = splitterWith(hex('72 75 6f'))
    const before = splitter.peek()

    splitter.push(hex('6b 0a'))

    expect(before).toBeUndefined()
    expect(splitter.peek()).toEqual(hex('72 75 6f 6b'))
    expect(splitter.length).toBe(5)
  })
})

describe('what arrives', () => {
  it('is not copied while nothing waits', () => {
    const chunk = streamOf([Uint8Array.of(1, 2), Uint8Array.of(3)])
    const splitter = splitterWith(chunk)

    const frames = [splitter.next(), splitter.next()]

    expect(frames.map((frame) => frame?.buffer === chunk.buffer)).toEqual([true, true])
  })

  it('is copied if something waits, and what waited is not written to', () => {
    const first = hex('00 00 00 02 01')
    const splitter = splitterWith(first)

    splitter.push(hex('02'))
    const frame = splitter.next()

    expect(frame).toEqual(Uint8Array.of(1, 2))
    expect(frame?.buffer).not.toBe(first.buffer)
    expect(first).toEqual(hex('00 00 00 02 01'))
  })

  it('is not written to either where there is room behind a frame that was taken', () => {
    const first = hex('00 00 00 03 07 07 07  00 00 00 02 01')
    const splitter = splitterWith(first)
    const taken = splitter.next()

    splitter.push(hex('02'))

    expect(splitter.next()).toEqual(Uint8Array.of(1, 2))
    expect([taken, first]).toEqual([hex('07 07 07'), hex('00 00 00 03 07 07 07  00 00 00 02 01')])
  })

  it('may lie in the middle of a larger buffer', () => {
    const around = hex('ff ff  00 00 00 01 2a  ff ff')
    const splitter = splitterWith(around.subarray(2, 7))

    expect([splitter.next(), splitter.next(), splitter.length]).toEqual([Uint8Array.of(0x2a), undefined, 0])
  })

  it('may be nothing', () => {
    const splitter = splitterWith(new Uint8Array(0))
    splitter.push(hex('00 00'))

    splitter.push(new Uint8Array(0))

    expect([splitter.next(), splitter.length]).toEqual([undefined, 2])
  })
})

describe('a long frame that comes byte by byte', () => {
  it('is held in a handful of buffers, one after the other', () => {
    const bytes = 200_000
    const splitter = new FrameSplitter(bytes)
    const stream = streamOf([new Uint8Array(bytes).fill(7)])
    const buffers = new Set<ArrayBufferLike>()

    for (let i = 0; i < stream.length; i++) {
      splitter.push(stream.subarray(i, i + 1))
      if (i % 100 === 99) buffers.add(bufferOf(splitter))
    }

    const frame = splitter.next()
    expect([frame?.length, frame?.every((byte) => byte === 7)]).toEqual([bytes, true])
    expect(buffers.size).toBeLessThanOrEqual(2 + Math.log2(bytes / 100))
  })
})

describe('an idle connection', () => {
  it('holds on to nothing that arrived', async () => {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES)

    const chunk = takeIn(splitter, [new Uint8Array(500)])

    expect(await isCollected(chunk)).toBe(true)
    expect(splitter.length).toBe(0)
  })

  it('that waits for the rest of a frame holds on to what there is of it', async () => {
    const splitter = new FrameSplitter(MAX_FRAME_BYTES)

    const chunk = takeIn(splitter, [new Uint8Array(500)], hex('00 00'))

    expect(await isCollected(chunk)).toBe(false)
    expect(splitter.length).toBe(2)
  })
})

function splitterWith(chunk: Uint8Array): FrameSplitter {
  const splitter = new FrameSplitter(MAX_FRAME_BYTES)
  splitter.push(chunk)
  return splitter
}

function streamOf(frames: readonly Uint8Array[]): Uint8Array {
  return join(...frames.flatMap((frame) => [hex(hexInt(frame.length)), frame]))
}

/** The stream in pieces, each in memory of its own. */
function cut(stream: Uint8Array, cutsAt: readonly number[]): Uint8Array[] {
  const ends = [...cutsAt.filter((at) => at < stream.length), stream.length].sort((a, b) => a - b)
  return ends.map((end, i) => stream.slice(ends[i - 1] ?? 0, end))
}

/** Takes up to so many frames, as hex, since they are not valid for long. */
function drain(splitter: FrameSplitter, most: number = Number.POSITIVE_INFINITY): string[] {
  const frames: string[] = []
  while (frames.length < most) {
    const frame = splitter.next()
    if (frame === undefined) break
    frames.push(toHex(frame))
  }
  return frames
}

function bufferOf(splitter: FrameSplitter): ArrayBufferLike {
  const bytes = splitter.peek()
  if (bytes === undefined) throw new Error('Nothing waits')
  return bytes.buffer
}

/** Hands in a chunk of whole frames and a rest, takes the frames, and forgets the chunk. */
function takeIn(
  splitter: FrameSplitter,
  frames: readonly Uint8Array[],
  rest: Uint8Array = new Uint8Array(0),
): WeakRef<ArrayBufferLike> {
  const chunk = join(streamOf(frames), rest)
  splitter.push(chunk)
  drain(splitter)
  return new WeakRef(chunk.buffer)
}

async function isCollected(reference: WeakRef<ArrayBufferLike>): Promise<boolean> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  // What a turn has looked at stays until its end.
  await new Promise<void>((resolve) => new EventLoopScheduler().macrotask(resolve))
  collect()
  return reference.deref() === undefined
}
