/** The promises of ordering: events before the data that they are about, replies in the order of the calls, one queue for both. */
import { expect } from 'vitest'
import { type ChildrenAndStat, Op, type ZooKeeper } from '../../src/index.js'
import { codeOf, recordEvents, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

const WRITES: readonly (readonly [string, (zk: ZooKeeper) => Promise<unknown>, readonly string[]])[] = [
  ['create', (zk) => zk.create('/a/n'), ['NodeCreated /a/n']],
  ['delete', (zk) => zk.delete('/a/x'), ['NodeDeleted /a/x']],
  ['setData', (zk) => zk.setData('/a', 'x'), ['NodeDataChanged /a']],
  [
    'multi',
    (zk) => zk.multi([Op.setData('/a', '1'), Op.create('/a/n'), Op.delete('/a/x')]),
    ['NodeDataChanged /a', 'NodeCreated /a/n', 'NodeDeleted /a/x'],
  ],
]

export const ORDER = describeContract('order', (test) => {
  for (const [call, write, expected] of WRITES) {
    test(`the events of one’s own ${call} come before its reply [trap 5]`, async ({ zk }) => {
      const { events, watcher } = recordEvents()
      await zk.createAll('/a/x')
      await zk.addWatch('/a', watcher, { recursive: true })

      await write(zk).then(() => events.push('reply'))

      expect(events).toEqual([...expected, 'reply'])
    })

    test(`the events of another’s ${call} come before the data that it changed`, async (world) => {
      const reader = await world.connect()
      const { events, watcher } = recordEvents()
      await world.zk.createAll('/a/x')
      await reader.addWatch('/a', watcher, { recursive: true })
      const before = await reader.getChildren('/a')

      await Promise.all([write(world.zk), readUntilChanged(reader, before, events)])

      expect(events).toEqual([...expected, 'seen'])
    })
  }

  test('1,000 calls at once are answered in their order, each after those before it', async ({ zk }) => {
    await zk.create('/a')
    const order: number[] = []

    const calls = Array.from({ length: 1000 }, async (_, i) => {
      const { version } = await zk.setData('/a', String(i))
      order.push(version)
    })
    await Promise.all(calls)

    expect(order).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(text((await zk.getData('/a')).data)).toBe('999')
  })

  test('each of 500 reads sees the write that was made just before it', async ({ zk }) => {
    await zk.create('/a')

    const reads = Array.from({ length: 500 }, (_, i) => {
      void zk.setData('/a', String(i))
      return zk.getData('/a')
    })

    const seen = (await Promise.all(reads)).map(({ data }) => text(data))
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => String(i)))
  })

  test('calls of every kind, failing ones too, end in the order in which they were made', async ({ zk }) => {
    const ended: string[] = []
    await zk.create('/a')
    const calls: Readonly<Record<string, Promise<unknown>>> = {
      create: zk.create('/b'),
      failed: zk.create('/a'),
      exists: zk.exists('/a'),
      missing: zk.getData('/gone'),
      setData: zk.setData('/a', 'x'),
      version: zk.setData('/a', 'x', 7),
      children: zk.getChildren('/'),
      sync: zk.sync('/'),
      multi: zk.multi([Op.check('/a')]),
      failedMulti: zk.multi([Op.check('/gone')]),
      multiRead: zk.multiRead([Op.getData('/a')]),
      whoAmI: zk.whoAmI(),
      addWatch: zk.addWatch('/a', () => undefined),
      delete: zk.delete('/a'),
    }
    const named = Object.entries(calls).map(async ([name, call]) => {
      await codeOf(call)
      ended.push(name)
    })

    await Promise.all(named)

    expect(ended).toEqual(Object.keys(calls))
  })

  test('a watch that is set between two writes hears of the second', async ({ zk }) => {
    const { events, watcher } = recordEvents()
    await zk.create('/a')

    await Promise.all([
      zk.setData('/a', '1').then(() => events.push('first')),
      zk.getData('/a', { watcher }).then(() => events.push('read')),
      zk.setData('/a', '2').then(() => events.push('second')),
      zk.setData('/a', '3').then(() => events.push('third')),
    ])

    expect(events).toEqual(['first', 'read', 'NodeDataChanged /a', 'second', 'third'])
  })

  test('the events of 300 writes come in the order of the writes, to each of two clients', async (world) => {
    const watching = await Promise.all(
      [recordEvents(), recordEvents()].map(async (recorder) => ({ ...recorder, zk: await world.connect() })),
    )
    for (const { zk, watcher } of watching) await zk.addWatch('/', watcher, { recursive: true })

    await Promise.all(Array.from({ length: 300 }, (_, i) => world.zk.create(`/${i}`)))
    await Promise.all(watching.map(({ zk }) => zk.sync('/')))

    const expected = Array.from({ length: 300 }, (_, i) => `NodeCreated /${i}`)
    expect(watching.map(({ events }) => events)).toEqual([expected, expected])
  })

  test('a client sees what another wrote before it asked, after a sync', async (world) => {
    const other = await world.connect()
    await world.zk.create('/a')

    await other.setData('/a', 'written')
    await world.zk.sync('/a')

    expect(text((await world.zk.getData('/a')).data)).toBe('written')
  })

  test('of clients that raise one number at once, no two raise it together', async (world) => {
    const clients = await Promise.all([world.connect(), world.connect(), world.connect(), world.connect()])
    await world.zk.create('/n', '0')

    await Promise.all(clients.map((zk) => raise(zk, 10)))

    const { data, stat } = await world.zk.getData('/n')
    expect([text(data), stat.version]).toEqual(['40', 40])
  })

  test('a client that calls without a pause does not hold up another', async (world) => {
    const [busy, other] = [await world.connect(), await world.connect()]
    const { signal, stop } = startLoop(() => busy.exists('/'))
    await signal

    // From a timer: the loop has used its turn up by then, and comes first in the next one.
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => void other.clock.setTimer(resolve, 1))
      await other.exists('/')
    }

    expect(await stop()).toBeGreaterThan(LOOPS_AT_LEAST)
  })

  test('an await in a watcher holds nothing up', async ({ zk }) => {
    const read: (string | null)[] = []
    await zk.create('/a', 'old')
    const watched = new Promise<void>((resolve) => {
      void zk.getData('/a', {
        watcher: async () => {
          read.push(text((await zk.getData('/a')).data))
          resolve()
        },
      })
    })

    await zk.setData('/a', 'new')
    await watched

    expect(read).toEqual(['new'])
  })
})

