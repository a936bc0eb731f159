/**
 * The scenario `slow-readers`: readers over TCP that stop reading a recursive watch on a long path, while a writer goes on. The
 * server drops them before they cost much, fresh ones take their place, and all is given back in the end.
 */
import { performance } from 'node:perf_hooks'
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import type { Endpoint } from '../../src/node/index.js'
import { VirtualClock } from '../../src/testing/index.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../../src/transport/wire-limits.js'
import { type HeldBytes, heldBytes } from '../heap.js'
import { formatBytes } from './footprint.js'
import { within } from './patience.js'
import type { Scenario, Stage, Work } from './scenario.js'
import { SocketClient } from './socket-client.js'
import { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

const MIB = 1_048_576
const READERS = 20
const PATH_CHARACTERS = 12_000
/** Writes in flight at the same time. */
const BATCH = 50
const BATCH_MS = 10
/** Writes between two looks at the memory. */
const WRITES_A_LOOK = 500
/** As the documentation of `maxTotalUnsentBytes` has it. */
const MEMORY_FACTOR = 2
/** Far longer than any batch of writes takes, and far shorter than to wait for somebody who does not read. */
const LONGEST_BATCH_MS = 2_000
const SESSION_TIMEOUT_MS = 86_400_000

/** What the readers are up against. */
export interface SlowReadersOptions {
  readonly readers: number
  readonly limits: Partial<WireLimits>
  readonly pathCharacters: number
}

/** A hundred thousand writes, each an event of 12,000 bytes for each of twenty readers. */
export const slowReaders: Scenario = createSlowReaders({
  readers: READERS,
  limits: {},
  pathCharacters: PATH_CHARACTERS,
})

/** The scenario with other readers, limits and paths. */
export function createSlowReaders(options: SlowReadersOptions): Scenario {
  return {
    name: 'slow-readers',
    operation: `one write that ${options.readers} readers are told of`,
    limitBytes: 2 * MIB,
    stages: [
      {
        title: `${options.readers} readers`,
        operations: 100_000,
        warmUp: 200,
        open: (world) => open(world, options),
      },
    ],
  }
}

async function open(
  world: SoakWorld,
  { readers, limits, pathCharacters }: SlowReadersOptions,
): Promise<Stage> {
  const server = new StageServer(world)
  const endpoint = await server.listen(limits)
  const { zk } = await server.dial()
  const path = `/slow/${'p'.repeat(pathCharacters)}`
  await zk.create('/slow')
  await zk.create(path)
  const { maxTotalUnsentBytes } = { ...DEFAULT_WIRE_LIMITS, ...limits }
  const limitBytes = maxTotalUnsentBytes * MEMORY_FACTOR
  return new SlowReadersStage(server, endpoint, { zk, path }, { readers, limitBytes })
}

interface Measure {
  readonly readers: number
  readonly limitBytes: number
}

interface Writing {
  readonly zk: ZooKeeper
  readonly path: string
}

class SlowReadersStage implements Stage {
  readonly #server: StageServer
  readonly #endpoint: Endpoint
  readonly #writing: Writing
  readonly #readers: number
  readonly #limitBytes: number
  /** Stands still, so that a reader does not notice that it was dropped. */
  readonly #readersClock: VirtualClock = new VirtualClock()
  readonly zoo: EmbeddedZooKeeper
  readonly clocks: readonly VirtualClock[]

  constructor(server: StageServer, endpoint: Endpoint, writing: Writing, { readers, limitBytes }: Measure) {
    this.#server = server
    this.#endpoint = endpoint
    this.#writing = writing
    this.#readers = readers
    this.#limitBytes = limitBytes
    this.zoo = server.zoo
    this.clocks = [...server.clocks, this.#readersClock]
  }

  async work(operations: number): Promise<Work> {
    const before = await heldBytes()
    const { slowReaders: droppedBefore } = this.#endpoint.served
    let readers: readonly SocketClient[] = []
    let peakBytes = 0
    let longestMs = 0
    for (let done = 0; done < operations; done += BATCH) {
      if (this.#areAllGone(readers)) readers = await this.#replace(readers)
      longestMs = Math.max(longestMs, await this.#write(Math.min(BATCH, operations - done)))
      const isLook = done % WRITES_A_LOOK === 0 || done + BATCH >= operations
      if (isLook) peakBytes = Math.max(peakBytes, sizeOf(await heldBytes()) - sizeOf(before))
    }
    await this.#dismiss(readers)
    const dropped = this.#endpoint.served.slowReaders - droppedBefore
    return {
      operations,
      faults: this.#judge(peakBytes, longestMs),
      notes: [
        `at most ${formatBytes(peakBytes)} more were held meanwhile, of ${formatBytes(this.#limitBytes)} allowed; ${dropped} readers were dropped`,
        `the writer waited ${longestMs.toFixed(0)} ms at most for ${BATCH} writes, of ${LONGEST_BATCH_MS} allowed`,
      ],
    }
  }

  countClientWatches(): Promise<number> {
    return this.#server.countClientWatches()
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  #judge(peakBytes: number, longestMs: number): string[] {
    const faults: string[] = []
    if (peakBytes > this.#limitBytes)
      faults.push(
        `${formatBytes(peakBytes)} were held for readers that do not read: the limit is ${formatBytes(this.#limitBytes)}`,
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
    await this.#server.clock.advance(BATCH_MS)
    return elapsedMs
  }

  #areAllGone(readers: readonly SocketClient[]): boolean {
    const ids = new Set(readers.map(({ zk }) => zk.sessionId))
    return !this.zoo.reports.sessions().some(({ id, isConnected }) => isConnected && ids.has(id))
  }

  async #replace(gone: readonly SocketClient[]): Promise<readonly SocketClient[]> {
    await this.#dismiss(gone)
    const options = { clock: this.#readersClock, sessionTimeoutMs: SESSION_TIMEOUT_MS }
    return Promise.all(
      Array.from({ length: this.#readers }, async () => {
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
    for (const { zk } of readers) this.zoo.expire(zk.sessionId)
    await Promise.all(readers.map(({ zk }) => zk.close()))
  }
}

function sizeOf({ heapUsed, external }: HeldBytes): number {
  return heapUsed + external
}
