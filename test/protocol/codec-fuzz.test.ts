/**
 * A million damaged frames, both ways: each is read as something or refused with a MarshallingError, soon, and nothing is kept.
 * FUZZ_FRAMES sets how many, SEED repeats a run: `SEED=123 FUZZ_FRAMES=20000000 npx vitest run test/protocol/codec-fuzz.test.ts`.
 */
import { env, memoryUsage } from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeRequest,
  encodeNotification,
  encodeReply,
  encodeRequest,
  readNotification,
  readReply,
  readReplyHeader,
} from '../../src/protocol/codec.js'
import {
  readConnectRequest,
  readConnectResponse,
  writeConnectRequest,
  writeConnectResponse,
} from '../../src/protocol/handshake.js'
import { JuteReader, JuteWriter, MarshallingError } from '../../src/protocol/jute.js'
import type { Request } from '../../src/protocol/message.js'
import { capturedNotifications, capturedReplies } from './captured-replies.js'
import { capturedConnects, capturedRequests, unknownOperation } from './captured-requests.js'
import { hex, join, toHex } from './hex.js'
import { answers, connectRequests, connectResponses, notifications, requests } from './message-arbitraries.js'
import { Chance, mutate } from './mutations.js'

const FRAMES = Number(env.FUZZ_FRAMES ?? 1_000_000)
const SEED = Number(env.SEED ?? Math.floor(Math.random() * 2 ** 31))
const WARM_UP = 20_000
const MOST_MS = 50
/** A frame as large as a server takes costs this at most; on an idle machine a fifth of it. */
const MOST_MS_OF_A_MEGABYTE = 250
const MOST_GROWTH_BYTES = 16 * 1_048_576
const SAMPLES = 150
const TIMEOUT_MS = 60_000 + FRAMES / 10

/** Reads a payload; what it gives is one word for what it was. */
type Read = (payload: Uint8Array) => string

interface Sample {
  readonly payload: Uint8Array
  readonly read: Read
}

interface Tally {
  readonly counts: Map<string, number>
  readonly growthBytes: number
  readonly slow: readonly string[]
}

const collect = exposeCollector()

describe(`with SEED=${SEED}`, () => {
  it('whatever a client sends is a request or a MarshallingError', { timeout: TIMEOUT_MS }, () => {
    const { counts, growthBytes, slow } = fuzz(clientSamples(), FRAMES / 2, SEED)

    expect(slow).toEqual([])
    expect(growthBytes).toBeLessThan(MOST_GROWTH_BYTES)
    expectEachOften(counts, ['understood', 'malformed', 'unknown', 'handshake', 'refused'])
  })

  it('whatever a server sends is a message or a MarshallingError', { timeout: TIMEOUT_MS }, () => {
    const { counts, growthBytes, slow } = fuzz(serverSamples(), FRAMES / 2, SEED + 1)

    expect(slow).toEqual([])
    expect(growthBytes).toBeLessThan(MOST_GROWTH_BYTES)
    expectEachOften(counts, ['reply', 'failure', 'event', 'handshake', 'refused'])
  })
})

describe('a frame as large as a server takes is read soon', () => {
  it.each([
    ['text that is none', largeText(hex('ed ff'))],
    ['halves of surrogates', largeText(hex('ed a0 80'))],
    ['surrogates as Java writes them', largeText(hex('ed a0 bd ed b8 80'))],
    ['empty paths', large('00 00 00 01 00 00 00 65 00*8 00 03 d0 90', hex('00 00 00 00'))],
    ['operations of a multi', large('00 00 00 01 00 00 00 0e', hex('00 00 00 0d 00 ff*4 00 00 00 00 00*4'))],
    ['entries of an ACL', large('00 00 00 01 00 00 00 07 00 00 00 00 00 01 45 00', hex('00*12'))],
  ])('%s', (_what, payload) => {
    const times = [0, 1, 2].map(() => timeOf(readRequest, payload))

    expect(Math.min(...times)).toBeLessThan(MOST_MS_OF_A_MEGABYTE)
  })
})

/** Damages frames and reads them. Throws for what no reader may throw. */
function fuzz(samples: readonly Sample[], frames: number, seed: number): Tally {
  const chance = new Chance(seed)
  const payloads = samples.map(({ payload }) => payload)
  const counts = new Map<string, number>()
  const slow: string[] = []
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const { payload, read } = chance.pick(samples)
      const damaged = mutate(payload, chance, payloads)
      const startedMs = nowMs()
      const outcome = outcomeOf(read, damaged, seed)
      if (nowMs() - startedMs > MOST_MS && isSlow(read, damaged)) slow.push(toHex(damaged))
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    }
  }
  withoutStacks(() => run(Math.min(WARM_UP, frames)))
  const beforeBytes = usedBytes()
  withoutStacks(() => run(frames))
  return { counts, slow, growthBytes: usedBytes() - beforeBytes }
}

