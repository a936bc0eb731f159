/**
 * kazoo (Python) and zoolet hold the same locks, count the same counters and work on the same queue, with the layout of kazoo.
 *
 * Known of kazoo 2.8, and left alone: a reader waits for writers that came after it, and they for it (python-zk/kazoo#649); a recipe
 * looks for its parents once, and fails when they have gone later; a DoubleBarrier tells of a failure to enter by `participating`.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { DoubleBarrier, GroupMembership, Lock, Semaphore, TaskQueue } from '../../../src/recipes/index.js'
import { KAZOO } from '../kazoo/kazoo-peer.js'
import { PeerProgram } from './peer-program.js'
import {
  describeWithEachRecipeServer,
  type Given,
  LONG_MS,
  ourHolder,
  type RecipePeer,
  SHORT_MS,
  theirHolder,
  untilChildren,
  untilEqual,
  watchCount,
} from './recipe-suite.js'
import { describeHolding } from './shared-holding.js'
import {
  declareBarriers,
  declareCounters,
  declareDoubleBarriers,
  declareGroups,
  declareRounds,
} from './shared-meetings.js'

const PYTHON = '/usr/bin/python3'
const PROGRAM = fileURLToPath(new URL('kazoo-recipes.py', import.meta.url))

const kazoo: RecipePeer = {
  name: 'kazoo',
  need: KAZOO,
  layout: 'kazoo',
  deviations: [
    {
      ours: 'write',
      theirs: 'read',
      reason:
        'a reader of kazoo 2.8 waits for writers that came after it, who wait for it (python-zk/kazoo#649)',
    },
  ],
  start: (connectString, sessionTimeoutMs) =>
    PeerProgram.start(PYTHON, ['-B', PROGRAM, connectString, String(sessionTimeoutMs)]),
}

describeWithEachRecipeServer(kazoo, (given) => {
  describeHolding(given)
  it('their own readers and writers wait for each other for ever: the deviation is there', () =>
    showDeadlock(given))
  describe('who contends', () => declareContenders(given))
  describe('counters', () => {
    declareCounters(given, 'counter', 'kazoo')
    declareCounters(given, 'curatorCounter', 'curator')
  })
  describe('barriers', () => {
    declareBarriers(given)
    declareDoubleBarriers(given)
    declareRounds(given)
  })
  describe('a party', () => declareGroups(given))
  describe('a queue', () => {
    declareTasks(given)
    declareClaims(given)
  })
  describe('an empty parent', () => {
    declareParents(given)
    declareMeetingPlaces(given)
  })
})

/** A writer holds, a reader waits, and then another writer: the reader should be next. */
async function showDeadlock(given: Given): Promise<void> {
  const path = given.newPath()
  const program = given.program()
  const first = await theirHolder(program, 'write', path)
  const reader = await theirHolder(program, 'read', path)
  const second = await theirHolder(program, 'write', path)
  expect(await first.acquire()).toBe(true)
  const read = reader.acquire(1000)
  await untilChildren(given, path, 2)
  const written = second.acquire()
  await untilChildren(given, path, 3)

  await first.release()

  expect(await read).toBe(false)
  expect(await written).toBe(true)
  await second.release()
}

