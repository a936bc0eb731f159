/** A history that is kept as text: it is the same when it is read again, and so is what is wrong with it. */
import { describe, expect, it } from 'vitest'
import { history as part } from '../../verify/history/history-part.js'
import type { Journalled } from '../../verify/history/journal.js'
import { judge } from '../../verify/history/judge.js'
import { linesOf, type Recording, readLines, readRecording } from '../../verify/history/recording.js'
import { OPTIONS, record } from './history-bends.js'

const JOURNAL: Journalled = {
  name: 'app',
  sessionId: 2n ** 60n,
  pending: 0,
  entries: [
    { kind: 'state', watcher: 0, state: 'Closed' },
    { kind: 'answer', op: 'exists', code: 'CONNECTIONLOSS', seen: undefined },
  ],
}

/** With losses, so that there is something of every kind. */
async function recording(): Promise<Recording> {
  return {
    made: { server: 'zoolet', seed: 7, run: 1, requests: 600 },
    options: OPTIONS,
    tables: { broken: [], watchesLeft: 0 },
    history: await record(0.1),
    journals: [JOURNAL],
  }
}

function rules(kept: Recording): string[] {
  return [...new Set(judge(kept).violations.map(({ rule }) => rule))].sort()
}

describe('a history as text', () => {
  it('is the same when it is read again', async () => {
    const kept = await recording()

    const again = await readLines(linesOf(kept))

    expect(again.history.threads).toEqual(kept.history.threads)
    expect(again.history.notes).toEqual(kept.history.notes)
    expect({ ...again, history: undefined }).toEqual({ ...kept, history: undefined })
  })

  it('is judged as it was', async () => {
    const kept = await recording()

    const { figures } = judge(await readLines(linesOf(kept)))

    const { checkMs, ...counted } = figures
    expect(checkMs).toBeGreaterThan(0)
    expect(counted).toEqual({ ...judge(kept).figures, checkMs: undefined })
    expect(counted.operations).toBeGreaterThan(1_800)
    expect(counted.notes).toBe(kept.history.length)
  })

  it('has nothing wrong with it, and has if a line is left out', async () => {
    const lines = [...linesOf(await recording())]
    const at = lines.findIndex((line) => line.includes('"notified"') && !line.includes('"zxid":-1'))

    const [right, wrong] = [await readLines(lines), await readLines(lines.toSpliced(at, 1))]

    expect(rules(right)).toEqual([])
    expect(rules(wrong).join()).toMatch(/W[1-9]/)
  })

  it('tells what is wrong with the clients and with the tables of the server, too', async () => {
    const kept = await recording()
    const journals = [{ ...JOURNAL, pending: 3 }]

    const again = await readLines(linesOf({ ...kept, journals, tables: { broken: [], watchesLeft: 2 } }))

    expect(rules(again)).toEqual(['A4', 'W10'])
  })

  it('cannot be read if it is something else', async () => {
    const options = { seed: 1, runs: undefined, rest: { check: 'package.json' }, flags: new Set<string>() }

    await expect(readLines(['{"a":'])).rejects.toThrow(SyntaxError)
    await expect(readLines([])).rejects.toThrow('how the history was made')
    await expect(readRecording('there/is/no/such/file')).rejects.toThrow('ENOENT')
    await expect(part.run(options)).rejects.toThrow('--check package.json: this is no history')
  })
})
