/**
 * What holds wherever theirs and ours meet without holding anything: counters, barriers, members of a group. Declared by the suite
 * of each peer.
 */
import { expect, it } from 'vitest'
import { Barrier, Counter, DoubleBarrier, GroupMembership, type Layout } from '../../../src/recipes/index.js'
import { type Given, LONG_MS, SHORT_MS, untilChildren, untilEqual, untilWatched } from './recipe-suite.js'

/** Declares the tests of counters: `kind` is what the peer calls its own. */
export function declareCounters(given: Given, kind: string, layout: Layout): void {
  it(`${kind}: what both add at once is the sum, to both`, async () => {
    const path = given.newPath()
    const ours = new Counter(given.zk(), path, { layout })
    const theirs = await given.program().make(kind, path)
    const additions: Promise<unknown>[] = []

    for (let i = 1; i <= 25; i++) additions.push(ours.add(i), theirs.call('add', -2 * i))
    await Promise.all(additions)

    expect(await ours.get()).toBe(-325)
    expect(await theirs.call('get')).toBe(-325)
  })

  it(`${kind}: the one who comes second goes on from the first, whoever that is`, async () => {
    const [ourPath, theirPath] = [given.newPath(), given.newPath()]
    const theirs = await Promise.all([ourPath, theirPath].map((path) => given.program().make(kind, path)))
    const ours = [ourPath, theirPath].map((path) => new Counter(given.zk(), path, { layout }))

    expect(await ours[0]?.add(-3)).toBe(-3)
    expect(await theirs[0]?.call('add', 1)).toBe(-2)
    expect(await theirs[1]?.call('add', 2 ** 30)).toBe(2 ** 30)
    expect(await ours[1]?.add(2 ** 30 - 1)).toBe(2 ** 31 - 1)
    expect(await theirs[1]?.call('get')).toBe(2 ** 31 - 1)
  })

  it(`${kind}: what nobody has set yet is 0 to both`, async () => {
    const path = given.newPath()
    const theirs = await given.program().make(kind, path)

    expect(await theirs.call('get')).toBe(0)
    expect(await new Counter(given.zk(), path, { layout }).get()).toBe(0)
  })
}

/** Declares the tests of barriers. */
export function declareBarriers(given: Given): void {
  it('a barrier of ours holds them up until we remove it', async () => {
    const path = given.newPath()
    const ours = new Barrier(given.zk(), path)
    const theirs = await given.program().make('barrier', path)
    await ours.set()

    expect(await theirs.call('wait', SHORT_MS)).toBe(false)
    const gone = theirs.call('wait', LONG_MS)
    await untilWatched(given, path)
    await ours.remove()

    expect(await gone).toBe(true)
    expect(await theirs.call('wait', SHORT_MS)).toBe(true)
  })

  it('a barrier of theirs holds us up until they remove it', async () => {
    const path = given.newPath()
    const ours = new Barrier(given.zk(), path)
    const theirs = await given.program().make('barrier', path)
    await theirs.call('set')
    await ours.set()

    await expect(ours.wait({ timeoutMs: SHORT_MS })).rejects.toMatchObject({ name: 'TimeoutError' })
    const gone = ours.wait({ timeoutMs: LONG_MS })
    await untilWatched(given, path)
    await theirs.call('remove')

    await gone
    await ours.remove()
  })
}

/** Declares the tests of double barriers. */
export function declareDoubleBarriers(given: Given): void {
  declareEntering(given)
  declareLeaving(given)
}

function declareEntering(given: Given): void {
  it.each(['ours', 'theirs'])(
    'who comes first to a double barrier waits for the other: %s',
    async (first) => {
      const path = given.newPath()
      const ours = new DoubleBarrier(given.zk(), path, 2)
      const theirs = await given.program().make('doubleBarrier', path, 2)
      const log: string[] = []
      const enter = {
        ours: () => ours.enter({ timeoutMs: LONG_MS }).then(() => void log.push('in')),
        theirs: async () => void log.push((await theirs.call('enter')) === true ? 'in' : 'failed'),
      }

      const entered = first === 'ours' ? enter.ours() : enter.theirs()
      await untilChildren(given, path, 1)
      expect(log).toEqual([])
      await Promise.all([entered, first === 'ours' ? enter.theirs() : enter.ours()])

      expect(log).toEqual(['in', 'in'])
      await Promise.all([ours.leave({ timeoutMs: LONG_MS }), theirs.call('leave')])
      await untilChildren(given, path, 0)
    },
  )
}

