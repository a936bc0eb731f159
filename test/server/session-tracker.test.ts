/** SessionTracker: a session whose time is up stays over, and tells so. */
import { describe, expect, it, vi } from 'vitest'
import { SessionTracker, type SessionTrackerOptions } from '../../src/server/session-tracker.js'
import { VirtualClock } from '../../src/testing/index.js'

function trackerOn(clock: VirtualClock, options: Partial<SessionTrackerOptions> = {}): SessionTracker {
  return new SessionTracker({
    clock,
    randomBytes: (length) => new Uint8Array(length),
    hasLazyPasswords: false,
    tickTimeMs: 1_000,
    minSessionTimeoutMs: 2_000,
    maxSessionTimeoutMs: 20_000,
    ...options,
  })
}

describe('the password of a session', () => {
  it.each([
    ['with it', false, [1, 1, 1]],
    ['once it is asked for, and once', true, [0, 1, 1]],
  ])('is made %s', (_, hasLazyPasswords, counts) => {
    const randomBytes = vi.fn((length: number) => new Uint8Array(length).fill(7))
    const tracker = trackerOn(new VirtualClock(), { randomBytes, hasLazyPasswords })
    const made: number[] = []
    const note = (): void => void made.push(randomBytes.mock.calls.length)

    const session = tracker.open(5_000)
    note()
    const passwords = [session.password, session.password]
    note()
    const found = tracker.findWithPassword(session.id, new Uint8Array(16).fill(7))
    note()

    expect([made, found]).toEqual([counts, session])
    expect(passwords[0]).toBe(passwords[1])
  })
})

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
