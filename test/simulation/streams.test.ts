/** What is noticed of streams that do not keep their promises: each rule with a client that breaks it, and a real one that does not. */
import { describe, expect, it, vi } from 'vitest'
import { eachOf } from '../../src/client/watchers.js'
import { ZKWatchManager } from '../../src/client/zk-watch-manager.js'
import { KeeperException, type WatchedEvent, type WatchItem } from '../../src/index.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import { type StreamClient, StreamWatches } from '../../verify/simulation/stream-watches.js'
import { Witness } from '../../verify/simulation/witness.js'
import { setData } from '../semantics/fixture.js'
import { macrotask } from '../semantics/ordering/event-loop.js'
import { bytesOf, comeBack, goOver, play, wish } from './played.js'

type Result = IteratorResult<WatchItem, undefined>

interface Started {
  readonly streams: StreamWatches
  readonly witness: Witness
  /** Lets the stream yield these. */
  give(...items: readonly WatchItem[]): Promise<void>
  /** Lets it end so. */
  end(error?: unknown): Promise<void>
}

/** A client whose only stream yields what it is told to, and does not end by itself. */
async function start(state: StreamClient['state'] = 'CONNECTED'): Promise<Started> {
  const waiting: { resolve: (result: Result) => void; reject: (error: unknown) => void }[] = []
  const client: StreamClient = {
    chroot: '/app',
    state,
    watch: () => ({
      ready: Promise.resolve(),
      next: () => new Promise<Result>((resolve, reject) => waiting.push({ resolve, reject })),
      return: async () => ({ done: true, value: undefined }),
    }),
  }
  const witness = new Witness('c1', () => undefined)
  const streams = new StreamWatches(client, witness)
  streams.connected()
  await streams.open('/a', { isRecursive: true })
  const give = async (...items: readonly WatchItem[]): Promise<void> => {
    for (const value of items) {
      waiting.shift()?.resolve({ done: false, value })
      await macrotask()
    }
  }
  const end = async (error?: unknown): Promise<void> => {
    if (error === undefined) waiting.shift()?.resolve({ done: true, value: undefined })
    else waiting.shift()?.reject(error)
    await macrotask()
  }
  return { streams, witness, give, end }
}

function event(type: NodeEventType, zxid: bigint, path = '/a'): WatchedEvent & { readonly kind?: undefined } {
  return { type, state: 'SyncConnected', path, zxid }
}

function gap(fromZxid: bigint, toZxid: bigint): WatchItem {
  return { kind: 'gap', fromZxid, toZxid }
}

const CHANGED = { type: 'NodeDataChanged', path: '/app/a' } as const

