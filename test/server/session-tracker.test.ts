/** SessionTracker: a session whose time is up stays over, and tells so. */
import { describe, expect, it } from 'vitest'
import { SessionTracker } from '../../src/server/session-tracker.js'
import { VirtualClock } from '../../src/testing/index.js'

function trackerOn(clock: VirtualClock): SessionTracker {
  return new SessionTracker({
    clock,
    randomBytes: (length) => new Uint8Array(length),
    tickTimeMs: 1_000,
    minSessionTimeoutMs: 2_000,
    maxSessionTimeoutMs: 20_000,
  })
}

describe('a session whose time is up', () => {
  it('is taken once, and no sign of life brings it back', () => {
    const tracker = trackerOn(new VirtualClock())
    const session = tracker.open(5_000)
    tracker.touch(session)
    const due = tracker.takeExpired(6_000)

    tracker.touch(session)

    expect([due, tracker.nextDueMs]).toEqual([[session], Number.POSITIVE_INFINITY])
    expect([tracker.takeExpired(60_000), tracker.expiresInMs(session.id)]).toEqual([[], 0])
  })

  it('cannot be taken up any more, until then it can', () => {
    const tracker = trackerOn(new VirtualClock())
    const session = tracker.open(5_000)
    tracker.touch(session)
    const { id, password } = session

    const found = [5_999, 6_000].map((byMs) => {
      tracker.takeExpired(byMs)
      return tracker.findWithPassword(id, password)
    })

    expect(found).toEqual([session, undefined])
  })
})

describe('the time that a session has left', () => {
  it('is counted to its deadline, and never below zero', async () => {
    const clock = new VirtualClock()
    const tracker = trackerOn(clock)
    const session = tracker.open(5_000)
    tracker.touch(session)

    const left: number[] = []
    for (const ms of [0, 5_999, 2]) {
      await clock.advance(ms)
      left.push(tracker.expiresInMs(session.id))
    }

    expect(left).toEqual([6_000, 1, 0])
  })

  it('is without end where something speaks for it, and where there is no such session', () => {
    const tracker = trackerOn(new VirtualClock())
    const session = tracker.open(5_000)
    tracker.touch(session)

    tracker.vouchFor(session)

    const left = [session.id, session.id + 1n].map((id) => tracker.expiresInMs(id))
    expect(left).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY])
  })
})