function declareLeaving(given: Given): void {
  it.each(['ours', 'theirs'])('who leaves a double barrier waits for the others: %s', async (first) => {
    const path = given.newPath()
    const ours = new DoubleBarrier(given.zk(), path, 4)
    const theirs = await Promise.all([1, 2, 3].map(() => given.program().make('doubleBarrier', path, 4)))
    const enterTheirs = theirs.map((each) => each.call('enter'))
    await Promise.all([ours.enter({ timeoutMs: LONG_MS }), ...enterTheirs])
    const log: string[] = []
    const leave = [
      () => ours.leave({ timeoutMs: LONG_MS }).then(() => log.push('ours')),
      ...theirs.map((each) => () => each.call('leave').then(() => log.push('theirs'))),
    ]
    if (first === 'theirs') leave.reverse()

    const early = leave.slice(0, 2).map((each) => each())
    // The first by name keeps its znode while it waits, and each other one takes its own away.
    await untilEqual(() => isAtMost(given, path, 3), true)
    expect(log).toEqual([])
    early.push(...leave.slice(2, 3).map((each) => each()))
    await untilEqual(() => isAtMost(given, path, 2), true)
    log.push('now the last')
    await Promise.all([...early, ...leave.slice(3).map((each) => each())])

    // A Curator that is awake when the last one's znode alone is left takes itself for the last one; we do not.
    expect(log.indexOf('ours')).toBeGreaterThan(log.indexOf('now the last'))
    expect(log.toSorted()).toEqual(['now the last', 'ours', 'theirs', 'theirs', 'theirs'])
    await untilChildren(given, path, 0)
  })
}

/** Declares the tests of a double barrier that is used many times. */
export function declareRounds(given: Given): void {
  it('we are let in to a double barrier though they want to leave at once', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('doubleBarrier', path, 2)

    for (let round = 0; round < 20; round++) {
      const ours = new DoubleBarrier(given.zk(), path, 2)
      const entered = ours.enter({ timeoutMs: LONG_MS })
      await untilChildren(given, path, 1)
      const theyCameAndWent = Promise.all([theirs.call('enter'), theirs.call('leave')])
      await entered
      await Promise.all([theyCameAndWent, ours.leave({ timeoutMs: LONG_MS })])
    }

    await untilChildren(given, path, 0)
  })

  it('a double barrier can be used again, by the same and at the same path', async () => {
    const path = given.newPath()
    const ours = new DoubleBarrier(given.zk(), path, 2)
    const theirs = await given.program().make('doubleBarrier', path, 2)

    for (let round = 0; round < 10; round++) {
      const [entered] = await Promise.all([theirs.call('enter'), ours.enter({ timeoutMs: LONG_MS })])
      expect(entered).toBe(true)
      await Promise.all([theirs.call('leave'), ours.leave({ timeoutMs: LONG_MS })])
    }

    await untilChildren(given, path, 0)
  })
}

async function isAtMost(given: Given, path: string, memberCount: number): Promise<boolean> {
  const { children } = await given.zk().getChildren(path)
  return children.filter((name) => name !== 'ready').length <= memberCount
}

/** Declares the tests of groups. */
export function declareGroups(given: Given): void {
  it('members of both sides know each other, and who has left', async () => {
    const path = given.newPath()
    const { layout } = given.peer
    const ours = new GroupMembership(given.zk(), path, { layout })
    const theirs = await given.program().make('group', path, 'their ü')
    const idsOf = async (): Promise<string[]> => (await ours.members()).map(({ id }) => id).sort()

    await ours.join('our ö')
    await theirs.call('join')
    await untilEqual(idsOf, ['our ö', 'their ü'])
    await untilEqual(() => theirs.call('members'), ['our ö', 'their ü'])

    await ours.leave()
    await untilEqual(() => theirs.call('members'), ['their ü'])
    await theirs.call('leave')
    await untilEqual(idsOf, [])
  })

  it('we hear who of theirs comes and goes', async () => {
    const path = given.newPath()
    const { layout } = given.peer
    const stop = new AbortController()
    const theirs = await given.program().make('group', path, 'they')
    const states: string[] = []
    const watching = (async () => {
      const group = new GroupMembership(given.zk(), path, { layout })
      for await (const { joined, left } of group.watch({ signal: stop.signal }))
        states.push([...joined.map(({ id }) => `+${id}`), ...left.map(({ id }) => `-${id}`)].join())
    })()

    await untilEqual(async () => states, [''])
    await theirs.call('join')
    await untilEqual(async () => states, ['', '+they'])
    await theirs.call('leave')
    await untilEqual(async () => states, ['', '+they', '-they'])
    stop.abort()

    await watching
  })
}
