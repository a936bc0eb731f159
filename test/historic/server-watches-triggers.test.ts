/**
 * Historic bugs of ZooKeeper's kin, 20: changes that did not fire what they should, on the znode or above it. The table of what each
 * kind of watch says is written down once more here, apart from the one that other tests share.
 */
import { describe, expect, it } from 'vitest'
import { recordEvents, startServer } from '../semantics/fixture.js'
import {
  arm,
  canWatchMissing,
  OPERATIONS,
  PLACES,
  WATCH_KINDS,
  type WatchKind,
} from '../semantics/watches/trigger-matrix.js'

describe('20. zetcd #5, go 8edc763, fdb-zk #12: each change fires what it should, there and above', () => {
  /** Who hears of a change of N, by place and kind of watch, and what is said. */
  type Hearers = Readonly<Partial<Record<keyof typeof PLACES, Readonly<Partial<Record<WatchKind, string>>>>>>
  const said = (
    event: string,
    below: string,
  ): { readonly child: string; readonly persistent: string; readonly recursive: string } => ({
    child: event,
    persistent: event,
    recursive: below,
  })
  const N = PLACES.self
  const ofDelete: Hearers = {
    self: {
      data: `NodeDeleted ${N}`,
      exists: `NodeDeleted ${N}`,
      ...said(`NodeDeleted ${N}`, `NodeDeleted ${N}`),
    },
    parent: said('NodeChildrenChanged /g/p', `NodeDeleted ${N}`),
    grandparent: { recursive: `NodeDeleted ${N}` },
    root: { recursive: `NodeDeleted ${N}` },
  }
  const table: Readonly<Record<string, Hearers>> = {
    'create N': {
      self: { exists: `NodeCreated ${N}`, persistent: `NodeCreated ${N}`, recursive: `NodeCreated ${N}` },
      parent: said('NodeChildrenChanged /g/p', `NodeCreated ${N}`),
      grandparent: { recursive: `NodeCreated ${N}` },
      root: { recursive: `NodeCreated ${N}` },
    },
    'setData N': {
      self: {
        data: `NodeDataChanged ${N}`,
        exists: `NodeDataChanged ${N}`,
        persistent: `NodeDataChanged ${N}`,
        recursive: `NodeDataChanged ${N}`,
      },
      parent: { recursive: `NodeDataChanged ${N}` },
      grandparent: { recursive: `NodeDataChanged ${N}` },
      root: { recursive: `NodeDataChanged ${N}` },
    },
    'setACL N': {},
    'delete N': ofDelete,
    'close of the session that owns N': ofDelete,
    'expiry of the session that owns N': ofDelete,
    'expiry in its time': ofDelete,
    'sweep of the container N': ofDelete,
    'sweep of N, whose TTL is over': ofDelete,
  }

  it.each(Object.keys(table))('%s, with every kind of watch at every place at once', async (name) => {
    const operation = OPERATIONS.find((each) => each.name === name)
    const { zoo, clock } = startServer()
    const writer = await zoo.connect()
    await writer.createAll('/g/p')
    const run = await operation?.prepare({ zoo, clock, writer })
    const cells = (['self', 'parent', 'grandparent', 'root'] as const).flatMap((place) =>
      WATCH_KINDS.filter((kind) => operation?.hasNode || place !== 'self' || canWatchMissing(kind)).map(
        (kind) => ({ place, kind, ...recordEvents() }),
      ),
    )
    for (const { place, kind, watcher } of cells) await arm(await zoo.connect(), kind, PLACES[place], watcher)

    await run?.()
    await zoo.settle()

    const heard = cells.map(({ place, kind, events }) => [place, kind, ...events].join(' '))
    const expected = cells.map(({ place, kind }) =>
      [place, kind, table[name]?.[place]?.[kind] ?? []].flat().join(' '),
    )
    expect(heard).toEqual(expected)
  })
})
