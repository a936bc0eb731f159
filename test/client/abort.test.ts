/**
 * AbortSignal: a call that is given up before it was sent is taken back, and one after that rejects while it may have been
 * applied. In neither case is its watcher registered.
 */
import { describe, expect, it } from 'vitest'
import { Aborter } from '../../src/client/abort.js'
import { Op, type ZooKeeper } from '../../src/index.js'
import { codeOf, failureOf, startWorld } from '../semantics/fixture.js'
import { watchLines } from '../semantics/watches/trigger-matrix.js'

interface Options {
  readonly signal: AbortSignal
}

/** Every call that takes a signal. */
const CALLS: Readonly<Record<string, (zk: ZooKeeper, options: Options) => Promise<unknown>>> = {
  create: (zk, options) => zk.create('/new', null, options),
  delete: (zk, options) => zk.delete('/a', -1, options),
  exists: (zk, options) => zk.exists('/a', options),
  getData: (zk, options) => zk.getData('/a', options),
  setData: (zk, options) => zk.setData('/a', 'new', -1, options),
  getACL: (zk, options) => zk.getACL('/a', options),
  setACL: (zk, options) => zk.setACL('/a', [{ perms: 1, scheme: 'world', id: 'anyone' }], -1, options),
  getChildren: (zk, options) => zk.getChildren('/a', options),
  getAllChildrenNumber: (zk, options) => zk.getAllChildrenNumber('/a', options),
  getEphemerals: (zk, options) => zk.getEphemerals('/', options),
  sync: (zk, options) => zk.sync('/a', options),
  multi: (zk, options) => zk.multi([Op.create('/new')], options),
  multiRead: (zk, options) => zk.multiRead([Op.getData('/a')], options),
  addWatch: (zk, options) => zk.addWatch('/a', () => undefined, options),
  removeWatches: (zk, options) => zk.removeWatches('/a', options),
  checkWatches: (zk, options) => zk.checkWatches('/a', 'Any', options),
  whoAmI: (zk, options) => zk.whoAmI(options),
  createAll: (zk, options) => zk.createAll('/new/below', null, options),
  deleteAll: (zk, options) => zk.deleteAll('/a', options),
}

describe.each(Object.entries(CALLS))('%s', (_name, call) => {
  it('with a signal that is aborted already rejects with its reason and sends nothing', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    const requests = countRequests(zoo)

    const error = await failureOf(() => call(zk, { signal: AbortSignal.abort(new Error('too late')) }))

    expect(error).toEqual(new Error('too late'))
    expect(requests.count).toBe(0)
  })

  it('that waits for a connection is taken back', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    zoo.disconnect(zk)
    const requests = countRequests(zoo)
    const controller = new AbortController()
    const error = failureOf(() => call(zk, { signal: controller.signal }))

    controller.abort(new Error('no patience'))
    zoo.reconnect(zk)
    await zoo.settle()

    expect(await error).toEqual(new Error('no patience'))
    expect(requests.count).toBe(0)
    expect(watchLines(zoo)).toEqual([])
  })

  it('is not touched by a signal that is aborted after its reply', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.exists('/a', { watcher: () => undefined })
    const controller = new AbortController()

    const outcome = codeOf(call(zk, { signal: controller.signal }))
    await outcome
    controller.abort()

    expect(await outcome).toBe('OK')
  })
})

describe('a request that was sent', () => {
  it('is applied and its call resolves, although it is aborted right after it was made', async () => {
    const { zk } = await startWorld()
    const controller = new AbortController()
    const { signal } = controller
    // Its event is in the queue before the outcome of the first call.
    await zk.exists('/a', { watcher: () => undefined })

    const calls = ['/a', '/b'].map((path) => zk.create(path, null, { signal }))
    controller.abort()

    expect(await Promise.all(calls)).toEqual(['/a', '/b'])
    expect((await zk.getChildren('/')).children).toEqual(['zookeeper', 'a', 'b'])
  })

  it('was applied even if its call is given up before its completion is handed over', async () => {
    const { zk } = await startWorld()
    const controller = new AbortController()
    await zk.exists('/a', { watcher: () => controller.abort() })

    const outcome = await codeOf(zk.create('/a', null, { signal: controller.signal }))

    expect(outcome).toBe('OK')
    expect(await zk.exists('/a')).not.toBeNull()
  })
})

describe('a signal', () => {
  it('is listened to only as long as the call lasts', async () => {
    const { zk } = await startWorld()
    const controller = new AbortController()
    const listeners = spyOnListeners(controller.signal)

    await zk.exists('/', { signal: controller.signal })
    await codeOf(zk.getData('/none', { signal: controller.signal }))

    expect(listeners.count).toBe(0)
  })

  it('can end many calls at once', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const controller = new AbortController()
    const calls = ['/a', '/b', '/c'].map((path) =>
      failureOf(() => zk.create(path, null, { signal: controller.signal })),
    )

    controller.abort(new Error('all of them'))
    zoo.reconnect(zk)

    expect(await Promise.all(calls)).toEqual(['/a', '/b', '/c'].map(() => new Error('all of them')))
    expect((await zk.getChildren('/')).children).toEqual(['zookeeper'])
  })

  it('that is never aborted changes nothing', async () => {
    const { zk } = await startWorld()

    expect(await zk.create('/a', null, { signal: new AbortController().signal })).toBe('/a')
  })
})

function countRequests(zoo: { inspect: (listener: (event: { kind: string }) => void) => unknown }): {
  count: number
} {
  const requests = { count: 0 }
  zoo.inspect(({ kind }) => {
    if (kind === 'request') requests.count += 1
  })
  return requests
}

/** Counts the listeners that a signal has. */
function spyOnListeners(signal: AbortSignal): { count: number } {
  const listeners = { count: 0 }
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners.count += 1
    Reflect.apply(addEventListener, signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners.count -= 1
    Reflect.apply(removeEventListener, signal, args)
  }
  return listeners
}

describe('a signal of our own', () => {
  it('calls those who still listen, and says that it has', () => {
    const aborter = new Aborter()
    const heard: string[] = []
    const gone = (): void => void heard.push('gone')
    aborter.addEventListener('abort', gone)
    aborter.addEventListener('abort', () => void heard.push('there'))
    aborter.removeEventListener('abort', gone)
    const before = aborter.aborted

    aborter.abort('why')

    expect([before, aborter.aborted, aborter.reason, heard]).toEqual([false, true, 'why', ['there']])
  })
})
