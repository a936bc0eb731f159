/** WatchManager: both tables hold the same pairs and no empty set, whatever is added, triggered and removed. */
import { describe, expect, it } from 'vitest'
import { forEachMember } from '../../src/base/int-sets.js'
import { OPEN_ACL_UNSAFE } from '../../src/protocol/acl.js'
import type { NodeEventType } from '../../src/protocol/watched-event.js'
import { versionTraits } from '../../src/server/compatibility.js'
import type { ServerWatcher } from '../../src/server/server-watcher.js'
import { WatchManager } from '../../src/server/watch-manager.js'
import {
  ALL_MODES,
  modeNames,
  PERSISTENT,
  RECURSIVE,
  STANDARD,
  type WatchModes,
} from '../../src/server/watch-modes.js'

interface Named extends ServerWatcher {
  readonly heard: string[]
}

function watcherNamed(sessionId: bigint, order: string[] = []): Named {
  return {
    id: Number(sessionId),
    sessionId,
    heard: order,
    process: ({ type, path }) => void order.push(`${type} ${path}`),
  }
}

function managerOf(pairs: readonly (readonly [string, ServerWatcher, WatchModes])[]): WatchManager {
  const manager = new WatchManager('data', { isOpen: false, tell: () => undefined }, versionTraits['3.9'])
  for (const [path, watcher, mode] of pairs) manager.addWatch(path, watcher, mode)
  return manager
}

function trigger(manager: WatchManager, path: string, suppressed?: number): readonly number[] {
  const type: NodeEventType = 'NodeDataChanged'
  const found: number[] = []
  const members = manager.triggerWatch({ type, path, zxid: 1, acl: OPEN_ACL_UNSAFE }, suppressed)
  forEachMember(members, (id) => void found.push(id))
  return found
}

/** What both tables say, each read by itself; fails if they disagree. */
function pairsOf(manager: WatchManager): string[] {
  const byPath = Array.from(manager.paths, (path) =>
    Array.from(manager.watchersOf(path), ({ sessionId }) => `${path} ${sessionId}`),
  )
  const byWatcher = Array.from(manager.watchers, (watcher) =>
    manager.pathsOf(watcher).map((path) => ({
      pair: `${path} ${watcher.sessionId}`,
      modes: manager.modesOf(path, watcher),
    })),
  )
  expect([...byPath, ...byWatcher].some((list) => list.length === 0)).toBe(false)
  const pairs = byWatcher.flat()
  expect(byPath.flat().sort()).toEqual(pairs.map(({ pair }) => pair).sort())
  expect(manager.size).toBe(pairs.length)
  return pairs.map(({ pair, modes }) => `${pair} ${modeNames(modes).join('+')}`).sort()
}

describe('the tables', () => {
  it('are empty at first', () => {
    const manager = managerOf([])

    expect([pairsOf(manager), manager.size]).toEqual([[], 0])
  })

  it('hold several modes of one pair as one entry', () => {
    const one = watcherNamed(1n)

    const manager = managerOf([
      ['/a', one, STANDARD],
      ['/a', one, STANDARD],
      ['/a', one, PERSISTENT],
      ['/a', one, RECURSIVE],
    ])

    expect(pairsOf(manager)).toEqual(['/a 1 standard+persistent+recursive'])
    expect(manager.countOf(one)).toBe(1)
  })

  it('lose the one-shot mode when it fires, and the entry with the last mode', () => {
    const one = watcherNamed(1n)
    const two = watcherNamed(2n)
    const manager = managerOf([
      ['/a', one, STANDARD],
      ['/a', two, STANDARD | PERSISTENT],
      ['/b', one, STANDARD],
    ])

    trigger(manager, '/a')

    expect(pairsOf(manager)).toEqual(['/a 2 persistent', '/b 1 standard'])
    expect([manager.modesOf('/a', one), manager.modesOf('/a', two)]).toEqual([0, PERSISTENT])
  })

  it('lose what is removed, mode by mode, and say whether there was any', () => {
    const one = watcherNamed(1n)
    const manager = managerOf([['/a', one, ALL_MODES]])

    const answers = [
      manager.removeWatch('/a', one, RECURSIVE),
      manager.removeWatch('/a', one, RECURSIVE),
      manager.removeWatch('/b', one, ALL_MODES),
      manager.removeWatch('/a', watcherNamed(2n), ALL_MODES),
      manager.removeWatch('/a', one, ALL_MODES),
    ]

    expect([answers, pairsOf(manager)]).toEqual([[true, false, false, false, true], []])
  })

  it.each([
    [STANDARD, 1],
    [PERSISTENT, 1],
    [STANDARD | PERSISTENT, 1],
    [PERSISTENT | RECURSIVE, 1],
    [ALL_MODES, 0],
  ])('take the modes %d from a pair that has every mode, and then count %d', (gone, count) => {
    const one = watcherNamed(1n)
    const manager = managerOf([['/a', one, ALL_MODES]])

    manager.removeWatch('/a', one, gone)

    expect(manager.countOf(one)).toBe(count)
  })

  it('lose everything of a watcher that goes, and nothing of the others', () => {
    const one = watcherNamed(1n)
    const two = watcherNamed(2n)
    const manager = managerOf([
      ['/a', one, STANDARD],
      ['/b', one, RECURSIVE],
      ['/a', two, PERSISTENT],
    ])

    manager.removeWatcher(one)
    manager.removeWatcher(one)

    expect(pairsOf(manager)).toEqual(['/a 2 persistent'])
  })

  it('forget the last recursive watch, so that ancestors are not looked at any more', () => {
    const one = watcherNamed(1n)
    const manager = managerOf([['/a', one, RECURSIVE]])
    manager.removeWatch('/a', one, RECURSIVE)
    manager.addWatch('/a', one, PERSISTENT)

    const found = trigger(manager, '/a/b')

    expect([found.length, one.heard]).toEqual([0, []])
  })
})

