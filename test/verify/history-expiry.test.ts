/** The checker of histories knows how long a session may live that is not heard of: no shorter than its timeout, and not much longer. */
import { describe, expect, it } from 'vitest'
import { History } from '../../verify/history/history.js'
import type { Happening } from '../../verify/history/note.js'
import { countOverdue, latestMs } from '../../verify/history/session-rules.js'
import { sessionsOf } from '../../verify/history/sessions.js'
import { create, OPTIONS, rulesOf, Stage } from './history-bends.js'

const TIMEOUT_MS = 4_000
const LATEST_MS = latestMs(TIMEOUT_MS, OPTIONS.tickMs)
const REFUSAL: Happening = {
  what: 'connected',
  answer: { timeoutMs: 0, sessionId: 0n, password: new Uint8Array(16) },
}

/** A session that loses its connection and is asked for again after so much silence. */
async function asked(silentMs: number, isRefused: boolean): Promise<History> {
  const stage = new Stage()
  const first = await stage.open(undefined, TIMEOUT_MS)
  first.send([create('/a', 'one')])
  await first.cut()
  await stage.open(first.ticket, TIMEOUT_MS)
  if (isRefused) stage.history.ended(stage.last, 'server')
  const { notes } = stage.history
  const back = notes.findLastIndex(({ happening }) => happening.what === 'asked')
  return History.of(
    notes.map((note, at) => {
      const isAnswer = at > back && note.happening.what === 'connected'
      const happening = isAnswer && isRefused ? REFUSAL : note.happening
      return { ...note, happening, ms: at < back ? 0 : silentMs }
    }),
  )
}

/** A connection that the server ends after so much silence. */
async function ended(silentMs: number): Promise<History> {
  const stage = new Stage()
  const line = await stage.open(undefined, TIMEOUT_MS)
  line.send([create('/a', 'one')])
  await line.cut()
  return History.of(
    stage.history.notes.map((note) =>
      note.happening.what === 'ended'
        ? { ...note, happening: { what: 'ended', by: 'server' }, ms: silentMs }
        : { ...note, ms: 0 },
    ),
  )
}

function overdue(history: History): number {
  const counts = [...sessionsOf(history).values()].map((session) => countOverdue(session, history, OPTIONS))
  return counts.reduce((sum, count) => sum + count, 0)
}

describe('the checker of histories with expired sessions', () => {
  it('finds a session that is taken up when it has to be over (S5)', async () => {
    const [late, inTime] = [await asked(LATEST_MS + 1, false), await asked(LATEST_MS, false)]

    expect([rulesOf(late), rulesOf(inTime)]).toEqual([['S5'], []])
  })

  it('finds a session that is over before it can be (S5)', async () => {
    const [early, inTime] = [await asked(TIMEOUT_MS / 2, true), await asked(TIMEOUT_MS, true)]

    expect([rulesOf(early), rulesOf(inTime)]).toEqual([['S5'], []])
  })

  it('counts who was told about a session that has to be over', async () => {
    const histories = [
      await asked(LATEST_MS + 1, true),
      await asked(LATEST_MS + 1, false),
      await asked(LATEST_MS, true),
    ]

    expect(histories.map(overdue)).toEqual([1, 1, 0])
  })

  it('finds a silent connection that is ended too late (S5), or for no reason (S7)', async () => {
    const histories = [await ended(LATEST_MS + 1), await ended(LATEST_MS), await ended(TIMEOUT_MS / 2)]

    expect(histories.map((history) => rulesOf(history))).toEqual([['S5'], [], ['S7']])
  })
})
