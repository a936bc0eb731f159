/** What waits for a slow link: everything leaves once and in its order, and a link has only so much in its hands. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Outbox } from '../../src/transport/outbox.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { FakeLink } from './fake-link.js'

const parameters = runParameters(200)
const LINK_BYTES = 262_144
const BLOCK_BYTES = 65_536
/** The length in front of each frame. */
const LENGTH_BYTES = 4

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ act: fc.constant('write' as const), bytes: fc.nat({ max: 150_000 }) }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('flush' as const), bytes: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('send' as const), bytes: fc.constant(0) }) },
)

test('everything leaves once and in its order, and each byte counts until it has left', {
  timeout: timeLimitMs(parameters),
}, () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { box, link, left } = start()
    let written = 0

    for (const { act, bytes } of steps) {
      if (act === 'write') written += writeFrame(box, bytes)
      else if (act === 'flush') box.flush()
      else link.send(1)
      expect(box.unsentBytes).toBe(written - left.bytes)
      expect(left.mostHeldBefore).toBeLessThanOrEqual(LINK_BYTES)
    }
    box.flushAll()
    sendAll(link)

    const lengths = steps.filter(({ act }) => act === 'write').map(({ bytes }) => bytes)
    expect(framesOf(link.takeLeft())).toEqual(lengths)
    expect([box.unsentBytes, left.bytes]).toEqual([0, written])
  })

  fc.assert(property, parameters)
})

describe('an outbox', () => {
  it('hands a quick link what was written since the last time, in one piece', () => {
    const { box, link } = start()
    writeFrame(box, 1)
    writeFrame(box, 2)

    const wasHanded = box.flush()
    link.send()

    expect([wasHanded, framesOf(link.takeLeft())]).toEqual([true, [1, 2]])
  })

  it('hands over nothing where there is nothing', () => {
    const { box, link } = start()

    const wasHanded = box.flush()

    expect([wasHanded, link.unsentBytes]).toEqual([false, 0])
  })

  it('hands a link no more as long as it has too much in its hands', () => {
    const { box, link } = start()
    handOver(box, LINK_BYTES)
    const held = link.unsentBytes

    const wasHanded = handOver(box, 1)

    expect([wasHanded, link.unsentBytes, box.unsentBytes]).toEqual([false, held, held + 5])
  })

  it('hands a link more as long as it has not too much in its hands', () => {
    const { box, link } = start()
    handOver(box, LINK_BYTES - LENGTH_BYTES)

    const wasHanded = handOver(box, 1)

    expect([wasHanded, link.unsentBytes]).toEqual([true, LINK_BYTES + 5])
  })

  it('hands over what waited as soon as enough has left, though nothing new is written', () => {
    const { box, link } = start()
    handOver(box, LINK_BYTES)
    for (let i = 0; i < 5; i++) handOver(box, BLOCK_BYTES)
    handOver(box, 7)

    link.send(1)

    // One more than it may have, since it is given whole blocks.
    expect(link.unsentBytes).toBe(4 * (BLOCK_BYTES + LENGTH_BYTES))
    sendAll(link)
    expect(framesOf(link.takeLeft())).toEqual([LINK_BYTES, ...new Array(5).fill(BLOCK_BYTES), 7])
  })

  it('puts small frames for a slow link together', () => {
    const { box, link, left } = start()
    handOver(box, LINK_BYTES)
    for (let i = 0; i < 1000; i++) handOver(box, 10)

    sendAll(link)

    expect(left.writes).toBe(2)
    expect(framesOf(link.takeLeft())).toEqual([LINK_BYTES, ...new Array(1000).fill(10)])
  })

  it('hands over everything at the end, slow or not, and in its order', () => {
    const { box, link } = start()
    const lengths = [...Array.from({ length: 10 }, (_, i) => BLOCK_BYTES + i), 7]
    for (const length of lengths) handOver(box, length)

    box.flushAll()
    link.send()

    expect(framesOf(link.takeLeft())).toEqual(lengths)
  })

  it('that is cleared says what was unsent, and hands over nothing any more', () => {
    const { box, link } = start()
    for (let i = 0; i < 10; i++) handOver(box, BLOCK_BYTES)
    const unsent = box.unsentBytes

    const cleared = box.clear()
    link.send()
    link.send()
    const wasHanded = box.flush()

    expect([cleared, wasHanded]).toEqual([unsent, false])
    expect(unsent).toBe(10 * (BLOCK_BYTES + LENGTH_BYTES))
    expect(framesOf(link.takeLeft()).length).toBeLessThan(6)
  })

  it('takes a frame back that cannot be written', () => {
    const { box, link } = start()
    const broken = (): number =>
      box.write((out) => {
        out.int(1)
        throw new TypeError('stop')
      })

    expect(broken).toThrow('stop')
    expect([box.unsentBytes, box.flush(), link.unsentBytes]).toEqual([0, false, 0])
  })
})

interface Left {
  bytes: number
  /** How often the link was given something. */
  writes: number
  /** The most that the link had in its hands when it was given more. */
  mostHeldBefore: number
}

/** A link that notes how much it had when it was given more. */
class WatchedLink extends FakeLink {
  readonly #left: Left

  constructor(left: Left) {
    super()
    this.#left = left
  }

  override write(bytes: Uint8Array, sent: () => void): void {
    this.#left.mostHeldBefore = Math.max(this.#left.mostHeldBefore, this.unsentBytes)
    this.#left.writes += 1
    super.write(bytes, sent)
  }
}

function start(): { box: Outbox; link: FakeLink; left: Left } {
  const left = { bytes: 0, writes: 0, mostHeldBefore: 0 }
  const link = new WatchedLink(left)
  const box = new Outbox(link, (bytes) => {
    left.bytes += bytes
  })
  return { box, link, left }
}

/** A frame of so many bytes; returns what it added, its length too. */
function writeFrame(box: Outbox, bytes: number): number {
  return box.write((out) => {
    for (let i = 0; i < bytes % 8; i++) out.byte(0)
    for (let i = 0; i < bytes >> 3; i++) out.number(0)
  })
}

function handOver(box: Outbox, bytes: number): boolean {
  writeFrame(box, bytes)
  return box.flush()
}

/** Lets everything leave that the link has, and what it gets meanwhile. */
function sendAll(link: FakeLink): void {
  while (link.unsentBytes > 0) link.send(1)
}

/** The lengths of the frames in a stream. */
function framesOf(pieces: readonly Uint8Array[]): number[] {
  const stream = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0))
  let end = 0
  for (const piece of pieces) {
    stream.set(piece, end)
    end += piece.length
  }
  const view = new DataView(stream.buffer)
  const lengths: number[] = []
  for (let at = 0; at < end; at += LENGTH_BYTES + view.getInt32(at)) lengths.push(view.getInt32(at))
  return lengths
}
