/** EventThread by itself: what it says of itself, what it hands over at once, and what has to wait for which turn. */
import { describe, expect, it } from 'vitest'
import type { Scheduler } from '../../src/base/scheduler.js'
import { Tap } from '../../src/base/tap.js'
import type { ClientInspectionEvent } from '../../src/client/client-inspection.js'
import { type Completion, EventThread } from '../../src/client/event-thread.js'
import { Turn } from '../../src/client/turn.js'
import type { KeeperState, WatchedEvent } from '../../src/index.js'

interface Stage {
  readonly thread: EventThread
  readonly tap: Tap<ClientInspectionEvent>
  /** What was handed over, in order. */
  readonly handed: string[]
  microtasks(): void
  macrotasks(): void
  answer(name: string): Completion
  event(state?: KeeperState): WatchedEvent
  readonly watcher: () => void
}

/** A thread whose event loop is the test. */
function stage(): Stage {
  const [soon, later]: (() => void)[][] = [[], []]
  const scheduler: Scheduler = {
    microtask: (callback) => void soon?.push(callback),
    macrotask: (callback) => void later?.push(callback),
    elapsedMs: () => 0,
  }
  const tap = new Tap<ClientInspectionEvent>((error) => {
    throw error
  })
  const handed: string[] = []
  const thread = new EventThread(
    new Turn(scheduler),
    scheduler,
    (error) => {
      throw error
    },
    tap,
  )
  const run = (tasks: (() => void)[] | undefined) => (): void => {
    for (const task of tasks?.splice(0) ?? []) task()
  }
  return {
    thread,
    tap,
    handed,
    microtasks: run(soon),
    macrotasks: run(later),
    answer: (name) => ({ isCompletion: true, xid: 1, code: 'OK', run: () => void handed.push(name) }),
    event: (state = 'SyncConnected') => ({ type: 'None', state, path: null, zxid: -1n }),
    watcher: () => void handed.push('event'),
  }
}

describe('an answer', () => {
  it('is handed over at once if nothing is before it', () => {
    const { thread, handed, answer } = stage()

    thread.complete(answer('a'))

    expect([handed, thread.isIdle, thread.handed]).toEqual([['a'], true, 1])
  })

  it('is handed over at once to those who listen, too, and they are told', () => {
    const { thread, tap, handed, answer } = stage()
    const told: unknown[] = []
    tap.listen((event) => told.push([event.kind, 'item' in event && event.item]))

    thread.complete(answer('a'))

    expect([handed, thread.handed]).toEqual([['a'], 1])
    expect(told).toEqual([
      ['queued', 'completion'],
      ['delivered', 'completion'],
    ])
  })

  it('waits for the turn after one in which the reader of a stream was released', () => {
    const { thread, handed, answer, microtasks, macrotasks } = stage()

    thread.released()
    thread.complete(answer('a'))
    microtasks()
    const before = [...handed]
    macrotasks()

    expect([before, handed]).toEqual([[], ['a']])
  })

  it('waits behind an event, and comes in the same turn', () => {
    const { thread, handed, answer, event, watcher, microtasks } = stage()

    thread.deliver(watcher, event())
    thread.complete(answer('a'))
    const before = [thread.isIdle, thread.length, ...handed]
    microtasks()

    expect(before).toEqual([false, 2])
    expect([thread.isIdle, thread.handed, handed]).toEqual([true, 2, ['event', 'a']])
  })
})

describe('an event', () => {
  it('comes as soon as the code that runs now is over', () => {
    const { thread, handed, event, watcher, microtasks } = stage()

    thread.deliver(watcher, event())
    const before = [...handed]
    microtasks()

    expect([before, handed]).toEqual([[], ['event']])
  })

  it('behind an answer waits for the next turn', () => {
    const { thread, handed, answer, event, watcher, microtasks, macrotasks } = stage()

    thread.complete(answer('a'))
    thread.deliver(watcher, event())
    microtasks()
    const before = [...handed]
    macrotasks()

    expect([before, handed]).toEqual([['a'], ['a', 'event']])
  })

  it('that nobody waits for is not queued', () => {
    const { thread, event } = stage()

    thread.deliver(undefined, event())
    thread.deliver(new Set(), event())

    expect(thread.isIdle).toBe(true)
  })

  it('names the watcher that was called last, until the client is over', () => {
    const { thread, event, watcher, microtasks } = stage()

    thread.deliver(watcher, event())
    microtasks()
    const named = thread.lastWatcher
    thread.deliver(watcher, event('Closed'))
    microtasks()

    expect([named, thread.lastWatcher]).toEqual([watcher, undefined])
  })
})
