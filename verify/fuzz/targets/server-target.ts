/**
 * The target `server`: a whole server behind links without sockets, with one honest client that watches everything, and one that
 * shakes hands and then sends the input. Afterwards the honest one is answered, every table of the server is sound, and the
 * replies are those to the requests that can be read, in their order.
 */
import { isDeepStrictEqual } from 'node:util'
import { digestId, EmbeddedZooKeeper, type EmbeddedZooKeeperOptions } from '../../../src/index.js'
import { decodeRequest, readReplyHeader } from '../../../src/protocol/codec.js'
import { JuteReader, MarshallingError } from '../../../src/protocol/jute.js'
import { NOTIFICATION_XID } from '../../../src/protocol/xid.js'
import { DEFAULT_WIRE_LIMITS } from '../../../src/transport/wire-limits.js'
import { brokenInServer } from '../../../test/property/invariants.js'
import { join } from '../../../test/protocol/hex.js'
import { type Peer, WireWorld } from '../../../test/transport/fake-link.js'
import { cutFrames, frameOf, piecesOf } from '../frames.js'
import { requireLaw, requireNone, type Target } from '../target.js'
import { GOODBYE, OTHERS, WRITES } from './requests.js'
import { createTree } from './tree.js'
import { capturedPayloads, OP_WORDS, requestBytes, WORDS } from './words.js'

/** Bits of the second byte of an input; the first is the size of the pieces. */
const TIGHT_LIMITS = 1
const OLD = 2
const QUOTA = 4
const TIME = 8
const RESTORED = 16

const HEAD_BYTES = 2
const BYSTANDER_TIMEOUT_MS = 40_000
/** Longer than the session of the other one lives without a connection, and shorter than that. */
const PASSING_MS = 20_000
const SWEEP_MS = 5000
const LIMITS = {
  maxDataBytes: 64,
  maxMultiOps: 4,
  maxMultiReadBytes: 256,
  maxPathDepth: 4,
  maxSessions: 2,
  maxWatches: 6,
  maxWatchesPerSession: 4,
  maxZnodes: 16,
} as const

/** An input is a head of two bytes, then the stream after the handshake. */
export function createServerTarget(): Target {
  const snapshot = createTree()
  const messages = [
    ...capturedPayloads(),
    ...[...WRITES, ...OTHERS, GOODBYE].map((it, i) => requestBytes(i, it)),
  ]
  const flags = [0, TIGHT_LIMITS | TIME, OLD | RESTORED, QUOTA | TIME | RESTORED, TIGHT_LIMITS | OLD]
  const head = (i: number): Uint8Array => Uint8Array.of(i % 5, flags[i % flags.length] ?? 0)
  return {
    name: 'server',
    shape: { headBytes: HEAD_BYTES, isFramed: true, words: [...WORDS, ...OP_WORDS] },
    seeds: [
      ...messages.map((message, i) => join(head(i), frameOf(message))),
      ...flags.map((_, i) => join(head(i), ...messages.map(frameOf))),
    ],
    regression: 'test/transport/wire-server-end-fuzz.test.ts',
    inputs: 6000,
    batch: 64,
    run: (input) => run(input, snapshot),
  }
}

function run(input: Uint8Array, snapshot: ReturnType<typeof createTree>): void | Promise<void> {
  const [pieceBytes = 0, flags = 0] = input
  const world = startWorld(flags, { snapshot })
  const errors: unknown[] = []
  world.zoo.on('watcherError', (error) => void errors.push(error))
  const bystander = world.connect({ timeoutMs: BYSTANDER_TIMEOUT_MS })
  bystander.ask(1, { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' })
  const stranger = world.connect()
  const stream = input.subarray(HEAD_BYTES)

  for (const piece of piecesOf(stream, pieceBytes)) stranger.send(piece)
  world.settle()

  requireNone(errors, 'no error comes up in the server')
  checkReplies(stream, stranger)
  checkServer(world, bystander)
  if ((flags & RESTORED) !== 0) checkSnapshot(world)
  return (flags & TIME) === 0 ? undefined : passTime(world, stranger, bystander)
}

function startWorld(flags: number, options: EmbeddedZooKeeperOptions): WireWorld {
  return new WireWorld({
    server: {
      ...options,
      limits: (flags & TIGHT_LIMITS) === 0 ? {} : LIMITS,
      compatibility: (flags & OLD) === 0 ? '3.9' : '3.8',
      enforceQuota: (flags & QUOTA) !== 0,
      containerCheckIntervalMs: SWEEP_MS,
      maxNeverUsedContainerMs: SWEEP_MS,
      superDigest: digestId('super:pw'),
      randomBytes: (length) => new Uint8Array(length).fill(1),
    },
  })
}

/** Replies leave in the order of the requests, one each, up to the end of the connection. */
function checkReplies(stream: Uint8Array, stranger: Peer): void {
  const xids = stranger
    .takeFrames()
    .map((frame) => readReplyHeader(new JuteReader(frame)).xid)
    .filter((xid) => xid !== NOTIFICATION_XID)
  const expected = expectedXids(stream)
  const isOpen = !stranger.link.log.includes('end') && !stranger.link.log.includes('destroy')
  const due = isOpen ? expected : expected.slice(0, xids.length)
  requireLaw(
    isDeepStrictEqual(xids, due),
    'replies come in the order of the requests',
    () => `${xids}, not ${due}`,
  )
}

function expectedXids(stream: Uint8Array): number[] {
  const xids: number[] = []
  for (const frame of cutFrames(stream, DEFAULT_WIRE_LIMITS.maxFrameBytes).frames) {
    try {
      const { xid } = decodeRequest(frame)
      if (xid !== NOTIFICATION_XID) xids.push(xid)
    } catch (error) {
      if (error instanceof MarshallingError) break
      throw error
    }
  }
  return xids
}

function checkServer(world: WireWorld, bystander: Peer): void {
  requireNone(brokenInServer(world.zoo.reports), 'the state of the server is sound')
  requireLaw(world.parts.unsent.total === 0, 'nothing that was sent is still counted')
  requireNone(bystander.link.log, 'the link of another client is left alone')
  bystander.takeFrames()
  bystander.ask(0, { type: 'ping' })
  const heard = bystander.takeHeard()
  requireLaw(heard.join() === '-2 OK', 'the ping of another client is answered', () => heard.join())
}

/** A server that is made from the snapshot has the same state. */
function checkSnapshot({ zoo, clock }: WireWorld): void {
  const snapshot = zoo.snapshot()
  const restored = new EmbeddedZooKeeper({ clock, snapshot })
  requireLaw(isDeepStrictEqual(restored.snapshot(), snapshot), 'a snapshot survives being loaded')
}

/** Once the stranger is gone for good, nothing of its session is left. */
async function passTime(world: WireWorld, stranger: Peer, bystander: Peer): Promise<void> {
  stranger.end.closed()
  await world.pass(PASSING_MS)
  const { reports } = world.zoo
  const { ephemerals, sessions } = reports.counts()
  requireLaw(sessions === 1, 'the session of a client that is gone expires')
  requireLaw(ephemerals === 0, 'the ephemerals of an expired session go')
  checkServer(world, bystander)
}