/** Half of the time would go into stacks that nobody reads; a failure shows its bytes. */
function withoutStacks(work: () => void): void {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    work()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function outcomeOf(read: Read, payload: Uint8Array, seed: number): string {
  try {
    return read(payload)
  } catch (error) {
    if (error instanceof MarshallingError) return 'refused'
    throw new Error(`SEED=${seed} gave ${toHex(payload)}`, { cause: error })
  }
}

/** A busy machine, or a collection, is not the reader's fault: it has to be slow each time. */
function isSlow(read: Read, payload: Uint8Array): boolean {
  return [0, 1, 2].every(() => timeOf(read, payload) > MOST_MS)
}

function timeOf(read: Read, payload: Uint8Array): number {
  const startedMs = nowMs()
  outcomeOf(read, payload, 0)
  return nowMs() - startedMs
}

/** Each kind of outcome was met: damage that only ever makes one of them would prove little. */
function expectEachOften(counts: ReadonlyMap<string, number>, outcomes: readonly string[]): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const seldom = outcomes.filter((outcome) => (counts.get(outcome) ?? 0) < total / 500)

  expect({ seldom, other: [...counts.keys()].filter((key) => !outcomes.includes(key)) }).toEqual({
    seldom: [],
    other: [],
  })
}

function readRequest(payload: Uint8Array): string {
  const { type } = decodeRequest(payload).request
  return type === 'malformed' || type === 'unknown' ? type : 'understood'
}

function readConnect(payload: Uint8Array): string {
  readConnectRequest(new JuteReader(payload))
  return 'handshake'
}

function readAnswer(payload: Uint8Array): string {
  readConnectResponse(new JuteReader(payload))
  return 'handshake'
}

function readEvent(payload: Uint8Array): string {
  const input = new JuteReader(payload)
  readNotification(input, readReplyHeader(input))
  return 'event'
}

function replyReader(type: Request['type']): Read {
  return (payload) => {
    const input = new JuteReader(payload)
    return readReply(input, readReplyHeader(input), type).code === 'OK' ? 'reply' : 'failure'
  }
}

function clientSamples(): Sample[] {
  const captured = [...capturedRequests, unknownOperation].map(({ frame }) => frame.subarray(4))
  const sampled = sampleOf(requests).map((request) => written((out) => encodeRequest(out, 1, request)))
  const connects = [
    ...capturedConnects.map(({ frame }) => frame.subarray(4)),
    ...sampleOf(connectRequests, SAMPLES / 10).map((it) => written((out) => writeConnectRequest(out, it))),
  ]
  return [
    ...[...captured, ...sampled].map((payload) => ({ payload, read: readRequest })),
    ...connects.map((payload) => ({ payload, read: readConnect })),
  ]
}

function serverSamples(): Sample[] {
  const options = { hasReadOnlyByte: true }
  return [
    ...capturedReplies.map(({ frame, type }) => ({ payload: frame.subarray(4), read: replyReader(type) })),
    ...capturedNotifications.map(({ frame }) => ({ payload: frame.subarray(4), read: readEvent })),
    ...sampleOf(answers).map(({ type, response }) => ({
      payload: written((out) => encodeReply(out, { xid: 1, zxid: 2, code: 'OK', response })),
      read: replyReader(type),
    })),
    ...sampleOf(notifications, SAMPLES / 10).map((it) => ({
      payload: written((out) => encodeNotification(out, it)),
      read: readEvent,
    })),
    ...sampleOf(connectResponses, SAMPLES / 10).map((it) => ({
      payload: written((out) => writeConnectResponse(out, it, options)),
      read: readAnswer,
    })),
  ]
}

function sampleOf<T>(arbitrary: fc.Arbitrary<T>, numRuns: number = SAMPLES): T[] {
  return fc.sample(arbitrary, { seed: SEED, numRuns })
}

function written(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  write(out)
  return out.take()
}

/** A sync with a megabyte of this. */
function largeText(piece: Uint8Array): Uint8Array {
  return large('00 00 00 01 00 00 00 09 00 0f f0 00', piece)
}

/** The beginning of a request, then a megabyte of this. */
function large(beginning: string, piece: Uint8Array): Uint8Array {
  const whole = new Uint8Array(1_048_575)
  for (let at = 0; at + piece.length <= whole.length; at += piece.length) whole.set(piece, at)
  return join(hex(beginning), whole).subarray(0, whole.length)
}

function usedBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = memoryUsage()
  return heapUsed + arrayBuffers
}

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}

function nowMs(): number {
  return performance.now() // tidy-ignore realTime: how long reading takes is what is promised.
}
