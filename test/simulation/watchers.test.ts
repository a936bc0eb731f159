/** What a party's watchers notice of a client that does not keep its promises: each rule with a client that breaks it. */
import { describe, expect, it } from 'vitest'
import { KeeperException, type WatchedEvent, type Watcher } from '../../src/index.js'
import type { EventType } from '../../src/protocol/watched-event.js'
import { type LastingClient, LastingWatches } from '../../verify/simulation/lasting-watches.js'
import { type TrickyClient, TrickyWatchers } from '../../verify/simulation/tricky-watchers.js'
import { Witness } from '../../verify/simulation/witness.js'

function event(type: EventType, path: string | null, zxid = 5n): WatchedEvent {
  return { type, state: 'SyncConnected', path, zxid }
}

interface Lasting {
  readonly watches: LastingWatches
  readonly witness: Witness
  /** Calls the watcher that was set. */
  tell(...events: readonly WatchedEvent[]): void
}

/** A client that does what it is told to; `removed` is how often it tells of a removal. */
async function startLasting(
  options: { isRecursive?: boolean; chroot?: string; removed?: number } = {},
): Promise<Lasting> {
  const { isRecursive = false, chroot = '', removed = 1 } = options
  const watchers: Watcher[] = []
  const tell = (...events: readonly WatchedEvent[]): void => {
    for (const each of events) for (const watcher of watchers) watcher(each)
  }
  const client: LastingClient = {
    chroot,
    state: 'CONNECTED',
    addWatch: async (_path, watcher) => {
      if (watcher !== undefined) watchers.push(watcher)
    },
    removeWatches: async (path) => {
      for (let i = 0; i < removed; i++) tell(event('PersistentWatchRemoved', path, -1n))
    },
  }
  const witness = new Witness('c1', () => undefined)
  const watches = new LastingWatches(client, witness)
  await watches.add('/a', { isRecursive, leaves: false })
  return { watches, witness, tell }
}

describe('lasting watches', () => {
  it('are content with an event for each that has arrived, and with one that tells of the removal', async () => {
    const { watches, witness, tell } = await startLasting({ chroot: '/app' })

    watches.arrived({ type: 'NodeDataChanged', path: '/app/a', zxid: 5 })
    tell(event('NodeDataChanged', '/a'))
    watches.checkDelivered()
    await watches.removeOldest({ isLocal: false })

    expect(witness.faults).toEqual([])
  })

  it('notice an event that was not told (A8)', async () => {
    const { watches, witness } = await startLasting()

    watches.arrived({ type: 'NodeDataChanged', path: '/a', zxid: 5 })
    watches.checkDelivered()

    expect(witness.faults).toEqual([
      'c1: A8: NodeDataChanged /a 5 has arrived, and a persistent watch of /a was not told',
    ])
  })

  it('notice an event that has not arrived, and a path of the server (A7, A8)', async () => {
    const { watches, witness, tell } = await startLasting({ chroot: '/app' })

    watches.arrived({ type: 'NodeDataChanged', path: '/app/a', zxid: 5 })
    tell(event('NodeDataChanged', '/app/a'))

    expect(witness.faults).toEqual([
      'c1: A8: NodeDataChanged /app/a 5 for a persistent watch of /a, where NodeDataChanged /a 5 is due',
    ])
  })

  it('notice that a recursive one is told of children (A8)', async () => {
    const { witness, tell } = await startLasting({ isRecursive: true })

    tell(event('NodeChildrenChanged', '/a'))

    expect(witness.faults[0]).toBe('c1: A8: NodeChildrenChanged /a for a recursive watch of /a')
  })

  it.each([0, 2])('notice a removal that is told %d times (A6)', async (removed) => {
    const { watches, witness } = await startLasting({ removed })

    await watches.removeOldest({ isLocal: false })

    expect(witness.faults).toEqual([`c1: A6: a watch was removed, and its watcher was told ${removed} times`])
  })

  it('notice an event after the removal (A6)', async () => {
    const { watches, witness, tell } = await startLasting()

    await watches.removeOldest({ isLocal: false })
    tell(event('NodeDataChanged', '/a'))

    expect(witness.faults[0]).toBe(
      'c1: A6: NodeDataChanged /a for a persistent watch of /a, which is removed',
    )
  })

  it('know whether they were told of the end (A4)', async () => {
    const { watches, tell } = await startLasting()
    const before = watches.findUntold()

    tell({ ...event('None', null), state: 'Expired' })

    expect([before, watches.findUntold()]).toEqual([
      ['a persistent watch of /a was never told of the end'],
      [],
    ])
  })

  it('notice a state that is told twice (A4)', async () => {
    const { witness, tell } = await startLasting()

    tell(event('None', null), event('None', null))

    expect(witness.faults).toEqual(['c1: A4: a persistent watch of /a was told SyncConnected twice in a row'])
  })
})

