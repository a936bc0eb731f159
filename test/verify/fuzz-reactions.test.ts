/** The comparison of reactions, between servers of this file: what it prints can fail again, and what it excuses has to be met. */
import { describe, expect, it } from 'vitest'
import { frameOf } from '../../verify/fuzz/frames.js'
import { Mutator } from '../../verify/fuzz/mutator.js'
import type { ComparedServers, Reactions } from '../../verify/fuzz/reactions/compared-servers.js'
import { Comparison, type FrameSource, findUnmet } from '../../verify/fuzz/reactions/comparison.js'
import { STUCK } from '../../verify/fuzz/reactions/reaction.js'
import { REACTION_DIFFERENCES } from '../../verify/fuzz/reactions/reaction-differences.js'
import { createRequestsTarget } from '../../verify/fuzz/targets/requests-target.js'
import { Random } from '../../verify/random.js'

const RUNS = 2_000
const ALIKE: Reactions = { real: '7 OK', zoolet: '7 OK' }
const UNLIKE: Reactions = { real: 'closed', zoolet: 'silence' }

describe('a comparison of reactions', () => {
  it('shortens a frame that lies about its length to one that lies still', async () => {
    const react = (frame: Uint8Array): Reactions => (isLying(frame) ? UNLIKE : ALIKE)

    const unexplained = await compare(react)

    const { frame, shortest } = unexplained ?? { frame: new Uint8Array(0), shortest: new Uint8Array(0) }
    expect([react(frame), react(shortest)]).toEqual([UNLIKE, UNLIKE])
    expect(shortest.subarray(0, 4)).toEqual(frame.subarray(0, 4))
    expect(shortest.length).toBeLessThan(frame.length)
  })

  it('shortens one that does not lie to one that does not', async () => {
    const react = (frame: Uint8Array): Reactions =>
      !isLying(frame) && frame.at(-1) === 0x61 ? UNLIKE : ALIKE

    const { shortest } = (await compare(react)) ?? { shortest: undefined }

    expect(shortest).toEqual(frameOf(Uint8Array.of(0x61)))
  })

  it.each([
    { real: '7 UNIMPLEMENTED', zoolet: '7 UNIMPLEMENTED, closed' },
    { real: STUCK, zoolet: '7 MARSHALLINGERROR' },
    { real: '7 OK', zoolet: `7 OK, ${STUCK}` },
  ])('asks again where time may decide, and takes the second answer: %j', async (late) => {
    const patiences: number[] = []
    const comparison = new Comparison(
      serversThat((_, patienceMs) => (patiences.push(patienceMs) === 1 ? late : ALIKE)),
    )

    expect([await comparison.run(1, source()), patiences]).toEqual([undefined, [1_500, 15_000]])
  })

  it('does not ask again where they differ in anything else', async () => {
    let asked = 0
    const comparison = new Comparison(
      serversThat(() => {
        asked += 1
        return asked === 1 ? { real: '7 NONODE', zoolet: '7 OK, closed' } : ALIKE
      }),
    )

    expect(await comparison.ask(frameOf(Uint8Array.of(1)))).toMatchObject({ real: '7 NONODE' })
    expect(asked).toBe(1)
  })

  it('goes on where the reactions are alike', async () => {
    expect(await compare(() => ALIKE)).toBeUndefined()
  })

  it('goes on where a difference is deliberate, and counts it', async () => {
    const comparison = new Comparison(serversThat(() => ({ real: '7 OK 😀', zoolet: '7 OK \ufffd' })))

    const unexplained = await comparison.run(10, source())

    expect([unexplained, comparison.hits.get('D40')]).toEqual([undefined, 10])
  })
})

describe('a deliberate difference', () => {
  const rarest = Math.max(...REACTION_DIFFERENCES.map(({ framesAHit }) => framesAHit))
  const met = new Map(REACTION_DIFFERENCES.map(({ id }) => [id, 1]))

  it.each(REACTION_DIFFERENCES)('that is not met any more is found: $id', ({ id, framesAHit }) => {
    const runs = 10 * framesAHit

    expect(findUnmet(met, 10 * rarest)).toEqual([])
    expect(findUnmet(new Map([...met, [id, 0]]), runs)).toEqual([
      `${id} was not met in ${runs} frames, where one of ${framesAHit} meets it`,
    ])
    expect(findUnmet(new Map([...met, [id, 0]]), runs - 1)).toEqual([])
  })
})

function compare(react: (frame: Uint8Array) => Reactions): ReturnType<Comparison['run']> {
  return new Comparison(serversThat(react)).run(RUNS, source())
}

function serversThat(react: (frame: Uint8Array, patienceMs: number) => Reactions): ComparedServers {
  return {
    ask: async (frame, patienceMs) => react(frame, patienceMs),
    reset: async () => undefined,
    close: async () => undefined,
  }
}

function source(): FrameSource {
  const random = new Random(1)
  const { seeds, shape } = createRequestsTarget()
  return { random, mutator: new Mutator(random, shape), corpus: seeds }
}

function isLying(frame: Uint8Array): boolean {
  return new DataView(frame.buffer, frame.byteOffset).getInt32(0) !== frame.length - 4
}