/** Reads until something is other than it was, and then writes down that it was seen. */
async function readUntilChanged(zk: ZooKeeper, before: ChildrenAndStat, events: string[]): Promise<void> {
  for (;;) {
    const { stat } = await zk.getChildren('/a')
    const isChanged = stat.mzxid !== before.stat.mzxid || stat.pzxid !== before.stat.pzxid
    if (isChanged) return void events.push('seen')
  }
}

/** So many that the loop has had more than one turn of the event loop. */
const LOOPS_AT_LEAST = 1000

/** Makes call after call; tells when it has made many, and how many it made when it was stopped. */
function startLoop(call: () => Promise<unknown>): { signal: Promise<void>; stop: () => Promise<number> } {
  let isStopped = false
  let count = 0
  let ready = (): void => undefined
  const signal = new Promise<void>((resolve) => {
    ready = resolve
  })
  const loop = async (): Promise<number> => {
    while (!isStopped) {
      await call()
      count += 1
      if (count > LOOPS_AT_LEAST) ready()
    }
    return count
  }
  const outcome = loop()
  const stop = (): Promise<number> => {
    isStopped = true
    return outcome
  }
  return { signal, stop }
}

async function raise(zk: ZooKeeper, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const { data, stat } = await zk.getData('/n')
    const code = await codeOf(zk.setData('/n', String(Number(text(data)) + 1), stat.version))
    if (code === 'OK') done += 1
  }
}
