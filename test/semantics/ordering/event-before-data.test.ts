/**
 * Law 3 on the real event loop: a client sees the watch event before the data that fired it, and what it read before the
 * change ahead of both, wherever it is called from and however deep its calls are wrapped.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type WatchedEvent, type WatchStream, type ZooKeeper } from '../../../src/index.js'
import { CALLING_CONTEXTS, type CallingContext, macrotask, WRAPPINGS, type Wrapping } from './event-loop.js'

const MAX_LAYERS = 50
const DEPTHS = Array.from({ length: MAX_LAYERS + 1 }, (_, layers) => layers)

/** A piece of a program, which logs what it sees. */
type Scenario = (
  zk: ZooKeeper,
  other: ZooKeeper,
  wrap: <T>(call: () => Promise<T>) => Promise<T>,
) => Promise<string[]>

describe.each(Object.entries(CALLING_CONTEXTS))('called %s', (_name, context) => {
  describe.each(Object.entries(WRAPPINGS))('wrapped by 0 to 50 %s', (_wrappingName, wrapping) => {
    it('a client sees the old data, then the event, then the new data', async () => {
      const logs = await runAtEachDepth(context, wrapping, readAcrossAChange)

      expect(logs).toEqual(DEPTHS.map(() => ['read old', 'NodeDataChanged', 'read new']))
    })

    it('a client sees the event of its own write before the write is done', async () => {
      const logs = await runAtEachDepth(context, wrapping, watchOwnWrite)

      expect(logs).toEqual(DEPTHS.map(() => ['armed', 'NodeDataChanged', 'written', 'read new']))
    })

    it('a client that awaits each step sees each event between the steps around it', async () => {
      const logs = await runAtEachDepth(context, wrapping, readAgainInTheWatcher)

      const steps = [
        'read 0',
        'NodeDataChanged',
        'read 1',
        'NodeDataChanged',
        'read 2',
        'NodeDataChanged',
        'read 3',
      ]
      expect(logs).toEqual(DEPTHS.map(() => steps))
    })

    it('a reader of zk.watch() sees the event before the data, and the next event after it', async () => {
      const logs = await runAtEachDepth(context, wrapping, readFromAStream)

      const steps = ['NodeDataChanged 1', 'read new', 'NodeDataChanged 2', 'read newer']
      expect(logs).toEqual(DEPTHS.map(() => steps))
    })

    it('a client sees no event where nothing has changed', async () => {
      const logs = await runAtEachDepth(context, wrapping, readAcrossAnotherChange)

      expect(logs).toEqual(DEPTHS.map(() => ['read old', 'read old']))
    })
  })
})

it('whoever lets the event loop have one turn finds the event delivered, however slow the machine is', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const [zk, other] = [await zoo.connect(), await zoo.connect()]
  await zk.create('/app')
  const heard: string[] = []
  for (let i = 0; i < 100; i++) {
    await zk.getData('/app', { watcher: ({ type }) => heard.push(type) })
    // tidy-ignore realTime: how long the machine takes between two calls is the matter
    for (const startMs = performance.now(); performance.now() - startMs < 0.02 * i; );
    await other.setData('/app', null)
    await macrotask()
    if (heard.splice(0).length !== 1) throw new Error(`nothing was heard in round ${i}`)
  }
})

it('an event brings no data, and what is read in its watcher can be newer than the change that it tells of', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const [zk, other] = [await zoo.connect(), await zoo.connect()]
  await zk.create('/app', 'old')
  const seen: { event: WatchedEvent; read: ReturnType<ZooKeeper['getData']> }[] = []
  await zk.getData('/app', { watcher: (event) => seen.push({ event, read: zk.getData('/app') }) })

  const [fired] = await Promise.all([other.setData('/app', 'new'), other.setData('/app', 'newer')])
  await zoo.settle()

  const news = { type: 'NodeDataChanged', state: 'SyncConnected', path: '/app', zxid: fired.mzxid }
  expect(seen.map(({ event }) => ({ ...event }))).toEqual([news])
  const [first] = await Promise.all(seen.map(({ read }) => read))
  expect(first?.data).toEqual(new TextEncoder().encode('newer'))
  expect(first?.stat.mzxid).toBe(fired.mzxid + 1n)
})