interface Tricky {
  readonly watchers: TrickyWatchers
  readonly witness: Witness
  call(each: WatchedEvent): unknown
  surface(error: unknown): void
}

/** A client whose reads leave a watch; with `finds` false there is nothing to read. */
async function startTricky(
  trick: Parameters<TrickyWatchers['arm']>[1],
  { finds = true } = {},
): Promise<Tricky> {
  const armed = new Set<Watcher>()
  const listeners: ((error: unknown) => void)[] = []
  const read = async (_: string, { watcher }: { readonly watcher: Watcher }): Promise<void> => {
    armed.add(watcher)
  }
  const readInVain: typeof read = async (path, options) => {
    await read(path, options)
    throw new KeeperException('NONODE')
  }
  const client: TrickyClient = {
    exists: finds ? read : readInVain,
    getData: finds ? read : readInVain,
    close: async () => undefined,
    on: (_name, listener) => listeners.push(listener),
  }
  const witness = new Witness('c1', () => undefined)
  const watchers = new TrickyWatchers(client, witness)
  await watchers.arm('/a', trick).catch(() => undefined)
  return {
    watchers,
    witness,
    call: (each) => [...armed].map((watcher) => watcher(each))[0],
    surface: (error) => {
      for (const listener of listeners) listener(error)
    },
  }
}

describe('tricky watchers', () => {
  it('are content with a call for each arming, and with errors that come out', async () => {
    const { watchers, witness, call, surface } = await startTricky('throw')

    expect(() => call(event('NodeDeleted', '/a'))).toThrow('trick 1 of c1')
    surface(new Error('trick 1 of c1'))
    watchers.checkDelivered()

    expect(witness.faults).toEqual([])
  })

  it('notice a second call, though two reads have left the watch (A1)', async () => {
    const { witness, call } = await startTricky('nothing')

    for (let i = 0; i < 2; i++) call(event('NodeDeleted', '/a', BigInt(i)))

    expect(witness.faults).toEqual([
      'c1: A1: NodeDeleted /a for a watcher that no read has left since its last call',
    ])
  })

  it('notice a call though every read has failed (A1, W6)', async () => {
    const { witness, call } = await startTricky('nothing', { finds: false })

    call(event('NodeCreated', '/a'))

    expect(witness.faults).toEqual([
      'c1: A1: NodeCreated /a for a watcher that no read has left since its last call',
    ])
  })

  it('are content with a call for each time that a watcher is set again', async () => {
    const { witness, call } = await startTricky('re-arm')

    for (let i = 0; i < 4; i++) await call(event('NodeDeleted', '/a', BigInt(i)))

    expect(witness.faults).toEqual([])
  })

  it('notice a second call for one event (A1, A3)', async () => {
    const { witness, call } = await startTricky('re-arm')
    const once = event('NodeDeleted', '/a')

    await call(once)
    await call(once)

    expect(witness.faults).toEqual(['c1: A3: a watcher is called twice for NodeDeleted /a'])
  })

  it.each(['throw', 'reject'] as const)('notice an error that is swallowed: %s', async (trick) => {
    const { watchers, witness, call } = await startTricky(trick)

    await Promise.resolve()
      .then(() => call(event('NodeDeleted', '/a')))
      .catch(() => undefined)
    watchers.checkDelivered()

    expect(witness.faults).toEqual(['c1: A3: watchers threw Error: trick 1 of c1, and told was '])
  })

  it('notice a call after the client was closed (A4)', async () => {
    const { witness, call } = await startTricky('close')

    await call(event('NodeDeleted', '/a'))
    call(event('NodeCreated', '/a', 6n))

    expect(witness.faults.slice(0, 1)).toEqual([
      'c1: A4: a watcher (close) NodeCreated /a after close() has resolved',
    ])
  })
})