describe('streams', () => {
  it('are content with each change that is told, or lies in a gap of a reconnection', async () => {
    const { streams, witness, give } = await start()

    for (const zxid of [5, 6]) streams.happened(CHANGED, zxid)
    streams.arrived({ ...CHANGED, zxid: 5 })
    await give(event('NodeDataChanged', 5n))
    streams.connected()
    await give(gap(5n, 6n))
    streams.checkDelivered()

    expect([witness.faults, streams.findMissed()]).toEqual([[], []])
  })

  it('notice a change that is neither told nor lies in a gap (A8)', async () => {
    const { streams, give } = await start()

    for (const zxid of [5, 6, 8]) streams.happened(CHANGED, zxid)
    streams.connected()
    await give(gap(5n, 7n))

    expect(streams.findMissed()).toEqual([
      'a recursive stream of /a has neither NodeDataChanged /a 5 nor a gap',
    ])
    streams.undone(4)
    expect(streams.findMissed()).toEqual([])
  })

  it('notice an event that arrived and was not told, and one that was told and did not arrive (A8)', async () => {
    const { streams, witness, give } = await start()

    streams.arrived({ ...CHANGED, zxid: 5 })
    streams.checkDelivered()
    await give(event('NodeDataChanged', 6n))

    expect(witness.faults).toEqual([
      'c1: A8: NodeDataChanged /a 5 has arrived, and a recursive stream of /a was not told',
      'c1: A8: NodeDataChanged /a 6 for a recursive stream of /a, where nothing is due',
    ])
  })

  it('notice a gap without a reconnection, a second one, and one that ends before it begins', async () => {
    const { streams, witness, give } = await start()

    await give(gap(1n, 2n))
    streams.connected()
    await give(gap(2n, 3n), gap(4n, 3n))

    expect(witness.faults).toEqual([
      'c1: A8: a recursive stream of /a has a gap without a reconnection',
      'c1: A8: a recursive stream of /a has a gap without a reconnection',
      'c1: A8: a recursive stream of /a has a gap from 4 to 3',
    ])
  })

  it('notice an event from before the end of a gap that comes after it', async () => {
    const { streams, witness, give } = await start()

    streams.connected()
    streams.arrived({ ...CHANGED, zxid: 5 })
    await give(gap(4n, 5n), event('NodeDataChanged', 5n))

    expect(witness.faults).toEqual([
      'c1: A8: NodeDataChanged /a 5 for a recursive stream of /a, after its gap up to 5',
    ])
  })

  it('notice what comes after their reader has left', async () => {
    const { streams, witness, give } = await start()

    await streams.leaveOldest()
    await give(gap(1n, 2n))

    expect(witness.faults[0]).toBe('c1: A8: a recursive stream of /a goes on though its reader has left')
  })

  it.each([
    ['CONNECTED', undefined, 1],
    ['CONNECTED', new KeeperException('SESSIONEXPIRED'), 1],
    ['CLOSED', undefined, 1],
    ['CLOSED', new KeeperException('SESSIONEXPIRED'), 0],
  ] as const)('notice an end that nobody has asked for: %s, %o', async (state, error, faults) => {
    const { witness, end } = await start(state)

    await end(error)

    expect(witness.faults.length).toBe(faults)
  })

  it('know whether they were told of the end (A4)', async () => {
    const { streams, end } = await start('CLOSED')
    const before = streams.findUntold()

    await end(new KeeperException('SESSIONEXPIRED'))

    expect([before, streams.findUntold()]).toEqual([
      ['a recursive stream of /a was never told of the end'],
      [],
    ])
  })
})

describe('a simulation', () => {
  it('has streams that are told of changes and of gaps, and of the end', async () => {
    const { run, act, faults } = await play([
      wish('stream'),
      ...goOver(),
      { do: 'burst', writes: 2, path: '/a' },
    ])

    await act(...goOver(), { do: 'cut', client: 0, saidBytes: 0, heardBytes: 0 }, ...comeBack())
    await act({ do: 'expire', client: 0 }, { do: 'hear', client: 0, much: 'all' }, ...comeBack())

    const lines = run.outcome().trace.filter((line) => line.includes('stream of'))
    expect(lines).toEqual([
      'c1 a persistent stream of /a NodeDataChanged /a',
      'c1 a persistent stream of /a NodeDataChanged /a',
      'c1 a persistent stream of /a has a gap from 9 to 11',
      expect.stringMatching(/^c1 a persistent stream of \/a ends with KeeperException: SESSIONEXPIRED/),
    ])
    expect(faults()).toEqual([])
  })

  it('notices a client that does not tell its streams', async () => {
    const materialize = ZKWatchManager.prototype.materialize
    vi.spyOn(ZKWatchManager.prototype, 'materialize').mockImplementation(function (
      this: ZKWatchManager,
      type,
      path,
    ) {
      const found = materialize.call(this, type, path)
      return new Set([...eachOf(found)].filter((watcher) => !this.contains(path, 'Persistent', watcher)))
    })
    const { act, faults } = await play([wish('stream'), ...goOver(), { do: 'burst', writes: 1, path: '/a' }])
    await act(...goOver())
    vi.restoreAllMocks()

    expect(faults().join('\n')).toContain('has arrived, and a persistent stream of /a was not told')
  })

  it('notices an event for a stream that is lost on the way', async () => {
    const { run, first, faults } = await play([wish('stream', '/s'), ...goOver(), ...goOver()])

    run.writeAsRoot([setData('/s')])
    await run.rest()
    bytesOf(first).loseNextFrame()
    await run.heal()

    expect(faults().join('\n')).toContain(
      'a persistent stream of /s has neither NodeDataChanged /s 9 nor a gap',
    )
  })
})