async function runAtEachDepth(
  context: CallingContext,
  wrapping: Wrapping,
  scenario: Scenario,
): Promise<string[][]> {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const other = await zoo.connect()
  const logs: string[][] = []
  for (const layers of DEPTHS) {
    await zk.create('/app', 'old')
    await zk.create('/neighbour', 'old')
    await context(async () => {
      logs.push(await scenario(zk, other, (call) => wrapping(layers, call)))
    }, zk)
    await zk.delete('/app')
    await zk.delete('/neighbour')
  }
  return logs
}

const readAcrossAChange: Scenario = async (zk, other, wrap) => {
  const log: string[] = []
  const first = logData(log, wrap, () => zk.getData('/app', { watcher: ({ type }) => log.push(type) }))
  const write = other.setData('/app', 'new')
  const second = logData(log, wrap, () => zk.getData('/app'))
  await Promise.all([first, write, second])
  return log
}

const readAcrossAnotherChange: Scenario = async (zk, other, wrap) => {
  const log: string[] = []
  const watcher = ({ type }: { type: string }): void => void log.push(type)
  const first = logData(log, wrap, () => zk.getData('/app', { watcher }))
  const write = other.setData('/neighbour', 'new')
  const second = logData(log, wrap, () => zk.getData('/app'))
  await Promise.all([first, write, second])
  await zk.removeWatches('/app', { type: 'Data', watcher })
  return log.filter((line) => line !== 'DataWatchRemoved')
}

const watchOwnWrite: Scenario = async (zk, _other, wrap) => {
  const log: string[] = []
  await wrap(() => zk.exists('/app', { watcher: ({ type }) => log.push(type) }))
  log.push('armed')
  await wrap(() => zk.setData('/app', 'new'))
  log.push('written')
  await logData(log, wrap, () => zk.getData('/app'))
  return log
}

const readAgainInTheWatcher: Scenario = async (zk, other, wrap) => {
  const log: string[] = []
  await zk.setData('/app', '0')
  for (const next of ['1', '2', '3']) {
    const read = logData(log, wrap, () => zk.getData('/app', { watcher: ({ type }) => log.push(type) }))
    await Promise.all([read, other.setData('/app', next)])
  }
  await logData(log, wrap, () => zk.getData('/app'))
  return log
}

const readFromAStream: Scenario = async (zk, other, wrap) => {
  const log: string[] = []
  await using stream = closeable(zk.watch('/app'))
  await stream.ready
  const events: Promise<unknown>[] = []
  const reads: Promise<void>[] = []
  for (const [i, data] of ['new', 'newer'].entries()) {
    events.push(wrap(() => stream.next()).then(() => log.push(`NodeDataChanged ${i + 1}`)))
    reads.push(other.setData('/app', data).then(() => undefined))
    // Not wrapped: the reader of the stream must be first although it goes on so much later.
    reads.push(
      logData(
        log,
        (call) => call(),
        () => zk.getData('/app'),
      ),
    )
  }
  await Promise.all([...events, ...reads])
  return log
}

/** Lets `await using` leave a stream. */
function closeable(stream: WatchStream): WatchStream & AsyncDisposable {
  return Object.assign(stream, { [Symbol.asyncDispose]: async () => void (await stream.return()) })
}

async function logData(
  log: string[],
  wrap: <T>(call: () => Promise<T>) => Promise<T>,
  read: () => Promise<{ readonly data: Uint8Array | null }>,
): Promise<void> {
  const { data } = await wrap(read)
  log.push(`read ${Buffer.from(data ?? []).toString()}`)
}