function declareContenders(given: Given): void {
  it.each(['lock', 'election', 'read', 'write'] as const)('they read who contends for a %s', async (kind) => {
    const path = given.newPath()
    const ours = ourHolder(given, kind, path, 'our ö')
    const theirs = await given.program().make(kind, path, 'their ü')
    await ours.acquire()

    const got = theirs.call('acquire', LONG_MS)
    await untilChildren(given, path, 2)
    const watcher = await given.program().make(kind, path, 'nobody')

    expect(await watcher.call('contenders')).toEqual(['our ö', 'their ü'])
    expect(await new Lock(given.zk(), path).contenders()).toEqual(['our ö', 'their ü'])
    await ours.release()
    await got
    await theirs.call('release')
  })

  it('leases have holders by name, to both', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('semaphore', path, 'their ü', 2)
    const ours = new Semaphore(given.zk(), path, 2, { layout: 'kazoo', identifier: 'our ö' })

    expect(await theirs.call('acquire', LONG_MS)).toBe(true)
    const lease = await ours.acquire()

    expect((await ours.holders()).sort()).toEqual(['our ö', 'their ü'])
    expect(await theirs.call('holders')).toEqual(['our ö', 'their ü'])
    await lease.release()
    await theirs.call('release')
  })

  it('who counts other leases than the first is refused, on both sides', async () => {
    const [ourPath, theirPath] = [given.newPath(), given.newPath()]
    const first = ourHolder(given, 'semaphore', ourPath, 'ours', 2)
    await first.acquire()
    const theirs = await given.program().make('semaphore', ourPath, 'theirs', 3)
    await expect(theirs.call('acquire', SHORT_MS)).rejects.toThrow('Inconsistent max leases: 2, expected: 3')
    await first.release()

    const second = await theirHolder(given.program(), 'semaphore', theirPath, 'theirs', 2)
    await second.acquire()
    const ours = new Semaphore(given.zk(), theirPath, 3, { layout: 'kazoo' })
    await expect(ours.acquire()).rejects.toThrow('has 2 leases, not 3')
    await second.release()
  })
}

function declareTasks(given: Given): void {
  it('what one puts the other takes, by priority and in order', async () => {
    const path = given.newPath()
    const ours = new TaskQueue(given.zk(), path)
    const theirs = await given.program().make('queue', path)
    await theirs.call('put', 'late ä', 200)
    await ours.put('first ö', { priority: 7 })
    await theirs.call('put', 'second', 7)
    await ours.put('last', { priority: 999 })

    expect(await theirs.call('size')).toBe(4)
    expect(await ours.size()).toBe(4)
    expect(await theirs.call('get', LONG_MS)).toBe('first ö')
    const task = await ours.take()
    expect(new TextDecoder().decode(task.data ?? undefined)).toBe('second')
    expect(await theirs.call('consume')).toBe(true)
    await task.done()
    expect(await theirs.call('get', LONG_MS)).toBe('late ä')
    expect(await theirs.call('consume')).toBe(true)
    await (await ours.take()).done()

    expect(await theirs.call('size')).toBe(0)
    expect(await ours.size()).toBe(0)
    await untilChildren(given, `${path}/taken`, 0)
  })

  it('who waits for a task gets the one that the other puts', async () => {
    const path = given.newPath()
    const ours = new TaskQueue(given.zk(), path)
    const theirs = await given.program().make('queue', path)

    const before = await watchCount(given)
    const got = theirs.call('get', LONG_MS)
    await untilEqual(() => watchCount(given), before + 2)
    await ours.put('for them')
    expect(await got).toBe('for them')
    expect(await theirs.call('consume')).toBe(true)

    const then = await watchCount(given)
    const task = ours.take({ timeoutMs: LONG_MS })
    await untilEqual(() => watchCount(given), then + 2)
    await (await given.program().make('queue', path)).call('put', 'for us', 100)
    expect(new TextDecoder().decode((await task).data ?? undefined)).toBe('for us')
    await (await task).done()
  })
}

