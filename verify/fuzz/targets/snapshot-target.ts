/**
 * The target `snapshot`: a snapshot is refused with a TypeError that says why, or it is the state of a server that works: sound, the
 * same when it is taken again, and fit for requests and for the passing of time.
 */
import { isDeepStrictEqual } from 'node:util'
import { EmbeddedZooKeeper } from '../../../src/index.js'
import type { Snapshot } from '../../../src/server/snapshot.js'
import { VirtualClock } from '../../../src/testing/index.js'
import { brokenInServer } from '../../../test/property/invariants.js'
import { WireWorld } from '../../../test/transport/fake-link.js'
import { requireLaw, requireNone, type Target } from '../target.js'
import { OTHERS, WRITES } from './requests.js'
import { editSnapshot } from './snapshot-edits.js'
import { createTree } from './tree.js'

/** Every so many of those that were accepted are also put to work, which takes far longer: the last byte of the edits decides. */
const WORK_MASK = 7
const PASSING_MS = 120_000

/** An input is edits of four bytes each. */
export function createSnapshotTarget(): Target {
  const base = withSession(createTree())
  return {
    name: 'snapshot',
    shape: { headBytes: 0, isFramed: false, words: [] },
    seeds: [new Uint8Array(0), ...Array.from({ length: 40 }, (_, i) => Uint8Array.of(i % 10, i, i, i))],
    regression: 'test/server/snapshot-malformed.test.ts',
    inputs: 5000,
    batch: 200,
    run: (input) => run(base, input),
  }
}

function withSession(snapshot: Snapshot): Snapshot {
  const world = new WireWorld({ server: { snapshot, randomBytes: (length) => new Uint8Array(length) } })
  const peer = world.connect()
  for (const request of WRITES) peer.ask(1, request)
  world.connect()
  return world.zoo.snapshot()
}

function run(base: Snapshot, input: Uint8Array): void | Promise<void> {
  const snapshot = loadOrRefuse(editSnapshot(base, input))
  if (snapshot === undefined) return undefined
  const world = new WireWorld({ server: { snapshot, limits: { maxSessions: 100 } } })
  requireNone(brokenInServer(world.zoo.reports), 'a snapshot that is accepted is sound')
  requireLaw(
    isDeepStrictEqual(world.zoo.snapshot(), snapshot),
    'a snapshot that is loaded is the same when taken again',
  )
  return ((input.at(-1) ?? 0) & WORK_MASK) === 0 ? work(world) : undefined
}

/** What a server has made of it, undefined if it was refused. */
function loadOrRefuse(snapshot: unknown): Snapshot | undefined {
  try {
    const zoo: EmbeddedZooKeeper = Reflect.construct(EmbeddedZooKeeper, [
      { clock: new VirtualClock(), snapshot },
    ])
    return zoo.snapshot()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    requireLaw(
      error.message.startsWith('Invalid snapshot: '),
      'a refusal says what is wrong',
      () => error.message,
    )
    return undefined
  }
}

async function work(world: WireWorld): Promise<void> {
  const errors: unknown[] = []
  world.zoo.on('watcherError', (error) => void errors.push(error))
  const peer = world.connect()
  for (const request of [...OTHERS, ...WRITES]) peer.ask(1, request)
  world.settle()
  requireNone(brokenInServer(world.zoo.reports), 'a server that was loaded goes on soundly')
  peer.end.closed()
  await world.pass(PASSING_MS)
  requireNone(brokenInServer(world.zoo.reports), 'a server that was loaded ages soundly')
  requireNone(errors, 'no error comes up in the server')
}
