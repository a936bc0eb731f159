/**
 * The trigger matrix: every operation against every kind of watch at every place, with the whole list of events, once more
 * after it has fired, and with what the server keeps; and the neighbours, which hear nothing.
 */
import { describe, expect, it } from 'vitest'
import { codeOf, recordEvents, startServer, startWorld, text } from '../fixture.js'
import {
  arm,
  canWatchMissing,
  expectedEvents,
  LASTING,
  NEIGHBOURS,
  OPERATIONS,
  type Operation,
  PLACES,
  type Scene,
  serverWatches,
  WATCH_KINDS,
  type WatchKind,
  watchLines,
} from './trigger-matrix.js'

interface Cell {
  readonly kind: WatchKind
  readonly place: keyof typeof PLACES
}

const CELLS: readonly Cell[] = WATCH_KINDS.flatMap((kind) =>
  (['self', 'parent', 'grandparent', 'root'] as const).map((place) => ({ kind, place })),
)

describe.each(OPERATIONS)('$name', (operation) => {
  const settable = CELLS.filter((cell) => isSettable(operation, cell))

  it.each(settable)('tells a $kind watch at $place what the matrix says', async ({ kind, place }) => {
    const path = PLACES[place]
    const changes = operation.changes
    const { first, second, left } = await runTwice(operation, kind, path)

    const expected = expectedEvents(kind, path, changes)
    const stays = LASTING.has(kind) || expected.length === 0
    expect(first).toEqual(expected)
    expect(second).toEqual(LASTING.has(kind) ? expected : [])
    expect(left).toEqual(stays ? serverWatches(kind, path) : [])
  })

  it('tells no watch of a neighbour anything, and leaves them all', async () => {
    const scene = await startScene()
    const zk = await scene.zoo.connect()
    const { events, watcher } = recordEvents()
    for (const path of NEIGHBOURS) await scene.writer.createAll(path)
    const run = await operation.prepare(scene)
    for (const kind of WATCH_KINDS) for (const path of NEIGHBOURS) await arm(zk, kind, path, watcher)
    const before = watchLines(scene.zoo)

    await run()
    await scene.zoo.settle()

    expect(events).toEqual([])
    expect(watchLines(scene.zoo)).toEqual(before)
  })
})

describe.each(OPERATIONS.filter(({ hasNode }) => !hasNode))('before $name', ({ prepare }) => {
  it.each(WATCH_KINDS.filter((kind) => !canWatchMissing(kind)))(
    'a %s watch cannot be set on the missing N, and leaves nothing behind',
    async (kind) => {
      const scene = await startScene()
      const { events, watcher } = recordEvents()
      const run = await prepare(scene)

      const code = await codeOf(arm(scene.writer, kind, PLACES.self, watcher))
      await run()

      expect(code).toBe('NONODE')
      expect(watchLines(scene.zoo)).toEqual([])
      expect(events).toEqual([])
    },
  )
})

describe('two changes, one after the other', () => {
  it('are told once by a watch that a read left, and twice by those of addWatch and watch', async () => {
    const { zk } = await startWorld()
    const [once, lasting] = [recordEvents(), recordEvents()]
    await zk.create('/a')
    for (const kind of ['data', 'exists'] as const) await arm(zk, kind, '/a', once.watcher)
    await zk.addWatch('/a', lasting.watcher)
    const stream = zk.watch('/a')
    await stream.ready

    await zk.setData('/a', '1')
    await zk.setData('/a', '2')

    expect(once.events).toEqual(['NodeDataChanged /a'])
    expect(lasting.events).toEqual(['NodeDataChanged /a', 'NodeDataChanged /a'])
    const event = { done: false, value: { type: 'NodeDataChanged', path: '/a' } }
    expect([await stream.next(), await stream.next()]).toMatchObject([event, event])
  })

  it('are told as one if the read that leaves the next watch comes after both, and it shows the latest', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    const { events, watcher } = recordEvents()
    await zk.create('/a', 'old')
    await zk.getData('/a', { watcher })

    await other.setData('/a', 'missed')
    await other.setData('/a', 'latest')
    const { data } = await zk.getData('/a', { watcher })
    await zoo.settle()

    expect(events).toEqual(['NodeDataChanged /a'])
    expect(text(data)).toBe('latest')
  })
})

function isSettable(operation: Operation, { kind, place }: Cell): boolean {
  return operation.hasNode || place !== 'self' || canWatchMissing(kind)
}

async function startScene(): Promise<Scene> {
  const { zoo, clock } = startServer()
  const writer = await zoo.connect()
  await writer.createAll('/g/p')
  return { zoo, clock, writer }
}

/** Sets the watch once and runs the operation twice. The watches that are left are those after the first run. */
async function runTwice(
  operation: Operation,
  kind: WatchKind,
  path: string,
): Promise<{ first: string[]; second: string[]; left: string[] }> {
  const scene = await startScene()
  const zk = await scene.zoo.connect()
  const { events, watcher } = recordEvents()
  const run = await operation.prepare(scene)
  await arm(zk, kind, path, watcher)
  await run()
  await scene.zoo.settle()
  const left = watchLines(scene.zoo)
  const first = events.splice(0)
  const runAgain = await operation.prepare(scene)
  await scene.zoo.settle()
  events.splice(0)
  await runAgain()
  await scene.zoo.settle()
  return { first, second: events, left }
}