function declareClaims(given: Given): void {
  it('a task that is claimed is nobody else’s until it is put back', async () => {
    const path = given.newPath()
    const ours = new TaskQueue(given.zk(), path)
    const theirs = await given.program().make('queue', path)
    await ours.put('it')

    const task = await ours.take()
    expect(await theirs.call('get', SHORT_MS)).toBe(null)
    await task.putBack()
    expect(await (await given.program().make('queue', path)).call('get', LONG_MS)).toBe('it')
    expect(await ours.tryTake()).toBe(null)
  })

  it('a task of theirs that they release is ours', async () => {
    const path = given.newPath()
    const ours = new TaskQueue(given.zk(), path)
    const theirs = await given.program().make('queue', path)
    await theirs.call('put', 'it', 100)
    expect(await theirs.call('get', LONG_MS)).toBe('it')
    expect(await ours.tryTake()).toBe(null)

    const before = await watchCount(given)
    const task = ours.take({ timeoutMs: LONG_MS })
    await untilEqual(() => watchCount(given), before + 2)
    expect(await theirs.call('release')).toBe(true)

    await (await task).done()
    expect(await theirs.call('size')).toBe(0)
  })

  it('a task of their process that is killed is ours', async () => {
    const path = given.newPath()
    const doomed = await given.peer.start(given.server().connectString, 2000)
    const theirs = await doomed.make('queue', path)
    await theirs.call('put', 'it', 100)
    expect(await theirs.call('get', LONG_MS)).toBe('it')

    await doomed.kill()
    const task = await new TaskQueue(given.zk(), path).take({ timeoutMs: LONG_MS })

    expect(new TextDecoder().decode(task.data ?? undefined)).toBe('it')
    await task.done()
  })
}

/** Recipes of kazoo look for their parents once, and fail when these have gone later. */
function declareParents(given: Given): void {
  it.each(['lock', 'write', 'semaphore', 'election'] as const)('of ours stays for their %s', async (kind) => {
    const path = given.newPath()
    const ours = ourHolder(given, kind, path)
    const theirs = await theirHolder(given.program(), kind, path)
    await ours.acquire()
    expect(await theirs.attempt()).toBe(false)
    await ours.release()

    await untilSwept(given)

    expect(await theirs.acquire()).toBe(true)
    await theirs.release()
  })

  it('of ours stays for their tasks', async () => {
    const path = given.newPath()
    const ours = new TaskQueue(given.zk(), path)
    expect(await ours.tryTake()).toBe(null)
    await expect(ours.take({ timeoutMs: SHORT_MS })).rejects.toMatchObject({ name: 'TimeoutError' })
    const theirs = await given.program().make('queue', path)
    await theirs.call('put', 'a', 100)
    await (await ours.take()).done()

    await untilSwept(given)
    await theirs.call('put', 'b', 100)

    await (await ours.take()).done()
  })
}

/** The same for what is not held. */
function declareMeetingPlaces(given: Given): void {
  it('of ours stays for their party', async () => {
    const path = given.newPath()
    const ours = new GroupMembership(given.zk(), path, { layout: 'kazoo' })
    const theirs = await given.program().make('group', path, 'theirs')
    await ours.join('ours')
    expect(await theirs.call('members')).toEqual(['ours'])
    await ours.leave()

    await untilSwept(given)
    await theirs.call('join')

    expect(await theirs.call('members')).toEqual(['theirs'])
    await theirs.call('leave')
  })

  it('of ours stays for their double barrier', async () => {
    const path = given.newPath()
    const ours = new DoubleBarrier(given.zk(), path, 2)
    const theirs = await given.program().make('doubleBarrier', path, 2)
    const entered = ours.enter()
    await untilChildren(given, path, 1)
    await Promise.all([entered, theirs.call('enter')])
    await Promise.all([ours.leave(), theirs.call('leave')])

    await untilSwept(given)
    const again = theirs.call('enter')
    await ours.enter({ timeoutMs: LONG_MS })

    expect(await again).toBe(true)
    await Promise.all([ours.leave(), theirs.call('leave')])
  })
}

/** Resolves once the server has removed a container that was emptied just now, and so all that were emptied before. */
async function untilSwept(given: Given): Promise<void> {
  const path = given.newPath()
  const zk = given.zk()
  await zk.create(path, null, { mode: 'CONTAINER' })
  await zk.create(`${path}/a`)
  await zk.delete(`${path}/a`)
  await untilEqual(() => zk.exists(path), null)
}
