/**
 * The trigger matrix, as a client observes it: every operation against every kind of watch at every place, with the whole list of
 * events, once more after it has fired; and the neighbours, which hear nothing. The tables are those of the semantics tests.
 */
import { expect } from 'vitest'
import type { ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents } from '../semantics/fixture.js'
import {
  arm,
  canWatchMissing,
  expectedEvents,
  LASTING,
  NEIGHBOURS,
  OPERATIONS,
  PLACES,
  type Scene,
  WATCH_KINDS,
  type WatchKind,
} from '../semantics/watches/trigger-matrix.js'
import { describeContract } from './contract.js'
import { aWatch } from './wording.js'
import type { World } from './world.js'

const N = PLACES.self

interface ContractOperation {
  readonly name: string
  readonly changes: Parameters<typeof expectedEvents>[2]
  readonly hasNode: boolean
  readonly prepare: (world: World) => Promise<() => Promise<unknown>>
}

/** Of these the table reaches into the server; what they show is shown where sessions expire and containers go. */
const FROM_INSIDE = /^(expiry|sweep|close) /

const CALLS: readonly ContractOperation[] = OPERATIONS.filter(({ name }) => !FROM_INSIDE.test(name)).map(
  (operation) => ({
    ...operation,
    // The operations that are left ask for nothing but the writer.
    prepare: ({ zk }) => operation.prepare({ writer: zk } as Scene),
  }),
)

const CLOSE: ContractOperation = {
  name: 'close of the session that owns N',
  changes: [['Deleted', N]],
  hasNode: true,
  prepare: async (world) => {
    await world.zk.deleteAll(N)
    const owner = await world.connect()
    await owner.create(N, null, { mode: 'EPHEMERAL' })
    return () => owner.close()
  },
}

const places = Object.values(PLACES)

export const WATCH_TRIGGERS = describeContract('watch triggers', (test) => {
  for (const operation of [...CALLS, CLOSE]) {
    for (const kind of WATCH_KINDS) {
      test(`${operation.name} tells ${aWatch(kind)} at each place what the matrix says`, async (world) => {
        const { first, second } = await runTwice(world, operation, kind)

        const expected = expectations(operation, kind)
        expect(first).toEqual(expected)
        expect(second).toEqual(LASTING.has(kind) ? expected : expected.map(() => []))
      })
    }

    test(`${operation.name} tells no watch of a neighbour anything`, async (world) => {
      const { zk } = world
      await zk.createAll('/g/p')
      for (const path of NEIGHBOURS) await zk.createAll(path)
      const run = await operation.prepare(world)
      const recorders = await Promise.all(WATCH_KINDS.map((kind) => watchNeighbours(world, kind)))

      await run()

      expect(await Promise.all(recorders.map(heard))).toEqual(WATCH_KINDS.map(() => []))
      for (const path of NEIGHBOURS) await zk.delete(path)
      const counts = (await Promise.all(recorders.map(heard))).map(({ length }) => length)
      expect(counts.every((count) => count >= NEIGHBOURS.length)).toBe(true)
    })

    if (!operation.hasNode) {
      for (const kind of WATCH_KINDS.filter((one) => !canWatchMissing(one))) {
        test(`before ${operation.name} ${aWatch(kind)} cannot be set on the missing N`, async (world) => {
          await world.zk.createAll('/g/p')
          const run = await operation.prepare(world)
          const recorder = await startRecorder(world)

          const code = await codeOf(arm(recorder.zk, kind, N, recorder.watcher))
          await run()

          expect(code).toBe('NONODE')
          expect(await heard(recorder)).toEqual([])
        })
      }
    }
  }
})

interface WatchingClient {
  readonly zk: ZooKeeper
  readonly events: string[]
  readonly watcher: ReturnType<typeof recordEvents>['watcher']
}

/** A client of its own for each watch, so that none can hide behind another. */
async function startRecorder(world: World): Promise<WatchingClient> {
  return { ...recordEvents(), zk: await world.connect() }
}

/** What it was told up to now: whatever the server did before is told before it answers. */
async function heard({ zk, events }: WatchingClient): Promise<string[]> {
  await zk.sync('/')
  return events
}

async function watchNeighbours(world: World, kind: WatchKind): Promise<WatchingClient> {
  const recorder = await startRecorder(world)
  for (const path of NEIGHBOURS) await arm(recorder.zk, kind, path, recorder.watcher)
  return recorder
}

function settablePlaces({ hasNode }: ContractOperation, kind: WatchKind): readonly string[] {
  return places.filter((place) => hasNode || place !== N || canWatchMissing(kind))
}

function expectations(operation: ContractOperation, kind: WatchKind): string[][] {
  return settablePlaces(operation, kind).map((place) => expectedEvents(kind, place, operation.changes))
}

async function runTwice(
  world: World,
  operation: ContractOperation,
  kind: WatchKind,
): Promise<{ first: string[][]; second: string[][] }> {
  await world.zk.createAll('/g/p')
  const run = await operation.prepare(world)
  const recorders = await Promise.all(
    settablePlaces(operation, kind).map(async (place) => {
      const recorder = await startRecorder(world)
      await arm(recorder.zk, kind, place, recorder.watcher)
      return recorder
    }),
  )
  await run()
  const first = await Promise.all(recorders.map(async (recorder) => (await heard(recorder)).splice(0)))
  const runAgain = await operation.prepare(world)
  for (const recorder of recorders) (await heard(recorder)).splice(0)
  await runAgain()
  return { first, second: await Promise.all(recorders.map(heard)) }
}
