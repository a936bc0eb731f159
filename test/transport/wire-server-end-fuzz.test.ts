/**
 * Clients that send damaged frames to a server that serves others as well: whatever comes, nobody else notices, nothing breaks in
 * the server, and the connection goes on or ends in good order. RUNS and SEED as for property tests.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import { runParameters, timeLimitMs } from '../property/run-parameters.js'
import { capturedRequests, unknownOperation } from '../protocol/captured-requests.js'
import { hex, hexInt, join } from '../protocol/hex.js'
import { requests } from '../protocol/message-arbitraries.js'
import { Chance, mutate } from '../protocol/mutations.js'
import { create, remove, setData } from '../semantics/fixture.js'
import { connectFrame, type Peer, requestFrame, WireWorld } from './fake-link.js'

const parameters = runParameters(300)
const FRAMES = 40
const SYNC: Request = { type: 'sync', path: '/' }
const WATCH: Request = { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' }

const payloads: readonly Uint8Array[] = [
  ...[...capturedRequests, unknownOperation].map(({ frame }) => frame),
  ...fc.sample(requests, { numRuns: 100, seed: 1 }).map((request, xid) => requestFrame(xid, request)),
  ...[create('/a'), setData('/a'), remove('/a'), create('/b'), WATCH].map((it, xid) => requestFrame(xid, it)),
  connectFrame(),
].map((frame) => frame.subarray(4))

test('damaged frames cost their own connection at most', { timeout: timeLimitMs(parameters) }, () => {
  const ends = new Set<string>()
  const property = fc.property(fc.integer(), (seed) => {
    const chance = new Chance(seed)
    const { world, errors, bystander } = startWorld()

    for (let i = 0; i < FRAMES; i++) {
      const peer = world.peers.at(-1)
      peer?.send(damagedStream(chance))
      world.settle()
      ends.add(String(peer?.link.log.filter((word) => word === 'end' || word === 'destroy')))
      if (peer === bystander || peer?.link.log.includes('end')) world.connect()
    }

    expect(errors).toEqual([])
    expect(bystander.link.log).toEqual([])
    bystander.takeHeard()
    bystander.ask(9, SYNC)
    expect(bystander.takeHeard()).toEqual(['9 OK'])
    expect(world.parts.unsent.total).toBe(0)
  })

  fc.assert(property, parameters)
  expect([...ends].sort()).toEqual(['', 'end'])
})

/** A server, and a client of it that watches everything. */
function startWorld(): { world: WireWorld; errors: unknown[]; bystander: Peer } {
  const world = new WireWorld()
  const errors: unknown[] = []
  world.zoo.on('watcherError', (error) => void errors.push(error))
  const bystander = world.connect()
  bystander.ask(1, WATCH)
  world.connect()
  return { world, errors, bystander }
}

/** A few frames whose contents are damaged, and sometimes the lengths, too. */
function damagedStream(chance: Chance): Uint8Array {
  const frames = Array.from({ length: 1 + chance.below(3) }, () => {
    const payload = chance.pick(payloads)
    const sent = chance.below(4) === 0 ? payload : mutate(payload, chance, payloads)
    return join(hex(hexInt(sent.length)), sent)
  })
  const stream = join(...frames)
  return chance.below(8) === 0 ? mutate(stream, chance, payloads) : stream
}
