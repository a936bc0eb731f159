/**
 * The scenario `slow-readers`: readers over TCP that stop reading a recursive watch on a long path, while a writer goes on. The
 * server drops them before they cost much, fresh ones take their place, and all is given back in the end.
 */
import { performance } from 'node:perf_hooks'
import type { ZooKeeper } from '../../src/index.js'
import type { Endpoint } from '../../src/node/index.js'
import type { VirtualClock } from '../../src/testing/index.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../../src/transport/wire-limits.js'
import { heldBytes } from '../heap.js'
import { formatBytes } from './footprint.js'
import { within } from './patience.js'
import type { Scenario, Stage, Work } from './scenario.js'
import { SocketClient } from './socket-client.js'
import { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

const MIB = 1_048_576
/** Writes in flight at the same time. */
const BATCH = 50
/** Writes between two looks at the memory. */
const WRITES_A_LOOK = 500
/** As the documentation of `maxTotalUnsentBytes` has it. */
const MEMORY_FACTOR = 2
/** More than the system takes for a socket that nobody reads from. */
const SYSTEM_BYTES = 8 * MIB
/** Far longer than any batch of writes takes, and far shorter than to wait for somebody who does not read. */
const LONGEST_BATCH_MS = 10_000
const SESSION_TIMEOUT_MS = 86_400_000
const LIFTED = Number.POSITIVE_INFINITY

/** What the readers of a stage are up against. */
export interface SlowReadersOptions {
  readonly title: string
  readonly operations: number
  readonly readers: number
  /** The others have their defaults. */
  readonly limits: Partial<WireLimits>
  readonly pathCharacters: number
  /** Virtual milliseconds that pass with each batch of writes. */
  readonly batchMs: number
}

/** Each limit by itself, as far as it can be, then all of them so low that hundreds are dropped. */
export const slowReaders: Scenario = createSlowReaders([
  {
    title: '20 readers, too much for all',
    operations: 150_000,
    readers: 20,
    limits: {},
    pathCharacters: 12_000,
    batchMs: 10,
  },
  {
    title: '2 readers, behind for too long',
    operations: 100_000,
    readers: 2,
    limits: { maxUnsentBytes: LIFTED, maxTotalUnsentBytes: LIFTED },
    pathCharacters: 50_000,
    batchMs: 2_500,
  },
  {
    title: '2 readers, too far behind',
    operations: 100_000,
    readers: 2,
    limits: { slowReaderBytes: LIFTED, maxTotalUnsentBytes: LIFTED },
    pathCharacters: 50_000,
    batchMs: 10,
  },
  {
    title: '4 readers, low limits',
    operations: 50_000,
    readers: 4,
    limits: { slowReaderBytes: MIB, maxUnsentBytes: 2 * MIB, maxTotalUnsentBytes: 4 * MIB },
    pathCharacters: 25_000,
    batchMs: 10,
  },
])

/** The scenario with other stages. */
export function createSlowReaders(stages: readonly SlowReadersOptions[]): Scenario {
  return {
    name: 'slow-readers',
    operation: 'one write that every reader is told of',
    limit: { floorBytes: 2 * MIB, bytesPerOperation: 0 },
    stages: stages.map((options) => ({
      title: options.title,
      operations: options.operations,
      warmUp: 200,
      open: (world) => open(world, options),
    })),
  }
}

async function open(world: SoakWorld, options: SlowReadersOptions): Promise<Stage> {
  const server = new StageServer(world)
  const endpoint = await server.listen(options.limits)
  const { zk } = await server.dial()
  const path = `/slow/${'p'.repeat(options.pathCharacters)}`
  await zk.create('/slow')
  await zk.create(path)
  return new SlowReadersStage(server, endpoint, { zk, path }, options)
}

/** What must become of readers, by what they are up against. */
interface Bounds {
  /** After so many writes at the latest one is dropped. */
  readonly dueWrites: number
  /** Bytes that may be held for all of them. */
  readonly heldBytes: number
}

function boundsOf({ readers, limits, pathCharacters, batchMs }: SlowReadersOptions): Bounds {
  const { slowReaderBytes, slowReaderMs, maxUnsentBytes, maxTotalUnsentBytes } = {
    ...DEFAULT_WIRE_LIMITS,
    ...limits,
  }
  const writesFor = (bytes: number): number => Math.ceil((bytes + SYSTEM_BYTES) / pathCharacters)
  // A batch more than the time takes, since it may begin within one.
  const patientWrites = (Math.ceil(slowReaderMs / batchMs) + 1) * BATCH
  const mostOfOne = Math.min(maxUnsentBytes, slowReaderBytes + patientWrites * pathCharacters)
  return {
    dueWrites: Math.min(
      writesFor(maxUnsentBytes),
      writesFor(maxTotalUnsentBytes / readers),
      writesFor(slowReaderBytes) + patientWrites,
    ),
    heldBytes: MEMORY_FACTOR * Math.min(maxTotalUnsentBytes, readers * mostOfOne),
  }
}

/** What was seen of one round of work. */
interface Seen {
  readonly operations: number
  readonly dropped: number
  readonly peakBytes: number
  readonly longestMs: number
}

interface Writing {
  readonly zk: ZooKeeper
  readonly path: string
}

class SlowReadersStage implements Stage {
  readonly server: StageServer
  readonly #endpoint: Endpoint
  readonly #writing: Writing
  readonly #options: SlowReadersOptions
  readonly #bounds: Bounds
  /** Stands still, so that a reader does not notice that it was dropped. */
  readonly #readersClock: VirtualClock

  constructor(server: StageServer, endpoint: Endpoint, writing: Writing, options: SlowReadersOptions) {
    this.server = server
    this.#endpoint = endpoint
    this.#writing = writing
    this.#options = options
    this.#bounds = boundsOf(options)
    this.#readersClock = server.addClock()
  }

  async work(operations: number): Promise<Work> {
    const { total: before } = await heldBytes()
    const { slowReaders: droppedBefore } = this.#endpoint.served
    let readers: readonly SocketClient[] = []
    let peakBytes = 0
    let longestMs = 0
    for (let done = 0; done < operations; done += BATCH) {
      if (this.#areAllGone(readers)) readers = await this.#replace(readers)
      longestMs = Math.max(longestMs, await this.#write(Math.min(BATCH, operations - done)))
      const isLook = done % WRITES_A_LOOK === 0 || done + BATCH >= operations
      if (isLook) peakBytes = Math.max(peakBytes, (await heldBytes()).total - before)
    }
    await this.#dismiss(readers)
    const dropped = this.#endpoint.served.slowReaders - droppedBefore
    return {
      operations,
      faults: this.#judge({ operations, dropped, peakBytes, longestMs }),
      notes: [
        `at most ${formatBytes(peakBytes)} more were held meanwhile, of ${formatBytes(this.#bounds.heldBytes)} allowed; ${dropped} readers were dropped, the first is due after ${this.#bounds.dueWrites} writes at the latest`,
        `the writer waited ${longestMs.toFixed(0)} ms at most for ${BATCH} writes, of ${LONGEST_BATCH_MS} allowed`,
      ],
    }
  }

  #judge({ operations, dropped, peakBytes, longestMs }: Seen): string[] {
    const { dueWrites, heldBytes: allowedBytes } = this.#bounds
    const faults: string[] = []
    if (dropped === 0 && operations >= dueWrites)
      faults.push(`no reader was dropped in ${operations} writes: the first is due after ${dueWrites}`)
    if (peakBytes > allowedBytes)
      faults.push(
        `${formatBytes(peakBytes)} were held for readers that do not read: the limit is ${formatBytes(allowedBytes)}`,
      )
    if (longestMs > LONGEST_BATCH_MS)
      faults.push(
        `the writer waited ${longestMs.toFixed(0)} ms for ${BATCH} writes: the limit is ${LONGEST_BATCH_MS}`,
      )
    return faults
  }

  /** Returns how long the writer had to wait, in real milliseconds. */
  async #write(count: number): Promise<number> {
    const { zk, path } = this.#writing
    const startMs = performance.now()
    const writes = Promise.all(Array.from({ length: count }, () => zk.setData(path, 'x')))
    await within(writes, 'the end of a batch of writes')
    const elapsedMs = performance.now() - startMs
    await this.server.clock.advance(this.#options.batchMs)
    return elapsedMs
  }

  #areAllGone(readers: readonly SocketClient[]): boolean {
    const ids = new Set(readers.map(({ zk }) => zk.sessionId))
    return !this.server.zoo.reports.sessions().some(({ id, isConnected }) => isConnected && ids.has(id))
  }

  async #replace(gone: readonly SocketClient[]): Promise<readonly SocketClient[]> {
    await this.#dismiss(gone)
    const options = { clock: this.#readersClock, sessionTimeoutMs: SESSION_TIMEOUT_MS }
    return Promise.all(
      Array.from({ length: this.#options.readers }, async () => {
        const reader = await SocketClient.dial(this.#endpoint, options)
        await reader.zk.addWatch('/slow', () => undefined, { recursive: true })
        reader.stopReading()
        return reader
      }),
    )
  }

  /** They cannot say goodbye, so their sessions are ended here. */
  async #dismiss(readers: readonly SocketClient[]): Promise<void> {
    const gone = readers.map(
      ({ zk }) =>
        new Promise<void>((resolve) => {
          zk.once('disconnected', () => resolve())
        }),
    )
    for (const reader of readers) reader.destroy()
    await within(Promise.all(gone), 'disconnected')
    for (const { zk } of readers) this.server.zoo.expire(zk.sessionId)
    await Promise.all(readers.map(({ zk }) => zk.close()))
  }
}
