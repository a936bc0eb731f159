/** WatchStream by itself: what it asks of its client, once, and what it makes of events and gaps in any order. The client is the test. */
import { describe, expect, it } from 'vitest'
import type { AbortSignalLike } from '../../src/client/abort.js'
import { type WatchItem, WatchStream } from '../../src/client/watch-stream.js'
import type { WatchedEvent, Watcher } from '../../src/index.js'
import { failureOf } from '../semantics/fixture.js'

interface Played {
  readonly stream: WatchStream
  /** What was asked of the client, in order. */
  readonly log: string[]
  event(zxid: bigint, fields?: Partial<WatchedEvent>): void
  gap(fromZxid: number, toZxid: number): void
}

/** A stream of `/a` and what its client is told. */
function playStream(signal?: AbortSignalLike): Played {
  const log: string[] = []
  const watchers: Watcher[] = []
  const gaps: ((fromZxid: number, toZxid: number) => void)[] = []
  const source = {
    arm: async (watcher: Watcher) => {
      log.push('arm')
      watchers.push(watcher)
    },
    disarm: (_watcher: Watcher, reason: unknown) => void log.push(`disarm: ${String(reason)}`),
    onRestored: (listener: (fromZxid: number, toZxid: number) => void) => {
      gaps.push(listener)
      return () => void log.push('no more gaps')
    },
    released: () => void log.push('released'),
  }
  return {
    stream: new WatchStream(source, { signal, bufferSize: 10 }),
    log,
    event: (zxid, fields = {}) => {
      for (const watcher of watchers) watcher({ ...changed(zxid), ...fields })
    },
    gap: (fromZxid, toZxid) => {
      for (const listener of gaps) listener(fromZxid, toZxid)
    },
  }
}

function changed(zxid: bigint): WatchedEvent {
  return { type: 'NodeDataChanged', state: 'SyncConnected', path: '/a', zxid }
}

/** The item that is read as the last of so many. */
async function itemAt(stream: WatchStream, count: number): Promise<WatchItem | undefined> {
  for (let i = 1; i < count; i++) await stream.next()
  return (await stream.next()).value
}

describe('a gap', () => {
  it('begins before the last event, if that is newer than the last reply', async () => {
    const { stream, event, gap } = playStream()
    event(9n)

    gap(3, 12)

    expect(await itemAt(stream, 2)).toEqual({ kind: 'gap', fromZxid: 8n, toZxid: 12n })
  })

  it('begins at the last reply, if that is newer than the last event', async () => {
    const { stream, event, gap } = playStream()
    event(9n)

    gap(10, 12)

    expect(await itemAt(stream, 2)).toEqual({ kind: 'gap', fromZxid: 10n, toZxid: 12n })
  })

  it.each([
    ['an older event', 8n],
    ['an event of a server that tells no zxids', -1n],
  ])('begins no earlier because of %s', async (_name, zxid) => {
    const { stream, event, gap } = playStream()
    event(9n)
    event(zxid)

    gap(3, 12)

    expect(await itemAt(stream, 3)).toEqual({ kind: 'gap', fromZxid: 8n, toZxid: 12n })
  })
})

describe('a reader', () => {
  it('that waits is given the event, and that is no end', async () => {
    const { stream, log, event } = playStream()
    const reader = stream.next()

    event(9n)

    expect(await reader).toEqual({ done: false, value: changed(9n) })
    expect(log).toEqual(['arm', 'released'])
  })

  it('learns the path whose watch was removed', async () => {
    const { stream, event } = playStream()

    event(-1n, { type: 'PersistentWatchRemoved' })

    expect(await failureOf(() => stream.next())).toMatchObject({ code: 'NOWATCHER', path: '/a' })
  })

  it('finds nothing behind the end, neither events nor gaps that were on their way', async () => {
    const { stream, event, gap } = playStream()
    await stream.return()

    event(9n)
    gap(3, 12)

    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})

describe('the end', () => {
  it('by return is told as one, and takes the watch away once', async () => {
    const { stream, log } = playStream()

    const results = [await stream.return(), await stream.return()]

    const end = { done: true, value: undefined }
    expect(results).toEqual([end, end])
    expect(log).toEqual(['arm', 'no more gaps', 'disarm: Error: The iteration ended'])
  })

  it('by abort takes the watch away for the reason of the signal', async () => {
    const controller = new AbortController()
    const { stream, log } = playStream(controller.signal)

    controller.abort(new Error('enough'))

    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(log).toEqual(['arm', 'no more gaps', 'disarm: Error: enough'])
  })

  it('by a signal that was aborted before arms nothing, and so takes nothing away', async () => {
    const { stream, log } = playStream(AbortSignal.abort(new Error('too late')))

    expect(await failureOf(() => stream.ready)).toEqual(new Error('too late'))
    expect(log).toEqual(['no more gaps'])
  })

  it('lets go of the signal, and is not for its reason if it was not aborted', async () => {
    const heard: string[] = []
    const { stream, log } = playStream({
      aborted: false,
      reason: new Error('enough'),
      addEventListener: (type) => void heard.push(`listen to ${type}`),
      removeEventListener: (type) => void heard.push(`leave ${type}`),
    })

    await stream.return()

    expect(heard).toEqual(['listen to abort', 'leave abort'])
    expect(log.at(-1)).toBe('disarm: Error: The iteration ended')
  })
})
