/**
 * Law 3 on the real event loop: what a client's calls and watchers see leaves one queue in one order, that of its arrival,
 * whatever mixture of runs of completions and runs of events arrives. Each client has an order of its own.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type InspectionEvent, Op, type ZooKeeper } from '../../../src/index.js'
import { macrotask, WRAPPINGS } from './event-loop.js'

/** What a random program does next: a call of its own, a write of somebody else, or some patience. */
const steps = fc.array(fc.constantFrom('read', 'write', 'othersWrite', 'othersBurst', 'await', 'macrotask'), {
  minLength: 1,
  maxLength: 25,
})

describe.each(Object.entries(WRAPPINGS))('with calls wrapped by %s', (_name, wrapping) => {
  it('a program sees completions and events in the order of their arrival', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 12 }), async (program, layers) => {
        const { arrived, seen } = await runProgram(program, (call) => wrapping(layers, call))

        expect(seen).toEqual(arrived)
      }),
      { numRuns: 60 },
    )
  })
})

it('a run of completions keeps its order', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const seen: string[] = []

  const calls = ['/a', '/b', '/c', '/d'].map((path) => zk.create(path).then((created) => seen.push(created)))
  await Promise.all(calls)

  expect(seen).toEqual(['/a', '/b', '/c', '/d'])
})

it('a run of events keeps its order and comes whole before the completion that follows it', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const seen: string[] = []
  await zk.addWatch('/', ({ type, path }) => seen.push(`${type} ${path}`), { recursive: true })

  await zk.multi([Op.create('/a'), Op.setData('/a', '1'), Op.create('/a/b'), Op.delete('/a/b')])
  seen.push('committed')

  const events = ['NodeCreated /a', 'NodeDataChanged /a', 'NodeCreated /a/b', 'NodeDeleted /a/b']
  expect(seen).toEqual([...events, 'committed'])
})

it('each of several clients reads nothing newer before its own event said so', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const writer = await zoo.connect()
  const readers = await Promise.all([zoo.connect(), zoo.connect(), zoo.connect()])
  await writer.create('/app', '0')

  const following = readers.map((zk) => followVersions(zk, 20))
  for (let version = 1; version <= 20; version++) await writer.setData('/app', String(version))

  for (const log of await Promise.all(following)) {
    expect(log).toEqual(log.map((_line, i) => (i % 2 === 0 ? 'read' : 'event')))
  }
})

it('a client that does not watch is told nothing, whatever others see', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const seen: string[] = []
  const zk = await zoo.connect()
  const bystander = await zoo.connect({ watcher: ({ state }) => seen.push(state) })
  await zk.addWatch('/', () => undefined, { recursive: true })

  await zk.create('/a')
  await bystander.getData('/a')
  await zoo.settle()

  expect(seen).toEqual(['SyncConnected'])
})

async function runProgram(
  program: readonly string[],
  wrap: <T>(call: () => Promise<T>) => Promise<T>,
): Promise<{ arrived: string[]; seen: string[] }> {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const other = await zoo.connect()
  const seen: string[] = []
  await other.create('/a')
  await zk.addWatch('/a', ({ type }) => seen.push(type))
  const arrived: string[] = []
  const stop = zoo.inspect((event) => noteArrival(event, zk, arrived))
  const calls: Promise<unknown>[] = []
  const call = (run: () => Promise<unknown>): void => {
    calls.push(wrap(run).then(() => seen.push('completion')))
  }
  for (const step of program) {
    if (step === 'read') call(() => zk.getData('/a'))
    else if (step === 'write') call(() => zk.setData('/a', null))
    else if (step === 'othersWrite') calls.push(other.setData('/a', null))
    else if (step === 'othersBurst') calls.push(other.multi([Op.setData('/a', null), Op.setData('/a', null)]))
    else if (step === 'await') await Promise.all(calls)
    else await macrotask()
  }
  await Promise.all(calls)
  await zoo.settle()
  stop()
  return { arrived: [...arrived], seen: [...seen] }
}

function noteArrival(event: InspectionEvent, zk: ZooKeeper, arrived: string[]): void {
  if (event.kind !== 'queued' || event.sessionId !== zk.sessionId) return
  arrived.push(event.item === 'event' ? event.type : 'completion')
}

/** Reads each time the watch fires, until the last version is read; logs reads and events. */
function followVersions(zk: ZooKeeper, last: number): Promise<string[]> {
  const log: string[] = []
  return new Promise((resolve, reject) => {
    const fired = (): void => {
      log.push('event')
      read().catch(reject)
    }
    const read = async (): Promise<void> => {
      const { stat } = await zk.getData('/app', { watcher: fired })
      log.push('read')
      if (stat.version === last) resolve(log)
    }
    read().catch(reject)
  })
}