describe('a trigger', () => {
  it.each([
    [STANDARD, '/a', 1],
    [STANDARD, '/a/b', 0],
    [PERSISTENT, '/a', 2],
    [PERSISTENT, '/a/b', 0],
    [RECURSIVE, '/a', 2],
    [RECURSIVE, '/a/b', 2],
    [RECURSIVE, '/a/b/c', 2],
    [RECURSIVE, '/ab', 0],
    [RECURSIVE, '/', 0],
  ])('of mode %d on /a is heard from %s %d times of two', (mode, path, times) => {
    const one = watcherNamed(1n)
    const manager = managerOf([['/a', one, mode]])

    trigger(manager, path)
    trigger(manager, path)

    expect(one.heard).toEqual(Array.from({ length: times }, () => `NodeDataChanged ${path}`))
  })

  it('calls a watcher once, however many of its watches it hits', () => {
    const one = watcherNamed(1n)
    const manager = managerOf([
      ['/', one, RECURSIVE],
      ['/a', one, ALL_MODES],
      ['/a/b', one, ALL_MODES],
    ])

    trigger(manager, '/a/b')

    expect(one.heard).toEqual(['NodeDataChanged /a/b'])
  })

  it('calls those at the path in the order of their coming, then those above, the nearest first', () => {
    const order: string[] = []
    const named = (id: bigint): ServerWatcher => ({
      id: Number(id),
      sessionId: id,
      process: () => void order.push(`${id}`),
    })
    const manager = managerOf([
      ['/', named(4n), RECURSIVE],
      ['/a', named(3n), RECURSIVE],
      ['/a/b', named(1n), STANDARD],
      ['/a/b', named(2n), PERSISTENT],
    ])

    trigger(manager, '/a/b')

    expect(order).toEqual(['1', '2', '3', '4'])
  })

  it('passes over watches of another mode on its way up', () => {
    const one = watcherNamed(1n)
    const two = watcherNamed(2n)
    const manager = managerOf([
      ['/a', one, STANDARD | PERSISTENT],
      ['/', two, RECURSIVE],
    ])

    trigger(manager, '/a/b')

    expect([one.heard, two.heard]).toEqual([[], ['NodeDataChanged /a/b']])
  })

  it('does not call who is suppressed, but takes its one-shot, and finds it all the same', () => {
    const one = watcherNamed(1n)
    const two = watcherNamed(2n)
    const manager = managerOf([
      ['/a', one, STANDARD],
      ['/a', two, STANDARD],
    ])

    const found = trigger(manager, '/a', 1)

    expect([found, one.heard, two.heard]).toEqual([[1, 2], [], ['NodeDataChanged /a']])
    expect(pairsOf(manager)).toEqual([])
  })

  it('finds nobody where nobody is', () => {
    const manager = managerOf([['/a', watcherNamed(1n), STANDARD]])

    expect([trigger(manager, '/b'), trigger(managerOf([]), '/b')]).toEqual([[], []])
  })

  it('takes a one-shot that the watcher sets again while it is called for a new one', () => {
    const manager = managerOf([])
    const heard: string[] = []
    const again: ServerWatcher = {
      id: 1,
      sessionId: 1n,
      process: ({ path }) => {
        heard.push(path)
        manager.addWatch(path, again, STANDARD)
      },
    }
    manager.addWatch('/a', again, STANDARD)

    trigger(manager, '/a')
    trigger(manager, '/a')

    expect(heard).toEqual(['/a', '/a'])
    expect(pairsOf(manager)).toEqual(['/a 1 standard'])
  })
})

describe('the tap of a table', () => {
  it('hears of each mode that is armed, and of each that goes with the reason', () => {
    const lines: string[] = []
    const tap = {
      isOpen: true,
      tell: (event: {
        kind: string
        path?: string
        mode?: string
        modes?: readonly string[]
        why?: string
      }): void => {
        if (event.kind === 'watchArmed') lines.push(`armed ${event.path} ${event.mode}`)
        if (event.kind === 'watchRemoved')
          lines.push(`removed ${event.path} ${event.modes?.join('+')} ${event.why}`)
      },
    }
    const manager = new WatchManager('child', tap, versionTraits['3.9'])
    const one = watcherNamed(1n)

    manager.addWatch('/a', one, STANDARD)
    manager.addWatch('/a', one, STANDARD)
    manager.addWatch('/a', one, RECURSIVE)
    trigger(manager, '/a')
    manager.addWatch('/a', one, PERSISTENT)
    manager.removeWatch('/a', one, PERSISTENT)
    manager.removeWatcher(one)

    expect(lines).toEqual([
      'armed /a standard',
      'armed /a recursive',
      'removed /a standard triggered',
      'armed /a persistent',
      'removed /a persistent requested',
      'removed /a recursive disconnected',
    ])
  })
})
