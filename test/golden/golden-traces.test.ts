/**
 * Recorded truth: what a real Apache ZooKeeper 3.8.0 has shown, step by step (`npm run verify -- golden` records it), is what zoolet
 * shows, in process and over TCP. No Java is needed here.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CELLS, UNREACHABLE } from '../../verify/differential/cells.js'
import { Coverage } from '../../verify/differential/coverage.js'
import { Differential } from '../../verify/differential/differential.js'
import { startInProcess, startTcp } from '../../verify/differential/subjects.js'
import { parseTrace, RecordedSide, type Trace } from '../../verify/differential/trace.js'

const FOLDER = new URL('./', import.meta.url)
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.trace.jsonl'))

function read(file: string): Trace {
  return parseTrace(readFileSync(new URL(file, FOLDER), 'utf8'))
}

async function replay(trace: Trace): Promise<{ failure: unknown; done: number }> {
  const [{ subject: leader, zoo }, tcp] = [startInProcess(), await startTcp()]
  onTestFinished(async () => {
    for (const subject of [leader, tcp]) await subject.close()
  })
  const differential = new Differential({ leader, zoo, alike: [tcp], real: [new RecordedSide(trace)] })
  const failure = await differential.replay(trace.map(({ step }) => step))
  return { failure, done: differential.done.length }
}

describe('what was recorded of a real server', () => {
  it('is there', () => {
    const traces = FILES.map(read)

    expect(traces.length).toBeGreaterThanOrEqual(4)
    expect(traces.flat().length).toBeGreaterThanOrEqual(700)
  })

  it('reaches everything that a comparison has to reach', () => {
    const coverage = new Coverage()
    for (const trace of FILES.map(read)) {
      coverage.begin()
      for (const { step, sights } of trace) coverage.see(step, sights)
    }

    expect(CELLS.filter((cell) => !coverage.counts.has(cell))).toEqual([])
    expect(Object.keys(UNREACHABLE).filter((cell) => coverage.counts.has(cell))).toEqual([])
  })

  it.each(FILES)('is what zoolet shows: %s', async (file) => {
    const trace = read(file)

    expect(await replay(trace)).toEqual({ failure: undefined, done: trace.length })
  })

  it('is noticed if it is anything else', async () => {
    const trace = read(FILES[0] ?? '')
    const at = trace.findLastIndex(({ sights }) =>
      [...sights.values()].flat().some((line) => / OK \d/.test(line)),
    )
    const altered = trace.map((entry, i) => (i === at ? { ...entry, sights: bend(entry.sights) } : entry))

    const { done, failure } = await replay(altered)

    expect([done, failure]).toEqual([at + 1, expect.objectContaining({ subject: 'what was recorded' })])
  })
})

/** The same with the next zxid in each reply. */
function bend(sights: ReadonlyMap<number, readonly string[]>): ReadonlyMap<number, readonly string[]> {
  const bent = (line: string): string =>
    line.replace(/ OK (\d+)/, (_, zxid: string) => ` OK ${Number(zxid) + 1}`)
  return new Map([...sights].map(([slot, lines]) => [slot, lines.map(bent)]))
}
